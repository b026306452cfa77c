//! Where the key of a server is kept.

use std::{fs::File, io::Read as _};

use plexus_config::Environment;

use crate::config::ApiKey;

/// Longest file of a key.
const MAX_KEY: u64 = 64 * 1024;

/// Reads a key; none where none is needed. The error says what to do.
pub(super) fn read(place: &ApiKey, environment: &Environment) -> Result<Option<String>, String> {
    match place {
        ApiKey::None => Ok(None),
        ApiKey::Env(variable) => match environment.get(variable) {
            Some(key) => Ok(Some(key.to_owned())),
            None => Err(format!(
                "key `api_key_env` names the environment variable {variable}, which is not set"
            )),
        },
        ApiKey::File(path) => {
            let mut key = String::new();
            let read = File::open(path).and_then(|file| file.take(MAX_KEY).read_to_string(&mut key));
            let shown = path.display();
            match read {
                Ok(_) if key.trim().is_empty() => Err(format!("key `api_key_file`: {shown} is empty")),
                Ok(_) => Ok(Some(key.trim().to_owned())),
                Err(error) => Err(format!("key `api_key_file`: {shown} cannot be read: {error}")),
            }
        }
    }
}

/// Where it is kept, for a person.
pub(super) fn place(place: &ApiKey) -> String {
    match place {
        ApiKey::None => "nothing".to_owned(),
        ApiKey::Env(variable) => format!("environment variable {variable}"),
        ApiKey::File(path) => format!("file {}", path.display()),
    }
}
