//! What the router says of the mesh, as text for a person. Pure.

use anstyle::Style;
use plexus_proto::v1;

use crate::{
    output::{BAD, FAINT, GOOD, NAME, Table, WARN, line, paint},
    words,
};

/// The mesh as a table.
pub fn table(status: &v1::GetStatusResponse) -> String {
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
    let mut table = Table::default();
    let head = ["UPSTREAM", "REPLICA", "STATE", "IN FLIGHT", "LAST ERROR"];
    table.row(head.map(|title| (FAINT, title.to_owned())));
    for upstream in &status.upstreams {
        for replica in &upstream.replicas {
            let state = match v1::ReplicaState::try_from(replica.state) {
                Ok(v1::ReplicaState::Serving) => GOOD,
                Ok(v1::ReplicaState::Down) => BAD,
                _ => WARN,
            };
            table.row([
                (NAME, line(&upstream.name)),
                (Style::new(), line(&replica.address)),
                (state, words::state(replica.state)),
                (Style::new(), replica.in_flight.to_string()),
                (FAINT, line(&replica.last_error)),
            ]);
        }
    }
    out.push_str(&table.render(0));
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
                    ..v1::UpstreamStatus::default()
                },
            ],
            model: "m@1".into(),
            version: "0.1.0".into(),
            uptime: Some(prost_types::Duration { seconds: 65, nanos: 0 }),
            classifier_healthy: true,
            model_refused: "m/manifest.toml: is\nbroken".into(),
            ..v1::GetStatusResponse::default()
        };
        insta::assert_snapshot!(anstream::adapter::strip_str(&table(&message)).to_string(), @r"
        not healthy  m@1  router 0.1.0 up 1m 5s
        a newer model is refused: m/manifest.toml: is broken

        UPSTREAM  REPLICA  STATE    IN FLIGHT  LAST ERROR
        code      h:1      serving  2
        math      h:2      down     2          connection refused
        ");
        assert_eq!(missing(&message), ["math: h:2 is down (connection refused)"]);
    }
}
