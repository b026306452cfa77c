//! Tokenizer and graph with nothing around them, on a thread of their own as the encoder is: allocators treat the main
//! thread differently, which shows in the ratio of the two.

use std::{
    io,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Instant,
};

use plexus_encoder::{EncodeError, Model};

/// A handle to the thread, which ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Bare {
    texts: Sender<String>,
    times: Receiver<Result<f64, EncodeError>>,
}

impl Bare {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system refuses it.
    pub(super) fn start(mut model: Model) -> io::Result<Self> {
        let (texts, asked) = channel::<String>();
        let (answers, times) = channel();
        thread::Builder::new().name("bare".to_owned()).spawn(move || {
            while let Ok(text) = asked.recv() {
                let begin = Instant::now();
                let run = model.bare(&text);
                let time = begin.elapsed().as_secs_f64() * 1e6;
                if answers.send(run.map(|_| time)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { texts, times })
    }

    /// How long a text takes on that thread, microseconds. Blocks meanwhile.
    ///
    /// # Errors
    /// A run that fails.
    pub(super) fn time(&self, text: &str) -> Result<f64, EncodeError> {
        self.texts.send(text.to_owned()).map_err(|_| EncodeError::Stopped)?;
        self.times.recv().map_err(|_| EncodeError::Stopped)?
    }
}
