//! What the four specialists share: engines, cascade, server glue.

pub mod exact;
