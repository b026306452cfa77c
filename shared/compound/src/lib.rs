//! Splits a compound query into parts and says which depend on which.
