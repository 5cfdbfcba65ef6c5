//! The `firefly` command: parse, run, map the error to an exit code.

use std::process::ExitCode;

/// Tasks are made of many small texts: writing and verifying them took a seventh longer with the allocator of the C library. DuckDB
/// allocates with it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match firefly::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("  hint: {hint}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
