//! Steps of an answer, and what they delegated.

use plexus_proto::v1;

use crate::{
    output::{FAINT, NAME, line, paint},
    words,
};

/// The lines of a step: who served, what was tried on the way, what was read, and its own steps.
pub(super) fn lines(number: &str, depth: usize, step: &v1::Step, out: &mut Vec<String>) {
    let indent = "   ".repeat(depth);
    let replica = if step.replica.is_empty() {
        "nobody".to_owned()
    } else {
        line(&step.replica)
    };
    let engine = match words::tier(step.tier) {
        tier if step.engine.is_empty() || tier.is_empty() => line(&step.engine),
        tier => format!("{} ({tier})", line(&step.engine)),
    };
    let time = words::time(step.latency.as_ref());
    let who = format!("{} by {replica} {engine}", paint(NAME, words::domain(step.domain)));
    let sure = step.confidence.map(|confidence| format!("confidence {confidence:.2}"));
    let planned = Some(&step.planned_by).filter(|by| !by.is_empty());
    let planned = planned.map(|by| format!("planned by {}", line(by)));
    let facts: Vec<String> = [Some(time), sure, planned].into_iter().flatten().collect();
    out.push(format!(
        "{indent}{number} {} {}",
        who.trim_end(),
        paint(FAINT, facts.join(", "))
    ));
    // One attempt that went well says nothing more.
    let eventful = step.attempts.len() > 1
        || step
            .attempts
            .iter()
            .any(|attempt| attempt.result != i32::from(v1::AttemptResult::Answered));
    for attempt in step.attempts.iter().filter(|_| eventful) {
        let who = [line(&attempt.replica), line(&attempt.engine)];
        let who = who
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let detail = match attempt.detail.is_empty() {
            true => String::new(),
            false => format!(": {}", line(&attempt.detail)),
        };
        let text = format!("{who} {}{detail}", words::attempt(attempt.result));
        out.push(format!(
            "{indent}   {} {}",
            text.trim(),
            paint(FAINT, words::time(attempt.latency.as_ref()))
        ));
    }
    for source in &step.sources {
        let place = format!(
            "{}, lines {} to {}",
            line(&source.name),
            source.first_line,
            source.last_line
        );
        out.push(format!("{indent}   {}", paint(FAINT, format!("read {place}"))));
    }
    for (index, substep) in step.substeps.iter().enumerate() {
        lines(&format!("{number}.{}", index + 1), depth + 1, substep, out);
    }
}
