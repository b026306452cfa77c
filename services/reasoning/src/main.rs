//! The reasoning specialist's process. No logic here.

fn main() -> std::process::ExitCode {
    plexus_reasoning::main()
}
