//! Threads that run passes, apart from the threads that serve calls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use crate::{EncodeError, LoadError, Model, Reading};

/// Passes that may wait; a caller beyond them waits for room.
const QUEUE: usize = 1024;

/// A handle to the compute threads; clones share them. They end when the last handle is dropped.
#[derive(Debug, Clone)]
pub struct Encoder {
    jobs: mpsc::Sender<Job>,
}

struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<Result<Vec<Reading>, EncodeError>>,
    span: Span,
}

impl Encoder {
    /// Starts one thread for each model; they must be copies of the same one.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub fn start(models: Vec<Model>) -> Result<Self, LoadError> {
        let (jobs, queue) = mpsc::channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for (index, mut model) in models.into_iter().enumerate() {
            let queue = queue.clone();
            thread::Builder::new()
                .name(format!("encoder-{index}"))
                .spawn(move || {
                    while let Some(job) = next(&queue) {
                        let readings = job
                            .span
                            .in_scope(|| job.texts.iter().map(|text| model.encode(text)).collect());
                        let _ = job.reply.send(readings);
                    }
                })
                .map_err(LoadError::Thread)?;
        }
        Ok(Self { jobs })
    }

    /// Reads texts, in their order.
    ///
    /// # Errors
    /// A pass that fails, or [`EncodeError::Stopped`].
    pub async fn encode(&self, texts: Vec<String>) -> Result<Vec<Reading>, EncodeError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            texts,
            reply,
            span: Span::current(),
        };
        self.jobs.send(job).await.map_err(|_| EncodeError::Stopped)?;
        answer.await.map_err(|_| EncodeError::Stopped)?
    }

    /// As [`Encoder::encode`], for threads that may block.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn encode_blocking(&self, texts: Vec<String>) -> Result<Vec<Reading>, EncodeError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            texts,
            reply,
            span: Span::current(),
        };
        self.jobs.blocking_send(job).map_err(|_| EncodeError::Stopped)?;
        answer.blocking_recv().map_err(|_| EncodeError::Stopped)?
    }
}

/// The next job whose caller still waits.
fn next(queue: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()?;
        if !job.reply.is_closed() {
            return Some(job);
        }
    }
}
