//! Compiles the contract with protox: no installed protoc is needed.

use std::{env, error::Error, fs, path::PathBuf};

const FILES: [&str; 4] = [
    "plexus/v1/common.proto",
    "plexus/v1/router.proto",
    "plexus/v1/specialist.proto",
    "plexus/v1/validator.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let descriptors = protox::compile(FILES, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(
        out.join("plexus_descriptor.bin"),
        prost::Message::encode_to_vec(&descriptors),
    )?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
