//! The validator's process. No logic here.

fn main() -> std::process::ExitCode {
    plexus_server::process::main("validator", plexus_validator::DEFAULTS, plexus_validator::build)
}
