//! Classifies, plans, dispatches, validates, merges.
