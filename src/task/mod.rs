//! Synthesis: tasks written backward from what was observed, with provenance for every answer field.

mod about;
mod absurd;
mod aside;
mod ask;
mod choose;
mod clause;
mod columns;
mod entries;
mod formula;
mod gold;
mod itself;
mod lines;
mod named;
mod nobody;
mod pairs;
pub mod persona;
mod phrase;
mod pick;
pub mod rephrase;
mod request;
mod sentence;
mod set;
mod source;
mod spare;
mod tables;
mod unclear;
mod units;
mod untold;
pub mod wording;
mod worth;
mod write;

use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::sql;

/// Largest share of the tasks that one server may be in: a little under what is wanted of those that pass every gate.
pub const MAX_SHARE: f64 = 0.049;

/// What tasks are wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seed of everything drawn by chance.
    pub seed: u64,
    /// Most tasks; none where there is no limit.
    pub tasks: Option<usize>,
    /// Largest share of the tasks that one server may be in. A lake of few servers gets four even shares at most.
    pub max_share: f64,
    /// Who asks.
    pub persona: String,
}

impl Options {
    /// The usual tasks for a seed.
    pub fn new(seed: u64) -> Options {
        Options { seed, tasks: None, max_share: MAX_SHARE, persona: persona::DEFAULT.into() }
    }
}

/// Writes the tasks that the lake's episodes hold. They take the place of the tasks that were there: the
/// same episodes and options give the same tasks.
pub fn synthesize(lake: &Lake, options: &Options) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let persona = persona::get(&options.persona).ok_or_else(|| {
        Error::Usage(format!("no persona is called `{}`; there are {}", options.persona, persona::names().collect::<Vec<_>>().join(", ")))
    })?;
    session.keep("seen_leaf")?;
    session.keep("volatile_field")?;
    session.keep("steady_form")?;
    let sources = source::load(&session)?;
    if sources.is_empty() {
        return Err(Error::Empty { what: "the lake has no episodes".into(), hint: "make some with `firefly explore`".into() });
    }
    let writer = write::Writer { sources: &sources, dull: lines::Dull::of(&sources), persona, seed: options.seed };
    let written = choose::choose(&writer, options);
    let (tasks, provenance): (Vec<_>, Vec<_>) = written.into_iter().map(|w| (w.task, w.fields)).unzip();
    let provenance: Vec<_> = provenance.into_iter().flatten().collect();
    // Freeing every scalar of a large lake takes seconds, for which nobody has to wait.
    std::thread::spawn(move || drop(sources));
    session.put("task", &tasks)?;
    session.put("provenance", &provenance)?;
    session.put::<()>("gate", &[])?;
    let files = [
        sql::get("stages/usable_call.sql"),
        sql::get("stages/usable_result.sql"),
        sql::get("stages/usable_tool.sql"),
        sql::get("views/volatile_field.sql"),
        sql::get("views/steady_form.sql"),
    ];
    let parameters = json!({"tasks": options.tasks, "max_share": options.max_share, "persona": options.persona});
    let lineage = Lineage::of(&session, "synthesize", &files, parameters, Some(options.seed));
    let outputs = [Output::replace("task"), Output::replace("provenance"), Output::replace("gate")];
    Ok((lake.commit(&session, lineage, &outputs)?, tasks.len()))
}
