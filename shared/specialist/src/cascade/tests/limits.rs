//! What engines are told of limits.

use std::sync::Mutex;

use super::*;
use crate::engine::Chunk;

/// Notes the limits that it is asked with: the caller's, and what money pays for.
struct Noting(EngineInfo, Mutex<Vec<[Option<u32>; 2]>>);

#[async_trait::async_trait]
impl Engine for Noting {
    fn info(&self) -> &EngineInfo {
        &self.0
    }

    async fn answer(&self, question: &Question) -> Result<Chunks, EngineError> {
        let limits = [question.constraints.max_output_tokens, question.paid_output];
        self.1.lock().unwrap().push(limits);
        Ok(futures_util::stream::iter([Ok(Chunk::Text("yes".to_owned()))]).boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn what_money_pays_for_is_not_what_the_caller_allows() {
    let (info, _) = scripted("dear", None);
    for (demanded, cost, expected) in [
        (None, None, [None, None]),
        (Some(7), None, [Some(7), None]),
        // Two dollars for a million written tokens, one for a million read: the question has one.
        (None, Some(0.01), [None, Some(4999)]),
        (Some(7), Some(0.01), [Some(7), Some(4999)]),
        (None, Some(1e12), [None, Some(u32::MAX)]),
    ] {
        let engine = Arc::new(Noting(info.clone(), Mutex::default()));
        let question = Question {
            text: "why?".to_owned(),
            constraints: Constraints {
                max_output_tokens: demanded,
                max_cost_usd: cost,
                ..Constraints::default()
            },
            ..Question::default()
        };
        let asked = Asked {
            question,
            ..Asked::default()
        };
        let engines: Arc<[Arc<dyn Engine>]> = [engine.clone() as Arc<dyn Engine>].into();
        let mut events = std::pin::pin!(run(Domain::Math, engines, prepare(), asked));
        while events.next().await.is_some() {}
        assert_eq!(*engine.1.lock().unwrap(), [expected]);
    }
}
