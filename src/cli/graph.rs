use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::model::ModelArgs;
use crate::cli::output::{self, Rows};
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::graph::{self, Reach, view};

/// `firefly graph`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct GraphArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// Redo all edges, also of tools that did not change
    #[arg(long)]
    full: bool,
    /// Score every pair of tools, also those without a word in common: slow, and finds next to nothing more
    #[arg(long)]
    exhaustive: bool,
    /// Folder of a sentence embedder (config.json, tokenizer.json, model.safetensors) for the evidence by text; needs a
    /// firefly built with `--features embedder`
    #[arg(long, value_name = "DIR")]
    embedder: Option<PathBuf>,
    /// Afterwards ask a model about edges whose evidence leaves most open, and count its word
    #[arg(long)]
    judge: bool,
    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The neighbours of a tool, with the evidence for each edge
    Show {
        /// The tool: SERVER/TOOL, or its name where only one server has it; all tools when left out
        tool: Option<String>,
        /// Only edges into it, or only edges out of it
        #[arg(long, value_enum)]
        only: Option<view::Side>,
        /// Also edges of tier low
        #[arg(long)]
        low: bool,
        /// Most edges, best first
        #[arg(long, default_value_t = 40, value_name = "N")]
        limit: u64,
        /// As a Graphviz graph, instead
        #[arg(long, conflicts_with = "html")]
        dot: bool,
        /// As a page to pan and search, instead
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Measure the evidence by flows that happened without the graph's help
    Measure {
        /// Write weights fitted to this lake's flows
        #[arg(long, value_name = "FILE")]
        fit: Option<PathBuf>,
    },
}

/// Brings the tool graph up to date, shows it, or measures it.
pub fn run(global: &Global, args: &GraphArgs) -> Result<()> {
    match &args.action {
        None if args.judge => {
            build(global, args)?;
            judge(global, args)?;
            build(global, args)
        }
        None => build(global, args),
        Some(Action::Measure { fit }) => measure(global, fit.as_deref()),
        Some(Action::Show { tool, only, low, limit, dot, html }) => {
            let session = global.open()?.session()?;
            let wanted = view::Wanted { tool: tool.clone(), side: *only, low: *low, limit: *limit };
            match html {
                Some(path) => {
                    let page = view::html(&session, &wanted)?;
                    std::fs::write(path, page).map_err(Error::io("writing", path))?;
                    global.say(format!("open {} in a browser", path.display()));
                    Ok(())
                }
                None if *dot => {
                    print!("{}", view::dot(&session, &wanted)?);
                    Ok(())
                }
                None => {
                    let (schema, batches) = view::table(&session, &wanted)?;
                    output::print(global, &Rows { schema, batches })
                }
            }
        }
    }
}

fn build(global: &Global, args: &GraphArgs) -> Result<()> {
    let reach = if args.exhaustive { Reach::All } else { Reach::Related };
    let (snapshot, report) = graph::build(&global.open()?, graph::Options { full: args.full, reach, embedder: args.embedder.clone() })?;
    global.say(format!(
        "{} edges, snapshot {}; {} of {} tools had their incoming edges redone",
        report.edges, snapshot.id, report.redone, report.tools
    ));
    Ok(())
}

fn judge(global: &Global, args: &GraphArgs) -> Result<()> {
    let endpoint = args.model.endpoint()?;
    let budget = args.model.budget();
    let report = block_on(graph::judge(&global.open()?, &endpoint, &budget, args.model.jobs()))?;
    global.say(format!(
        "{} open edges: {} judged before, {} yes, {} no, {} answers not understood; {} requests, {} + {} tokens",
        report.open,
        report.known,
        report.yes,
        report.no,
        report.unread,
        report.spent.requests,
        report.spent.prompt_tokens,
        report.spent.answer_tokens
    ));
    Ok(())
}

fn measure(global: &Global, fit: Option<&std::path::Path>) -> Result<()> {
    let (snapshot, fitted) = graph::measure(&global.open()?)?;
    global.say(format!("{} measures, snapshot {}; see `firefly stats graph`", fitted.measures.len(), snapshot.id));
    if let Some(path) = fit {
        std::fs::write(path, fitted.file()).map_err(Error::io("writing", path))?;
        global.say(format!("weights fitted to {} flows are in {}", fitted.flows, path.display()));
    }
    Ok(())
}
