//! The promises, held against what happened. Each takes what was played and says what is wrong, as sentences.

use std::{collections::BTreeMap, time::Duration};

use plexus_proto::v1::{AskResponse, ClassifierStage, DegradationReason, Outcome};
use tonic::Code;

use crate::{
    network::hosts,
    order::Ending,
    script::{Fault, Kind, Script},
    stubs::THINKS,
    world::{LATE, Played, Record},
};

/// How long a domain must have been down to be known as such: health checks go unanswered twice.
const KNOWN: Duration = Duration::from_secs(5);
/// How long it may take to go on to the fallback of a domain that is known to be down.
const FAIL_FAST: Duration = Duration::from_millis(1_200);
/// Retries that a budget allows: a fifth of the calls, three a second, and ten seconds' worth at once.
const BUDGET: (f64, f64, f64) = (0.2, 3.0, 30.0);

/// Everything that is wrong.
pub(crate) fn check(script: &Script, played: &Played) -> Vec<String> {
    let mut wrong = Vec::new();
    if !played.broken.is_empty() {
        wrong.push(format!("the simulation broke: {}", played.broken));
    }
    if played.records.len() != script.asks.len() {
        wrong.push(format!(
            "{} of {} requests ended",
            played.records.len(),
            script.asks.len()
        ));
    }
    for record in &played.records {
        let found = in_time(record, script)
            .or_else(|| typed(record, script))
            .or_else(|| first_stage(record))
            .or_else(|| text(record, script, played))
            .or_else(|| marked(record))
            .or_else(|| served(record, script, played))
            .or_else(|| stood_in(record, script));
        wrong.extend(found.map(|problem| {
            let (sent, ended) = (record.sent, record.ended);
            let result = record.result.as_ref().map(summary);
            let asked: Vec<_> = played
                .told
                .iter()
                .filter(|told| told.number == record.ask.order.number)
                .collect();
            format!(
                "{problem}: {:?} sent {sent:?} ended {ended:?}: {result:?}; stubs saw {asked:?}",
                record.ask
            )
        }));
    }
    wrong.extend(budget(script, played));
    wrong.extend(even(script, played));
    wrong
}

/// Every request ends before its deadline; except at a router that is no more, or that gets it late because it is not back yet.
fn in_time(record: &Record, script: &Script) -> Option<String> {
    let late = record.ended > record.sent + record.ask.within + LATE;
    (late && !crashed(record, script)).then(|| "it ended after its deadline".to_owned())
}

/// Who gets no answer gets an error that says why; except from a router that is no more.
fn typed(record: &Record, script: &Script) -> Option<String> {
    let (code, _) = record.result.as_ref().err()?;
    let known = [Code::Unavailable, Code::DeadlineExceeded, Code::ResourceExhausted];
    (!crashed(record, script) && !known.contains(code))
        .then(|| "it failed with another error than those of the contract".to_owned())
}

/// The encoder has no part in a simulation, or it would not be deterministic.
fn first_stage(record: &Record) -> Option<String> {
    let answer = record.result.as_ref().ok()?;
    let Some(route) = &answer.route else {
        return Some("an answer without its route".to_owned());
    };
    (route.stage() != ClassifierStage::First).then(|| "the encoder was asked".to_owned())
}

/// Row 13: exactly the words of one attempt, from the first on, each once; all of them, or one CUT_OFF.
fn text(record: &Record, script: &Script, played: &Played) -> Option<String> {
    let (order, streamed) = (record.ask.order, record.ask.streamed);
    let (text, whole) = match &record.result {
        Ok(answer) if streamed && answer.answer != record.deltas => {
            return Some(format!("the deltas are not the answer: {:?}", record.deltas));
        }
        Ok(answer) => (answer.answer.as_str(), Some(answer)),
        Err(_) => (record.deltas.as_str(), None),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    if let Some(first) = words.first() {
        let Some(index) = first.split_once('.').and_then(|(index, _)| index.parse::<usize>().ok()) else {
            return Some(format!("words that nobody wrote: {text:?}"));
        };
        let expected: Vec<String> = (0..words.len()).map(|word| format!("{index}.{word}")).collect();
        if words != expected {
            return Some(format!("spliced, doubled or lost words: {text:?}"));
        }
        let told = played.told.get(index);
        if told.is_none_or(|told| told.number != order.number) {
            return Some(format!("words of another request: {text:?}"));
        }
    }
    let whole = whole?;
    let cuts = count(whole, DegradationReason::CutOff);
    let complete = words.len() == order.words as usize && order.ending == Ending::Whole;
    if words.len() > order.written() as usize || (cuts == 0) != complete || cuts > 1 {
        return Some(format!("{} words, {cuts} times marked as cut off", words.len()));
    }
    // Where nothing else goes wrong, what was written arrives.
    let lost = script.faults.is_empty() && words.len() != order.written() as usize;
    lost.then(|| format!("{} words of {}", words.len(), order.written()))
}

/// An answer that somebody else gave, or that is not whole, says so.
fn marked(record: &Record) -> Option<String> {
    let answer = record.result.as_ref().ok()?;
    let degraded = answer.outcome() == Outcome::Degraded;
    let (by, upstream) = (server(answer), record.ask.upstream);
    let down = answer.degradations.iter().any(|one| {
        let reason = matches!(
            one.reason(),
            DegradationReason::SpecialistDown | DegradationReason::BreakerOpen
        );
        reason && one.domain().as_str_name().to_lowercase().ends_with(upstream) && !one.served_by.is_empty()
    });
    let unmarked = by != upstream && !(degraded && down);
    if unmarked {
        return Some(format!("{by} served, unmarked"));
    }
    (degraded == answer.degradations.is_empty()).then(|| "the outcome and its reasons differ".to_owned())
}

/// Row 1: while one replica of the domain is well, it answers; except what a replica had begun to say when it was lost.
fn served(record: &Record, script: &Script, played: &Played) -> Option<String> {
    let upstream = record.ask.upstream;
    let ordered = record.ask.order.ending != Ending::Whole;
    if ordered || restarted(record, script) || !has_a_well_one(upstream, record, script) {
        return None;
    }
    let broke_off = || {
        let last = played.told.iter().rfind(|told| told.number == record.ask.order.number);
        last.is_some_and(|told| {
            // Before its first word it can still be replaced.
            let words = told.at + THINKS..=record.ended;
            faults(script, &told.host).any(|fault| words.contains(&fault.from))
        })
    };
    match &record.result {
        Ok(answer) if server(answer) == upstream => {
            let cut = count(answer, DegradationReason::CutOff) > 0;
            (cut && !broke_off()).then(|| "cut off, although nobody was lost".to_owned())
        }
        Ok(_) => Some("somebody stood in, although a replica was well".to_owned()),
        Err(_) => (!broke_off()).then(|| "failed, although a replica was well".to_owned()),
    }
}

/// Row 4: where a domain is down and its fallback is not, the fallback answers, soon.
fn stood_in(record: &Record, script: &Script) -> Option<String> {
    if restarted(record, script) || !down(record, script) {
        return None;
    }
    let Ok(answer) = &record.result else {
        return Some("failed, although the fallback was well".to_owned());
    };
    if server(answer) != "language" {
        return Some("another than the fallback stood in".to_owned());
    }
    let order = record.ask.order;
    let soon = FAIL_FAST + (order.pause + Duration::from_millis(5)) * order.words;
    // Whoever was asked first and lost meanwhile, of the domain or of those who stand in, was not known to be: finding it out takes
    // its time.
    let lost =
        count(answer, DegradationReason::CutOff) > 0 || answer.steps.iter().any(|step| !step.attempts.is_empty());
    let slow = !lost && has_a_well_one("validator", record, script) && record.ended - record.sent > soon;
    slow.then(|| format!("the fallback took longer than {soon:?}"))
}

/// Row 7: however many fail, attempts stay within the budget.
fn budget(script: &Script, played: &Played) -> Option<String> {
    if script.name != "storm" {
        return None;
    }
    let calls = played.records.len() as f64;
    let span = script.asks.last()?.at - script.asks.first()?.at;
    let (share, per_second, reserve) = BUDGET;
    let most = calls * (1.0 + share) + per_second * span.as_secs_f64() + reserve;
    let attempts = played.told.len();
    if attempts as f64 > most {
        return Some(format!(
            "{attempts} attempts for {calls} calls in {span:?}: more than {most:.0}"
        ));
    }
    let answered = played.records.iter().filter(|record| record.result.is_ok()).count();
    (answered > 0).then(|| format!("{answered} answered, although every attempt fails"))
}

/// Row 5: some time after the last fault, both replicas do their share.
fn even(script: &Script, played: &Played) -> Vec<String> {
    let Some((from, until)) = script.even else {
        return Vec::new();
    };
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for told in played.told.iter().filter(|told| (from..until).contains(&told.at)) {
        *counts.entry(&told.host).or_default() += 1;
    }
    let count = |host: &String| f64::from(counts.get(host.as_str()).copied().unwrap_or_default());
    let uneven = ["math", "code"].into_iter().filter(|upstream| {
        let [one, other] = hosts(upstream).map(|host| count(&host));
        !(0.4..=0.6).contains(&(one / (one + other)))
    });
    uneven
        .map(|upstream| format!("{upstream}: uneven shares: {counts:?}"))
        .collect()
}

/// Whether a domain is known to be down while its fallback is not.
pub(crate) fn down(record: &Record, script: &Script) -> bool {
    let upstream = record.ask.upstream;
    let lost = |host: &String| {
        faults(script, host).any(|fault| {
            // Resets are known at once; silence is not.
            let known = if fault.kind == Kind::Crash { LATE } else { KNOWN };
            fault.from + known <= record.sent && record.ended <= fault.until
        })
    };
    upstream != "language" && hosts(upstream).iter().all(lost) && has_a_well_one("language", record, script)
}

pub(crate) fn faults<'a>(script: &'a Script, host: &'a str) -> impl Iterator<Item = &'a Fault> {
    script.faults.iter().filter(move |fault| fault.host == host)
}

/// Whether a replica was reachable all the time, and some time before.
pub(crate) fn has_a_well_one(upstream: &str, record: &Record, script: &Script) -> bool {
    let ill = |fault: &Fault| fault.from <= record.ended && record.sent <= fault.until + fault.kind.settles();
    hosts(upstream).iter().any(|host| !faults(script, host).any(ill))
}

/// Whether the router itself was away.
pub(crate) fn restarted(record: &Record, script: &Script) -> bool {
    faults(script, "router")
        .any(|fault| fault.from <= record.ended && record.sent <= fault.until + fault.kind.settles())
}

/// Whether the router ended while it had the request, or was away when it was sent.
fn crashed(record: &Record, script: &Script) -> bool {
    faults(script, "router").any(|fault| fault.from <= record.ended && record.sent <= fault.until + LATE)
}

pub(crate) fn count(answer: &AskResponse, reason: DegradationReason) -> usize {
    answer.degradations.iter().filter(|one| one.reason() == reason).count()
}

/// The upstream that served, e.g. `math`.
fn server(answer: &AskResponse) -> &str {
    let replica = answer.steps.first().map_or("", |step| step.replica.as_str());
    replica.split_once('@').map_or("", |(name, _)| name)
}

fn summary(answer: &AskResponse) -> String {
    let reasons: Vec<String> = answer
        .degradations
        .iter()
        .map(|one| format!("{} {}", one.reason().as_str_name(), one.detail))
        .collect();
    let step = answer.steps.first();
    let attempts: Vec<String> = step
        .iter()
        .flat_map(|step| &step.attempts)
        .map(|one| format!("{} {}", one.replica, one.detail))
        .collect();
    format!(
        "{} {:?}; attempts {attempts:?}; {reasons:?}",
        server(answer),
        answer.answer
    )
}

mod tests;
