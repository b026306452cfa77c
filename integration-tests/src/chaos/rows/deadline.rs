//! Row 9: a deadline that runs out in the middle of a workflow: router -> reasoning -> math -> engine.

use std::time::Duration;

use plexus_proto::v1::{AskRequest, Domain};
use plexus_testkit::{FakeLlm, Play};
use prost::Message as _;
use tokio::time::{Instant, sleep_until};
use tonic::Code;

use super::Setting;
use crate::{
    bare::{Bare, framed},
    chaos::{Check, Checks, Limit, Topology, far_engine},
};

/// The deadline of every question.
const DEADLINE: Duration = Duration::from_millis(300);
/// After it, so long an engine may still be asked.
const TOLERANCE: Duration = Duration::from_millis(50);
/// Between questions, so that it is seen whose call a late one is.
const APART: Duration = Duration::from_millis(800);

/// Runs it.
///
/// # Errors
/// The router hangs, or says nothing that can be read.
pub async fn run(setting: Setting) -> anyhow::Result<Checks> {
    // Six words at 80 ms: time runs out in the first part, so that there is nothing that could be said without the rest,
    // and a second part, a retry or a stand-in would each be a call too late.
    let engine = FakeLlm::start(Play::Words {
        text: "It is 36 in the end.".to_owned(),
        pause: Duration::from_millis(80),
        usage: None,
    })
    .await;
    let math = setting.rig.specialist(Domain::Math, &far_engine(&engine.url())).await;
    let peers = format!("[\"{}\"]", math.address);
    let exact = r#"[{name = "exact", kind = "exact"}]"#;
    let keys = [("ENGINES", exact), ("PEERS__MATH", peers.as_str())];
    let reasoning = setting.rig.service("reasoning", &keys).await;
    let topology = Topology::of(Domain::Math, &[math.address]).and(Domain::Reasoning, &[reasoning.address]);
    let router = setting.rig.router(&topology).await;

    let bare = Bare::connect(router.address).await?;
    let questions = (setting.phase.as_secs_f64() * 2.0) as u64;
    let begun = Instant::now();
    let (mut ended, mut others, mut late_end) = (0, Vec::new(), Duration::ZERO);
    let mut asked = Vec::new();
    for number in 0..questions {
        sleep_until(begun + APART * u32::try_from(number)?).await;
        let message = AskRequest {
            // Nothing that anybody could compute: who has no engine's word has nothing to say.
            query: format!(
                "Compute how many eggs {} hens lay in {} weeks, then add 7 to the result, then multiply the result by 3.",
                number % 90 + 2,
                1_000 * setting.seed + number
            ),
            ..AskRequest::default()
        };
        let body = framed(&message.encode_to_vec(), false);
        let sent = Instant::now();
        asked.push(sent);
        let headers = [("grpc-timeout", "300m")];
        match bare.call("/plexus.v1.RouterService/Ask", &headers, body).await? {
            end if end.code == Code::DeadlineExceeded => ended += 1,
            end => others.push(end),
        }
        late_end = late_end.max(sent.elapsed().saturating_sub(DEADLINE));
    }
    sleep_until(begun + APART * u32::try_from(questions)?).await;

    let calls = engine.calls();
    // Every call belongs to the question asked last before it.
    let after = |call: &plexus_testkit::Call| {
        let question = asked.iter().rev().find(|sent| **sent <= call.begun)?;
        Some(call.begun.saturating_duration_since(*question + DEADLINE))
    };
    let latest = calls.iter().filter_map(after).max().unwrap_or_default();
    let late = calls
        .iter()
        .filter_map(after)
        .filter(|after| *after > TOLERANCE)
        .count();
    eprintln!("  other ends, the last of {}: {:?}", others.len(), others.last());
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    Ok(vec![
        Check::at_most("not DEADLINE_EXCEEDED", others.len(), 0),
        Check::at_most("engine calls after the deadline", late, 0),
        Check::shown("latest call after it", ms(latest), "ms"),
        Check::shown("answered after it", ms(late_end), "ms"),
        Check::new(
            "engine calls a question",
            calls.len() as f64 / questions as f64,
            "",
            Limit::AtLeast(1.0),
        ),
        Check::shown("questions", f64::from(ended) + others.len() as f64, ""),
    ])
}
