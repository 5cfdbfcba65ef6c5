//! Edges as rows of the lake.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::graph::read::Seen;
use crate::graph::search::{Found, scored};
use crate::graph::side::Catalogue;
use crate::graph::weights::{Model, Weights, log_odds, logistic};
use crate::lake::columns::{Cell, Columns};
use crate::lake::gathered::Gathered;
use crate::lake::manifest::Lineage;
use crate::lake::segment::Written;
use crate::lake::{schema, segment};

/// What was seen to happen along edges, by source, destination and parameter; tools by their place in the catalogue.
pub struct Observed {
    by_edge: BTreeMap<(u32, u32, String), Flow>,
    verdicts: BTreeMap<(u32, u32, String), bool>,
}

#[derive(Debug, Clone)]
struct Flow {
    field: String,
    param: u32,
    times: i64,
}

/// Flows that count; more make an edge no surer.
const COUNTED: i32 = 20;

impl Observed {
    /// What was seen between tools and parameters that are in the catalogue.
    pub fn of(catalogue: &Catalogue, seen: &Seen) -> Observed {
        let place = |server: &str, tool: &str| catalogue.place(server, tool);
        let mut by_edge: BTreeMap<(u32, u32, String), Flow> = BTreeMap::new();
        for row in &seen.flows {
            let (Some(src), Some(dst)) = (place(&row.src_server, &row.src_tool), place(&row.dst_server, &row.dst_tool)) else { continue };
            let params = &catalogue.tools[dst as usize].params;
            let Some(number) = params.iter().position(|p| p.pattern == row.dst_field) else { continue };
            let flow = by_edge.entry((src, dst, params[number].param.clone())).or_insert_with(|| Flow {
                field: row.src_field.clone(),
                param: number as u32,
                times: 0,
            });
            flow.times += row.flows;
        }
        let verdicts = seen.verdicts.iter().filter_map(|row| {
            let edge = (place(&row.src_server, &row.src_tool)?, place(&row.dst_server, &row.dst_tool)?, row.dst_param.clone());
            Some((edge, row.feeds))
        });
        Observed { by_edge, verdicts: verdicts.collect() }
    }

    /// Everything that was seen to go into each tool, as text to be hashed.
    pub fn seen_into(&self, catalogue: &Catalogue) -> BTreeMap<u32, String> {
        let mut texts: BTreeMap<u32, String> = BTreeMap::new();
        for ((src, dst, param), flow) in &self.by_edge {
            let text = texts.entry(*dst).or_default();
            let from = &catalogue.tools[*src as usize];
            let _ = writeln!(text, "{} {} {param} {} {} {}", from.server, from.tool, flow.param, flow.field, flow.times);
        }
        for ((src, dst, param), feeds) in &self.verdicts {
            let from = &catalogue.tools[*src as usize];
            let _ = writeln!(texts.entry(*dst).or_default(), "{} {} {param} {feeds}", from.server, from.tool);
        }
        texts
    }

    fn verdict(&self, edge: (u32, u32, &str)) -> Option<bool> {
        self.verdicts.get(&(edge.0, edge.1, edge.2.to_owned())).copied()
    }

    fn get(&self, edge: (u32, u32, &str)) -> Option<&Flow> {
        self.by_edge.get(&(edge.0, edge.1, edge.2.to_owned()))
    }
}

/// Adds the edges into `dsts` that only an observed flow speaks for.
pub fn add_observed(catalogue: &Catalogue, weights: &Weights, observed: &Observed, dsts: &[bool], found: &mut Vec<Found>) {
    let model = Model::of(weights);
    let there: std::collections::BTreeSet<(u32, u32, &str)> =
        found.iter().map(|e| (e.src, e.dst, catalogue.tools[e.dst as usize].params[e.param as usize].param.as_str())).collect();
    let mut more = Vec::new();
    for ((src, dst, param), flow) in &observed.by_edge {
        if dsts[*dst as usize] && !there.contains(&(*src, *dst, param.as_str())) {
            let edge = scored(catalogue, &model, *src, *dst).find(|(number, ..)| *number == flow.param);
            more.extend(edge.map(|(param, evidence, prior)| Found { src: *src, dst: *dst, param, evidence, prior }));
        }
    }
    found.extend(more);
}

/// Writes `found` as segments of `edge`, one a thread.
pub fn write(
    root: &Path,
    lineage: &Lineage,
    catalogue: &Catalogue,
    weights: &Weights,
    observed: &Observed,
    found: &mut [Found],
) -> Result<Vec<Written>> {
    // Tools stand in the order of the key, so that each thread has a range of keys.
    found.sort_unstable_by_key(|e| (e.src, e.dst, e.param));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failed = |_| Error::Query("the edges could not be written".into());
    std::thread::scope(|scope| {
        let write = |part| scope.spawn(move || segment::write_rows(root, lineage, &rows(catalogue, weights, observed, part)?));
        let writers: Vec<_> = found.chunks(found.len().div_ceil(threads).max(1)).map(write).collect();
        writers.into_iter().map(|w| w.join().map_err(failed)?).collect()
    })
}

/// Rows that are made at a time.
const PART: usize = 65_536;

fn rows(catalogue: &Catalogue, weights: &Weights, observed: &Observed, found: &[Found]) -> Result<Gathered> {
    let mut gathered = Gathered::new(schema::table("edge").expect("`edge` is a table of schemas/"));
    for part in found.chunks(PART) {
        gathered.add(columns(catalogue, weights, observed, part), None)?;
    }
    Ok(gathered)
}

fn columns(catalogue: &Catalogue, weights: &Weights, observed: &Observed, part: &[Found]) -> Columns {
    let mut rows = Columns::new("edge");
    for edge in part {
        let (src, dst) = (&catalogue.tools[edge.src as usize], &catalogue.tools[edge.dst as usize]);
        let param = &dst.params[edge.param as usize];
        let flow = observed.get((edge.src, edge.dst, &param.param));
        let field = edge.evidence.field.map(|f| &src.fields[f as usize]);
        let (field, source) = match (field, flow) {
            (Some(field), _) => (field.pattern.as_str(), field.source),
            (None, Some(flow)) => (flow.field.as_str(), "flow"),
            (None, None) => ("", "described"),
        };
        let times = flow.map_or(0, |f| f.times);
        let verdict = observed.verdict((edge.src, edge.dst, &param.param));
        let judged = match verdict {
            Some(feeds) => logistic(log_odds(edge.prior) + if feeds { weights.judge } else { -weights.judge }),
            None => edge.prior,
        };
        let score = 1.0 - (1.0 - judged) * 0.5_f64.powi((times.min(i64::from(COUNTED))) as i32);
        let mut row = vec![
            Cell::Text(&src.server),
            Cell::Text(&src.tool),
            Cell::Text(field),
            Cell::Text(&dst.server),
            Cell::Text(&dst.tool),
            Cell::Text(&param.param),
            Cell::Text(&param.pattern),
        ];
        // Adding zero makes a negative zero plain.
        row.extend(edge.evidence.values.map(|v| Cell::Real((f64::from(v) * 1e4).round() / 1e4 + 0.0)));
        row.extend([
            Cell::Int(times),
            verdict.map_or(Cell::Null, Cell::Flag),
            Cell::Text(source),
            Cell::Real(edge.prior),
            Cell::Real((score * 1e6).round() / 1e6),
            Cell::Text(weights.tier(score)),
        ]);
        rows.push(&row);
    }
    rows
}
