//! A sub-DAG of the tool graph.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::text::short_id;

/// One sub-DAG; nodes stand in a topological order.
#[derive(Debug, Clone, PartialEq)]
pub struct Dag {
    /// Server and tool of each node; a tool stands in it once.
    pub nodes: Vec<(String, String)>,
    /// What should flow.
    pub links: Vec<Link>,
    /// Shape by its links.
    pub shape: &'static str,
}

/// A value meant to flow from an earlier node into a parameter of a later one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Node whose result is read.
    pub src: usize,
    /// Field pattern in its result.
    pub field: String,
    /// Node that takes the value.
    pub dst: usize,
    /// Parameter that takes it.
    pub param: String,
}

impl Dag {
    /// A sub-DAG with the shape that its links give it.
    pub fn new(nodes: Vec<(String, String)>, links: Vec<Link>) -> Dag {
        let shape = if nodes.len() == 1 { "single" } else { shape(&links) };
        Dag { nodes, links, shape }
    }

    /// Canonical hash: equal for sub-DAGs with the same tools and links, however they were drawn. A tool
    /// stands in a sub-DAG once, so that sorting its nodes and links by name is enough.
    pub fn id(&self) -> String {
        let name = |node: usize| format!("{}\u{1}{}", self.nodes[node].0, self.nodes[node].1);
        let mut parts: Vec<String> = (0..self.nodes.len()).map(name).collect();
        parts.sort();
        let mut links: Vec<String> =
            self.links.iter().map(|l| [name(l.src), l.field.clone(), name(l.dst), l.param.clone()].join("\u{2}")).collect();
        links.sort();
        parts.extend(links);
        short_id(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Number of servers it has tools of.
    pub fn servers(&self) -> usize {
        self.nodes.iter().map(|(server, _)| server).collect::<BTreeSet<_>>().len()
    }
}

fn shape(links: &[Link]) -> &'static str {
    let pairs: BTreeSet<(usize, usize)> = links.iter().map(|l| (l.src, l.dst)).collect();
    let forks = pairs.iter().any(|(src, _)| pairs.iter().filter(|p| p.0 == *src).count() > 1);
    let joins = pairs.iter().any(|(_, dst)| pairs.iter().filter(|p| p.1 == *dst).count() > 1);
    match (forks, joins) {
        (true, true) => "diamond",
        (true, false) => "fan-out",
        (false, true) => "fan-in",
        (false, false) => "chain",
    }
}
