//! Drawing one sub-DAG after another from the tool graph.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rand::{Rng, RngExt};

use crate::sample::{Edge, Options};

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
#[derive(Debug, Clone, PartialEq)]
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

/// Draws sub-DAGs; tools and servers drawn often are drawn less from then on.
pub struct Sampler<'a> {
    graph: DiGraph<(&'a str, &'a str), &'a Edge>,
    starts: Vec<NodeIndex>,
    options: Options,
    tool_drawn: BTreeMap<NodeIndex, u32>,
    server_drawn: BTreeMap<&'a str, u32>,
}

impl<'a> Sampler<'a> {
    /// A sampler over `edges`.
    pub fn new(edges: &'a [Edge], options: Options) -> Self {
        let mut graph = DiGraph::new();
        let mut index: BTreeMap<(&str, &str), NodeIndex> = BTreeMap::new();
        for edge in edges {
            let mut node = |server: &'a str, tool: &'a str| *index.entry((server, tool)).or_insert_with(|| graph.add_node((server, tool)));
            let (src, dst) = (node(&edge.src_server, &edge.src_tool), node(&edge.dst_server, &edge.dst_tool));
            graph.add_edge(src, dst, edge);
        }
        let strong = |node: &NodeIndex| {
            let high = graph.edges(*node).filter(|e| e.weight().tier == "high");
            high.map(|e| e.target()).collect::<BTreeSet<_>>().len() >= 2
        };
        let mut starts: Vec<_> = graph.node_indices().filter(strong).collect();
        if starts.is_empty() {
            starts = graph.node_indices().filter(|n| graph.edges(*n).next().is_some()).collect();
        }
        Sampler { graph, starts, options, tool_drawn: BTreeMap::new(), server_drawn: BTreeMap::new() }
    }

    /// Draws up to the number asked for of sub-DAGs whose ids are not in `known`.
    pub fn draw(mut self, rng: &mut impl Rng, mut known: BTreeSet<String>) -> Vec<Dag> {
        let mut out = Vec::new();
        let tries = self.options.count.saturating_mul(30);
        for _ in 0..tries {
            if out.len() >= self.options.count {
                break;
            }
            let Some(nodes) = self.grow(rng) else { continue };
            let dag = self.finish(&nodes);
            if known.insert(dag.id()) {
                for node in nodes {
                    *self.tool_drawn.entry(node).or_default() += 1;
                    *self.server_drawn.entry(self.graph[node].0).or_default() += 1;
                }
                out.push(dag);
            }
        }
        out
    }

    fn rarity(&self, node: NodeIndex) -> f64 {
        let tool = f64::from(*self.tool_drawn.get(&node).unwrap_or(&0));
        let server = f64::from(*self.server_drawn.get(self.graph[node].0).unwrap_or(&0));
        1.0 / ((1.0 + tool).powi(2) * (1.0 + server / 4.0))
    }

    fn grow(&self, rng: &mut impl Rng) -> Option<Vec<NodeIndex>> {
        let crossing = rng.random_bool(self.options.multi_server);
        let size = 2 + [0, 0, 0, 1, 1, 1, 2, 2, 3, 4][rng.random_range(0..10)];
        let size = size.min(self.options.max_nodes);
        let mut nodes = vec![choose(rng, &self.starts, |n| self.rarity(*n))?];
        while nodes.len() < size {
            let last = nodes.len() - 1;
            let from = if rng.random_bool(0.65) { last } else { rng.random_range(0..nodes.len()) };
            let servers: BTreeSet<_> = nodes.iter().map(|n| self.graph[*n].0).collect();
            let next: BTreeSet<_> = self.graph.neighbors(nodes[from]).filter(|n| !nodes.contains(n)).collect();
            let next: Vec<_> = next.into_iter().collect();
            let weight = |node: &NodeIndex| {
                let best = self.graph.edges_connecting(nodes[from], *node).map(|e| e.weight().score).fold(0.0, f64::max);
                let elsewhere = !servers.contains(self.graph[*node].0);
                // Joins, where a tool takes values from two earlier ones, are rare in the graph and worth more.
                let sources = nodes.iter().filter(|n| self.graph.contains_edge(**n, *node)).count() as f64;
                let side = if elsewhere == crossing { 4.0 } else { 0.4 };
                // Writes give little to ask about, and need servers of their own.
                let reads = self.graph.edges_directed(*node, Direction::Incoming).next().is_some_and(|e| e.weight().dst_reads);
                best.powi(3) * self.rarity(*node) * side * sources * if reads { 1.0 } else { 0.3 }
            };
            match choose(rng, &next, weight) {
                Some(node) => nodes.push(node),
                None => break,
            }
        }
        (nodes.len() >= 2).then_some(nodes)
    }

    /// Links each node to the earlier ones: the best source for each parameter, and at most one field of
    /// each earlier node for it.
    fn finish(&self, nodes: &[NodeIndex]) -> Dag {
        let mut links = Vec::new();
        for (dst, node) in nodes.iter().enumerate().skip(1) {
            let mut incoming: Vec<_> = self
                .graph
                .edges_directed(*node, Direction::Incoming)
                .filter_map(|e| nodes[..dst].iter().position(|n| *n == e.source()).map(|src| (src, *e.weight())))
                .collect();
            // A source that feeds one parameter well is not stretched to feed all the others.
            incoming.sort_by(|(s1, a), (s2, b)| b.score.total_cmp(&a.score).then(s2.cmp(s1)).then(a.dst_param.cmp(&b.dst_param)));
            let best = incoming.first().map_or(0.0, |(_, e)| e.score);
            let mut used: BTreeSet<(usize, &str)> = BTreeSet::new();
            let mut fed: BTreeSet<&str> = BTreeSet::new();
            for (src, edge) in incoming.into_iter().filter(|(_, e)| e.score >= best - 0.15) {
                if !fed.contains(edge.dst_param.as_str()) && used.insert((src, &edge.src_field)) {
                    fed.insert(&edge.dst_param);
                    links.push(Link { src, field: edge.src_field.clone(), dst, param: edge.dst_param.clone() });
                }
            }
        }
        let nodes = nodes.iter().map(|n| (self.graph[*n].0.to_owned(), self.graph[*n].1.to_owned())).collect();
        let shape = shape(&links);
        Dag { nodes, links, shape }
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

/// One of `items`, drawn with the given weights; none where all weights are zero.
fn choose<T: Copy>(rng: &mut impl Rng, items: &[T], weight: impl Fn(&T) -> f64) -> Option<T> {
    let weights: Vec<f64> = items.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mut point = rng.random_range(0.0..total);
    for (item, weight) in items.iter().zip(weights) {
        if point < weight {
            return Some(*item);
        }
        point -= weight;
    }
    items.last().copied()
}
