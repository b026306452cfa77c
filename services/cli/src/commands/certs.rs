//! `plexus certs`: an authority for development, and a certificate for every service.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use plexus_certs::{Authority, CertsError, Pair, Subject};

use crate::{
    args::deploy::Certs,
    failure::{Failure, code},
    mesh, output,
};

/// The authority's name in its certificate.
const AUTHORITY: &str = "Plexus development authority";

/// Who calls the mesh from outside.
const CLIENT: &str = "client";

/// Readable for its owner, and for everybody.
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

pub(super) fn run(args: &Certs) -> Result<(), Failure> {
    let refused = |error: CertsError| Failure::new(code::USAGE, plexus_errors::chain(&error));
    fs::create_dir_all(&args.out).map_err(|error| unwritten(&args.out, &error))?;
    let authority = authority(&args.out)?;
    let key_mode = if args.shared { PUBLIC } else { PRIVATE };
    let names: Vec<&str> = mesh::names().chain([CLIENT]).collect();
    for name in &names {
        let identity = format!("spiffe://{}/{name}", args.trust_domain);
        let mut hosts = vec![*name];
        if *name == "router" {
            hosts.extend(args.hosts.iter().map(String::as_str));
        }
        let pair = authority
            .issue(&Subject::now(&identity, &hosts, args.life))
            .map_err(refused)?;
        // The certificate last: who looks at the files in between finds a key that does not fit, and waits.
        write(&args.out.join(format!("{name}.key")), &pair.key, key_mode)?;
        write(&args.out.join(format!("{name}.pem")), &pair.certificate, PUBLIC)?;
    }
    output::print(&format!(
        "{}: ca.pem, and NAME.pem with NAME.key for {}\n",
        args.out.display(),
        names.join(", ")
    ))
}

/// The one that lies there, else a new one.
fn authority(folder: &Path) -> Result<Authority, Failure> {
    let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
    let software = |error: CertsError| Failure::new(code::SOFTWARE, plexus_errors::chain(&error));
    match (read(&certificate)?, read(&key)?) {
        (Some(certificate), Some(key)) => Authority::again(AUTHORITY, Pair { certificate, key }).map_err(|error| {
            Failure::new(
                code::INPUT,
                format!("{}/ca.key: {}", folder.display(), plexus_errors::chain(&error)),
            )
        }),
        (None, None) => {
            let authority = Authority::new(AUTHORITY).map_err(software)?;
            write(&key, &authority.pair().key, PRIVATE)?;
            write(&certificate, &authority.pair().certificate, PUBLIC)?;
            Ok(authority)
        }
        (found, _) => {
            let (there, missing) = match found {
                Some(_) => (certificate, key),
                None => (key, certificate),
            };
            let text = format!("{} is there and {} is not", there.display(), missing.display());
            Err(Failure::new(code::INPUT, text).details(["put it back, or begin in an empty folder"]))
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(code::INPUT, format!("{}: {error}", path.display()))),
    }
}

/// Writes a file beside and moves it there, so that nobody reads half of it.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    let written = || {
        // One that was left behind may be readable for others.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(code::OUTPUT, format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn args(out: &Path) -> Certs {
        Certs {
            out: out.to_owned(),
            trust_domain: "plexus".to_owned(),
            life: Duration::from_secs(3600),
            hosts: vec!["localhost".to_owned()],
            shared: false,
        }
    }

    #[test]
    fn certificates_are_made_again_by_the_same_authority() {
        let folder = tempfile::tempdir().unwrap();
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        run(&args(folder.path())).unwrap();
        let (authority, math) = (text("ca.pem"), text("math.pem"));
        for name in ["router", "validator-confidence", "client"] {
            assert!(text(&format!("{name}.pem")).contains("BEGIN CERTIFICATE"));
            let key = fs::metadata(folder.path().join(format!("{name}.key"))).unwrap();
            assert_eq!(key.permissions().mode() & 0o777, PRIVATE);
        }
        run(&args(folder.path())).unwrap();
        assert_eq!(text("ca.pem"), authority);
        assert_ne!(text("math.pem"), math);

        fs::remove_file(folder.path().join("ca.key")).unwrap();
        let failure = run(&args(folder.path())).unwrap_err();
        assert_eq!(failure.code(), code::INPUT);
        assert!(failure.to_string().contains("ca.key is not"), "{failure}");
    }
}
