//! Misses are work: what sessions of the simulator asked for and did not get exactly is asked of the real servers, in the
//! session's own order, so that the state is the one it will meet when it asks again.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::explore::given::{self, GivenCall, GivenCalls, Purpose};
use crate::explore::plan::{Node, Plan};
use crate::explore::{Options, Report};
use crate::json::{members, parse};
use crate::lake::{self, Lake};
use crate::mcp::ServerConfig;
use crate::simulator::{RecordedWorld, Session, Verdict};
use crate::sql;
use crate::text::short_id;

/// Name of the policy, and of the shape `miss` of its sub-DAGs.
pub const NAME: &str = "misses";
const SHAPE: &str = "miss";
/// What tells its walks from others.
const PURPOSE: Purpose = Purpose { shape: SHAPE, policy: NAME, ablates: false };
/// Most calls of one episode.
const MOST: usize = 200;

#[derive(Deserialize)]
struct Asked {
    session_id: String,
    server: String,
    tool: String,
    arguments: String,
    verdict: String,
}

/// Calls that are to be made in one episode.
struct Work {
    calls: Vec<(Node, Map<String, Value>)>,
}

/// Makes the calls that sessions did not get exactly and that have no recorded answer yet; what was done, and how many calls
/// were wanted.
pub async fn explore_misses(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<(Report, usize)> {
    let session = lake.session()?;
    let round = session.count("SELECT count(DISTINCT seed) FROM episode WHERE policy = 'misses'")? + 1;
    let names: BTreeSet<&str> = configs.iter().map(|c| c.name.as_str()).collect();
    let (work, wanted) = left(&session, &names)?;
    let mut calls = GivenCalls::new();
    let mut plans = Vec::new();
    for one in work.into_iter().take(options.episodes) {
        let said: Vec<String> =
            one.calls.iter().map(|(node, arguments)| format!("{}\u{1}{}\u{1}{}", node.server, node.tool, json!(arguments))).collect();
        let dag_id = short_id(&[SHAPE, &round.to_string(), &said.join("\u{2}")]);
        let (nodes, given): (Vec<Node>, Vec<_>) =
            one.calls.into_iter().map(|(node, arguments)| (node, GivenCall { arguments, ..GivenCall::default() })).unzip();
        if calls.insert(dag_id.clone(), given).is_none() {
            plans.push(Plan { dag_id, nodes, links: Vec::new() });
        }
    }
    // The seed of an episode tells the round.
    let options = Options { seed: round, ..options.clone() };
    let file = sql::get("stages/asked_call.sql");
    Ok((given::walk(lake, session, PURPOSE, (plans, calls), configs, &options, file).await?, wanted))
}

/// What sessions asked for that no recorded call answers by now, one episode a session, and how many calls that is.
fn left(session: &lake::Session, servers: &BTreeSet<&str>) -> Result<(Vec<Work>, usize)> {
    let world = Arc::new(RecordedWorld::load(session)?);
    let rows: Vec<Asked> = session.rows(sql::get("stages/asked_call.sql"))?;
    let (mut work, mut wanted) = (Vec::new(), 0);
    for asked in rows.chunk_by(|a, b| a.session_id == b.session_id) {
        let mut again = Session::new(asked[0].session_id.clone(), None, world.clone());
        let (mut calls, mut missed, mut lost) = (Vec::new(), 0, false);
        for call in asked {
            let Some(tool) = world.tool(&call.server, &call.tool) else { continue };
            // A server that can't be started leaves what comes after in a state that nobody can say.
            if !servers.contains(call.server.as_str()) {
                lost |= !tool.reads;
                continue;
            }
            let arguments = members(&parse(&call.arguments));
            let answer = again.answer(&call.server, &call.tool, &arguments);
            let verdict = answer.verdict;
            // Written as it was recorded, a call leads to the recorded state.
            let arguments = answer.arguments().filter(|_| verdict == Verdict::Canonical).map_or(arguments, |text| members(&parse(text)));
            let found = matches!(verdict, Verdict::Exact | Verdict::Canonical);
            if verdict == Verdict::Invalid || call.verdict == Verdict::Invalid.name() || (lost && tool.takes_path) {
                continue;
            }
            missed += usize::from(!found);
            if (!found || !tool.reads) && calls.len() < MOST {
                let node = Node {
                    server: call.server.clone(),
                    tool: call.tool.clone(),
                    description: tool.description.clone().unwrap_or_default(),
                    input_schema: tool.input_schema.clone(),
                    reads: tool.reads,
                };
                calls.push((node, arguments));
            }
            if !found && !tool.reads {
                again.suppose(&call.server, &call.tool, &call.arguments);
            }
        }
        if missed > 0 {
            wanted += missed;
            work.push(Work { calls });
        }
    }
    Ok((work, wanted))
}

/// An error for a lake in which no session missed anything.
pub fn nothing_missed() -> Error {
    Error::Empty {
        what: "no session asked for anything that the recorded calls do not answer".into(),
        hint: "`firefly stats simulator` shows how sessions were answered".into(),
    }
}
