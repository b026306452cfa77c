//! The shape of the workspace: who may know whom, and what every member has.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use plexus_integration_tests::root;

/// Set it to write the list anew; the difference then stands in the change.
const REWRITE: &str = "PLEXUS_REWRITE_EDGES";

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap()
}

/// Folder of a member below the root, e.g. `services/math`.
fn folder(package: &Package) -> String {
    let folder = package.manifest_path.parent().unwrap().as_std_path();
    let root = root().canonicalize().unwrap();
    folder.strip_prefix(root).unwrap().display().to_string()
}

struct Edge {
    from: String,
    to: String,
    kind: DependencyKind,
}

/// Dependencies of members on members.
fn edges(metadata: &Metadata) -> Vec<Edge> {
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let edges = metadata.packages.iter().flat_map(|package| {
        package.dependencies.iter().map(|dependency| Edge {
            from: package.name.to_string(),
            to: dependency.name.clone(),
            kind: dependency.kind,
        })
    });
    edges.filter(|edge| members.contains(edge.to.as_str())).collect()
}

fn services(metadata: &Metadata) -> BTreeSet<String> {
    let services = metadata
        .packages
        .iter()
        .filter(|package| folder(package).starts_with("services/"));
    services.map(|package| package.name.to_string()).collect()
}

fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn members_depend_on_members_as_listed() {
    let lines: BTreeSet<String> = edges(&metadata())
        .iter()
        .map(|edge| match edge.kind {
            DependencyKind::Normal => format!("{} -> {}", edge.from, edge.to),
            kind => format!("{} -> {} ({kind})", edge.from, edge.to),
        })
        .collect();
    let found = lines.into_iter().collect::<Vec<_>>().join("\n") + "\n";
    let path = root().join("integration-tests/tests/architecture/edges.txt");
    if std::env::var_os(REWRITE).is_some() {
        fs::write(&path, &found).unwrap();
    }
    let listed = fs::read_to_string(&path).unwrap_or_default();
    let (found, listed): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), listed.lines().collect());
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "new: {new:#?}, gone: {gone:#?}; if that is meant, run this test with {REWRITE}=1 and commit {}",
        shown(&path)
    );
}

#[test]
fn services_do_not_know_services() {
    let metadata = metadata();
    let services = services(&metadata);
    assert!(services.len() >= 7, "{services:?}");
    for edge in edges(&metadata) {
        assert!(
            !services.contains(&edge.to),
            "{} knows the service {}",
            edge.from,
            edge.to
        );
    }
}

#[test]
fn client_and_server_do_not_know_each_other() {
    let mut knows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for edge in edges(&metadata()) {
        if edge.kind == DependencyKind::Normal {
            knows.entry(edge.from).or_default().insert(edge.to);
        }
    }
    for (from, to) in [("plexus-client", "plexus-server"), ("plexus-server", "plexus-client")] {
        let mut seen = BTreeSet::new();
        let mut next = vec![from.to_owned()];
        while let Some(name) = next.pop() {
            if seen.insert(name.clone()) {
                next.extend(knows.get(&name).into_iter().flatten().cloned());
            }
        }
        assert!(!seen.contains(to), "{from} knows {to}");
    }
}

#[test]
fn only_the_encoder_knows_onnx_runtime() {
    for package in &metadata().packages {
        for dependency in &package.dependencies {
            let theirs = matches!(dependency.name.as_str(), "ort" | "tokenizers");
            assert!(
                !theirs || *package.name == "plexus-encoder",
                "{} depends on {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn test_helpers_stay_in_tests() {
    for edge in edges(&metadata()) {
        let helper = matches!(edge.to.as_str(), "plexus-testkit" | "plexus-integration-tests");
        let allowed = edge.kind == DependencyKind::Development || edge.from == "plexus-integration-tests";
        assert!(!helper || allowed, "{} ships {}", edge.from, edge.to);
    }
}

#[test]
fn the_tests_here_know_only_the_contract() {
    // Certificates are what tests bring along, as they bring servers of models.
    let allowed = ["plexus-proto", "plexus-testkit", "plexus-certs"];
    for edge in edges(&metadata()) {
        assert!(
            edge.from != "plexus-integration-tests" || allowed.contains(&edge.to.as_str()),
            "these tests talk to binaries; they must not know {}",
            edge.to
        );
    }
}

#[test]
fn every_member_inherits_lints_and_versions() {
    for package in &metadata().packages {
        let manifest: toml::Table = fs::read_to_string(&package.manifest_path).unwrap().parse().unwrap();
        let inherits = |table: Option<&toml::Value>| {
            table
                .and_then(|value| value.get("workspace"))
                .and_then(toml::Value::as_bool)
                == Some(true)
        };
        assert!(
            inherits(manifest.get("lints")),
            "{}: [lints] workspace = true is missing",
            package.name
        );
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(section).and_then(toml::Value::as_table);
            for (name, dependency) in table.into_iter().flatten() {
                assert!(
                    inherits(Some(dependency)),
                    "{}: [{section}] {name}: its version belongs into the workspace's manifest",
                    package.name
                );
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for folder in ["shared", "services", "integration-tests"] {
        for path in sources(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//!"), "{} does not begin with `//!`", shown(&path));
        }
    }
}

#[test]
fn domains_know_no_transport() {
    let mut seen = 0;
    for path in sources(&root().join("services")) {
        let name = shown(&path);
        if !name.contains("/src/domain") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for transport in ["tonic", "plexus_proto"] {
            assert!(
                !code.iter().any(|line| line.contains(transport)),
                "{name} names {transport}"
            );
        }
    }
    assert!(seen >= 5, "only {seen} files of domains were found");
}
