//! Finds and loads ONNX Runtime's shared library.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use ort::environment::Environment as OrtEnvironment;
use plexus_config::{Environment, locate};

use crate::LoadError;

const NAME: &str = if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};
const SYSTEM: [&str; 4] = [
    "/usr/lib",
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
];

/// Where the library is: the configured path, `ORT_DYLIB_PATH`, `.plexus/lib` of the checkout, the system's folders.
///
/// # Errors
/// [`LoadError::NoLibrary`] with the places looked at.
pub fn find_library(configured: Option<&Path>, environment: &Environment) -> Result<PathBuf, LoadError> {
    let named = configured
        .map(Path::to_owned)
        .or_else(|| environment.get("ORT_DYLIB_PATH").map(PathBuf::from));
    if let Some(path) = named {
        return match path.is_file() {
            true => Ok(path),
            false => Err(LoadError::NoLibrary {
                looked: format!("{} is no file", path.display()),
            }),
        };
    }
    let own = locate(&Path::new(".plexus/lib").join(NAME));
    let system = SYSTEM.iter().map(|folder| Path::new(folder).join(NAME));
    std::iter::once(own)
        .chain(system)
        .find(|path| path.is_file())
        .ok_or_else(|| LoadError::NoLibrary {
            looked: format!("neither ORT_DYLIB_PATH nor .plexus/lib/{NAME} nor the system's folders have it"),
        })
}

/// The one environment of this process; the first library loaded stays.
pub(crate) fn runtime(library: &Path) -> Result<OrtEnvironment, LoadError> {
    static RUNTIME: OnceLock<Result<OrtEnvironment, String>> = OnceLock::new();
    let loaded = RUNTIME.get_or_init(|| {
        let builder = ort::init_from(library).map_err(|error| error.to_string())?;
        builder
            .with_name("plexus")
            .with_telemetry(false)
            .build()
            .map_err(|error| error.to_string())
    });
    loaded.clone().map_err(|problem| LoadError::Library {
        path: library.to_owned(),
        source: problem.into(),
    })
}
