//! The contract `plexus.v1`, generated from `proto/plexus/v1/*.proto`. No logic lives here.

/// Messages, clients and servers of package `plexus.v1`; the documentation is in the `.proto` files.
#[allow(missing_docs, unreachable_pub, clippy::all)]
pub mod v1 {
    tonic::include_proto!("plexus.v1");

    /// The encoded `FileDescriptorSet` of the contract, for server reflection.
    pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plexus_descriptor.bin"));
}
