//! The generated contract; no logic.
