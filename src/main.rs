//! The `firefly` command: parse, run, map the error to an exit code.

use std::process::ExitCode;

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
