//! Which tools' incoming edges have to be made anew.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::graph::Options;
use crate::graph::rows::Observed;
use crate::graph::search::{Index, Reach, reached};
use crate::graph::side::Catalogue;
use crate::graph::weights::Weights;
use crate::lake::Session;
use crate::sql;

/// Relation that holds the edges that stay.
pub const KEPT: &str = "kept_edge";

/// A row of `graph_input`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    server: String,
    tool: String,
    gives_hash: String,
    takes_hash: String,
    model: String,
}

/// What the graph is built from now.
pub fn inputs(catalogue: &Catalogue, observed: &Observed, version: &str, reach: Reach) -> Vec<Input> {
    let flowing = observed.seen_into(catalogue);
    let model = format!("{version}{}", if reach == Reach::All { " all" } else { "" });
    let input = |(index, tool): (usize, &crate::graph::side::Tool)| Input {
        server: tool.server.clone(),
        tool: tool.tool.clone(),
        gives_hash: tool.gives_hash.clone(),
        takes_hash: match flowing.get(&(index as u32)) {
            Some(text) => format!("{} {:016x}", tool.takes_hash, xxh3_64(text.as_bytes())),
            None => tool.takes_hash.clone(),
        },
        model: model.clone(),
    };
    catalogue.tools.iter().enumerate().map(input).collect()
}

#[derive(Serialize, Deserialize)]
struct Name {
    server: String,
    tool: String,
}

/// For each tool, whether its incoming edges have to be made anew.
pub fn redo(session: &Session, catalogue: &Catalogue, weights: &Weights, now: &[Input], options: &Options) -> Result<Vec<bool>> {
    let then: Vec<Input> = session.table("graph_input")?;
    let model = now.first().map(|input| &input.model);
    if options.full || then.is_empty() || then.iter().any(|input| Some(&input.model) != model) {
        return Ok(vec![true; now.len()]);
    }
    let known: BTreeMap<(&str, &str), &Input> = then.iter().map(|i| ((i.server.as_str(), i.tool.as_str()), i)).collect();
    let there: BTreeSet<(&str, &str)> = now.iter().map(|i| (i.server.as_str(), i.tool.as_str())).collect();
    let before = |input: &Input| known.get(&(input.server.as_str(), input.tool.as_str())).copied();
    let mut redo: Vec<bool> = now.iter().map(|i| before(i).is_none_or(|was| was.takes_hash != i.takes_hash)).collect();
    let changed: Vec<u32> = (0..now.len() as u32)
        .filter(|index| {
            let input = &now[*index as usize];
            before(input).is_none_or(|was| was.gives_hash != input.gives_hash)
        })
        .collect();

    // Tools that had an edge from one that changed or went.
    let stale = changed.iter().map(|index| &now[*index as usize]).filter(|i| before(i).is_some());
    let gone = then.iter().filter(|i| !there.contains(&(i.server.as_str(), i.tool.as_str())));
    names(session, "stale_tool", stale.chain(gone).map(|i| (i.server.as_str(), i.tool.as_str())))?;
    let lost: Vec<Name> = session.rows(sql::get("stages/lost_tool.sql"))?;
    let lost: BTreeSet<(&str, &str)> = lost.iter().map(|n| (n.server.as_str(), n.tool.as_str())).collect();

    // Tools that get an edge from one that changed or came.
    let index = Index::of_some(catalogue, &changed);
    let mut sums = vec![0.0; now.len()];
    for (number, input) in now.iter().enumerate() {
        if redo[number] {
            continue;
        }
        let mut gains = || {
            let srcs = match options.reach {
                Reach::Related => index.candidates(catalogue, number as u32, &mut sums),
                Reach::All => changed.clone(),
            };
            reached(catalogue, weights, number as u32, &srcs)
        };
        redo[number] = lost.contains(&(input.server.as_str(), input.tool.as_str())) || gains();
    }
    Ok(redo)
}

/// Puts tools into the temporary table `relation`.
fn names<'a>(session: &Session, relation: &str, tools: impl Iterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let names: Vec<Name> = tools.map(|(server, tool)| Name { server: server.into(), tool: tool.into() }).collect();
    session.set("names", serde_json::to_string(&names).unwrap_or_default())?;
    session.stage(relation, sql::get("stages/named_tool.sql"))
}

/// Puts the edges that stay into [`KEPT`]; their number.
pub fn keep(session: &Session, catalogue: &Catalogue, redo: &[bool]) -> Result<u64> {
    let kept = catalogue.tools.iter().zip(redo).filter(|(_, redo)| !**redo);
    names(session, "kept_tool", kept.map(|(tool, _)| (tool.server.as_str(), tool.tool.as_str())))?;
    session.stage(KEPT, sql::get("stages/kept_edge.sql"))?;
    session.count(&format!("SELECT count(*) FROM {KEPT}"))
}
