//! The plexus command.
