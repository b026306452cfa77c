//! The server stack: health, reflection, limits, drain.
