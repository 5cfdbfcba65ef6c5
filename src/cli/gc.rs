use crate::cli::Global;
use crate::error::Result;
use crate::lake::check;

/// `firefly gc`
#[derive(Debug, clap::Args)]
pub struct GcArgs {
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Removes files that no snapshot knows.
pub fn run(global: &Global, args: &GcArgs) -> Result<()> {
    let files = check::gc(&global.open()?, args.dry_run)?;
    for file in &files {
        println!("{}", file.display());
    }
    global.say(format!("{} files {}", files.len(), if args.dry_run { "would be removed" } else { "removed" }));
    Ok(())
}
