//! `plexus keys`: makes API keys.

use std::{fs, io::ErrorKind, time::SystemTime};

use plexus_keys::{ApiKey, Register, Scope, entry};

use super::certs::write;
use crate::{
    args::deploy::{AddKey, Keys, KeysCommand},
    failure::{Failure, code},
    output,
};

/// What a new file begins with.
const HEAD: &str = "\
# Who may call the router: one entry for each key, which is kept nowhere but with its owner. `plexus keys add` adds one;
# whoever is deleted here is refused within seconds.
";

/// Hashes open nothing, and the router may run as another user.
const MODE: u32 = 0o644;

pub(super) fn run(args: &Keys) -> Result<(), Failure> {
    match &args.command {
        KeysCommand::Add(args) => add(args),
    }
}

fn add(args: &AddKey) -> Result<(), Failure> {
    let shown = args.file.display();
    let well = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if args.name.is_empty() || args.name.len() > 64 || !args.name.bytes().all(well) {
        let text = format!(
            "{:?} is no name for a key: use letters, digits, - and _, at most 64",
            args.name
        );
        return Err(Failure::new(code::USAGE, text));
    }
    let text = match fs::read_to_string(&args.file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => HEAD.to_owned(),
        Err(error) => return Err(Failure::new(code::INPUT, format!("{shown}: {error}"))),
    };
    let known = Register::parse(&text).map_err(|error| Failure::new(code::INPUT, format!("{shown} {error}")))?;
    if known.has(&args.name) {
        let text = format!("{shown} has a key of {} already", args.name);
        return Err(Failure::new(code::USAGE, text).details(["delete that entry to revoke it, or choose another name"]));
    }
    let expires = match args.life {
        None => None,
        Some(life) => Some(SystemTime::now().checked_add(life).ok_or_else(|| {
            Failure::new(
                code::USAGE,
                "--life is longer than time itself: leave it out for a key without an end",
            )
        })?),
    };
    let key = ApiKey::generate()
        .map_err(|error| Failure::new(code::SOFTWARE, format!("the system has no random numbers: {error}")))?;
    let scopes: Vec<Scope> = args.scopes.iter().copied().map(Scope::from).collect();
    let added = format!("{text}\n{}", entry(&args.name, key.digest(), &scopes, expires));
    write(&args.file, &added, MODE)?;
    output::print(&format!("{}\n", key.reveal()))?;
    eprintln!("This is the only time that it is shown. Callers send it as metadata: authorization: Bearer KEY");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::deploy;

    #[test]
    fn keys_are_added_and_names_are_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.toml");
        let add_key = |name: &str| {
            add(&AddKey {
                name: name.to_owned(),
                file: file.clone(),
                scopes: vec![deploy::Scope::Ask, deploy::Scope::Status],
                life: None,
            })
        };
        add_key("alice").unwrap();
        add_key("bob").unwrap();
        let register = Register::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        assert!(register.has("alice") && register.has("bob") && register.len() == 2);
        assert_eq!(add_key("bob").unwrap_err().code(), code::USAGE);
        assert_eq!(add_key("a.b").unwrap_err().code(), code::USAGE);
        fs::write(&file, "keys = 3").unwrap();
        assert_eq!(add_key("carol").unwrap_err().code(), code::INPUT);
    }
}
