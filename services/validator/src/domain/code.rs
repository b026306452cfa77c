//! Parses every code block of an answer.
