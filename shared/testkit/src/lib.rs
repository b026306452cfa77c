//! Scripted engine servers and waiting helpers for tests.
