//! Recomputes every arithmetic claim of an answer.
