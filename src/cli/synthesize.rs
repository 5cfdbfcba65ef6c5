use crate::cli::model::ModelArgs;
use crate::cli::{Global, block_on};
use crate::error::Result;
use crate::task::{self, persona, rephrase};

/// `firefly synthesize`
#[derive(Debug, clap::Args)]
pub struct SynthesizeArgs {
    /// Most tasks to write [default: as many as the episodes hold]
    #[arg(long, value_name = "N")]
    tasks: Option<usize>,
    /// Largest share of the tasks that one server may be in, a little less than is wanted of those that pass every gate
    #[arg(long, default_value_t = task::MAX_SHARE, value_name = "SHARE")]
    max_share: f64,
    /// Who asks
    #[arg(long, default_value = persona::DEFAULT, value_parser = clap::builder::PossibleValuesParser::new(persona::names()), value_name = "NAME")]
    persona: String,
    /// Who puts the questions into words: the grammar, or after it a model whose words are kept where they still ask for the same
    #[arg(long, value_enum, default_value_t = Phrasing::Grammar, value_name = "WHO")]
    phrasing: Phrasing,
    /// With --phrasing llm: language of the questions
    #[arg(long, default_value = "English", value_name = "NAME")]
    language: String,
    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Phrasing {
    /// The grammar alone
    Grammar,
    /// A model behind --llm-url
    Llm,
}

/// Writes tasks.
pub fn run(global: &Global, args: &SynthesizeArgs) -> Result<()> {
    let lake = global.open()?;
    let options =
        task::Options { tasks: args.tasks, max_share: args.max_share, persona: args.persona.clone(), ..task::Options::new(global.seed()?) };
    let endpoint = match args.phrasing {
        Phrasing::Grammar => None,
        Phrasing::Llm => Some(args.model.endpoint()?),
    };
    let (snapshot, written) = task::synthesize(&lake, &options)?;
    global.say(format!("{written} tasks, snapshot {}; `firefly verify` says which of them hold", snapshot.id));
    if let Some(endpoint) = endpoint {
        let budget = args.model.budget();
        let report = block_on(rephrase::rephrase(&lake, &endpoint, &budget, args.model.jobs(), &args.language))?;
        global.say(format!(
            "{} of {} questions in the words of {}; {} requests, {} + {} tokens; `firefly sql \"FROM phrasing\"` says why not the others",
            report.kept,
            report.asked,
            endpoint.model(),
            report.spent.requests,
            report.spent.prompt_tokens,
            report.spent.answer_tokens
        ));
    }
    Ok(())
}
