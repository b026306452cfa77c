//! Finds code in text, parses it, says line and column of what is wrong.
//!
//! ```
//! use plexus_syntax::{Language, check};
//!
//! let errors = check(Language::Python, "def f(x) return x").unwrap();
//! assert_eq!((errors[0].line, errors[0].column), (1, 9));
//! assert_eq!(errors[0].message, "expected `:` after the function header");
//! ```

mod check;
mod convert;
mod data;
mod detect;
mod diagnose;
mod extract;
mod language;
mod mention;
mod outline;
mod parse;
mod scan;
mod strict;
mod value;
mod wording;

pub use check::{MAX_NESTING, MAX_SOURCE_BYTES, NotChecked, SyntaxError, check};
pub use convert::{NotConverted, convert, format_json};
pub use detect::detect;
pub use extract::{CodeBlock, extract, fenced};
pub use language::Language;
pub use mention::{Mention, mention};
pub use outline::{Symbol, SymbolKind, outline};
