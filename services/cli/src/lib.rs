//! The `plexus` command: starts the whole mesh on one machine, asks it, and shows what it did.
//!
//! [`args`] reads the command line, [`commands`] has one file for each command. [`mesh`] starts, kills, restarts and
//! drains the services as child processes; [`client`] talks to the router; [`explain`] and [`health`] turn its messages into
//! text. [`eval`] judges models in this process.
//! What is deliberately absent: anything that a service does itself.

pub mod args;
pub mod bench;
pub mod client;
pub mod commands;
pub mod eval;
pub mod explain;
pub mod failure;
pub mod health;
pub mod json;
mod jsonl;
pub mod mesh;
pub mod output;
pub mod replay;
mod samples;
pub mod trace;
pub mod words;
