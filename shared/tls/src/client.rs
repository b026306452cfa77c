//! A client's side: shows who it is, and makes sure whom it reached.

use std::sync::Arc;

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

use crate::{ALPN, ClientConfig, Identity, TlsError, files, watched::Watched};

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
            Ok(Files {
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
        let config = self.config(expected).map_err(std::io::Error::other)?;
        let name = match expected {
            // No name is asked for: identities are no names of hosts.
            Expected::Identity(_) => "mesh.invalid".to_owned(),
            Expected::Name(name) => name.clone(),
        };
        let name = ServerName::try_from(name).map_err(std::io::Error::other)?;
        TlsConnector::from(Arc::new(config)).connect(name, connection).await
    }

    fn config(&self, expected: &Expected) -> Result<rustls::ClientConfig, TlsError> {
        let files = self.files.get();
        let provider = files::provider();
        let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])?;
        let verifier: Arc<dyn ServerCertVerifier> = match expected {
            Expected::Identity(identity) => Arc::new(Reached {
                identity: identity.clone(),
                authorities: files.authorities.clone(),
                provider,
            }),
            Expected::Name(_) => WebPkiServerVerifier::builder_with_provider(files.authorities.clone(), provider)
                .build()
                .map_err(|error| Error::General(error.to_string()))?,
        };
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let mut config = match &files.own {
            Some(own) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own.clone()))),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.resumption = Resumption::disabled();
        config.enable_sni = matches!(expected, Expected::Name(_));
        Ok(config)
    }
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
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
