//! A proxy that spoils TCP connections on purpose, while they live.
//!
//! The vocabulary is toxiproxy's (<https://github.com/Shopify/toxiproxy>): a [`Toxic`] spoils one [`Direction`] of a share of
//! the connections, is added, changed and removed at any time, and several add up. Beside them the whole proxy can be
//! down (connections are refused, those that live are reset) or a black hole (nothing gets through, nobody is told).
//!
//! What toxics do to a stream of bytes knows no sockets (`pump.rs`), and what several of them come to is a pure
//! function (`shape.rs`): both are tested without either a network or a real clock.

mod connection;
mod proxy;
mod pump;
mod shape;
mod toxic;

pub use proxy::{FaultError, Proxy};
pub use toxic::{Direction, Spoil, Toxic};
