use crate::cli::Global;
use crate::error::Result;
use crate::lake::Lake;

/// `firefly init`
#[derive(Debug, clap::Args)]
pub struct InitArgs {}

/// Makes the lake, or says that it is there.
pub fn run(global: &Global, _args: &InitArgs) -> Result<()> {
    let there = Lake::open(&global.lake).is_ok();
    let lake = Lake::init(&global.lake)?;
    global.say(format!("{} {}", if there { "there is a lake at" } else { "made a lake at" }, lake.root().display()));
    Ok(())
}
