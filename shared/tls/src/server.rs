//! A server's side: shows its certificate and lets in whom it may.

use std::sync::Arc;

use plexus_config::Watched;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, UnixTime},
    server::{
        NoServerSessionStorage, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::SingleCertAndKey,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tracing::warn;

use crate::{ALPN, Identity, ServerConfig, TlsError, files};

/// A server's certificate and its rules.
#[derive(Debug)]
pub struct Server(Watched<rustls::ServerConfig>);

impl Server {
    /// Reads the files, and looks at them again from now on. None where the configuration wants no TLS. Must be called inside a
    /// Tokio runtime.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn new(config: &ServerConfig) -> Result<Option<Self>, TlsError> {
        if !config.is_on() {
            return Ok(None);
        }
        let files = [&config.certificate, &config.key, &config.client_ca];
        let files = files.into_iter().filter(|path| !path.as_os_str().is_empty());
        let (files, every) = (files.cloned().collect(), config.reload_every);
        let config = config.clone();
        Watched::new(files, every, move || make(&config)).map(|made| Some(Self(made)))
    }

    /// Shakes hands over a connection that was just accepted.
    ///
    /// # Errors
    /// Whatever is wrong with the other side: no TLS, no certificate, one that is not let in.
    pub async fn accept<C>(&self, connection: C) -> std::io::Result<TlsStream<C>>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        TlsAcceptor::from(self.0.get()).accept(connection).await
    }
}

fn make(config: &ServerConfig) -> Result<rustls::ServerConfig, TlsError> {
    let own = files::own(&config.certificate, &config.key)?;
    let provider = files::provider();
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = if config.client_ca.as_os_str().is_empty() {
        builder.with_no_client_auth()
    } else {
        let authorities = Arc::new(files::authorities(&config.client_ca)?);
        let chain = WebPkiClientVerifier::builder_with_provider(authorities, provider)
            .build()
            .map_err(|error| TlsError::Content {
                path: config.client_ca.clone(),
                problem: format!("cannot vouch for anybody: {error}"),
            })?;
        builder.with_client_cert_verifier(Arc::new(Allowed {
            chain,
            allowed: allowed(config, own.end_entity_cert()?)?,
        }))
    };
    let mut made = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(own)));
    made.alpn_protocols = vec![ALPN.to_vec()];
    // A session that is taken up again shows no certificate: one that has expired meanwhile would still get in.
    made.session_storage = Arc::new(NoServerSessionStorage {});
    made.send_tls13_tickets = 0;
    Ok(made)
}

/// Identities that are let in; none: all.
fn allowed(config: &ServerConfig, own: &CertificateDer<'_>) -> Result<Option<Vec<Identity>>, TlsError> {
    if config.allow.is_empty() {
        return Ok(None);
    }
    let of_file = |source| TlsError::Identity {
        path: config.certificate.clone(),
        source,
    };
    // The process itself asks whether it is healthy.
    let mut allowed = vec![Identity::in_certificate(own).map_err(of_file)?];
    for identity in &config.allow {
        allowed.push(identity.parse().map_err(of_file)?);
    }
    Ok(Some(allowed))
}

/// Lets in certificates of an authority whose identity is on a list.
#[derive(Debug)]
struct Allowed {
    chain: Arc<dyn ClientCertVerifier>,
    allowed: Option<Vec<Identity>>,
}

impl ClientCertVerifier for Allowed {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        let Some(allowed) = &self.allowed else {
            return Ok(verified);
        };
        match Identity::in_certificate(end_entity) {
            Ok(identity) if allowed.contains(&identity) => Ok(verified),
            Ok(identity) => {
                warn!(%identity, "a caller was refused: server.tls.allow does not name it");
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            Err(error) => {
                warn!("a caller was refused: what it shows {error}");
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
