//! What a person gets who starts something wrongly: an exit code, and a message that names what to change.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{fs, net::TcpListener, path::Path, time::Duration};

use plexus_integration_tests::{DEADLINE, Run, root, run};

const SERVICES: [&str; 6] = ["router", "code", "math", "reasoning", "language", "validator"];

/// A model that cannot be used must be refused within this time.
const REFUSED: Duration = Duration::from_secs(2);

async fn fails(service: &str, args: &[&str], environment: &[(&str, &str)], within: Duration) -> Run {
    let run = run(&format!("plexus-{service}"), args, environment, within).await;
    assert!(!run.stdout.contains("listening"), "{service} served: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    assert!(run.stderr.contains(&format!("error: {service}: ")), "{run:?}");
    run
}

fn holds(run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, Some(code), "{run:?}");
    for part in parts {
        assert!(run.stderr.contains(part), "no `{part}` in {}", run.stderr);
    }
}

#[tokio::test]
async fn an_unknown_key_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, "[server]\nlistn = \"127.0.0.1:0\"\n").unwrap();
    let file = file.to_str().unwrap();
    for service in SERVICES {
        let run = fails(service, &["--config", file], &[], DEADLINE).await;
        holds(&run, 64, &["server.listn", file]);
    }
}

#[tokio::test]
async fn a_file_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.toml");
    fs::write(&file, "[server\n").unwrap();
    let run = fails("math", &["--config", file.to_str().unwrap()], &[], DEADLINE).await;
    holds(&run, 64, &[file.to_str().unwrap()]);
    let run = fails("math", &["--config", "/nowhere/math.toml"], &[], DEADLINE).await;
    holds(&run, 64, &["/nowhere/math.toml"]);
}

#[tokio::test]
async fn a_bad_value() {
    for (service, key, value, parts) in [
        ("math", "SERVER__GRACE", "soon", ["server.grace", "SERVER__GRACE"]),
        (
            "math",
            "SERVER__LISTEN",
            "everywhere",
            ["server.listen", "SERVER__LISTEN"],
        ),
        (
            "math",
            "SERVER__WORKER_THREADS",
            "0",
            ["server.worker_threads", "more than 0"],
        ),
        ("math", "ENGINES", "[]", ["engines", "at least one"]),
        (
            "math",
            "ENGINES",
            "[{name=\"x\",kind=\"oracle\"}]",
            ["engines", "oracle"],
        ),
        ("code", "TELEMETRY__LOG", "loud=very", ["telemetry.log", "loud=very"]),
        ("router", "POLICY__GUARD", "maybe", ["policy.guard", "maybe"]),
        (
            "router",
            "SPECIALISTS__MATH",
            "[\"nowhere\"]",
            ["specialists.math", "host:port"],
        ),
        ("validator", "KINDS", "[\"poetry\"]", ["kinds", "poetry"]),
    ] {
        let variable = format!("PLEXUS_{}__{key}", service.to_uppercase());
        let run = fails(service, &[], &[(&variable, value)], DEADLINE).await;
        holds(&run, 64, &parts);
        assert!(
            run.stderr.contains(&variable),
            "{variable} is not named: {}",
            run.stderr
        );
    }
}

#[tokio::test]
async fn an_unknown_variable() {
    for service in SERVICES {
        let variable = format!("PLEXUS_{}__SERVER__LISTN", service.to_uppercase());
        let run = fails(service, &[], &[(&variable, "127.0.0.1:0")], DEADLINE).await;
        holds(&run, 64, &[&variable, "server.listn"]);
    }
}

#[tokio::test]
async fn a_model_server_that_is_no_address_or_without_its_key() {
    let free = ("PLEXUS_MATH__SERVER__LISTEN", "127.0.0.1:0");
    let run = fails("math", &[], &[free, ("PLEXUS_LLM_URL", "ftp://x")], DEADLINE).await;
    holds(&run, 64, &["PLEXUS_LLM_URL"]);
    let unset = ("PLEXUS_LLM_KEY_ENV", "NO_SUCH_KEY_HERE");
    let run = fails(
        "math",
        &[],
        &[free, ("PLEXUS_LLM_URL", "http://127.0.0.1:1"), unset],
        DEADLINE,
    )
    .await;
    holds(&run, 64, &["NO_SUCH_KEY_HERE"]);
}

#[tokio::test]
async fn a_busy_port() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for service in SERVICES {
        let variable = format!("PLEXUS_{}__SERVER__LISTEN", service.to_uppercase());
        let run = fails(service, &[], &[(&variable, &address)], DEADLINE).await;
        holds(&run, 69, &[&address, "server.listen", "another process"]);
        let free = (variable.as_str(), "127.0.0.1:0");
        let metrics = format!("PLEXUS_{}__TELEMETRY__METRICS", service.to_uppercase());
        let run = fails(service, &[], &[free, (&metrics, &address)], DEADLINE).await;
        holds(&run, 69, &[&address, "telemetry.metrics", "another process"]);
        let run = fails(service, &[], &[free, (&metrics, "here")], DEADLINE).await;
        holds(&run, 64, &["telemetry.metrics", "here", "127.0.0.1:9464"]);
    }
}

/// A copy of the router's model to break.
fn model() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(root().join("models/router")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

async fn broken_model(folder: &Path, parts: &[&str]) {
    let environment = [
        ("PLEXUS_ROUTER__SERVER__LISTEN", "127.0.0.1:0"),
        ("PLEXUS_ROUTER__MODEL__FOLDER", folder.to_str().unwrap()),
    ];
    let run = fails("router", &[], &environment, REFUSED).await;
    holds(&run, 66, parts);
    assert!(
        run.stderr.contains("model.folder"),
        "the key is not named: {}",
        run.stderr
    );
}

#[tokio::test]
async fn a_model_that_is_missing() {
    broken_model(Path::new("/nowhere/model"), &["/nowhere/model", "manifest.toml"]).await;
    for file in ["manifest.toml", "model.onnx", "tokenizer.json"] {
        let folder = model();
        let path = folder.path().join(file);
        fs::remove_file(&path).unwrap();
        broken_model(folder.path(), &[path.to_str().unwrap(), "No such file"]).await;
    }
}

#[tokio::test]
async fn a_model_that_is_cut_short() {
    for file in ["model.onnx", "tokenizer.json"] {
        let folder = model();
        let path = folder.path().join(file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        broken_model(folder.path(), &[path.to_str().unwrap(), "sha256"]).await;
        fs::write(&path, b"").unwrap();
        broken_model(folder.path(), &[path.to_str().unwrap(), "sha256", "0 bytes"]).await;
    }
}

#[tokio::test]
async fn a_model_with_a_flipped_bit() {
    let folder = model();
    let path = folder.path().join("model.onnx");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    broken_model(folder.path(), &[path.to_str().unwrap(), "sha256"]).await;
}

#[tokio::test]
async fn a_manifest_that_makes_no_sense() {
    for (from, to, part) in [
        ("schema = 2", "schema = 3", "schema"),
        ("[files]", "[fils]", "fils"),
        ("\"code\"", "\"kode\"", "heads.domain.labels"),
        ("max_tokens = ", "max_tokens = 2 #", "input.max_tokens"),
    ] {
        let folder = model();
        let path = folder.path().join("manifest.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "the manifest has no `{from}` any more");
        fs::write(&path, text.replace(from, to)).unwrap();
        broken_model(folder.path(), &[path.to_str().unwrap(), part]).await;
    }
}

#[tokio::test]
async fn an_onnx_runtime_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime.so");
    fs::write(&library, "no library").unwrap();
    for (path, part) in [
        (library.to_str().unwrap(), "no usable"),
        ("/nowhere/libonnxruntime.so", "is no file"),
    ] {
        let environment = [
            ("PLEXUS_ROUTER__SERVER__LISTEN", "127.0.0.1:0"),
            ("PLEXUS_ROUTER__MODEL__ONNXRUNTIME", path),
        ];
        let run = fails("router", &[], &environment, DEADLINE).await;
        holds(&run, 66, &[path, part]);
    }
}

#[tokio::test]
async fn a_configuration_can_be_checked_and_printed() {
    for service in SERVICES {
        let program = format!("plexus-{service}");
        let checked = run(&program, &["--check"], &[], DEADLINE).await;
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{service}");
        let variable = format!("PLEXUS_{}__SERVER__LISTEN", service.to_uppercase());
        let wrong = run(&program, &["--check"], &[(&variable, "x")], DEADLINE).await;
        holds(&wrong, 64, &["server.listen"]);

        let printed = run(&program, &["--print-config"], &[], DEADLINE).await;
        assert_eq!(printed.code, Some(0), "{service}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("printed.toml");
        fs::write(&file, &printed.stdout).unwrap();
        let checked = run(
            &program,
            &["--config", file.to_str().unwrap(), "--check"],
            &[],
            DEADLINE,
        )
        .await;
        assert_eq!(
            checked.code,
            Some(0),
            "{service}: what is printed is no right configuration: {checked:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_port_of_the_router() {
    // A port that is free now, and one where somebody else listens who never answers.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    for command in [vec!["ask", "2 + 2"], vec!["classify", "2 + 2"], vec!["status"]] {
        let args: Vec<&str> = command.iter().copied().chain(["--addr", &free]).collect();
        let run = run("plexus", &args, &[], DEADLINE).await;
        holds(&run, 69, &[&free]);
        assert_eq!(run.stdout, "", "{run:?}");
    }
}

#[tokio::test]
async fn a_mesh_whose_part_cannot_start_leaves_nothing_behind() {
    let logs = tempfile::tempdir().unwrap();
    let args = ["up", "--ephemeral", "--json", "--log", logs.path().to_str().unwrap()];
    let environment = [("PLEXUS_ROUTER__MODEL__FOLDER", "/nowhere/model")];
    let run = run("plexus", &args, &environment, DEADLINE).await;
    holds(&run, 66, &["/nowhere/model"]);
}
