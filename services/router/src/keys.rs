//! The door's own rules: who may call, and what callers may not bring.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderName, header, request::Parts};
use plexus_config::{Invalid, Watched, humantime_serde, read_small};
use plexus_errors::{ErrorCode, ServiceError};
use plexus_keys::{Refusal, Register, RegisterError, Scope};
use plexus_resilience::mesh_calls;
use plexus_server::Edge;
use serde::Deserialize;
use tonic::Status;

/// What only the mesh itself says: whoever says it from outside would speak in its name.
const OURS: &str = "x-plexus-";

/// Baggage (W3C) of strangers would travel through the whole mesh, and into its traces.
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// Section `keys`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeysConfig {
    /// File with the hashes of keys; empty: anybody may call.
    file: PathBuf,
    /// How often it is looked at.
    #[serde(with = "humantime_serde")]
    reload_every: Duration,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            file: PathBuf::new(),
            reload_every: Duration::from_secs(2),
        }
    }
}

impl KeysConfig {
    pub(crate) fn validate(&self, key: &str) -> Result<(), Invalid> {
        match self.reload_every.is_zero() {
            true => Err(Invalid::new(format!("{key}.reload_every"), "must be longer than 0s")),
            false => Ok(()),
        }
    }
}

/// Why a file of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} {source}", path.display())]
    Content { path: PathBuf, source: RegisterError },
}

/// Everybody who may call; none: anybody may.
pub(crate) struct Keys(Option<Watched<Register>>);

impl Keys {
    /// Reads the file, and looks at it again from now on. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub(crate) fn new(config: &KeysConfig) -> Result<Self, KeysError> {
        let path = config.file.clone();
        if path.as_os_str().is_empty() {
            return Ok(Self(None));
        }
        let read = move || {
            let failed = |source| KeysError::Read {
                path: path.clone(),
                source,
            };
            let text = String::from_utf8(read_small(&path).map_err(failed)?);
            let text = text.map_err(|_| failed(std::io::Error::other("it is no UTF-8 text")))?;
            Register::parse(&text).map_err(|source| KeysError::Content {
                path: path.clone(),
                source,
            })
        };
        Watched::new(vec![config.file.clone()], config.reload_every, read).map(|register| Self(Some(register)))
    }
}

/// Whose key a call has brought; lies in the extensions of its request.
#[derive(Debug, Clone)]
pub(crate) struct KeyName(pub(crate) Arc<str>);

/// The edge: takes away what callers may not say, except what the configuration asks them for, and lets in who has a key.
pub(crate) fn edge(keys: Keys, caller: &str) -> Edge {
    let caller = caller.to_owned();
    Edge::new(move |head| {
        strip(head, &caller);
        let Some(register) = &keys.0 else { return Ok(()) };
        let Some(scope) = scope(head.uri.path()) else {
            return Ok(());
        };
        let authorization = head
            .headers
            .get(header::AUTHORIZATION)
            .map(|value| value.to_str().unwrap_or_default());
        let register = register.get();
        match register.admit(authorization, scope, SystemTime::now()) {
            Ok(entry) => {
                let name = KeyName(entry.name.clone());
                head.extensions.insert(name);
                // Nobody further in needs it, so nobody can tell it.
                head.headers.remove(header::AUTHORIZATION);
                Ok(())
            }
            Err(refusal) => Err(told(refusal)),
        }
    })
}

fn strip(head: &mut Parts, caller: &str) {
    head.headers.remove(BAGGAGE);
    let ours = |name: &HeaderName| name.as_str().starts_with(OURS) && name.as_str() != caller;
    // Mostly there are none: then nothing is copied.
    while let Some(name) = head.headers.keys().find(|name| ours(name)).cloned() {
        head.headers.remove(name);
    }
}

/// What a method needs; none: health checks and reflection, which orchestrators and developers need without a key.
fn scope(path: &str) -> Option<Scope> {
    match path {
        "/plexus.v1.RouterService/Classify" => Some(Scope::Classify),
        "/plexus.v1.RouterService/GetStatus" => Some(Scope::Status),
        // Methods to come cost money until somebody says otherwise.
        path if mesh_calls(path) => Some(Scope::Ask),
        _ => None,
    }
}

fn told(refusal: Refusal) -> Status {
    let code = match refusal {
        Refusal::Missing | Refusal::Unknown => ErrorCode::Unauthenticated,
        Refusal::Scope(_) => ErrorCode::PermissionDenied,
    };
    ServiceError::new(code, refusal.to_string()).into()
}

#[cfg(test)]
mod tests {
    use http::Request;
    use plexus_keys::{ApiKey, entry};

    use super::*;

    fn head(path: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut head = Request::builder().uri(path).body(()).unwrap().into_parts().0;
        for (name, value) in headers {
            head.headers.append(*name, value.parse().unwrap());
        }
        head
    }

    #[test]
    fn what_only_the_mesh_says_is_taken_from_callers() {
        let mut head = head(
            "/plexus.v1.RouterService/Ask",
            &[
                ("x-plexus-secret", "a"),
                ("x-plexus-secret", "b"),
                ("x-plexus-other", "c"),
                ("x-plexus-caller", "alice"),
                ("baggage", "d=e"),
                ("plexus-priority", "batch"),
                ("traceparent", "f"),
            ],
        );
        strip(&mut head, "x-plexus-caller");
        let mut left: Vec<&str> = head.headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["plexus-priority", "traceparent", "x-plexus-caller"]);
    }

    #[test]
    fn every_method_needs_a_scope_but_health_and_reflection() {
        for (path, expected) in [
            ("/plexus.v1.RouterService/Ask", Some(Scope::Ask)),
            ("/plexus.v1.RouterService/AskStream", Some(Scope::Ask)),
            ("/plexus.v1.RouterService/Classify", Some(Scope::Classify)),
            ("/plexus.v1.RouterService/GetStatus", Some(Scope::Status)),
            ("/plexus.v1.RouterService/New", Some(Scope::Ask)),
            ("/grpc.health.v1.Health/Check", None),
            ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", None),
        ] {
            assert_eq!(scope(path), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn a_key_opens_the_door_and_goes_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.toml");
        let key = ApiKey::generate().unwrap();
        std::fs::write(&file, entry("alice", key.digest(), &[Scope::Ask], None).to_string()).unwrap();
        let config = KeysConfig {
            file,
            ..KeysConfig::default()
        };
        let edge = edge(Keys::new(&config).unwrap(), "x-plexus-caller");
        let bearer = format!("Bearer {}", key.reveal());
        let mut asked = head("/plexus.v1.RouterService/Ask", &[("authorization", &bearer)]);
        edge.look(&mut asked).unwrap();
        assert_eq!(&*asked.extensions.get::<KeyName>().unwrap().0, "alice");
        assert!(asked.headers.is_empty(), "the key goes no further");
        let look = |path: &str, headers: &[(&'static str, &str)]| {
            edge.look(&mut head(path, headers)).map_err(|status| status.code())
        };
        let with_key = [("authorization", bearer.as_str())];
        assert_eq!(
            look("/plexus.v1.RouterService/GetStatus", &with_key),
            Err(tonic::Code::PermissionDenied)
        );
        for headers in [&[][..], &[("authorization", "Bearer x")]] {
            assert_eq!(
                look("/plexus.v1.RouterService/Ask", headers),
                Err(tonic::Code::Unauthenticated)
            );
        }
        assert_eq!(look("/grpc.health.v1.Health/Check", &[]), Ok(()));
    }
}
