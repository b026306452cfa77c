//! Errors of configuration: each names the key, where it was set, and what is allowed.

use std::path::Path;

use figment::{Figment, error::Kind};

use crate::Invalid;

/// Why a configuration cannot be used. The process should end with [`ConfigError::EXIT_CODE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// `EX_USAGE` of sysexits.h: the person must change something before another try.
    pub const EXIT_CODE: u8 = 64;

    pub(crate) fn no_file(path: &Path) -> Self {
        Self(format!(
            "configuration file {} does not exist or is no file",
            path.display()
        ))
    }

    pub(crate) fn from_figment(file: Option<&Path>, error: figment::Error) -> Self {
        let lines: Vec<String> = error
            .into_iter()
            .map(|error| {
                let mut path = error.path.clone();
                if let Kind::UnknownField(field, _) = &error.kind
                    && path.last() != Some(field)
                {
                    path.push(field.clone());
                }
                let place = place(error.metadata.as_ref(), file);
                if path.is_empty() {
                    format!("{place}: {}", error.kind)
                } else {
                    format!("key `{}` in {place}: {}", path.join("."), error.kind)
                }
            })
            .collect();
        Self(lines.join("\n"))
    }

    pub(crate) fn invalid(figment: &Figment, file: Option<&Path>, invalid: Invalid) -> Self {
        // Figment does not look into lists: where the list was set is where its member was.
        let mut path = invalid.key.as_str();
        let mut metadata = figment.find_metadata(path);
        while let (None, Some((above, _))) = (metadata, path.rsplit_once('.')) {
            path = above;
            metadata = figment.find_metadata(path);
        }
        let place = place(metadata, file);
        Self(format!("key `{}` in {place}: {}", invalid.key, invalid.problem))
    }

    /// A problem that was found outside of [`crate::load`], e.g. in a variable that is not a key.
    pub fn other(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Where a value was set.
fn place(metadata: Option<&figment::Metadata>, file: Option<&Path>) -> String {
    let Some(metadata) = metadata else {
        return file.map_or_else(|| "the defaults".to_owned(), |path| path.display().to_string());
    };
    match &metadata.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ if metadata.name.starts_with("environment variable") => metadata.name.to_string(),
        _ => "the defaults".to_owned(),
    }
}
