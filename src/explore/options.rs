//! Options that make no difference: calls that tasks are made of are made again with each argument left out that the tool does not
//! require. Where the result is the same, the call is told without it from then on (`task/spare.rs`): nobody gives the direction in which
//! a text is to be replaced when it is only looked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::explore::given::{self, GivenCall, GivenCalls, Purpose};
use crate::explore::plan::{self, Node, Plan};
use crate::explore::{Options, Report};
use crate::json::{canonical, members, parse};
use crate::lake::{Lake, Session};
use crate::mcp::ServerConfig;
use crate::sql;
use crate::text::short_id;

/// Name of the policy.
pub const NAME: &str = "options";
/// Shape of its sub-DAGs.
const SHAPE: &str = "option";
/// What tells its walks from others.
const PURPOSE: Purpose = Purpose { shape: SHAPE, policy: NAME, ablates: false };
/// Calls of one walk.
const TOGETHER: usize = 40;
/// Rounds: each option by itself, then together all of which none made a difference.
const ROUNDS: usize = 2;

/// A call that could do with fewer arguments.
#[derive(Debug, Deserialize)]
struct Optional {
    server: String,
    tool: String,
    arguments: String,
    required: String,
    idle: String,
}

/// A call with something left out.
type Fewer = (String, String, Map<String, Value>);

/// Makes the calls of the lake's tasks again with options left out; what was done, which is nothing where each was left out before.
/// Errors where no task has a call with an option.
pub async fn explore_options(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<Report> {
    let names: BTreeSet<&str> = configs.iter().map(|c| c.name.as_str()).collect();
    let file = sql::get("stages/option.sql");
    let mut total = Report::default();
    for round in 0..ROUNDS {
        let session = lake.session()?;
        let mut rows: Vec<Optional> = session.rows(file)?;
        rows.retain(|row| names.contains(row.server.as_str()));
        if rows.is_empty() && round == 0 {
            return Err(nothing_optional());
        }
        let mut wanted: Vec<Fewer> = rows.iter().flat_map(fewer).collect();
        let mut known = made(&session)?;
        wanted.retain(|(server, tool, arguments)| known.insert(key(server, tool, arguments)));
        let planned = plans(&session, interleaved(wanted))?;
        total.add(given::walk(lake, session, PURPOSE, planned, configs, options, file).await?);
    }
    Ok(total)
}

/// The call without each of its options, and without all that made no difference.
fn fewer(row: &Optional) -> Vec<Fewer> {
    let arguments = members(&parse(&row.arguments));
    let list = |text: &str| -> BTreeSet<String> { serde_json::from_str(text).unwrap_or_default() };
    let (required, idle) = (list(&row.required), list(&row.idle));
    let without = |left: &dyn Fn(&String) -> bool| {
        let kept = arguments.iter().filter(|(name, _)| !left(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        (row.server.clone(), row.tool.clone(), kept)
    };
    let mut out: Vec<Fewer> =
        arguments.keys().filter(|name| !required.contains(*name)).map(|name| without(&|other| other == name)).collect();
    if idle.len() > 1 {
        out.push(without(&|name| idle.contains(name)));
    }
    out
}

fn key(server: &str, tool: &str, arguments: &Map<String, Value>) -> String {
    format!("{server}\u{1}{tool}\u{1}{}", canonical(&Value::Object(arguments.clone())))
}

/// What was made already.
fn made(session: &Session) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Made {
        server: String,
        tool: String,
        arguments: String,
    }
    let rows: Vec<Made> = session.rows(sql::get("stages/spare.sql"))?;
    Ok(rows.iter().map(|row| key(&row.server, &row.tool, &members(&parse(&row.arguments)))).collect())
}

/// The calls of all servers in turns: what is seen of several servers at once can be asked for at once.
fn interleaved(calls: Vec<Fewer>) -> Vec<Fewer> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, Fewer)> = Vec::new();
    for call in calls {
        let place = places.entry(call.0.clone()).or_default();
        placed.push((*place / 5, call));
        *place += 1;
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, call)| call).collect()
}

/// The calls as plans that the lake has not walked.
fn plans(session: &Session, wanted: Vec<Fewer>) -> Result<(Vec<Plan>, GivenCalls)> {
    let tools = plan::tools(session)?;
    let walked = given::walked(session, NAME)?;
    let (mut plans, mut calls) = (Vec::new(), HashMap::new());
    for part in wanted.chunks(TOGETHER) {
        let said: Vec<String> = part.iter().map(|(server, tool, arguments)| key(server, tool, arguments)).collect();
        let dag_id = short_id(&[SHAPE, &said.join("\u{2}")]);
        let nodes: Option<Vec<Node>> = part.iter().map(|(server, tool, _)| tools.get(&(server.clone(), tool.clone())).cloned()).collect();
        let Some(nodes) = nodes.filter(|_| !walked.contains(&dag_id)) else { continue };
        let given = part.iter().map(|(_, _, arguments)| GivenCall { arguments: arguments.clone(), flows: Vec::new() });
        calls.insert(dag_id.clone(), given.collect());
        plans.push(Plan { dag_id, nodes, links: Vec::new() });
    }
    Ok((plans, calls))
}

/// An error for a lake whose tasks have no call with options.
fn nothing_optional() -> Error {
    Error::Empty {
        what: "no task of these servers has a call with an option".into(),
        hint: "write tasks first: `firefly synthesize`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_left_out_one_by_one_and_then_together() {
        let row = |idle: &str| Optional {
            server: "s".into(),
            tool: "t".into(),
            arguments: r#"{"a":1,"b":2,"c":3}"#.into(),
            required: r#"["a"]"#.into(),
            idle: idle.into(),
        };
        let kept = |idle: &str| -> Vec<String> {
            fewer(&row(idle)).into_iter().map(|(_, _, arguments)| arguments.keys().cloned().collect::<Vec<_>>().concat()).collect()
        };
        assert_eq!(kept("[]"), ["ac", "ab"]);
        assert_eq!(kept(r#"["b","c"]"#), ["ac", "ab", "a"]);
    }

    #[test]
    fn servers_take_turns() {
        let call = |server: &str| (server.to_owned(), "t".to_owned(), Map::new());
        let calls: Vec<Fewer> = std::iter::repeat_n(call("a"), 7).chain([call("b")]).collect();
        let order: String = interleaved(calls).into_iter().map(|(server, _, _)| server).collect();
        assert_eq!(order, "aaaaabaa");
    }
}
