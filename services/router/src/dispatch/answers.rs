//! Asks a domain until an answer is good enough: each one that is not goes back to the specialist's next engine, on the
//! same deadline and the same budget.

use plexus_client::specialist::{Called, Commit, Missed, Reply, call};
use plexus_core::{
    AttemptResult, Constraints, Degradation, DegradationReason, Domain, Grade, Sureness, Usage, entry, grade,
};
use plexus_proto::v1::AnswerRequest;
use plexus_wire as wire;

use super::{Answer, Climb, Forward, Progress};
use crate::validate::{Checked, Subject, validate};

/// Hops that a specialist may make to others.
const HOPS: u32 = 2;

/// An answer with what is thought of it.
struct Graded {
    reply: Reply,
    checked: Checked,
    grade: Grade,
    confidence: Option<f64>,
}

impl Climb<'_> {
    /// Asks a domain; where an answer is not good enough, its next engine, within the policy's bounds.
    pub(super) async fn domain(&mut self, domain: Domain) -> Result<Answer, Missed> {
        let mut best: Option<Graded> = None;
        let (before, mut escalations) = (self.attempts.len(), 0);
        loop {
            // Who was asked once, whatever came of it, is not asked again.
            let asked = self.attempts[before..]
                .iter()
                .filter(|attempt| !attempt.engine.is_empty() && attempt.result != AttemptResult::Skipped);
            let exclude: Vec<String> = asked.map(|attempt| attempt.engine.clone()).collect();
            let reply = match self.ask(domain, &exclude).await {
                Ok(reply) => reply,
                // Nobody is left: the best of what there is stands.
                Err(missed) => match best {
                    Some(best) => return self.accept(domain, best).await,
                    None => return Err(missed),
                },
            };
            let graded = self.graded(domain, reply).await;
            let last = graded.grade == Grade::Accepted || !self.may_escalate(&graded.reply, escalations);
            let (taken, passed_over) = match best {
                // Of two that are as doubtful, the stronger engine's stands.
                Some(best) if best.grade > graded.grade => (best, Some(graded)),
                other => (graded, other),
            };
            if let Some(other) = &passed_over {
                self.reject(other);
            }
            if last {
                return self.accept(domain, taken).await;
            }
            escalations += 1;
            best = Some(taken);
        }
    }

    /// Whether a better answer could take the place of this one.
    fn may_escalate(&self, reply: &Reply, escalations: usize) -> bool {
        let said_already = reply.cut_off || (self.live && self.sink.is_some());
        !said_already && reply.engines_left > 0 && escalations < self.context.router.policy.cascade.max_escalations
    }

    async fn ask(&mut self, domain: Domain, exclude: &[String]) -> Result<Reply, Missed> {
        let router = self.context.router;
        let Some(pool) = router.upstreams.specialist(domain) else {
            return Err(Missed {
                reason: DegradationReason::SpecialistDown,
                detail: format!("{domain} is not configured"),
                usage: Usage::default(),
            });
        };
        let forward = Forward {
            sink: self.sink.clone().filter(|_| self.live),
            step: self.index,
            bytes: self.bytes.clone(),
        };
        let called = call(pool, domain, &self.request(exclude), self.context.terms, forward).await;
        let Called {
            attempts,
            reply,
            unsettled,
        } = called;
        self.unsettled |= unsettled;
        // What an earlier call of this step has told of engines that it did not ask need not be told again.
        let known = |attempt: &plexus_core::Attempt| {
            attempt.result == AttemptResult::Skipped && self.attempts.iter().any(|one| one.engine == attempt.engine)
        };
        let new: Vec<_> = attempts.into_iter().filter(|attempt| !known(attempt)).collect();
        self.attempts.extend(new);
        let adapted = reply.iter().flat_map(|reply| &reply.adaptations);
        self.adaptations
            .extend(adapted.map(|sentence| format!("{domain}: {sentence}")));
        self.usage += match &reply {
            Ok(reply) => reply.usage,
            Err(missed) => missed.usage,
        };
        reply
    }

    fn request(&self, exclude: &[String]) -> AnswerRequest {
        let query = self.context.query;
        let left = self.share.map(|share| (share - self.usage.cost_usd).max(0.0));
        let constraints = Constraints {
            max_cost_usd: left,
            ..query.constraints.clone()
        };
        AnswerRequest {
            query: self.planned.input.clone(),
            context: query.context.iter().map(wire::message_to_proto).collect(),
            constraints: Some(wire::constraints_to_proto(&constraints)),
            exclude_engines: exclude.to_vec(),
            parts: self.planned.parts.iter().map(wire::part_to_proto).collect(),
            hops_left: HOPS,
            request_id: query.request_id.clone(),
            session_id: query.session_id.clone(),
            complexity: Some(self.context.complexity),
            max_complexity: Some(self.max_complexity()),
            task: query.task.clone(),
            json_schema: query.json_schema.clone(),
        }
    }

    /// Above which complexity a cheaper engine is not worth asking.
    fn max_complexity(&self) -> f64 {
        let policy = &self.context.router.policy;
        let gives_confidence = |kind: &String| policy.gives_confidence(kind);
        // What is sent as it is written cannot be replaced, however doubtful.
        let checked = !self.live && self.planned.validators.iter().any(gives_confidence);
        entry(&policy.cascade, self.context.query.constraints.min_confidence, checked)
    }

    async fn graded(&self, domain: Domain, reply: Reply) -> Graded {
        let subject = Subject {
            step: self.index,
            domain,
            query: &self.planned.input,
            answer: &reply.text,
        };
        let router = self.context.router;
        // Nobody needs to guess how sure an exact answer is.
        let guesses = |kind: &String| reply.exact && router.policy.gives_confidence(kind);
        let kinds: Vec<String> = self
            .planned
            .validators
            .iter()
            .filter(|kind| !guesses(kind))
            .cloned()
            .collect();
        let checked = validate(&router.upstreams, &router.policy, &kinds, &subject, self.context.terms).await;
        let complexity = self.context.complexity;
        let sureness = Sureness {
            complexity,
            exact: reply.exact,
            next_weight: reply.next_weight,
        };
        let demanded = self.context.query.constraints.min_confidence;
        let (grade, confidence) = grade(&router.policy.cascade, demanded, &checked.verdicts, &sureness);
        Graded {
            reply,
            checked,
            grade,
            confidence,
        }
    }

    /// Marks the attempt that gave an answer that was not taken, and bills it as waste.
    fn reject(&mut self, graded: &Graded) {
        let attempt = self
            .attempts
            .iter_mut()
            .rev()
            .find(|attempt| attempt.engine == graded.reply.engine && attempt.result == AttemptResult::Answered);
        if let Some(attempt) = attempt {
            attempt.result = AttemptResult::Rejected;
            attempt.confidence = graded.confidence;
            attempt.detail = match (graded.grade, graded.confidence) {
                (Grade::Rejected, _) => graded.checked.reason(),
                (_, Some(confidence)) => format!("not sure enough: {confidence:.2}"),
                (_, None) => "not sure enough by the query's signals".to_owned(),
            };
        }
        // Everything that the specialist spent on it, unless it was waste there already.
        let usage = graded.reply.usage;
        self.usage.wasted_cost_usd += (usage.cost_usd - usage.wasted_cost_usd).max(0.0);
    }

    /// Takes an answer with what its validators said.
    async fn accept(&mut self, domain: Domain, graded: Graded) -> Result<Answer, Missed> {
        let Graded {
            mut reply,
            checked,
            confidence,
            ..
        } = graded;
        if checked.failed() {
            self.degradations.push(Degradation {
                domain: Some(domain),
                reason: DegradationReason::ValidationFailed,
                detail: format!("the answer stands, but a validator rejects it: {}", checked.reason()),
                served_by: reply.replica.clone(),
            });
        }
        for verdict in &checked.verdicts {
            self.tell(Progress::Verdict(verdict.clone())).await;
        }
        let withheld = checked.withheld;
        self.verdicts.extend(checked.verdicts);
        self.degradations.extend(checked.degradations);
        self.degradations.append(&mut reply.degradations);
        if withheld {
            let detail = "the answer is withheld: a validator that must pass it is down".to_owned();
            return Err(Missed {
                reason: DegradationReason::ValidatorDown,
                detail,
                usage: Usage::default(),
            });
        }
        if !self.live {
            let commit = Commit {
                replica: reply.replica.clone(),
                engine: reply.engine.clone(),
                tier: reply.tier,
            };
            self.tell(Progress::Commit(self.index, commit)).await;
            self.tell(Progress::Delta(self.index, reply.text.clone())).await;
        }
        let served = self
            .attempts
            .iter_mut()
            .rev()
            .find(|attempt| attempt.engine == reply.engine && attempt.result == AttemptResult::Answered);
        if let Some(attempt) = served {
            attempt.confidence = confidence;
        }
        Ok(Answer { reply, confidence })
    }
}
