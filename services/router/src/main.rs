//! The router's process. No logic here.

fn main() -> std::process::ExitCode {
    plexus_server::process::main("router", plexus_router::DEFAULTS, plexus_router::build)
}
