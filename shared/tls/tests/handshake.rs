//! Handshakes with certificates of all kinds: who gets in, and who does not.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{fs, io, path::Path, time::Duration};

use plexus_certs::{Authority, Subject};
use plexus_tls::{Client, ClientConfig, Expected, Server, ServerConfig, TlsError, connect_to_itself};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

const HOUR: Duration = Duration::from_secs(3600);
const ROUTER: &str = "spiffe://plexus/router";
const MATH: &str = "spiffe://plexus/math";

/// A folder with an authority, and `math` and `router` with certificates of it.
struct Folder(TempDir, Authority);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap(), Authority::new("test").unwrap());
        folder.write("ca.pem", &folder.1.pair().certificate);
        folder.issue("math", &Subject::now(MATH, &["localhost"], HOUR));
        folder.issue("router", &Subject::now(ROUTER, &[], HOUR));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn issue(&self, name: &str, subject: &Subject<'_>) {
        let pair = self.1.issue(subject).unwrap();
        self.write(&format!("{name}.pem"), &pair.certificate);
        self.write(&format!("{name}.key"), &pair.key);
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn server(&self, allow: &[&str]) -> ServerConfig {
        ServerConfig {
            certificate: self.path().join("math.pem"),
            key: self.path().join("math.key"),
            client_ca: self.path().join("ca.pem"),
            allow: allow.iter().map(|one| (*one).to_owned()).collect(),
            reload_every: Duration::from_millis(10),
        }
    }

    fn client(&self, name: &str) -> ClientConfig {
        ClientConfig {
            certificate: self.path().join(format!("{name}.pem")),
            key: self.path().join(format!("{name}.key")),
            ca: self.path().join("ca.pem"),
            reload_every: Duration::from_millis(10),
            ..ClientConfig::default()
        }
    }
}

/// A word there and back.
async fn talk(server: &Server, client: &Client, expected: &Expected) -> io::Result<()> {
    let (here, there) = duplex(64 * 1024);
    let serving = async {
        let mut stream = server.accept(there).await?;
        let word = stream.read_u8().await?;
        stream.write_u8(word + 1).await?;
        stream.flush().await
    };
    let asking = async {
        let mut stream = client.connect(expected, here).await?;
        stream.write_u8(41).await?;
        stream.flush().await?;
        // With TLS 1.3 a client learns only here that it was refused.
        assert_eq!(stream.read_u8().await?, 42);
        Ok(())
    };
    let (served, asked) = tokio::join!(serving, asking);
    served.and(asked)
}

fn math() -> Expected {
    Expected::Identity(MATH.parse().unwrap())
}

#[tokio::test]
async fn whoever_is_named_gets_in_and_nobody_else() {
    let folder = Folder::new();
    let other = Folder::new();
    let from = time::OffsetDateTime::now_utc() - 2 * HOUR;
    let expired = Subject {
        until: from + HOUR,
        from,
        ..Subject::now(ROUTER, &[], HOUR)
    };
    folder.issue("expired", &expired);
    let later = Subject {
        from: from + 3 * HOUR,
        until: from + 4 * HOUR,
        ..Subject::now(ROUTER, &[], HOUR)
    };
    folder.issue("later", &later);
    folder.issue("stranger", &Subject::now("spiffe://plexus/stranger", &[], HOUR));
    folder.issue("prefix", &Subject::now("spiffe://plexus/router2", &[], HOUR));
    let server = Server::new(&folder.server(&[ROUTER])).unwrap().unwrap();
    let mut stolen = folder.client("router");
    (stolen.certificate, stolen.key) = (other.path().join("router.pem"), other.path().join("router.key"));
    let mut nothing = folder.client("router");
    (nothing.certificate, nothing.key) = Default::default();
    for (who, config, gets_in) in [
        ("the router", folder.client("router"), true),
        ("the service itself", folder.client("math"), true),
        ("a stranger", folder.client("stranger"), false),
        ("a name that begins alike", folder.client("prefix"), false),
        ("expired", folder.client("expired"), false),
        ("not yet", folder.client("later"), false),
        ("of another authority", stolen, false),
        ("without a certificate", nothing, false),
    ] {
        let client = Client::new(&config).unwrap().unwrap();
        for _ in 0..5 {
            let talked = talk(&server, &client, &math()).await;
            assert_eq!(talked.is_ok(), gets_in, "{who}: {talked:?}");
        }
    }
}

#[tokio::test]
async fn a_client_talks_to_whom_it_wanted_to_reach() {
    let folder = Folder::new();
    let server = Server::new(&folder.server(&[])).unwrap().unwrap();
    let client = Client::new(&folder.client("router")).unwrap().unwrap();
    for (expected, right) in [
        (math(), true),
        (client.upstream("math").unwrap(), true),
        (client.upstream("code").unwrap(), false),
        (Expected::Name("localhost".to_owned()), true),
        (Expected::Name("example.org".to_owned()), false),
    ] {
        let talked = talk(&server, &client, &expected).await;
        assert_eq!(talked.is_ok(), right, "{expected:?}: {talked:?}");
    }
    let other = Folder::new();
    let stranger = Client::new(&other.client("router")).unwrap().unwrap();
    assert!(
        talk(&server, &stranger, &math()).await.is_err(),
        "of an authority that it does not know"
    );
}

#[tokio::test]
async fn a_process_knows_itself() {
    let (folder, other) = (Folder::new(), Folder::new());
    let config = folder.server(&[ROUTER]);
    let server = Server::new(&config).unwrap().unwrap();
    for (who, knows) in [(&config, true), (&other.server(&[ROUTER]), false)] {
        let (here, there) = duplex(64 * 1024);
        let (served, asked) = tokio::join!(server.accept(there), connect_to_itself(who, here));
        assert_eq!(served.is_ok() && asked.is_ok(), knows);
    }
}

#[tokio::test]
async fn new_files_are_used_and_bad_ones_are_not() {
    let folder = Folder::new();
    let server = Server::new(&folder.server(&[ROUTER])).unwrap().unwrap();
    let client = Client::new(&folder.client("router")).unwrap().unwrap();
    talk(&server, &client, &math()).await.unwrap();
    // Half a file, as while somebody writes it: what worked goes on working.
    folder.write("router.pem", "-----BEGIN CERTIFICATE-----\nMII");
    tokio::time::sleep(Duration::from_millis(100)).await;
    talk(&server, &client, &math()).await.unwrap();
    // Somebody else's certificate: it is used, and refused.
    folder.issue("router", &Subject::now("spiffe://plexus/stranger", &[], HOUR));
    until(async || talk(&server, &client, &math()).await.is_err()).await;
    folder.issue("router", &Subject::now(ROUTER, &[], HOUR));
    until(async || talk(&server, &client, &math()).await.is_ok()).await;
}

async fn until(mut reached: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !reached().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_by_its_name() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    let path = |name: &str| folder.path().join(name);
    let failed = |change: &dyn Fn(&mut ServerConfig)| {
        let mut config = folder.server(&[ROUTER]);
        change(&mut config);
        Server::new(&config).unwrap_err()
    };
    let key = fs::read_to_string(path("router.key")).unwrap();
    let secret = key.lines().nth(1).unwrap();
    for (error, says) in [
        (
            failed(&|config| config.key = path("router.key")),
            "router.key is not the key of",
        ),
        (
            failed(&|config| config.key = path("ca.pem")),
            "ca.pem has no private key",
        ),
        (
            failed(&|config| config.certificate = path("no.pem")),
            "no.pem cannot be read",
        ),
        (
            failed(&|config| config.client_ca = path("empty.pem")),
            "empty.pem has no certificate",
        ),
    ] {
        let said = error.to_string();
        assert!(said.contains(says), "{said}");
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
    }
    assert!(matches!(
        failed(&|config| config.certificate = path("empty.pem")),
        TlsError::Content { .. }
    ));
}
