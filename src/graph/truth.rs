//! What the graph is measured by, and what its weights are fitted to: flows that happened without its help.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Result;
use crate::graph::side::Catalogue;
use crate::lake::Session;
use crate::sql;

/// One catalogue with the flows between its tools; tools by their place in the lake's catalogue.
#[derive(Debug)]
pub struct Truth {
    /// `trace`, `matched` or `survey`.
    pub name: String,
    /// Its tools.
    pub tools: Vec<u32>,
    /// Pairs between which values flowed, with the places of the scalars that took them.
    pub flowing: BTreeMap<(u32, u32), BTreeSet<u32>>,
    /// Pairs of which one was called after the other.
    pub met: BTreeSet<(u32, u32)>,
}

#[derive(Deserialize)]
struct ToolOf {
    truth: String,
    server: String,
    tool: String,
}

#[derive(Deserialize)]
struct Known {
    truth: String,
    src_server: String,
    src_tool: String,
    dst_server: String,
    dst_tool: String,
    dst_field: String,
}

#[derive(Deserialize)]
struct Met {
    src_server: String,
    src_tool: String,
    dst_server: String,
    dst_tool: String,
}

/// The truths that a session's snapshot holds; those without a flow are left out.
pub fn read(session: &Session, catalogue: &Catalogue) -> Result<Vec<Truth>> {
    let place = |server: &str, tool: &str| catalogue.place(server, tool);
    let mut truths: BTreeMap<String, Truth> = BTreeMap::new();
    for row in session.query::<ToolOf>("FROM truth_tool ORDER BY ALL")? {
        let truth = truths.entry(row.truth.clone()).or_insert_with(|| Truth {
            name: row.truth.clone(),
            tools: Vec::new(),
            flowing: BTreeMap::new(),
            met: BTreeSet::new(),
        });
        truth.tools.extend(place(&row.server, &row.tool));
    }
    for row in session.query::<Known>("FROM known_flow ORDER BY ALL")? {
        let (Some(src), Some(dst)) = (place(&row.src_server, &row.src_tool), place(&row.dst_server, &row.dst_tool)) else { continue };
        let param = catalogue.tools[dst as usize].params.iter().position(|p| p.pattern == row.dst_field);
        if let Some(truth) = truths.get_mut(&row.truth) {
            // The pair counts also where the graph does not look at the parameter.
            truth.flowing.entry((src, dst)).or_default().extend(param.map(|p| p as u32));
        }
    }
    for row in session.rows::<Met>(sql::get("stages/met_pair.sql"))? {
        if let (Some(src), Some(dst), Some(truth)) =
            (place(&row.src_server, &row.src_tool), place(&row.dst_server, &row.dst_tool), truths.get_mut("trace"))
        {
            truth.met.insert((src, dst));
        }
    }
    Ok(truths.into_values().filter(|t| !t.flowing.is_empty()).collect())
}
