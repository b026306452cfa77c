//! Certificates and keys of real processes: who gets in, who does not, and that a change of both loses nobody.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::{error::Error as _, fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use plexus_certs::{Authority, Subject};
use plexus_integration_tests::{DEADLINE, Router, Service, ask, timed};
use plexus_proto::v1::{AskResponse, GetStatusRequest};
use plexus_testkit::eventually;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint},
};

const HOUR: Duration = Duration::from_secs(3600);
const QUESTION: &str = "What is 15% of 240?";
/// A key with nothing random in it: only its digest is known to the router.
const KEY: &str = "plexus_a-key-that-only-this-test-knows";
const NAMES: [&str; 4] = ["router", "math", "client", "stranger"];

/// A mesh of a router and one specialist, each with a certificate.
struct Secured {
    folder: TempDir,
    authority: Authority,
    math: Service,
    router: Service,
}

impl Secured {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::new("test").unwrap();
        issue(folder.path(), &authority);
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        fs::write(path("ca.pem"), &authority.pair().certificate).unwrap();
        write_keys(folder.path(), true);
        let own = |section: &str, name: &str| {
            vec![
                (format!("{section}__CERTIFICATE"), path(&format!("{name}.pem"))),
                (format!("{section}__KEY"), path(&format!("{name}.key"))),
                (format!("{section}__RELOAD_EVERY"), "50ms".to_owned()),
            ]
        };
        let server = |name: &str, allow: &str| {
            let mut keys = own("SERVER__TLS", name);
            keys.push(("SERVER__TLS__CLIENT_CA".to_owned(), path("ca.pem")));
            keys.push((
                "SERVER__TLS__ALLOW".to_owned(),
                format!("[\"spiffe://plexus/{allow}\"]"),
            ));
            keys
        };
        let start = |name: &str, keys: &[(String, String)]| {
            let keys: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            Service::start(name, &keys)
        };
        let math = start("math", &server("math", "router"));
        let mut keys = server("router", "client");
        keys.extend(own("CLIENT__TLS", "router"));
        keys.push(("CLIENT__TLS__CA".to_owned(), path("ca.pem")));
        keys.push(("SPECIALISTS__MATH".to_owned(), format!("[\"{}\"]", math.address)));
        keys.push(("VALIDATORS__MATH__DOMAINS".to_owned(), "[]".to_owned()));
        keys.push(("VALIDATORS__CONFIDENCE__DOMAINS".to_owned(), "[]".to_owned()));
        keys.push(("KEYS__FILE".to_owned(), path("keys.toml")));
        keys.push(("KEYS__RELOAD_EVERY".to_owned(), "50ms".to_owned()));
        let router = start("router", &keys);
        Self {
            folder,
            authority,
            math,
            router,
        }
    }

    /// A connection as that client, or as nobody.
    async fn connect(&self, to: SocketAddr, host: &'static str, who: Option<&str>) -> Result<Channel, String> {
        let mut roots = RootCertStore::empty();
        roots.add(pem(&self.folder.path().join("ca.pem"))).unwrap();
        let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match who {
            None => builder.with_no_client_auth(),
            Some(who) => {
                let key = PrivateKeyDer::from_pem_file(self.folder.path().join(format!("{who}.key"))).unwrap();
                let certificate = pem(&self.folder.path().join(format!("{who}.pem")));
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        let connect = tower::service_fn(move |_| {
            let connector = connector.clone();
            async move {
                let stream = TcpStream::connect(to).await?;
                let name = ServerName::try_from(host).map_err(std::io::Error::other)?;
                Ok::<_, std::io::Error>(TokioIo::new(connector.connect(name, stream).await?))
            }
        });
        let endpoint = Endpoint::from_shared(format!("http://{to}")).unwrap();
        endpoint
            .connect_with_connector(connect)
            .await
            .map_err(|error| format!("{error:?}"))
    }

    async fn client(&self) -> Router {
        Router::new(
            self.connect(self.router.address, "localhost", Some("client"))
                .await
                .unwrap(),
        )
    }
}

fn pem(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).unwrap()
}

/// New certificates for everybody.
fn issue(folder: &Path, authority: &Authority) {
    for name in NAMES {
        let identity = format!("spiffe://plexus/{name}");
        let pair = authority.issue(&Subject::now(&identity, &["localhost"], HOUR)).unwrap();
        for (kind, text) in [("key", &pair.key), ("pem", &pair.certificate)] {
            let beside = folder.join("beside");
            fs::write(&beside, text).unwrap();
            fs::rename(beside, folder.join(format!("{name}.{kind}"))).unwrap();
        }
    }
}

/// The file of keys, with the one of the test in it or without.
fn write_keys(folder: &Path, known: bool) {
    let digest: String = Sha256::digest(KEY).iter().map(|byte| format!("{byte:02x}")).collect();
    let entry = format!("[keys.tester]\nhash = \"sha256:{digest}\"\nscopes = [\"ask\"]\n");
    let beside = folder.join("beside");
    fs::write(&beside, if known { entry } else { String::new() }).unwrap();
    fs::rename(beside, folder.join("keys.toml")).unwrap();
}

fn with_key<T>(message: T, key: &str) -> Request<T> {
    let mut request = timed(message, DEADLINE);
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {key}").parse().unwrap());
    request
}

async fn answer(router: &mut Router) -> Result<AskResponse, Status> {
    Ok(router.ask(with_key(ask(QUESTION), KEY)).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_shows_what_is_asked_for_gets_in_and_nobody_else() {
    let mesh = Secured::start();
    let mut router = mesh.client().await;
    let first = answer(&mut router).await.unwrap();
    assert!(first.answer.contains("36"), "{first:#?}");
    assert!(first.steps[0].replica.starts_with("math@"), "{first:#?}");

    let without = router.ask(timed(ask(QUESTION), DEADLINE)).await.unwrap_err();
    assert_eq!(without.code(), Code::Unauthenticated);
    let wrong = router.ask(with_key(ask(QUESTION), "plexus_no")).await.unwrap_err();
    assert_eq!(wrong.code(), Code::Unauthenticated);
    let other = router.get_status(with_key(GetStatusRequest {}, KEY)).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);

    // With TLS 1.3 some refusals are heard of with the first call only.
    for (to, host, who) in [
        (mesh.router.address, "localhost", Some("stranger")),
        (mesh.router.address, "localhost", None),
        (mesh.math.address, "localhost", Some("client")),
        (mesh.math.address, "localhost", Some("stranger")),
    ] {
        for _ in 0..5 {
            let Ok(channel) = mesh.connect(to, host, who).await else {
                continue;
            };
            let refused = answer(&mut Router::new(channel)).await.unwrap_err();
            // The connection was refused: nobody behind it said a word.
            assert!(refused.source().is_some(), "{who:?} at {to}: {refused:?}");
        }
    }
    let plain = Endpoint::from_shared(mesh.router.url()).unwrap().connect_lazy();
    answer(&mut Router::new(plain)).await.unwrap_err();

    // A key that is no longer in the file opens nothing.
    write_keys(mesh.folder.path(), false);
    eventually("the key is refused", DEADLINE, async || {
        let refused = answer(&mut router.clone()).await.err()?;
        (refused.code() == Code::Unauthenticated).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_certificates_lose_no_request() {
    let mesh = Secured::start();
    let old = pem(&mesh.folder.path().join("router.pem"));
    for round in 0..3 {
        issue(mesh.folder.path(), &mesh.authority);
        for _ in 0..20 {
            // A connection of its own each time: those that there are would go on with the old ones.
            let mut router = mesh.client().await;
            answer(&mut router)
                .await
                .unwrap_or_else(|status| panic!("round {round}: {status:?}"));
        }
    }
    assert_ne!(old, pem(&mesh.folder.path().join("router.pem")));
}
