//! What the router says of the mesh, as text for a person. Pure.

use anstyle::Style;
use plexus_proto::v1;

use crate::{
    output::{BAD, FAINT, GOOD, NAME, Table, WARN, line, paint},
    words,
};

/// The mesh as a table.
pub fn table(status: &v1::GetStatusResponse) -> String {
    table_since(status, None)
}

/// The same, with what has happened since an earlier look.
pub fn table_since(status: &v1::GetStatusResponse, before: Option<&v1::GetStatusResponse>) -> String {
    let (style, health) = match status.healthy {
        true => (GOOD, "healthy"),
        false => (BAD, "not healthy"),
    };
    let classifier = match status.classifier_healthy {
        true => paint(FAINT, line(&status.model)),
        false => paint(WARN, format!("{} failed: keywords route", line(&status.model))),
    };
    let uptime = status
        .uptime
        .map(|up| std::time::Duration::from_secs(up.seconds.unsigned_abs()))
        .unwrap_or_default();
    let mut out = format!(
        "{}  {classifier}  {}\n\n",
        paint(style, health),
        paint(
            FAINT,
            format!(
                "router {} up {}",
                line(&status.version),
                humantime::format_duration(uptime)
            )
        )
    );
    if !status.model_refused.is_empty() {
        let text = format!("a newer model is refused: {}", line(&status.model_refused));
        out.insert_str(out.len() - 1, &format!("{}\n", paint(WARN, text)));
    }
    out.push_str(&replicas(status, before));
    out.push_str(&second_attempts(status));
    out
}

/// A line for each replica.
fn replicas(status: &v1::GetStatusResponse, before: Option<&v1::GetStatusResponse>) -> String {
    let mut table = Table::default();
    let calls = if before.is_some() { "NEW CALLS" } else { "CALLS" };
    let head = [
        "UPSTREAM",
        "REPLICA",
        "STATE",
        "BREAKER",
        calls,
        "FAILED",
        "IN FLIGHT",
        "FIRST WORD",
        "LAST ERROR",
    ];
    table.row(head.map(|title| (FAINT, title.to_owned())));
    for upstream in &status.upstreams {
        for replica in &upstream.replicas {
            let state = match v1::ReplicaState::try_from(replica.state) {
                Ok(v1::ReplicaState::Serving) if replica.warmth < 1.0 && replica.attempts > 0 => WARN,
                Ok(v1::ReplicaState::Serving) => GOOD,
                Ok(v1::ReplicaState::Down) => BAD,
                _ => WARN,
            };
            let breaker = match v1::BreakerState::try_from(replica.breaker) {
                Ok(v1::BreakerState::Closed | v1::BreakerState::Unspecified) => FAINT,
                Ok(v1::BreakerState::Open) => BAD,
                _ => WARN,
            };
            let earlier = before.and_then(|before| same(before, &upstream.name, &replica.address));
            let new = |now: u64, count: fn(&v1::ReplicaStatus) -> u64| now.saturating_sub(earlier.map_or(0, count));
            let failures = new(replica.failures, |one| one.failures);
            let tier = words::tier(replica.tier);
            let name = match tier.is_empty() {
                true => line(&upstream.name),
                false => format!("{} ({tier})", line(&upstream.name)),
            };
            table.row([
                (NAME, name),
                (Style::new(), line(&replica.address)),
                (state, words::state(replica.state)),
                (breaker, words::breaker(replica.breaker)),
                (Style::new(), new(replica.attempts, |one| one.attempts).to_string()),
                (if failures > 0 { WARN } else { FAINT }, failures.to_string()),
                (Style::new(), replica.in_flight.to_string()),
                (Style::new(), words::time(replica.latency.as_ref())),
                (FAINT, line(&replica.last_error)),
            ]);
        }
    }
    table.render(0)
}

fn same<'a>(status: &'a v1::GetStatusResponse, upstream: &str, address: &str) -> Option<&'a v1::ReplicaStatus> {
    let upstream = status.upstreams.iter().find(|one| one.name == upstream)?;
    upstream.replicas.iter().find(|one| one.address == address)
}

/// A line for what was asked a second time, and one for what the router refused; none where nothing was.
fn second_attempts(status: &v1::GetStatusResponse) -> String {
    let mut out = String::new();
    let sum = |count: fn(&v1::UpstreamStatus) -> u64| status.upstreams.iter().map(count).sum::<u64>();
    let (retries, hedges) = (sum(|one| one.retries), sum(|one| one.hedges));
    let (wasted, refused) = (sum(|one| one.hedges_wasted), sum(|one| one.retries_refused));
    if retries + hedges + refused > 0 {
        out += &format!("\nsecond attempts: {retries} after a failure, {hedges} to be quicker ({wasted} in vain)");
        if refused > 0 {
            out += &format!(", {refused} not made: the budget was spent");
        }
        out.push('\n');
    }
    if let Some(load) = &status.load {
        out += &format!("\nrequests under way: {} of {}", load.in_flight, load.limit);
        if load.waiting > 0 {
            out += &format!(", {} wait", load.waiting);
        }
        if load.refused + load.rate_limited > 0 {
            out += &format!(
                "; refused: {} by overload, {} by rate limits",
                load.refused, load.rate_limited
            );
        }
        out.push('\n');
    }
    out
}

/// What keeps a mesh from being healthy, one line for each upstream.
pub fn missing(status: &v1::GetStatusResponse) -> Vec<String> {
    let classifier = (!status.classifier_healthy).then(|| "the classifier failed: keywords route".to_owned());
    let serving = i32::from(v1::ReplicaState::Serving);
    let upstreams = status
        .upstreams
        .iter()
        .filter(|upstream| upstream.replicas.iter().all(|one| one.state != serving));
    let upstreams = upstreams.map(|upstream| {
        let replicas = upstream.replicas.iter().map(|replica| {
            let error = match replica.last_error.is_empty() {
                true => String::new(),
                false => format!(" ({})", line(&replica.last_error)),
            };
            format!("{} is {}{error}", line(&replica.address), words::state(replica.state))
        });
        format!("{}: {}", line(&upstream.name), replicas.collect::<Vec<_>>().join(", "))
    });
    classifier.into_iter().chain(upstreams).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mesh_is_a_table() {
        let replica = |address: &str, state: v1::ReplicaState, error: &str| v1::ReplicaStatus {
            address: address.into(),
            state: state.into(),
            in_flight: 2,
            last_error: error.into(),
            breaker: if error.is_empty() {
                0
            } else {
                v1::BreakerState::Open.into()
            },
            latency: error.is_empty().then_some(prost_types::Duration {
                seconds: 0,
                nanos: 12_300_000,
            }),
            attempts: 7,
            failures: if error.is_empty() { 0 } else { 3 },
            warmth: 1.0,
            ..v1::ReplicaStatus::default()
        };
        let message = v1::GetStatusResponse {
            healthy: false,
            upstreams: vec![
                v1::UpstreamStatus {
                    name: "code".into(),
                    replicas: vec![replica("h:1", v1::ReplicaState::Serving, "")],
                    ..v1::UpstreamStatus::default()
                },
                v1::UpstreamStatus {
                    name: "math".into(),
                    replicas: vec![replica("h:2", v1::ReplicaState::Down, "connection refused")],
                    retries: 2,
                    hedges: 1,
                    hedges_wasted: 1,
                    retries_refused: 4,
                },
            ],
            model: "m@1".into(),
            version: "0.1.0".into(),
            uptime: Some(prost_types::Duration { seconds: 65, nanos: 0 }),
            classifier_healthy: true,
            load: Some(v1::LoadStatus {
                in_flight: 5,
                limit: 512,
                waiting: 1,
                refused: 6,
                rate_limited: 2,
            }),
            model_refused: "m/manifest.toml: is\nbroken".into(),
            ..v1::GetStatusResponse::default()
        };
        insta::assert_snapshot!(anstream::adapter::strip_str(&table(&message)).to_string(), @r"
        not healthy  m@1  router 0.1.0 up 1m 5s
        a newer model is refused: m/manifest.toml: is broken

        UPSTREAM  REPLICA  STATE    BREAKER  CALLS  FAILED  IN FLIGHT  FIRST WORD  LAST ERROR
        code      h:1      serving           7      0       2          12.3ms
        math      h:2      down     open     7      3       2                      connection refused

        second attempts: 2 after a failure, 1 to be quicker (1 in vain), 4 not made: the budget was spent

        requests under way: 5 of 512, 1 wait; refused: 6 by overload, 2 by rate limits
        ");
        assert_eq!(missing(&message), ["math: h:2 is down (connection refused)"]);
    }
}
