use crate::cli::Global;
use crate::error::Result;
use crate::lake::Lake;

/// `firefly rebuild`
#[derive(Debug, clap::Args)]
pub struct RebuildArgs {}

/// Makes the catalog anew from the manifests and segments alone.
pub fn run(global: &Global, _args: &RebuildArgs) -> Result<()> {
    let rebuilt = Lake::rebuild(&global.lake)?;
    if let Some(why) = &rebuilt.left_out {
        global.say(format!("left out a commit that was never finished: {why}"));
    }
    global.say(format!("the catalog knows {} snapshots and {} segments again", rebuilt.snapshots, rebuilt.segments));
    Ok(())
}
