//! The languages that are known, and how people call them.

/// A language that can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python 3.
    Python,
    /// Rust.
    Rust,
    /// JavaScript (ECMAScript, with JSX).
    JavaScript,
    /// Go.
    Go,
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2.
    Yaml,
    /// TOML 1.0.
    Toml,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Python,
        Self::Rust,
        Self::JavaScript,
        Self::Go,
        Self::Json,
        Self::Yaml,
        Self::Toml,
    ];

    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Go => "Go",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
        }
    }

    /// The language of a fence's tag or of a word in a sentence.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Some(match tag.to_ascii_lowercase().as_str() {
            "python" | "py" | "python3" | "py3" => Self::Python,
            "rust" | "rs" => Self::Rust,
            "javascript" | "js" | "mjs" | "cjs" | "jsx" | "node" | "nodejs" | "ecmascript" => Self::JavaScript,
            "go" | "golang" => Self::Go,
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "toml" => Self::Toml,
            _ => return None,
        })
    }

    /// The tag for a fence.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
        }
    }

    /// Data rather than a program.
    pub fn is_data(self) -> bool {
        matches!(self, Self::Json | Self::Yaml | Self::Toml)
    }

    pub(crate) fn grammar(self) -> Option<tree_sitter::Language> {
        Some(match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
            Self::Json => tree_sitter_json::LANGUAGE.into(),
            Self::Yaml | Self::Toml => return None,
        })
    }
}
