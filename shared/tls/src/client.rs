//! A client's side: shows who it is, and makes sure whom it reached.

use std::sync::Arc;

use plexus_config::Watched;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tracing::warn;

use crate::{ALPN, ClientConfig, Identity, ServerConfig, TlsError, files};

/// Whom a client wants to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A service of the mesh, wherever it runs.
    Identity(Identity),
    /// Whoever has a certificate for this name or address, as in the web.
    Name(String),
}

/// A client's certificate and its authorities.
#[derive(Debug)]
pub struct Client {
    files: Watched<Files>,
    trust_domain: String,
}

#[derive(Debug)]
struct Files {
    own: Option<Arc<CertifiedKey>>,
    authorities: Arc<RootCertStore>,
}

impl Client {
    /// Reads the files, and looks at them again from now on. None where the configuration wants no TLS. Must be called inside a
    /// Tokio runtime.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn new(config: &ClientConfig) -> Result<Option<Self>, TlsError> {
        if !config.is_on() {
            return Ok(None);
        }
        let files = [&config.certificate, &config.key, &config.ca];
        let files = files.into_iter().filter(|path| !path.as_os_str().is_empty());
        let (files, every) = (files.cloned().collect(), config.reload_every);
        let (trust_domain, config) = (config.trust_domain.clone(), config.clone());
        let files = Watched::new(files, every, move || {
            let shows = !config.certificate.as_os_str().is_empty();
            Ok::<_, TlsError>(Files {
                own: shows
                    .then(|| files::own(&config.certificate, &config.key))
                    .transpose()?,
                authorities: Arc::new(files::authorities(&config.ca)?),
            })
        })?;
        Ok(Some(Self { files, trust_domain }))
    }

    /// The identity of an upstream, none for a name that cannot be part of one.
    pub fn upstream(&self, name: &str) -> Option<Expected> {
        Identity::of(&self.trust_domain, name).ok().map(Expected::Identity)
    }

    /// Shakes hands over a connection that was just made.
    ///
    /// # Errors
    /// Whatever is wrong with the other side: no TLS, an authority that is not known, somebody else.
    pub async fn connect<C>(&self, expected: &Expected, connection: C) -> std::io::Result<TlsStream<C>>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        // Made anew for each connection: connections are few, and the files may be new.
        let files = self.files.get();
        let config = files.config(expected).map_err(std::io::Error::other)?;
        let name = match expected {
            Expected::Name(name) => name.as_str(),
            Expected::Identity(_) => NO_NAME,
        };
        shake(config, name, connection).await
    }
}

/// Shakes hands with the process itself: whoever answers must show the very certificate of its configuration.
///
/// # Errors
/// Files that cannot be used, or somebody else who answers.
pub async fn connect_to_itself<C>(config: &ServerConfig, connection: C) -> std::io::Result<TlsStream<C>>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let made = || {
        let own = files::own(&config.certificate, &config.key)?;
        let provider = files::provider();
        let certificate = own.end_entity_cert()?.clone().into_owned();
        client_config(Arc::new(Itself { certificate, provider }), Some(own))
    };
    shake(made().map_err(std::io::Error::other)?, NO_NAME, connection).await
}

/// Identities are no names of hosts: none is asked for.
const NO_NAME: &str = "mesh.invalid";

async fn shake<C>(mut config: rustls::ClientConfig, name: &str, connection: C) -> std::io::Result<TlsStream<C>>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    config.enable_sni = name != NO_NAME;
    let name = ServerName::try_from(name.to_owned()).map_err(std::io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(name, connection).await
}

fn client_config(
    verifier: Arc<dyn ServerCertVerifier>,
    own: Option<Arc<CertifiedKey>>,
) -> Result<rustls::ClientConfig, TlsError> {
    let builder = rustls::ClientConfig::builder_with_provider(files::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match own {
        Some(own) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

impl Files {
    fn config(&self, expected: &Expected) -> Result<rustls::ClientConfig, TlsError> {
        let provider = files::provider();
        let verifier: Arc<dyn ServerCertVerifier> = match expected {
            Expected::Identity(identity) => Arc::new(Reached {
                identity: identity.clone(),
                authorities: self.authorities.clone(),
                provider,
            }),
            Expected::Name(_) => WebPkiServerVerifier::builder_with_provider(self.authorities.clone(), provider)
                .build()
                .map_err(|error| Error::General(error.to_string()))?,
        };
        client_config(verifier, self.own.clone())
    }
}

/// Signatures are those of the provider, whoever is expected.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider
                .signature_verification_algorithms
                .supported_schemes()
        }
    };
}

/// Accepts certificates of an authority that say one identity.
#[derive(Debug)]
struct Reached {
    identity: Identity,
    authorities: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Reached {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(end_entity)?,
            &self.authorities,
            intermediates,
            now,
            self.provider.signature_verification_algorithms.all,
        )?;
        match Identity::in_certificate(end_entity) {
            Ok(identity) if identity == self.identity => Ok(ServerCertVerified::assertion()),
            Ok(identity) => {
                warn!(expected = %self.identity, found = %identity, "somebody else answers where an upstream should");
                Err(CertificateError::NotValidForName.into())
            }
            Err(error) => {
                warn!(expected = %self.identity, "what an upstream shows {error}");
                Err(CertificateError::NotValidForName.into())
            }
        }
    }

    signatures!();
}

/// Accepts one certificate.
#[derive(Debug)]
struct Itself {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Itself {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match *end_entity == self.certificate {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    signatures!();
}
