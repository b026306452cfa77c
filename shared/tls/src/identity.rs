//! Identities: SPIFFE IDs, as certificates carry them.

use std::{fmt, str::FromStr};

use rustls::pki_types::CertificateDer;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

/// An identity is at most so long, bytes (SPIFFE ID, section 2.3).
const LONGEST: usize = 2048;

/// Who somebody is: `spiffe://TRUST_DOMAIN/PATH`. Two are the same when their bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity(String);

/// Why something is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It is no SPIFFE ID.
    #[error(
        "is no identity: write it like spiffe://plexus/router, in lower case, without a query, a port or a slash at the end"
    )]
    Malformed,
    /// The certificate cannot be read.
    #[error("is a certificate that cannot be read")]
    Certificate,
    /// The certificate says not one identity, but none or several.
    #[error("is a certificate without exactly one URI in it")]
    NotOne,
}

impl Identity {
    /// The identity of a name in a trust domain.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`].
    pub fn of(trust_domain: &str, name: &str) -> Result<Self, IdentityError> {
        format!("spiffe://{trust_domain}/{name}").parse()
    }

    /// The identity in a certificate (X.509-SVID, section 2: exactly one URI).
    ///
    /// # Errors
    /// A certificate that cannot be read, or that does not say one identity.
    pub fn in_certificate(certificate: &CertificateDer<'_>) -> Result<Self, IdentityError> {
        let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| IdentityError::Certificate)?;
        let names = certificate
            .subject_alternative_name()
            .map_err(|_| IdentityError::Certificate)?
            .ok_or(IdentityError::NotOne)?;
        let mut uris = names.value.general_names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
        match (uris.next(), uris.next()) {
            (Some(uri), None) => uri.parse(),
            _ => Err(IdentityError::NotOne),
        }
    }
}

impl FromStr for Identity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let rest = text.strip_prefix("spiffe://").ok_or(IdentityError::Malformed)?;
        let (domain, path) = rest.split_once('/').ok_or(IdentityError::Malformed)?;
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        let any = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let segment = |one: &str| !matches!(one, "" | "." | "..") && one.bytes().all(any);
        let well = text.len() <= LONGEST
            && (1..=255).contains(&domain.len())
            && domain.bytes().all(lower)
            && path.split('/').all(segment);
        match well {
            true => Ok(Self(text.to_owned())),
            false => Err(IdentityError::Malformed),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_the_standard_calls_an_identity_is_one() {
        for well in ["spiffe://plexus/router", "spiffe://a.b-c_d/ns/x/sa/Y.z"] {
            assert_eq!(well.parse::<Identity>().unwrap().to_string(), well);
        }
        for ill in [
            "",
            "router",
            "https://plexus/router",
            "SPIFFE://plexus/router",
            "spiffe://Plexus/router",
            "spiffe://plexus",
            "spiffe://plexus/",
            "spiffe://plexus/router/",
            "spiffe://plexus//router",
            "spiffe://plexus/../router",
            "spiffe://plexus:1/router",
            "spiffe://a@plexus/router",
            "spiffe://plexus/router?x",
            "spiffe://plexus/router#x",
            "spiffe://plexus/router\0.evil",
            "spiffe://plexus/r%6futer",
            "spiffe:///router",
        ] {
            assert_eq!(ill.parse::<Identity>(), Err(IdentityError::Malformed), "{ill:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(text in ".{0,40}", name in "[a-zA-Z0-9._-]{1,20}") {
            if let Ok(identity) = text.parse::<Identity>() {
                prop_assert_eq!(identity.to_string(), text);
            }
            if name != "." && name != ".." {
                prop_assert!(Identity::of("plexus", &name).is_ok());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Identity::in_certificate(&CertificateDer::from(bytes));
        }
    }
}
