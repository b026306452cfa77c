//! The math specialist's process. No logic here.

fn main() -> std::process::ExitCode {
    plexus_math::main()
}
