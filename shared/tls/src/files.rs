//! PEM files and what is wrong with them.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use crate::IdentityError;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file has not in it what it should.
    #[error("{} {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The certificate of this process says no identity.
    #[error("{} {source}", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IdentityError,
    },
    /// The library refuses it.
    #[error("the certificates cannot be used")]
    Refused(#[from] rustls::Error),
}

impl TlsError {
    fn content(path: &Path, problem: impl Into<String>) -> Self {
        Self::Content {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

/// The algorithms; one provider for all.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A certificate, those above it, and its key, which belongs to it.
pub(crate) fn own(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(certificate)?;
    // The key's bytes are in no error: only the file's name is.
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| TlsError::content(key, "has no private key in PEM (BEGIN PRIVATE KEY) in it"))?;
    let signing = provider().key_provider.load_private_key(private).map_err(|_| {
        TlsError::content(
            key,
            "has a key of a kind that is not known: use ECDSA P-256, Ed25519 or RSA",
        )
    })?;
    let own = CertifiedKey::new(chain, signing);
    match own.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(Arc::new(own)),
        Err(_) => Err(TlsError::content(
            key,
            format!("is not the key of the certificate in {}", certificate.display()),
        )),
    }
}

/// The authorities in a file.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::content(path, format!("has an authority that cannot be used: {error}")))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        Ok(_) => Err(TlsError::content(
            path,
            "has no certificate in PEM (BEGIN CERTIFICATE) in it",
        )),
        Err(error) => Err(TlsError::content(path, format!("is no PEM file: {error}"))),
    }
}

/// A file's bytes.
fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    plexus_config::read_small(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}
