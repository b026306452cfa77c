//! A small set of error codes and their mapping to and from gRPC.
