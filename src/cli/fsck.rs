use crate::cli::Global;
use crate::error::{Error, Result};
use crate::lake::check;

/// `firefly fsck`
#[derive(Debug, clap::Args)]
pub struct FsckArgs {}

/// Checks the lake; exit code 3 where something is damaged.
pub fn run(global: &Global, _args: &FsckArgs) -> Result<()> {
    let findings = check::fsck(&global.open()?)?;
    for path in &findings.unregistered {
        println!("unregistered: {} (harmless; `firefly gc` removes it)", path.display());
    }
    for what in &findings.damaged {
        println!("damaged: {what}");
    }
    if !findings.damaged.is_empty() {
        return Err(Error::Mismatch(format!("{} things are damaged", findings.damaged.len())));
    }
    global.say(format!("{} snapshots, {} segments: all as the catalog says", findings.snapshots, findings.segments));
    Ok(())
}
