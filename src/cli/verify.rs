use crate::cli::launch::LaunchArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::verify::{self, live};

/// `firefly verify`
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Make the gold calls of tasks that pass every gate again, on fresh servers; who got another answer fails the gate `live`
    #[arg(long)]
    live: bool,
    /// With --live: most tasks, drawn by the seed
    #[arg(long, requires = "live", value_name = "N")]
    tasks: Option<usize>,
    /// With --live: only tasks that rest on tools which changed since this snapshot
    #[arg(long, requires = "live", value_name = "SNAPSHOT")]
    since: Option<String>,
    #[command(flatten)]
    launch: LaunchArgs,
}

/// Puts every task through every gate, or makes tasks again live.
pub fn run(global: &Global, args: &VerifyArgs) -> Result<()> {
    let lake = global.open()?;
    if !args.live {
        let (snapshot, report) = verify::verify(&lake)?;
        global.say(format!(
            "{} of {} tasks pass every gate, snapshot {}; `firefly stats gates` says why the others do not",
            report.passed, report.tasks, snapshot.id
        ));
        return Ok(());
    }
    let launch = args.launch.resolve(global)?;
    if args.launch.dry_run {
        launch.show();
        return Ok(());
    }
    let since = args.since.as_deref().map(|name| lake.snapshot(Some(name))).transpose()?;
    let options = live::Options {
        tasks: args.tasks,
        since,
        seed: global.seed()?,
        jobs: launch.jobs,
        limits: launch.limits,
        fixtures: launch.fixtures.clone(),
    };
    let (snapshot, report) = block_on(live::verify(&lake, &launch.servers, &options))?;
    global.say(format!("{} of {} tasks give the same answer on fresh servers, snapshot {}", report.same, report.tasks, snapshot.id));
    if report.not_started > 0 {
        let first = report.first_error.as_deref().unwrap_or_default();
        return Err(Error::Partial(format!(
            "{} tasks were not judged, because a server did not start; the first: {first}",
            report.not_started
        )));
    }
    if report.same < report.tasks {
        let hint = "firefly sql \"SELECT task_id, reason FROM gate WHERE gate = 'live' AND NOT passed\"";
        return Err(Error::Mismatch(format!("{} tasks drifted: {hint}", report.tasks - report.same)));
    }
    Ok(())
}
