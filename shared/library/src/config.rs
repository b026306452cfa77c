//! Section `library` of a configuration.

use std::{path::PathBuf, time::Duration};

use plexus_config::{ByteSize, Invalid, humantime_serde};
use plexus_encoder::ModelConfig;
use serde::Deserialize;

use crate::files::Globs;

/// The shortest pause between two looks at the folders.
const MIN_WATCH: Duration = Duration::from_millis(50);
/// Most passages of a search.
const MAX_PASSAGES: usize = 64;

/// Section `library`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LibraryConfig {
    /// Folders of documents or sources; none: there is no library.
    pub folders: Vec<PathBuf>,
    /// Files that are read, as in a `.gitignore`; empty: every file that is text.
    pub include: Vec<String>,
    /// Files and folders that are left out, as in a `.gitignore`; the folders' own `.gitignore` counts as well.
    pub exclude: Vec<String>,
    /// Larger files are left out.
    pub max_file: ByteSize,
    /// Most files.
    pub max_files: usize,
    /// Most passages of one question.
    pub passages: usize,
    /// Most bytes of text that the passages of one question have together.
    pub max_context: ByteSize,
    /// Passages that fit worse are not given, 0..1; see [`crate::Library::search`].
    pub min_score: f32,
    /// How often the folders are looked at for changes; zero: never.
    #[serde(with = "humantime_serde")]
    pub watch: Duration,
    /// The encoder that finds by meaning; none: words alone.
    pub model: Option<ModelConfig>,
}

impl Default for LibraryConfig {
    fn default() -> Self {
        let globs = |list: &str| list.split_whitespace().map(str::to_owned).collect();
        Self {
            folders: Vec::new(),
            include: globs(INCLUDE),
            exclude: globs(EXCLUDE),
            max_file: ByteSize::mib(1),
            max_files: 10_000,
            passages: 4,
            max_context: ByteSize::kib(8),
            min_score: 0.25,
            watch: Duration::from_secs(2),
            model: None,
        }
    }
}

/// Documents and sources.
const INCLUDE: &str = "*.md *.mdx *.markdown *.rst *.adoc *.txt *.org *.html *.tex README* Makefile Dockerfile \
    *.rs *.py *.pyi *.go *.js *.mjs *.jsx *.ts *.tsx *.java *.kt *.kts *.scala *.c *.h *.cc *.cpp *.hpp *.cs *.swift \
    *.m *.rb *.php *.pl *.lua *.r *.jl *.hs *.ml *.ex *.exs *.erl *.clj *.sh *.sql *.proto *.graphql *.css *.toml \
    *.yaml *.yml *.tf";
/// What programs make.
const EXCLUDE: &str = ".git/ target/ node_modules/ vendor/ dist/ build/ __pycache__/ .venv/ venv/ *.min.js *.min.css \
    *.lock";

impl LibraryConfig {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// The first key that is wrong.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        let wrong = |name: &str, problem: String| Err(Invalid::new(format!("{key}.{name}"), problem));
        for (name, globs) in [("include", &self.include), ("exclude", &self.exclude)] {
            if let Err(problem) = Globs::new(globs) {
                return wrong(name, problem);
            }
        }
        if self.max_file.as_u64() == 0 {
            return wrong("max_file", "must be more than 0".to_owned());
        }
        if self.max_files == 0 {
            return wrong("max_files", "must be more than 0".to_owned());
        }
        if !(1..=MAX_PASSAGES).contains(&self.passages) {
            return wrong("passages", format!("must be between 1 and {MAX_PASSAGES}"));
        }
        if self.max_context > ByteSize::mib(1) {
            return wrong("max_context", "must be at most 1 MiB".to_owned());
        }
        if !(0.0..=1.0).contains(&self.min_score) {
            return wrong("min_score", format!("{} is not between 0 and 1", self.min_score));
        }
        if !self.watch.is_zero() && self.watch < MIN_WATCH {
            return wrong("watch", format!("must be \"0s\" (never) or at least {MIN_WATCH:?}"));
        }
        match &self.model {
            Some(model) => model.validate(&format!("{key}.model")),
            None => Ok(()),
        }
    }
}
