//! How good the evidence is: every pair of a catalogue is scored, and those between which values flowed are looked for
//! among the best.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::graph::evidence::{KINDS, KINDS_OF, Pair, evidence};
use crate::graph::fit::{Example, fit};
use crate::graph::read;
use crate::graph::side::Catalogue;
use crate::graph::truth::{self, Truth};
use crate::graph::weights::{Model, Weights, logistic};
use crate::lake::{Lake, Lineage, Output, Snapshot};

/// Parts that the servers are dealt to, for figures on what weights were not fitted to.
const FOLDS: u64 = 5;
/// Pairs without a flow that are looked at while fitting, a truth.
const SAMPLED: u64 = 60_000;
/// Share of all pairs that `recall` looks among.
const BEST: f64 = 0.1;
/// Weight of all flows of one truth together, so that many matched values do not drown few traces.
const TOGETHER: f64 = 200.0;
/// Bins of the calibration.
const BINS: [f64; 7] = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.000001];

/// A row of `graph_measure`.
#[derive(Debug, Clone, Serialize)]
pub struct Measure {
    /// `trace`, `matched` or `survey`.
    pub truth: String,
    /// Which weights.
    pub model: String,
    tools: i64,
    pairs: i64,
    flowing: i64,
    /// Area under the ROC curve.
    pub auc: f64,
    auc_low: f64,
    auc_high: f64,
    /// Share of the flowing pairs among the best tenth of all.
    pub recall: f64,
    recall_low: f64,
    recall_high: f64,
}

/// A row of `graph_calibration`.
#[derive(Debug, Clone, Serialize)]
struct Bin {
    least: f64,
    most: f64,
    pairs: i64,
    predicted: f64,
    flowed: i64,
}

/// Weights fitted to the lake's known flows, and what they are worth.
#[derive(Debug)]
pub struct Fitted {
    /// The weights, calibrated.
    pub weights: Weights,
    /// Examples with a flow.
    pub flows: usize,
    /// The measures.
    pub measures: Vec<Measure>,
}

/// Fits weights to the known flows, and measures them and the shipped ones; the measures are committed.
pub fn measure(lake: &Lake) -> Result<(Snapshot, Fitted)> {
    let session = lake.session()?;
    let (catalogue, _) = read::read(&session)?;
    let truths = truth::read(&session, &catalogue)?;
    if truths.is_empty() {
        let hint =
            "ingest recorded episodes (`firefly ingest FILE`), or survey running servers (`firefly sample --survey`, `firefly explore`)";
        return Err(Error::Empty { what: "the lake holds no flow that happened without the graph's help".into(), hint: hint.into() });
    }
    let folds: Vec<u64> = catalogue.tools.iter().map(|t| xxh3_64(t.server.as_bytes()) % FOLDS).collect();
    let examples = examples(&catalogue, &truths);
    let select = |fold: Option<u64>| -> Vec<Example> {
        examples.iter().filter(|(dst, _)| Some(folds[*dst as usize]) != fold).map(|(_, e)| *e).collect()
    };
    let all = select(None);
    let plain = fit(&all, &[]);
    let mut models: Vec<(String, Model)> =
        vec![("shipped".into(), Model::of(Weights::current())), ("fitted".into(), Model::new(plain.0, plain.1))];
    for fold in 0..FOLDS {
        let (bias, vector) = fit(&select(Some(fold)), &[]);
        models.push((format!("fold {fold}"), Model::new(bias, vector)));
    }
    for (number, kind) in KINDS.iter().enumerate() {
        let (bias, vector) = fit(&all, &[number]);
        models.push((format!("without {kind}"), Model::new(bias, vector)));
    }

    let (mut measures, mut cuts) = (Vec::new(), Vec::new());
    let mut met: Vec<Met> = Vec::new();
    for truth in &truths {
        let scores = scores(&catalogue, truth, &models)?;
        measures.extend(rank(truth, &models, &scores, &folds));
        cuts.push(scores.shares(1));
        met.extend(scores.met(truth, &folds));
    }
    let weights = calibrated(plain, &met, &cuts);
    let session_rows = calibration(&met);
    session.put("graph_measure", &measures)?;
    session.put("graph_calibration", &session_rows)?;
    let lineage = Lineage::of(&session, "graph-measure", &read::files(), json!({"model": Weights::current().version()}), None);
    let snapshot = lake.commit(&session, lineage, &[Output::replace("graph_measure"), Output::replace("graph_calibration")])?;
    let flows = all.iter().filter(|e| e.flowed).count();
    Ok((snapshot, Fitted { weights, flows, measures }))
}

/// Flows and a fixed sample of everything else, each with the tool that takes the value.
fn examples(catalogue: &Catalogue, truths: &[Truth]) -> Vec<(u32, Example)> {
    let mut out = Vec::new();
    for truth in truths {
        let flows: usize = truth.flowing.values().map(|params| params.len()).sum();
        let pairs = (truth.tools.len() * truth.tools.len().saturating_sub(1)) as u64;
        let one_in = (pairs / SAMPLED).max(1);
        for (src, dst) in truth.pairs() {
            let flowing = truth.flowing.get(&(src, dst));
            let (a, b) = (&catalogue.tools[src as usize], &catalogue.tools[dst as usize]);
            let drawn =
                || xxh3_64(format!("{}\u{1}{}\u{1}{}\u{1}{}", a.server, a.tool, b.server, b.tool).as_bytes()).is_multiple_of(one_in);
            if flowing.is_none() && !drawn() {
                continue;
            }
            let pair = Pair::of(a, b);
            for (number, param) in b.params.iter().enumerate() {
                let flowed = flowing.is_some_and(|params| params.contains(&(number as u32)));
                // What else such a pair could pass on is not known.
                if flowing.is_none() || flowed {
                    let weight = if flowed { TOGETHER / flows as f64 } else { one_in as f64 };
                    out.push((dst, Example { values: evidence(a, b, pair, param).values, flowed, weight }));
                }
            }
        }
    }
    out
}

impl Truth {
    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.tools.iter().flat_map(|src| self.tools.iter().filter(move |dst| *dst != src).map(move |dst| (*src, *dst)))
    }
}

/// Log-odds of every pair of a truth, a vector a model, in the order of [`Truth::pairs`].
struct Scores {
    by_model: Vec<Vec<f32>>,
}

/// Log-odds of a tool that takes nothing.
const NOTHING: f32 = -99.0;

fn scores(catalogue: &Catalogue, truth: &Truth, models: &[(String, Model)]) -> Result<Scores> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = truth.tools.len().div_ceil(threads).max(1);
    let score = |srcs: &[u32]| -> Vec<Vec<f32>> {
        let mut out: Vec<Vec<f32>> = vec![Vec::new(); models.len()];
        for src in srcs {
            for dst in truth.tools.iter().filter(|dst| *dst != src) {
                let (a, b) = (&catalogue.tools[*src as usize], &catalogue.tools[*dst as usize]);
                let pair = Pair::of(a, b);
                let mut best = vec![NOTHING; models.len()];
                for param in &b.params {
                    let values = evidence(a, b, pair, param).values;
                    for (best, (_, model)) in best.iter_mut().zip(models) {
                        *best = best.max(model.log_odds(&values) as f32);
                    }
                }
                out.iter_mut().zip(best).for_each(|(scores, best)| scores.push(best));
            }
        }
        out
    };
    let parts: Vec<Vec<Vec<f32>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = truth.tools.chunks(share).map(|srcs| scope.spawn(move || score(srcs))).collect();
        let failed = |_| Error::Query("the tool graph could not be measured".into());
        workers.into_iter().map(|w| w.join().map_err(failed)).collect::<Result<_>>()
    })?;
    let mut by_model: Vec<Vec<f32>> = vec![Vec::new(); models.len()];
    for part in parts {
        by_model.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
    }
    Ok(Scores { by_model })
}

/// First of the models that were fitted without a fold.
const FIRST_FOLD: usize = 2;

/// A pair that met in an episode: the fold of the tool that takes, its log-odds by the fold's weights and by all, and
/// whether a value flowed.
struct Met {
    fold: u64,
    held_out: Vec<f64>,
    fitted: f64,
    flowed: bool,
}

impl Scores {
    /// The log-odds above which a share of all pairs stands, by the model of that number, for [`SHARES`].
    fn shares(&self, model: usize) -> [f64; 3] {
        let mut sorted = self.by_model[model].clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        SHARES.map(|share| sorted.get((sorted.len() as f64 * share) as usize).map_or(0.0, |s| f64::from(*s)))
    }

    fn met(&self, truth: &Truth, folds: &[u64]) -> Vec<Met> {
        let met = truth.pairs().enumerate().filter(|(_, pair)| truth.met.contains(pair));
        met.map(|(at, (src, dst))| Met {
            fold: folds[dst as usize],
            held_out: (0..FOLDS as usize).map(|f| f64::from(self.by_model[FIRST_FOLD + f][at])).collect(),
            fitted: f64::from(self.by_model[1][at]),
            flowed: truth.flowing.contains_key(&(src, dst)),
        })
        .collect()
    }
}

/// Share of all pairs that is of tier high, of medium or better, and an edge at all. The paper's graph has 8.4% of all
/// pairs as edges and 6.5% as high or medium; here the low tier is what could be if others looked.
const SHARES: [f64; 3] = [0.015, 0.085, 0.12];

/// Turns log-odds of "a value flows between two tools drawn from the catalogue" into those of "a value flows where one
/// is called after the other" (Platt scaling), and sets the tiers at fixed shares of all pairs.
fn calibrated((bias, vector): (f64, [f64; KINDS_OF]), met: &[Met], cuts: &[[f64; 3]]) -> Weights {
    let (a, b) = platt(&met.iter().map(|m| (m.fitted, m.flowed)).collect::<Vec<_>>());
    let tier = |index: usize| {
        let mean = cuts.iter().map(|c| c[index]).sum::<f64>() / cuts.len().max(1) as f64;
        (logistic(a + b * mean) * 1e4).round() / 1e4
    };
    let round = |w: f64| (w * 1e4).round() / 1e4;
    let weight: BTreeMap<String, f64> = KINDS.iter().zip(vector).map(|(kind, w)| ((*kind).to_owned(), round(b * w))).collect();
    Weights { low: tier(2), medium: tier(1), high: tier(0), bias: round(a + b * bias), judge: Weights::current().judge, weight }
}

/// Intercept and slope that make the logistic of the log-odds likeliest; 0 and 1 where there is nothing to go by.
fn platt(seen: &[(f64, bool)]) -> (f64, f64) {
    if !seen.iter().any(|(_, flowed)| *flowed) || seen.iter().all(|(_, flowed)| *flowed) {
        return (0.0, 1.0);
    }
    let (mut a, mut b) = (0.0, 1.0);
    for _ in 0..100 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for (z, flowed) in seen {
            let p = logistic(a + b * z);
            let (error, spread) = (f64::from(*flowed) - p, p * (1.0 - p));
            ga += error;
            gb += error * z;
            haa += spread;
            hab += spread * z;
            hbb += spread * z * z;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
        a += da.clamp(-2.0, 2.0);
        b += db.clamp(-0.5, 0.5);
        if da.abs() + db.abs() < 1e-9 {
            break;
        }
    }
    // Scores that rank the wrong way round would be no scores.
    (a, b.max(0.05))
}

fn calibration(met: &[Met]) -> Vec<Bin> {
    let mut predicted: Vec<(f64, bool)> = Vec::new();
    for fold in 0..FOLDS {
        let at = |m: &Met| m.held_out[fold as usize];
        let others: Vec<_> = met.iter().filter(|m| m.fold != fold).map(|m| (at(m), m.flowed)).collect();
        let (a, b) = platt(&others);
        predicted.extend(met.iter().filter(|m| m.fold == fold).map(|m| (logistic(a + b * at(m)), m.flowed)));
    }
    let bin = |ends: &[f64]| {
        let inside: Vec<_> = predicted.iter().filter(|(p, _)| (ends[0]..ends[1]).contains(p)).collect();
        let sum: f64 = inside.iter().map(|(p, _)| p).sum();
        Bin {
            least: ends[0],
            most: ends[1].min(1.0),
            pairs: inside.len() as i64,
            predicted: if inside.is_empty() { 0.0 } else { (sum / inside.len() as f64 * 1e4).round() / 1e4 },
            flowed: inside.iter().filter(|(_, flowed)| *flowed).count() as i64,
        }
    };
    BINS.windows(2).map(bin).collect()
}

fn rank(truth: &Truth, models: &[(String, Model)], scores: &Scores, folds: &[u64]) -> Vec<Measure> {
    let flowing: Vec<(usize, u64)> = truth
        .pairs()
        .enumerate()
        .filter(|(_, pair)| truth.flowing.contains_key(pair))
        .map(|(at, (_, dst))| (at, folds[dst as usize]))
        .collect();
    let mut out = Vec::new();
    let mut held_out = (0.0, 0.0);
    for (number, (name, _)) in models.iter().enumerate() {
        let all = &scores.by_model[number];
        let mut sorted = all.clone();
        sorted.sort_by(f32::total_cmp);
        let fold = name.strip_prefix("fold ").and_then(|f| f.parse::<u64>().ok());
        let own: Vec<f32> = flowing.iter().filter(|(_, f)| fold.is_none_or(|fold| fold == *f)).map(|(at, _)| all[*at]).collect();
        let mut with: Vec<f32> = flowing.iter().map(|(at, _)| all[*at]).collect();
        with.sort_by(f32::total_cmp);
        let others = (sorted.len() - with.len()).max(1) as f64;
        // Among the pairs without a flow: how many score less, and half of those that score the same.
        let below = |of: &[f32], s: f32| (of.partition_point(|x| *x < s) + of.partition_point(|x| *x <= s)) as f64 / 2.0;
        let auc: f64 = own.iter().map(|s| (below(&sorted, *s) - below(&with, *s)) / others).sum();
        let cut = sorted.get((sorted.len() as f64 * (1.0 - BEST)) as usize).copied().unwrap_or(NOTHING);
        let found = own.iter().filter(|s| **s > cut).count() as f64;
        if fold.is_some() {
            held_out = (held_out.0 + auc, held_out.1 + found);
        } else {
            out.push(row(truth, name, sorted.len(), flowing.len(), auc, found));
        }
    }
    out.push(row(truth, "held out", scores.by_model[0].len(), flowing.len(), held_out.0, held_out.1));
    out
}

fn row(truth: &Truth, model: &str, pairs: usize, flowing: usize, auc_sum: f64, found: f64) -> Measure {
    let n = flowing as f64;
    let (auc, recall) = (auc_sum / n, found / n);
    // Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982).
    let (q1, q2) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let others = (pairs - flowing) as f64;
    let spread = ((auc * (1.0 - auc) + (n - 1.0) * (q1 - auc * auc) + (others - 1.0) * (q2 - auc * auc)) / (n * others)).max(0.0).sqrt();
    // Wilson's interval.
    let z = 1.96_f64;
    let middle = (recall + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (recall * (1.0 - recall) / n + z * z / (4.0 * n * n)).sqrt();
    let round = |x: f64| (x * 1e4).round() / 1e4;
    Measure {
        truth: truth.name.clone(),
        model: model.into(),
        tools: truth.tools.len() as i64,
        pairs: pairs as i64,
        flowing: flowing as i64,
        auc: round(auc),
        auc_low: round((auc - z * spread).max(0.0)),
        auc_high: round((auc + z * spread).min(1.0)),
        recall: round(recall),
        recall_low: round(middle - half),
        recall_high: round(middle + half),
    }
}

impl Fitted {
    /// The weights as a file, with what they were fitted to.
    pub fn file(&self) -> String {
        let mut text = String::from(
            "# Weights of the evidence, in log-odds. Made by `firefly graph measure --fit FILE`; docs/graph.md says on what.\n",
        );
        for m in self.measures.iter().filter(|m| m.model == "held out") {
            text.push_str(&format!(
                "# {}: {} pairs with a flow among {}; held out: AUC {}, recall among the best tenth {}\n",
                m.truth, m.flowing, m.pairs, m.auc, m.recall
            ));
        }
        text + &toml::to_string(&self.weights).unwrap_or_default()
    }
}
