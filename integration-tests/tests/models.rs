//! Models come and go while the router serves; any classifier may take the place of ours.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{fs, path::Path};

use plexus_integration_tests::{DEADLINE, Router, Service, connect, root, run, timed, until};
use plexus_proto::v1::{ClassifierStage, ClassifyRequest, Domain, Route};
use tempfile::TempDir;

/// A copy of the router's model to change.
fn model() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(root().join("models/router")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

/// A router alone; it classifies without anybody else.
async fn router(folder: &Path) -> (Service, Router) {
    let keys = [("MODEL__FOLDER", folder.to_str().unwrap()), ("MODEL__WATCH", "100ms")];
    let service = Service::start("router", &keys);
    let client = Router::new(connect(&service.url()).await);
    (service, client)
}

async fn classified(router: &mut Router, query: &str) -> Route {
    let request = ClassifyRequest {
        query: query.to_owned(),
        ..ClassifyRequest::default()
    };
    let response = router.classify(timed(request, DEADLINE)).await.unwrap();
    response.into_inner().route.unwrap()
}

/// Gives the folder's model another version.
fn set_version(folder: &Path, version: &str) {
    let path = folder.join("manifest.toml");
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("version = ") {
        true => format!("version = \"{version}\"\n"),
        false => format!("{line}\n"),
    });
    fs::write(&path, lines.collect::<String>()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_model_is_taken_and_a_bad_one_refused() {
    let folder = model();
    let (service, mut router) = router(folder.path()).await;
    let query = "What is 15% of 240?";
    let before = classified(&mut router, query).await;
    assert!(!before.cached && classified(&mut router, query).await.cached);

    set_version(folder.path(), "99.0.0");
    until(&mut router, "the new model is in use", |status| {
        status.model.ends_with("@99.0.0")
    })
    .await;
    let after = classified(&mut router, query).await;
    assert!(after.model.ends_with("@99.0.0") && !after.cached, "{after:#?}");
    assert_eq!(after.domains, before.domains);

    let path = folder.path().join("model.onnx");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    set_version(folder.path(), "100.0.0");
    until(&mut router, "the broken model is refused", |status| {
        status.model_refused.contains("model.onnx") && status.model.ends_with("@99.0.0")
    })
    .await;
    let still = classified(&mut router, query).await;
    assert!(still.model.ends_with("@99.0.0") && still.cached, "{still:#?}");
    let args = ["status", "--addr", &service.address.to_string()];
    let shown = run("plexus", &args, &[], DEADLINE).await;
    assert!(shown.stdout.contains("a newer model is refused"), "{shown:?}");

    fs::write(&path, bytes).unwrap();
    until(&mut router, "the whole model is in use", |status| {
        status.model.ends_with("@100.0.0") && status.model_refused.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_shares_nothing_with_ours() {
    let (_service, mut router) = router(&root().join("shared/classifier/tests/own")).await;
    for (query, domain) in [
        ("an equation of energy", Domain::Math),
        ("compile the python function", Domain::Code),
    ] {
        let route = classified(&mut router, query).await;
        assert_eq!(route.domains[0].domain(), domain, "{route:#?}");
        assert_eq!(
            (route.model.as_str(), route.stage()),
            ("bag-of-words@1", ClassifierStage::Encoder)
        );
        assert_eq!(route.guard.unwrap().action, "allow");
    }
}
