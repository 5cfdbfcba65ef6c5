use crate::cli::Global;
use crate::error::Result;
use crate::verify;

/// `firefly verify`
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {}

/// Puts every task through every gate.
pub fn run(global: &Global, _args: &VerifyArgs) -> Result<()> {
    let (snapshot, report) = verify::verify(&global.open()?)?;
    global.say(format!(
        "{} of {} tasks pass every gate, snapshot {}; `firefly stats gates` says why the others do not",
        report.passed, report.tasks, snapshot.id
    ));
    Ok(())
}
