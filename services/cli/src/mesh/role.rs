//! The services of a mesh: their programs, usual ports, and the environment that ties them together. Pure.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

/// Where each service listens, by its name.
pub(super) type Addresses = BTreeMap<&'static str, SocketAddr>;

/// Key of the address that a service listens on.
pub(super) const LISTEN: &str = "SERVER__LISTEN";

/// One service of the mesh.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// Its name in the mesh.
    pub(super) name: &'static str,
    /// Its program's name, and that of its variables: `plexus-math`, `PLEXUS_MATH__…`.
    service: &'static str,
    port: u16,
}

/// Those that need nobody; started together.
pub(super) const FIRST: [Role; 6] = [
    Role::new("code", "code", 50061),
    Role::new("math", "math", 50062),
    Role::new("language", "language", 50064),
    Role::new("validator-math", "validator", 50071),
    Role::new("validator-code", "validator", 50072),
    Role::new("validator-confidence", "validator", 50073),
];
/// It asks other specialists.
pub(super) const REASONING: Role = Role::new("reasoning", "reasoning", 50063);
/// It asks everybody.
pub(super) const ROUTER: Role = Role::new("router", "router", 50051);

/// All of them, as a person wants to see them.
pub(super) fn all() -> impl Iterator<Item = &'static Role> {
    let [code, math, language, validators @ ..] = &FIRST;
    [&ROUTER, code, math, &REASONING, language]
        .into_iter()
        .chain(validators)
}

impl Role {
    const fn new(name: &'static str, service: &'static str, port: u16) -> Self {
        Self { name, service, port }
    }

    /// Where it listens unless it is given a free port.
    pub(super) fn usual(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Its program.
    pub(super) fn program(&self, bin_dir: &Path) -> PathBuf {
        bin_dir.join(format!("plexus-{}{}", self.service, std::env::consts::EXE_SUFFIX))
    }

    /// What it must be told: where to listen, and where those are that it asks.
    pub(super) fn environment(&self, listen: SocketAddr, others: &Addresses) -> Vec<(String, String)> {
        let prefix = format!("PLEXUS_{}__", self.service.to_uppercase());
        let mut variables = vec![(LISTEN.to_owned(), listen.to_string())];
        match self.name {
            "validator-math" => variables.push(("KINDS".to_owned(), list("math"))),
            "validator-code" => variables.push(("KINDS".to_owned(), list("code"))),
            "validator-confidence" => variables.push(("KINDS".to_owned(), list("confidence"))),
            "reasoning" => {
                for peer in ["code", "math", "language"] {
                    if let Some(address) = others.get(peer) {
                        variables.push((format!("PEERS__{}", peer.to_uppercase()), list(address)));
                    }
                }
            }
            "router" => {
                for (name, address) in others {
                    let name = name.to_uppercase();
                    let key = match name.strip_prefix("VALIDATOR-") {
                        Some(kind) => format!("VALIDATORS__{kind}__ENDPOINTS"),
                        None => format!("SPECIALISTS__{name}"),
                    };
                    variables.push((key, list(address)));
                }
            }
            _ => {}
        }
        variables
            .into_iter()
            .map(|(key, value)| (format!("{prefix}{key}"), value))
            .collect()
    }
}

fn list(one: impl std::fmt::Display) -> String {
    format!("[\"{one}\"]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(role: &Role, others: &[(&'static str, u16)]) -> Vec<String> {
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let others = others.iter().map(|(name, port)| (*name, at(*port))).collect();
        let variables = role.environment(at(0), &others);
        variables
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }

    #[test]
    fn everybody_is_told_where_the_others_are() {
        let others = [
            ("code", 1),
            ("math", 2),
            ("language", 3),
            ("validator-math", 4),
            ("validator-code", 5),
            ("validator-confidence", 6),
        ];
        assert_eq!(
            environment(&REASONING, &others),
            [
                "PLEXUS_REASONING__SERVER__LISTEN=127.0.0.1:0",
                "PLEXUS_REASONING__PEERS__CODE=[\"127.0.0.1:1\"]",
                "PLEXUS_REASONING__PEERS__MATH=[\"127.0.0.1:2\"]",
                "PLEXUS_REASONING__PEERS__LANGUAGE=[\"127.0.0.1:3\"]",
            ]
        );
        let router = environment(&ROUTER, &others);
        assert!(
            router.contains(&"PLEXUS_ROUTER__SPECIALISTS__MATH=[\"127.0.0.1:2\"]".to_owned()),
            "{router:?}"
        );
        assert!(
            router.contains(&"PLEXUS_ROUTER__VALIDATORS__CODE__ENDPOINTS=[\"127.0.0.1:5\"]".to_owned()),
            "{router:?}"
        );
        assert!(
            router.contains(&"PLEXUS_ROUTER__VALIDATORS__CONFIDENCE__ENDPOINTS=[\"127.0.0.1:6\"]".to_owned()),
            "{router:?}"
        );
        assert_eq!(
            environment(&FIRST[3], &others),
            [
                "PLEXUS_VALIDATOR__SERVER__LISTEN=127.0.0.1:0",
                "PLEXUS_VALIDATOR__KINDS=[\"math\"]"
            ]
        );
        assert_eq!(
            environment(&FIRST[5], &others)[1],
            "PLEXUS_VALIDATOR__KINDS=[\"confidence\"]"
        );
    }

    #[test]
    fn no_two_have_the_same_port() {
        let mut ports: Vec<u16> = all().map(|role| role.port).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 8);
    }
}
