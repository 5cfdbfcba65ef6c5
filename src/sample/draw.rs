//! Drawing one sub-DAG after another from the tool graph.
//!
//! Coverage comes first: tools take turns in being the one that a sub-DAG is drawn for, so that each tool which can be
//! reached from a start is drawn before any is drawn for again. Around it the sub-DAG grows by three moves: go on from
//! the last tool, branch off from an earlier one, or join in another source.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use crate::sample::dag::{Dag, Link};
use crate::sample::{Edge, Options};

/// Chances of sizes 1, 2, …, 10; the paper's mean is 3.0 calls.
const SIZES: [f64; 10] = [0.05, 0.30, 0.30, 0.16, 0.09, 0.04, 0.02, 0.02, 0.01, 0.01];
/// Rounds without a new sub-DAG before drawing ends with fewer than asked for.
const PATIENCE: usize = 8;
/// How likely a link nobody asked for must be, as a share of the likeliest.
const STRETCH: f64 = 0.3;

/// The ways from one tool to another: score and number of each edge, best first; there is one.
struct Ways {
    edges: Vec<(f64, u32)>,
}

impl Ways {
    fn best(&self) -> (f64, u32) {
        self.edges[0]
    }
}

struct Tool<'a> {
    server: u32,
    name: (&'a str, &'a str),
    reads: bool,
}

/// What was drawn.
#[derive(Debug, Default)]
pub struct Drawn {
    /// New sub-DAGs, in the order of drawing.
    pub dags: Vec<Dag>,
    /// Why turns gave none, and how many.
    pub rejected: BTreeMap<String, u64>,
}

/// Draws sub-DAGs; tools and servers drawn often are drawn less from then on.
pub struct Sampler<'a> {
    graph: DiGraph<Tool<'a>, Ways>,
    edges: &'a [Edge],
    options: Options,
    starts: Vec<bool>,
    /// Steps from the nearest start; none where no start leads there.
    depth: Vec<Option<u32>>,
    tool_drawn: Vec<u32>,
    server_drawn: Vec<u32>,
    servers: Vec<&'a str>,
    drawn: u32,
    dags: f64,
    crossed: f64,
}

/// Nodes in the making, in a topological order, with what flows: source, destination and edge.
struct Growing {
    nodes: Vec<NodeIndex>,
    links: Vec<(NodeIndex, NodeIndex, u32)>,
}

impl Growing {
    fn fed(&self, node: NodeIndex, edges: &[Edge], param: &str) -> bool {
        self.links.iter().any(|(_, dst, edge)| *dst == node && edges[*edge as usize].dst_param == param)
    }

    fn taken(&self, src: NodeIndex, edges: &[Edge], node: NodeIndex, field: &str) -> bool {
        self.links.iter().any(|(from, dst, edge)| *from == src && *dst == node && edges[*edge as usize].src_field == field)
    }
}

impl<'a> Sampler<'a> {
    /// A sampler over `edges`.
    pub fn new(edges: &'a [Edge], options: Options) -> Self {
        let mut graph: DiGraph<Tool<'a>, Ways> = DiGraph::new();
        let (mut servers, mut server_index): (Vec<&str>, BTreeMap<&str, u32>) = (Vec::new(), BTreeMap::new());
        let mut index: BTreeMap<(&str, &str), NodeIndex> = BTreeMap::new();
        let mut pairs: BTreeMap<(NodeIndex, NodeIndex), Vec<(f64, u32)>> = BTreeMap::new();
        let mut strong: BTreeMap<NodeIndex, BTreeSet<NodeIndex>> = BTreeMap::new();
        for (number, edge) in edges.iter().enumerate() {
            let mut node = |server: &'a str, tool: &'a str, reads: Option<bool>| {
                let at = *index.entry((server, tool)).or_insert_with(|| {
                    let number = *server_index.entry(server).or_insert_with(|| {
                        servers.push(server);
                        servers.len() as u32 - 1
                    });
                    graph.add_node(Tool { server: number, name: (server, tool), reads: true })
                });
                if let Some(reads) = reads {
                    graph[at].reads = reads;
                }
                at
            };
            let src = node(&edge.src_server, &edge.src_tool, None);
            let dst = node(&edge.dst_server, &edge.dst_tool, Some(edge.dst_reads));
            pairs.entry((src, dst)).or_default().push((edge.score, number as u32));
            if edge.high {
                strong.entry(src).or_default().insert(dst);
            }
        }
        for ((src, dst), mut ways) in pairs {
            ways.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            graph.add_edge(src, dst, Ways { edges: ways });
        }
        let count = graph.node_count();
        let mut starts: Vec<bool> = graph.node_indices().map(|n| strong.get(&n).is_some_and(|s| s.len() >= 2)).collect();
        if !starts.contains(&true) {
            starts = graph.node_indices().map(|n| graph.edges(n).next().is_some()).collect();
        }
        let mut depth: Vec<Option<u32>> = starts.iter().map(|start| start.then_some(0)).collect();
        let mut edge_of: Vec<NodeIndex> = graph.node_indices().filter(|n| starts[n.index()]).collect();
        let mut steps = 0;
        while !edge_of.is_empty() {
            steps += 1;
            let next: BTreeSet<NodeIndex> =
                edge_of.iter().flat_map(|n| graph.neighbors(*n)).filter(|n| depth[n.index()].is_none()).collect();
            next.iter().for_each(|n| depth[n.index()] = Some(steps));
            edge_of = next.into_iter().collect();
        }
        let server_drawn = vec![0; servers.len()];
        Sampler {
            graph,
            edges,
            options,
            starts,
            depth,
            tool_drawn: vec![0; count],
            server_drawn,
            servers,
            drawn: 0,
            dags: 0.0,
            crossed: 0.0,
        }
    }

    /// Draws up to the number asked for of sub-DAGs whose ids are not in `known`, with what was rejected on the way.
    pub fn draw(mut self, rng: &mut impl Rng, mut known: HashSet<String>) -> Drawn {
        let mut drawn = Drawn::default();
        let mut targets: Vec<NodeIndex> = self.graph.node_indices().filter(|n| self.depth[n.index()].is_some()).collect();
        let mut left = self.options.count;
        let (mut round, mut fruitless) = (0, 0);
        while left > 0 && fruitless < PATIENCE {
            round += 1;
            fruitless += 1;
            targets.shuffle(rng);
            for target in &targets {
                // It may have had its share as a companion of others.
                if left == 0 || self.tool_drawn[target.index()] >= round {
                    continue;
                }
                match self.turn(rng, *target, &mut known) {
                    Ok(dag) => {
                        left -= 1;
                        fruitless = 0;
                        drawn.dags.push(dag);
                    }
                    Err(reason) => *drawn.rejected.entry(reason).or_default() += 1,
                }
            }
        }
        drawn
    }

    fn turn(&mut self, rng: &mut impl Rng, target: NodeIndex, known: &mut HashSet<String>) -> Result<Dag, String> {
        if let Some(full) = self.full(target) {
            return Err(format!("server {full} has its share"));
        }
        // As many cross servers as were asked for, whatever some tools leave no choice about.
        let crossing = self.options.multi_server > 0.0 && self.crossed <= self.options.multi_server * self.dags;
        let sizes: Vec<usize> = (1..=self.options.max_nodes.min(SIZES.len())).collect();
        let size = choose(rng, &sizes, |size| SIZES[size - 1]).unwrap_or(2);
        let Some(mut growing) = self.reach(rng, target, crossing) else {
            return Err(format!("no way from a start to {} that leaves other servers their share", self.name(target)));
        };
        if growing.nodes.len() > self.options.max_nodes {
            return Err(format!("{} is more than {} tools from a start", self.name(target), self.options.max_nodes));
        }
        while growing.nodes.len() < size && self.grow(rng, &mut growing, crossing) {}
        // Better one that crosses servers than none.
        if size > 1 && growing.nodes.len() == 1 {
            self.grow(rng, &mut growing, true);
        }
        if size > 1 && growing.nodes.len() == 1 {
            return Err(format!("nothing to go on with from {}", self.name(target)));
        }
        let dag = self.finish(&mut growing);
        let id = dag.id();
        if !known.insert(id.clone()) {
            return Err(format!("drawn before as {id}"));
        }
        self.dags += 1.0;
        self.crossed += if dag.servers() > 1 { 1.0 } else { 0.0 };
        for node in &growing.nodes {
            self.tool_drawn[node.index()] += 1;
            self.server_drawn[self.graph[*node].server as usize] += 1;
            self.drawn += 1;
        }
        Ok(dag)
    }

    fn name(&self, node: NodeIndex) -> String {
        let (server, tool) = self.graph[node].name;
        format!("{server}/{tool}")
    }

    /// The server of `node`, if it has been drawn as often as it may. Where there are few servers each may take more.
    fn full(&self, node: NodeIndex) -> Option<&'a str> {
        let server = self.graph[node].server as usize;
        let share = self.options.max_share.max(2.0 / self.servers.len() as f64);
        // The first few draws say nothing of shares.
        let most = share * f64::from(self.drawn).max(self.options.count as f64 * 0.5);
        (f64::from(self.server_drawn[server]) + 1.0 > most.max(2.0)).then_some(self.servers[server])
    }

    /// A way from a start to `target`, as short as can be.
    fn reach(&self, rng: &mut impl Rng, target: NodeIndex, crossing: bool) -> Option<Growing> {
        let mut growing = Growing { nodes: vec![target], links: Vec::new() };
        let mut at = target;
        while !self.starts[at.index()] {
            let depth = self.depth[at.index()]?;
            let before: Vec<(NodeIndex, (f64, u32))> = self
                .graph
                .edges_directed(at, Direction::Incoming)
                .filter(|e| self.depth[e.source().index()] == Some(depth - 1) && self.full(e.source()).is_none())
                .map(|e| (e.source(), e.weight().best()))
                .collect();
            let (node, (_, edge)) = choose(rng, &before, |(node, (score, _))| {
                // The way is what it is: it may have to cross servers.
                score * self.rarity(*node) * self.side(&growing, *node, crossing).max(0.02)
            })?;
            growing.links.push((node, at, edge));
            growing.nodes.insert(0, node);
            at = node;
        }
        Some(growing)
    }

    fn rarity(&self, node: NodeIndex) -> f64 {
        let tool = f64::from(self.tool_drawn[node.index()]);
        let server = f64::from(self.server_drawn[self.graph[node].server as usize]);
        1.0 / ((1.0 + tool).powi(2) * (1.0 + server / 4.0))
    }

    /// Whether a node makes the sub-DAG cross servers, and whether that is wanted.
    fn side(&self, growing: &Growing, node: NodeIndex, crossing: bool) -> f64 {
        let own = self.graph[node].server;
        let elsewhere = growing.nodes.iter().all(|n| self.graph[*n].server != own);
        let crosses = growing.nodes.iter().any(|n| self.graph[*n].server != self.graph[growing.nodes[0]].server);
        match (crossing, elsewhere) {
            (true, true) if !crosses => 12.0,
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => 1.0,
        }
    }

    /// Adds a tool by one of the moves; whether one could be made.
    fn grow(&self, rng: &mut impl Rng, growing: &mut Growing, crossing: bool) -> bool {
        let last = growing.nodes[growing.nodes.len() - 1];
        let any = growing.nodes[rng.random_range(0..growing.nodes.len())];
        match rng.random_range(0..10) {
            0..4 => self.go_on(rng, growing, last, crossing) || self.go_on(rng, growing, any, crossing),
            4..7 => self.go_on(rng, growing, any, crossing) || self.join(rng, growing, last, crossing),
            _ => {
                self.join(rng, growing, last, crossing)
                    || self.go_on(rng, growing, last, crossing)
                    || self.go_on(rng, growing, any, crossing)
            }
        }
    }

    /// Adds a tool that takes a value of `from`.
    fn go_on(&self, rng: &mut impl Rng, growing: &mut Growing, from: NodeIndex, crossing: bool) -> bool {
        let next: Vec<(NodeIndex, (f64, u32))> = self
            .graph
            .edges(from)
            .map(|e| (e.target(), e.weight().best()))
            .filter(|(node, ..)| !growing.nodes.contains(node) && self.full(*node).is_none())
            .collect();
        let weight = |(node, (best, _)): &(NodeIndex, (f64, u32))| {
            // Writes give little to ask about, and need servers of their own.
            let reads = if self.graph[*node].reads { 1.0 } else { 0.3 };
            best * self.rarity(*node) * self.side(growing, *node, crossing) * reads
        };
        let Some((node, (_, edge))) = choose(rng, &next, weight) else { return false };
        growing.nodes.push(node);
        growing.links.push((from, node, edge));
        true
    }

    /// Adds another source of `to`: a start, or what follows a tool that is there already.
    fn join(&self, rng: &mut impl Rng, growing: &mut Growing, to: NodeIndex, crossing: bool) -> bool {
        let place = growing.nodes.iter().position(|n| *n == to).unwrap_or_default();
        let mut sources: Vec<(NodeIndex, u32, f64)> = Vec::new();
        for e in self.graph.edges_directed(to, Direction::Incoming) {
            let node = e.source();
            if growing.nodes.contains(&node) || self.full(node).is_some() {
                continue;
            }
            let free = e.weight().edges.iter().find(|(_, edge)| !growing.fed(to, self.edges, &self.edges[*edge as usize].dst_param));
            let before = growing.nodes[..place].iter().any(|n| self.graph.contains_edge(*n, node));
            if let Some((score, edge)) = free.filter(|_| before || self.starts[node.index()]) {
                sources.push((node, *edge, score * if before { 2.0 } else { 1.0 }));
            }
        }
        let weight = |(node, _, score): &(NodeIndex, u32, f64)| score * self.rarity(*node) * self.side(growing, *node, crossing);
        let Some((node, edge, _)) = choose(rng, &sources, weight) else { return false };
        let feeder = growing.nodes[..place].iter().rev().find_map(|n| self.graph.find_edge(*n, node).map(|e| (*n, self.graph[e].best().1)));
        growing.links.extend(feeder.filter(|_| !self.starts[node.index()] || rng.random_bool(0.5)).map(|(n, edge)| (n, node, edge)));
        growing.nodes.insert(place, node);
        growing.links.push((node, to, edge));
        true
    }

    /// Adds what flows besides, where it fits well: the best source for each parameter that has none yet, and at most
    /// one field of each earlier tool for it.
    fn finish(&self, growing: &mut Growing) -> Dag {
        for place in 1..growing.nodes.len() {
            let node = growing.nodes[place];
            let mut more: Vec<(f64, NodeIndex, u32)> = Vec::new();
            for src in &growing.nodes[..place] {
                if let Some(ways) = self.graph.find_edge(*src, node) {
                    more.extend(self.graph[ways].edges.iter().map(|(score, edge)| (*score, *src, *edge)));
                }
            }
            more.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
            // A source that feeds one parameter well is not stretched to feed all the others.
            let best = more.first().map_or(0.0, |(score, ..)| *score);
            for (_, src, edge) in more.into_iter().filter(|(score, ..)| *score >= best * STRETCH) {
                let way = &self.edges[edge as usize];
                if !growing.fed(node, self.edges, &way.dst_param) && !growing.taken(src, self.edges, node, &way.src_field) {
                    growing.links.push((src, node, edge));
                }
            }
        }
        let place = |node: NodeIndex| growing.nodes.iter().position(|n| *n == node).unwrap_or_default();
        let mut links: Vec<Link> = growing
            .links
            .iter()
            .map(|(src, dst, edge)| {
                let way = &self.edges[*edge as usize];
                Link { src: place(*src), field: way.src_field.clone(), dst: place(*dst), param: way.dst_param.clone() }
            })
            .collect();
        links.sort_by(|a, b| (a.dst, a.src, &a.param).cmp(&(b.dst, b.src, &b.param)));
        let name = |n: &NodeIndex| (self.graph[*n].name.0.to_owned(), self.graph[*n].name.1.to_owned());
        Dag::new(growing.nodes.iter().map(name).collect(), links)
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
