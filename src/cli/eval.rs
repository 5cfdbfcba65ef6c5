use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use crate::cli::launch::LaunchArgs;
use crate::cli::model::ModelArgs;
use crate::cli::output::{self, Rows};
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::eval::agent::Agent;
use crate::eval::chat::{Calls, Chat};
use crate::eval::task::Split;
use crate::eval::trial::Limits;
use crate::eval::{self, Options};
use crate::mcp::Fleet;
use crate::simulator::live::Backing;
use crate::sql;

/// `firefly eval`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EvalArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Hold one run beside another, task by task
    Compare {
        /// The run to compare with
        a: String,
        /// The run that is compared
        b: String,
        /// The tasks that flipped, instead of the one row of figures
        #[arg(long)]
        tasks: bool,
    },
    /// Grade the answers of a run once more, after a change of the reward; the old grades stay
    Regrade {
        /// The run
        run: String,
    },
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Who works on the tasks: the model, or a reference without one
    #[arg(long, value_enum, default_value_t = Who::Model, value_name = "AGENT")]
    agent: Who,
    /// Name of the run [default: a hash of what decides on it; the same command goes on where it was interrupted]
    #[arg(long = "run", value_name = "NAME")]
    name: Option<String>,
    /// Tasks that were held out, those that models are trained on, or all that are verified
    #[arg(long, value_enum, default_value_t = Split::Test)]
    split: Split,
    /// Most tasks, drawn by the seed; the first 10 are among the first 20
    #[arg(long, value_name = "N")]
    tasks: Option<usize>,
    /// Only this task, of whatever split; can be given several times
    #[arg(long = "task", value_name = "TASK_ID")]
    only: Vec<String>,
    /// Trials of each task
    #[arg(long, default_value_t = 1, value_name = "K")]
    trials: usize,
    /// Tools that are offered beside those of the task
    #[arg(long, default_value_t = 0, value_name = "N")]
    distractors: usize,
    /// Most requests to the model in a trial
    #[arg(long, default_value_t = 20, value_name = "N")]
    max_turns: usize,
    /// Most tool calls in a trial
    #[arg(long, default_value_t = 30, value_name = "N")]
    max_calls: usize,
    /// Most tokens of one reply
    #[arg(long, default_value_t = 2048, value_name = "N")]
    reply_tokens: u32,
    /// Most tokens of a trial, prompts and replies together
    #[arg(long, value_name = "N")]
    trial_tokens: Option<u64>,
    /// Longest time of a trial, in seconds
    #[arg(long, default_value_t = 900, value_name = "S")]
    trial_timeout: u64,
    /// Temperature of the model
    #[arg(long, default_value_t = 0.0, value_name = "T")]
    temperature: f64,
    /// How the model calls tools
    #[arg(long, value_enum, default_value_t = Calls::Auto, value_name = "HOW")]
    calls: Calls,
    /// Make the calls on the real servers, each trial in fresh state, instead of in the simulator
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    launch: LaunchArgs,
    /// File with a system prompt, instead of the one that is shipped
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,
}

/// Who is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// The model behind --llm-url
    Model,
    /// Makes the gold calls: scores 1
    Gold,
    /// Answers nothing: scores 0
    Empty,
    /// Calls and answers by chance
    Random,
    /// Guesses without a call: what it scores needs no tools
    Shortcut,
}

/// Runs an evaluation, compares two, or grades one again.
pub fn run(global: &Global, args: &EvalArgs) -> Result<()> {
    match &args.action {
        None => evaluate(global, &args.run),
        Some(Action::Compare { a, b, tasks }) => compare(global, a, b, *tasks),
        Some(Action::Regrade { run }) => regrade(global, run),
    }
}

fn compare(global: &Global, a: &str, b: &str, tasks: bool) -> Result<()> {
    let session = global.open()?.session()?;
    for (name, run) in [("run_a", a), ("run_b", b)] {
        session.set(name, run)?;
        if session.count(&format!("SELECT count(*) FROM eval_score WHERE run_id = getvariable('{name}')"))? == 0 {
            return Err(eval::regrade::no_run(run));
        }
    }
    let file = sql::get(if tasks { "eval/flipped.sql" } else { "eval/compare.sql" });
    let (schema, batches) = session.batches(file.text)?;
    output::print(global, &Rows { schema, batches })
}

fn regrade(global: &Global, run: &str) -> Result<()> {
    let done = eval::regrade::regrade(&global.open()?, run)?;
    let gone = if done.gone > 0 { format!("; {} are of tasks that are gone, and keep their grade", done.gone) } else { String::new() };
    println!(
        "{} of {} trials graded otherwise: {} gained, {} lost; mean reward {:.4}, before {:.4}{gone}",
        done.changed, done.trials, done.flipped.0, done.flipped.1, done.reward.1, done.reward.0
    );
    Ok(())
}

fn evaluate(global: &Global, args: &RunArgs) -> Result<()> {
    let lake = global.open()?;
    let backing = if args.live {
        let launch = args.launch.resolve(global)?;
        let names = launch.servers.iter().map(|s| s.name.clone()).collect();
        Some(Backing::new(Fleet::new(&launch.servers, launch.fixtures.clone(), launch.limits), names, true))
    } else {
        None
    };
    let options = Options {
        backing,
        name: args.name.clone(),
        split: args.split,
        only: args.only.clone(),
        tasks: args.tasks.unwrap_or(usize::MAX),
        trials: args.trials.max(1),
        distractors: args.distractors,
        limits: Limits {
            turns: args.max_turns.max(1),
            calls: args.max_calls.max(1),
            reply_tokens: args.reply_tokens.max(1),
            tokens: args.trial_tokens,
            time: Duration::from_secs(args.trial_timeout.max(1)),
        },
        seed: global.seed()?,
        jobs: args.model.jobs(),
    };
    let prompt = args.system.as_ref().map(|path| std::fs::read_to_string(path).map_err(Error::io("reading", path))).transpose()?;
    let report = block_on(async {
        let agent = match args.agent {
            Who::Model => {
                let (endpoint, budget) = (args.model.endpoint()?, Arc::new(args.model.budget()));
                Agent::Model(Arc::new(Chat::new(endpoint, budget, args.temperature, args.calls, prompt).await?))
            }
            Who::Gold => Agent::Gold,
            Who::Empty => Agent::Empty,
            Who::Random => Agent::Random,
            Who::Shortcut => Agent::Shortcut(Arc::new(eval::guesses(&lake.session()?)?)),
        };
        eval::run(&lake, &agent, &options).await
    })?;
    global.say(format!(
        "run {}: {} trials now, {} before, of {}; {} of the new ones rewarded; see `firefly stats eval`",
        report.run_id, report.done, report.kept, report.asked, report.rewarded
    ));
    Ok(())
}
