//! Finds files that lie beside the program or the checkout.

use std::path::{Path, PathBuf};

/// Finds a relative path: below the working directory first, then below each folder above this program.
/// An absolute path, or one found nowhere, is returned as it is.
pub fn locate(path: &Path) -> PathBuf {
    if path.is_absolute() || path.exists() {
        return path.to_owned();
    }
    let program = std::env::current_exe().unwrap_or_default();
    program
        .ancestors()
        .skip(1)
        .map(|folder| folder.join(path))
        .find(|candidate| candidate.exists())
        .unwrap_or_else(|| path.to_owned())
}
