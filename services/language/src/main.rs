//! The language specialist's process. No logic here.

fn main() -> std::process::ExitCode {
    plexus_language::main()
}
