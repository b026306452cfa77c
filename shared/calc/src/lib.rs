//! Exact mathematics: expressions, questions in plain words, claims.
