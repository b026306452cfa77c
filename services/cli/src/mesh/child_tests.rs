//! Services that are shell scripts: how they start, end, and are ended.

use std::process::Command;

use super::*;

struct Stage {
    folder: tempfile::TempDir,
    exits: mpsc::UnboundedReceiver<Exit>,
    sender: mpsc::UnboundedSender<Exit>,
}

impl Stage {
    fn new() -> Self {
        let (sender, exits) = mpsc::unbounded_channel();
        Self {
            folder: tempfile::tempdir().unwrap(),
            exits,
            sender,
        }
    }

    async fn start(&self, script: &str) -> Result<Child, StartError> {
        let program = self.folder.path().join("service");
        // Written by another process: a file that this one has open for writing while another test forks is busy (ETXTBSY).
        let write = Command::new("sh")
            .args([
                "-c",
                r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod +x "$2""#,
                "sh",
                script,
            ])
            .arg(&program)
            .status();
        assert!(write.unwrap().success());
        let launch = Launch {
            name: "math",
            program,
            environment: vec![("PLEXUS_MATH__SERVER__LISTEN".into(), "127.0.0.1:7".into())],
            log: self.folder.path().join("math.log"),
        };
        Child::start(&launch, false, self.sender.clone()).await
    }
}

const SERVES: &str = "echo \"listening math $PLEXUS_MATH__SERVER__LISTEN\"";

#[tokio::test]
async fn it_starts_and_drains_when_its_input_closes() {
    let mut stage = Stage::new();
    let mut child = stage.start(&format!("{SERVES}; cat >/dev/null; exit 0")).await.unwrap();
    assert_eq!(child.address, "127.0.0.1:7".parse().unwrap());
    assert!(child.is_running());
    let (status, killed) = child.drain(Duration::from_secs(30)).await;
    assert_eq!((status.unwrap().code(), killed), (Some(0), false));
    assert!(stage.exits.try_recv().is_err(), "this end was asked for");
}

#[tokio::test]
async fn it_is_killed_when_it_does_not_drain() {
    let stage = Stage::new();
    let mut child = stage.start(&format!("{SERVES}; exec sleep 60")).await.unwrap();
    let (status, killed) = child.drain(Duration::from_millis(50)).await;
    assert!(killed);
    assert_eq!(status.unwrap().code(), None, "a signal ended it");
    assert!(!child.is_running());
}

#[tokio::test]
async fn a_death_is_told() {
    let mut stage = Stage::new();
    let _child = stage.start(&format!("{SERVES}; exit 3")).await.unwrap();
    let exit = stage.exits.recv().await.unwrap();
    assert_eq!((exit.name, exit.status.code()), ("math", Some(3)));
}

#[tokio::test]
async fn an_end_at_the_start_shows_the_log() {
    let stage = Stage::new();
    let script = "for i in 1 2 3 4 5 6 7 8 9; do echo \"line $i\" >&2; done; exit 69";
    let error = stage.start(script).await.unwrap_err();
    assert_eq!(error.exit_code(), 69);
    match error {
        StartError::Ended { tail, .. } => assert_eq!((tail.len(), tail[7].as_str()), (8, "line 9")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let stage = Stage::new();
    let launch = Launch {
        name: "math",
        program: stage.folder.path().join("nothing"),
        environment: Vec::new(),
        log: stage.folder.path().join("math.log"),
    };
    let error = Child::start(&launch, false, stage.sender.clone()).await.unwrap_err();
    assert_eq!(error.exit_code(), 66);
    assert!(error.to_string().contains("nothing"), "{error}");
}

#[test]
fn lines_are_understood() {
    assert_eq!(
        listening("listening math 127.0.0.1:5"),
        Some("127.0.0.1:5".parse().unwrap())
    );
    assert_eq!(listening("listening"), None);
    assert_eq!(listening("hello"), None);
}

#[test]
fn a_command_line_can_be_pasted() {
    let mut launch = Launch {
        name: "math",
        program: "/opt/my tools/plexus-math".into(),
        environment: vec![
            ("A__SERVER__LISTEN".into(), "127.0.0.1:0".into()),
            ("B".into(), "[\"x\"]".into()),
        ],
        log: "math.log".into(),
    };
    launch.listen_at("127.0.0.1:9".parse().unwrap());
    assert_eq!(
        launch.by_hand(),
        "A__SERVER__LISTEN=127.0.0.1:9 B='[\"x\"]' '/opt/my tools/plexus-math'"
    );
}
