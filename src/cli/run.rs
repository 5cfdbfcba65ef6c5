use serde::Deserialize;

use crate::cli::launch::LaunchArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::json::parse;
use crate::lake::Lake;
use crate::{pipeline, sql};

/// `firefly run`
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    launch: LaunchArgs,
    /// Verified tasks wanted
    #[arg(long, default_value_t = 200, value_name = "N")]
    tasks: usize,
    /// Share of sub-DAGs that should cross servers
    #[arg(long, default_value_t = 0.65, value_name = "SHARE")]
    multi_server: f64,
}

/// Runs all stages and shows what was made.
pub fn run(global: &Global, args: &RunArgs) -> Result<()> {
    let launch = args.launch.resolve(global)?;
    if args.launch.dry_run {
        launch.show();
        return Ok(());
    }
    let lake = Lake::init(&global.lake)?;
    args.launch.remember(global)?;
    let options = pipeline::Options {
        tasks: args.tasks,
        seed: global.seed()?,
        jobs: launch.jobs,
        limits: launch.limits,
        fixtures: launch.fixtures.clone(),
        multi_server: args.multi_server.clamp(0.0, 1.0),
    };
    let report = block_on(pipeline::run(&lake, &launch.servers, &options, &|line| global.say(line)))?;
    show(&lake)?;
    let failed: Vec<_> = report.ingest.servers.iter().filter(|s| s.status != "ok").map(|s| s.server.as_str()).collect();
    if !failed.is_empty() {
        return Err(Error::Partial(format!(
            "{} of {} servers did not come in: {}",
            failed.len(),
            report.ingest.servers.len(),
            failed.join(", ")
        )));
    }
    if report.verify.passed < args.tasks {
        return Err(Error::Partial(format!("{} tasks pass every gate, not {}: the graph gave no more", report.verify.passed, args.tasks)));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Count {
    stage: String,
    what: String,
    rows: i64,
}

#[derive(Deserialize)]
struct Sample {
    task_id: String,
    question: String,
    gold_calls: String,
    answer: String,
}

fn show(lake: &Lake) -> Result<()> {
    let session = lake.session()?;
    println!();
    for count in session.rows::<Count>(sql::get("stats/topics/lake.sql"))? {
        println!("{:<11} {:>8}  {}", count.stage, count.rows, count.what);
    }
    for task in session.rows::<Sample>(sql::get("stats/sample_tasks.sql"))? {
        println!("\n── task {}", task.task_id);
        println!("{}", task.question);
        for call in parse(&task.gold_calls).as_array().into_iter().flatten() {
            let text = |name: &str| call.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
            println!("  → {}.{} {}", text("server"), text("tool"), call["arguments"]);
        }
        println!("  = {}", task.answer);
    }
    let root = lake.root().display();
    println!("\nWhere to look next:");
    println!("  firefly --lake {root} stats tasks              figures of the tasks; also: servers, gates, explore");
    println!("  firefly --lake {root} sql \"FROM answer_field\"   each label with the call and JSON pointer it was read from");
    println!("  firefly --lake {root} serve --task TASK_ID     one task as an offline MCP server");
    println!("  firefly --lake {root} snapshot export DIR      everything as Parquet with checksums");
    Ok(())
}
