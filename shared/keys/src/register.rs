//! Who has a key, and what for.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
    time::SystemTime,
};

use serde::Deserialize;

use crate::Digest;

/// What a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Questions: Ask, AskStream, and Classify.
    Ask,
    /// Classify alone, which costs no money.
    Classify,
    /// GetStatus: addresses and states of the mesh.
    Status,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Classify, Self::Status];

    /// As files and command lines write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Classify => "classify",
            Self::Status => "status",
        }
    }
}

/// One key in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is; rate limits go by it.
    pub name: Arc<str>,
    scopes: BTreeSet<Scope>,
    expires: Option<SystemTime>,
}

/// All keys, by their digests.
#[derive(Debug, Clone, Default)]
pub struct Register(HashMap<Digest, Entry>);

/// Why a call is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It brings no key.
    #[error("a key is needed: send it as metadata, authorization: Bearer KEY")]
    Missing,
    /// Its key is not known, or no longer.
    #[error("the key is not known here, or it was revoked, or has expired")]
    Unknown,
    /// Its key is good for something else.
    #[error("the key is not good for this: it lacks the scope {}", .0.name())]
    Scope(Scope),
}

/// What is wrong with a file of keys.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It is not TOML, or has keys that nobody knows. The message has lines of the file in it, which has no secrets.
    #[error("is no file of keys: {0}")]
    Syntax(String),
    /// One of its entries is wrong.
    #[error("keys.{name}.{field} {problem}")]
    Entry {
        /// Whose.
        name: String,
        /// Which part.
        field: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    keys: BTreeMap<String, Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    hash: String,
    scopes: BTreeSet<Scope>,
    expires: Option<String>,
}

impl Register {
    /// Reads a file: a table `[keys.NAME]` for each key with `hash`, `scopes` and perhaps `expires` (RFC 3339).
    ///
    /// # Errors
    /// What is wrong, and with whose key.
    pub fn parse(text: &str) -> Result<Self, RegisterError> {
        let file: File = toml::from_str(text).map_err(|error| RegisterError::Syntax(error.message().to_owned()))?;
        let mut all = HashMap::new();
        for (name, written) in file.keys {
            let wrong = |field, problem| RegisterError::Entry {
                name: name.clone(),
                field,
                problem,
            };
            // A key itself where its hash should be is not repeated in the message.
            let digest = Digest::parse(&written.hash)
                .ok_or_else(|| wrong("hash", "is no hash: `plexus keys add` prints one"))?;
            if written.scopes.is_empty() {
                return Err(wrong("scopes", "is empty: the key would be good for nothing"));
            }
            let expires = written.expires.as_deref().map(humantime::parse_rfc3339).transpose();
            let entry = Entry {
                name: name.as_str().into(),
                scopes: written.scopes,
                expires: expires.map_err(|_| wrong("expires", "is no time such as 2027-01-31T00:00:00Z"))?,
            };
            if all.insert(digest, entry).is_some() {
                return Err(wrong("hash", "is that of another key too"));
            }
        }
        Ok(Self(all))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none: then nobody gets in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody of that name has a key.
    pub fn has(&self, name: &str) -> bool {
        self.0.values().any(|entry| &*entry.name == name)
    }

    /// Whose key a call has brought, if it is good for `scope`; `authorization` is the metadata of that name.
    ///
    /// # Errors
    /// Why it is not let in.
    pub fn admit(&self, authorization: Option<&str>, scope: Scope, now: SystemTime) -> Result<&Entry, Refusal> {
        let authorization = authorization.ok_or(Refusal::Missing)?;
        // The scheme is written in any case (RFC 9110, section 11.1).
        let (scheme, key) = authorization.split_once(' ').ok_or(Refusal::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Missing);
        }
        let entry = self.0.get(&Digest::of(key.trim())).ok_or(Refusal::Unknown)?;
        if entry.expires.is_some_and(|expires| now >= expires) {
            return Err(Refusal::Unknown);
        }
        let good = entry.scopes.contains(&scope) || (scope == Scope::Classify && entry.scopes.contains(&Scope::Ask));
        match good {
            true => Ok(entry),
            false => Err(Refusal::Scope(scope)),
        }
    }
}

/// An entry as it is written into a file.
pub fn entry(name: &str, digest: Digest, scopes: &[Scope], expires: Option<SystemTime>) -> impl fmt::Display {
    let scopes: Vec<String> = scopes.iter().map(|scope| format!("\"{}\"", scope.name())).collect();
    let expires = expires.map(|at| format!("expires = \"{}\"\n", humantime::format_rfc3339_seconds(at)));
    format!(
        "[keys.{name}]\nhash = \"{digest}\"\nscopes = [{}]\n{}",
        scopes.join(", "),
        expires.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::ApiKey;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn a_key_opens_what_it_is_good_for_until_it_expires() {
        let now = SystemTime::now();
        let (alice, bob) = (ApiKey::generate().unwrap(), ApiKey::generate().unwrap());
        let text = format!(
            "{}\n{}",
            entry("alice", alice.digest(), &[Scope::Ask], None),
            entry("bob", bob.digest(), &[Scope::Status], Some(now + DAY)),
        );
        let register = Register::parse(&text).unwrap();
        let admit = |key: &str, scope, at| register.admit(Some(key), scope, at).map(|entry| entry.name.to_string());
        let (with_alice, with_bob) = (format!("Bearer {}", alice.reveal()), format!("bearer {}", bob.reveal()));
        assert_eq!(admit(&with_alice, Scope::Ask, now), Ok("alice".to_owned()));
        assert_eq!(admit(&with_alice, Scope::Classify, now), Ok("alice".to_owned()));
        assert_eq!(
            admit(&with_alice, Scope::Status, now),
            Err(Refusal::Scope(Scope::Status))
        );
        assert_eq!(admit(&with_bob, Scope::Status, now), Ok("bob".to_owned()));
        assert_eq!(admit(&with_bob, Scope::Status, now + 2 * DAY), Err(Refusal::Unknown));
        assert_eq!(admit(alice.reveal(), Scope::Ask, now), Err(Refusal::Missing));
        assert_eq!(admit(&format!("{with_alice}x"), Scope::Ask, now), Err(Refusal::Unknown));
        assert_eq!(register.admit(None, Scope::Ask, now), Err(Refusal::Missing));
        assert_eq!(
            Register::default().admit(Some(&with_alice), Scope::Ask, now),
            Err(Refusal::Unknown)
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_telling_keys() {
        let key = ApiKey::generate().unwrap();
        for (text, says) in [
            (
                format!("[keys.a]\nhash = \"{}\"\nscopes = [\"ask\"]", key.reveal()),
                "keys.a.hash",
            ),
            (
                format!("[keys.a]\nhash = \"{}\"\nscopes = []", key.digest()),
                "keys.a.scopes",
            ),
            (
                format!(
                    "[keys.a]\nhash = \"{}\"\nscopes = [\"ask\"]\nexpires = \"soon\"",
                    key.digest()
                ),
                "keys.a.expires",
            ),
            (
                format!("[keys.a]\nhash = \"{}\"\nscopes = [\"fly\"]", key.digest()),
                "fly",
            ),
            ("keys = 3".to_owned(), "no file of keys"),
        ] {
            let error = Register::parse(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains(key.reveal()), "{error}");
        }
    }

    proptest! {
        #[test]
        fn nobody_gets_in_with_what_nobody_was_given(authorization in ".{0,80}", text in ".{0,80}") {
            let known = ApiKey::generate().unwrap();
            let register = Register::parse(&entry("a", known.digest(), &Scope::ALL, None).to_string()).unwrap();
            prop_assert!(register.admit(Some(&authorization), Scope::Ask, SystemTime::now()).is_err());
            let _ = Register::parse(&text);
        }
    }
}
