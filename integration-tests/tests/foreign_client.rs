//! A client in another language that knows nothing of the mesh but its address: it learns the contract by reflection.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{
    io::{self, Write as _},
    sync::LazyLock,
};

use plexus_integration_tests::{DEADLINE, Mesh, Shared, root};
use serde_json::Value;

static MESH: Shared = LazyLock::new(Mesh::start);

/// A Python with the packages of `foreign/requirements.txt`; `make test` makes one.
const PYTHON: &str = "PLEXUS_TEST_PYTHON";

#[tokio::test]
async fn python_finds_its_way_by_reflection() {
    let Some(python) = std::env::var_os(PYTHON).filter(|python| !python.is_empty()) else {
        // Not `eprintln!`: that would be shown only if the test failed.
        let _ = writeln!(
            io::stderr(),
            "NOT TRIED: {PYTHON} is not set (`make test` sets it), so no foreign client ran"
        );
        return;
    };
    let mut services: Vec<&str> = MESH.names().collect();
    services.retain(|name| *name != "router");
    let mut command = tokio::process::Command::new(python);
    command.arg(root().join("integration-tests/foreign/client.py"));
    command.arg(MESH.address("router").to_string());
    for name in &services {
        command.arg(format!("{name}={}", MESH.address(name)));
    }
    let output = tokio::time::timeout(DEADLINE * 2, command.kill_on_drop(true).output())
        .await
        .unwrap()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}; {errors}"));

    assert!(said["ask"]["answer"].as_str().unwrap().contains("36"), "{said:#}");
    assert_eq!(said["ask"]["outcome"], "OUTCOME_ANSWERED");
    assert_eq!(said["ask"]["steps"][0]["domain"], "DOMAIN_MATH");
    assert_eq!(said["stream"]["joined"], said["stream"]["answer"], "{said:#}");
    assert_eq!(said["stream"]["events"][0], "route");
    assert_eq!(said["stream"]["events"].as_array().unwrap().last().unwrap(), "done");
    assert_eq!(said["classify"]["route"]["domains"][0]["domain"], "DOMAIN_MATH");
    assert_eq!(said["status"]["healthy"], true);
    assert_eq!(said["refused"]["code"], "INVALID_ARGUMENT");
    assert!(
        said["refused"]["details"].as_str().unwrap().contains("query"),
        "{said:#}"
    );

    for name in services.iter().chain(&["router"]) {
        let one = &said["services"][*name];
        assert_eq!(one["health"], "SERVING", "{name}: {one:#}");
        assert_eq!(one["named_health"], "SERVING", "{name}: {one:#}");
        assert_eq!(one["unknown_health"], "NOT_FOUND", "{name}: {one:#}");
        let listed: Vec<&str> = one["reflection"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let own = match *name {
            "router" => "plexus.v1.RouterService",
            validator if validator.starts_with("validator") => "plexus.v1.ValidatorService",
            _ => "plexus.v1.SpecialistService",
        };
        assert!(listed.contains(&own), "{name}: {listed:?}");
        assert!(listed.contains(&"grpc.health.v1.Health"), "{name}: {listed:?}");
        if *name != "router" {
            assert!(!one["describe"].as_object().unwrap().is_empty(), "{name}: {one:#}");
        }
    }
}
