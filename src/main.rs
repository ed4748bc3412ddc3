//! The binary: parse arguments, run, turn the outcome into an exit code.

use std::process::ExitCode;

/// argon2 takes and gives back large blocks; the system's allocator keeps them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match tramite::cli::run() {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
