//! The plexus command.

pub mod trace;
