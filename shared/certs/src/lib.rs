//! A certificate authority for development and tests: `plexus certs` and the tests of TLS.
//!
//! What it makes is right for a laptop and a trial: keys lie in files, nothing is revoked. Production has an authority of its own
//! (SPIRE, cert-manager, Vault); the services take its files just the same.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, string::Ia5String,
};
use time::OffsetDateTime;

/// How long an authority lives.
const AUTHORITY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Clocks of machines differ; certificates begin so long before they are made.
const SKEW: Duration = Duration::from_secs(300);

/// A certificate and its key, both as PEM.
#[derive(Clone)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its key. Whoever has it is the one that the certificate names.
    pub key: String,
}

impl std::fmt::Debug for Pair {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Pair")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// What a certificate is for.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Its identity, e.g. `spiffe://plexus/math`.
    pub identity: &'a str,
    /// Names and addresses that clients outside the mesh may know it by.
    pub names: &'a [&'a str],
    /// When it begins.
    pub from: OffsetDateTime,
    /// When it ends.
    pub until: OffsetDateTime,
}

impl<'a> Subject<'a> {
    /// From a little before now, for so long.
    pub fn now(identity: &'a str, names: &'a [&'a str], life: Duration) -> Self {
        let now = OffsetDateTime::now_utc();
        Self {
            identity,
            names,
            from: now - SKEW,
            until: now + life,
        }
    }
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertsError {
    /// A name that cannot stand in a certificate.
    #[error("{0:?} cannot be a name in a certificate")]
    Name(String),
    /// The library refuses it.
    #[error("no certificate can be made")]
    Refused(#[from] rcgen::Error),
}

/// An authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pair: Pair,
}

impl Authority {
    /// A new one, with a key of its own.
    ///
    /// # Errors
    /// [`CertsError::Refused`].
    pub fn new(name: &str) -> Result<Self, CertsError> {
        let key = KeyPair::generate()?;
        let params = authority(name);
        let pair = Pair {
            certificate: params.self_signed(&key)?.pem(),
            key: key.serialize_pem(),
        };
        Ok(Self {
            issuer: Issuer::new(params, key),
            pair,
        })
    }

    /// The one that was made before under this name, by its certificate and key.
    ///
    /// # Errors
    /// A key that cannot be read.
    pub fn again(name: &str, pair: Pair) -> Result<Self, CertsError> {
        let key = KeyPair::from_pem(&pair.key)?;
        Ok(Self {
            issuer: Issuer::new(authority(name), key),
            pair,
        })
    }

    /// Its own certificate and key.
    pub fn pair(&self) -> &Pair {
        &self.pair
    }

    /// A certificate for a server and client of the mesh.
    ///
    /// # Errors
    /// Names that cannot stand in one.
    pub fn issue(&self, subject: &Subject<'_>) -> Result<Pair, CertsError> {
        let named = |name: &str| CertsError::Name(name.to_owned());
        let names: Vec<String> = subject.names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        let uri = Ia5String::try_from(subject.identity).map_err(|_| named(subject.identity))?;
        params.subject_alt_names.push(SanType::URI(uri));
        params.distinguished_name = distinguished(subject.identity);
        (params.not_before, params.not_after) = (subject.from, subject.until);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        Ok(Pair {
            certificate: params.signed_by(&key, &self.issuer)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - SKEW, now + AUTHORITY_LIFE);
    params.distinguished_name = distinguished(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn distinguished(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
