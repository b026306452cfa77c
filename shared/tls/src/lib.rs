//! Who speaks to whom: TLS 1.3 with SPIFFE identities, from files that are read again when they change.
//!
//! An identity is a URI in a certificate, e.g. `spiffe://plexus/math` (SPIFFE, X.509-SVID). Servers say which identities may
//! call them, clients which one they want to reach; both compare bytes, and addresses prove nothing. Connections outlive a
//! change of files; those that are made afterwards use the new ones.

mod client;
mod config;
mod files;
mod identity;
mod server;

pub use client::{Client, Expected, connect_to_itself};
pub use config::{ClientConfig, ServerConfig};
pub use files::TlsError;
pub use identity::{Identity, IdentityError};
pub use server::Server;
pub use tokio_rustls::client::TlsStream;

/// The only protocol that is spoken: HTTP/2 (RFC 7301, RFC 9113).
const ALPN: &[u8] = b"h2";
