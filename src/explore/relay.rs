//! Relays: calls that are known to work, one after another, each of which takes a value from the result of the one before. Several such
//! chains, over different servers, make an episode, so that what is asked can build on what was found.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::explore::given::{self, GivenCall, GivenCalls, GivenFlow, Purpose};
use crate::explore::plan::{self, Node, Plan};
use crate::explore::{Options, Report};
use crate::json::{members, parse};
use crate::lake::{Lake, Session};
use crate::mcp::ServerConfig;
use crate::sql;
use crate::text::short_id;

/// Name of the policy.
pub const NAME: &str = "relay";
/// Shape of its sub-DAGs.
const SHAPE: &str = "relay";
/// What tells its walks from others.
const PURPOSE: Purpose = Purpose { shape: SHAPE, policy: NAME, ablates: false };
/// Chains of one episode.
const TOGETHER: usize = 4;

/// A call of a chain.
#[derive(Debug, Clone, Deserialize)]
struct Leg {
    relay: String,
    server: String,
    tool: String,
    arguments: String,
    src_pointer: Option<String>,
    dst_pointer: Option<String>,
}

/// A chain, in order.
type Chain = Vec<Leg>;

/// Walks chains of calls that are known to work, drawn anew for each seed; what was done.
pub async fn explore_relays(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<Report> {
    let session = lake.session()?;
    let names: BTreeSet<&str> = configs.iter().map(|c| c.name.as_str()).collect();
    let file = sql::get("stages/relay.sql");
    session.set("seed", options.seed.to_string())?;
    let legs: Vec<Leg> = session.rows(file)?;
    let chains = legs.chunk_by(|a, b| a.relay == b.relay).map(<[Leg]>::to_vec);
    let chains = chains.filter(|chain| chain.iter().all(|leg| names.contains(leg.server.as_str()))).collect();
    let planned = plans(&session, together(chains))?;
    given::walk(lake, session, PURPOSE, planned, configs, options, file).await
}

/// Chains that are walked in one episode: of different servers, as long as there are such.
fn together(chains: Vec<Chain>) -> Vec<Vec<Chain>> {
    let mut waiting: VecDeque<Chain> = chains.into();
    let mut out = Vec::new();
    while let Some(first) = waiting.pop_front() {
        let mut servers: BTreeSet<String> = first.iter().map(|leg| leg.server.clone()).collect();
        let mut group = vec![first];
        while group.len() < TOGETHER {
            let apart = |chain: &Chain| chain.iter().all(|leg| !servers.contains(&leg.server));
            let Some(next) = waiting.iter().position(apart).and_then(|at| waiting.remove(at)) else { break };
            servers.extend(next.iter().map(|leg| leg.server.clone()));
            group.push(next);
        }
        out.push(group);
    }
    out
}

/// The groups as plans that the lake has not walked, and their calls.
fn plans(session: &Session, groups: Vec<Vec<Chain>>) -> Result<(Vec<Plan>, GivenCalls)> {
    let tools = plan::tools(session)?;
    let walked = given::walked(session, NAME)?;
    let (mut plans, mut calls) = (Vec::new(), HashMap::new());
    for group in groups {
        let said: Vec<&str> = group.iter().flatten().map(|leg| leg.relay.as_str()).collect();
        let dag_id = short_id(&[SHAPE, &said.join("\u{2}")]);
        let legs = || group.iter().flatten();
        let nodes: Option<Vec<Node>> = legs().map(|leg| tools.get(&(leg.server.clone(), leg.tool.clone())).cloned()).collect();
        let Some(nodes) = nodes.filter(|_| !walked.contains(&dag_id)) else { continue };
        let given = legs()
            .enumerate()
            .map(|(place, leg)| GivenCall { arguments: members(&parse(&leg.arguments)), flows: flow(place, leg).into_iter().collect() });
        calls.insert(dag_id.clone(), given.collect());
        plans.push(Plan { dag_id, nodes, links: Vec::new() });
    }
    Ok((plans, calls))
}

/// What flows into the call at `place` from the one before it.
fn flow(place: usize, leg: &Leg) -> Option<GivenFlow> {
    let (src_pointer, dst_pointer) = (leg.src_pointer.clone()?, leg.dst_pointer.clone()?);
    Some(GivenFlow { src: place.checked_sub(1)?, src_pointer, dst_pointer })
}

/// An error for a lake in which nothing can be passed on.
pub fn nothing_to_pass_on() -> Error {
    Error::Empty {
        what: "no call of the lake gave a value that another is known to take, beside those that were walked".into(),
        hint: "explore more first: `firefly sample --mixed 100` and `firefly explore`, or another `--seed`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(relay: &str, servers: &[&str]) -> Chain {
        let leg = |server: &&str| Leg {
            relay: relay.into(),
            server: (*server).into(),
            tool: "t".into(),
            arguments: "{}".into(),
            src_pointer: None,
            dst_pointer: None,
        };
        servers.iter().map(leg).collect()
    }

    #[test]
    fn chains_of_one_episode_are_of_different_servers() {
        let chains = vec![chain("1", &["a", "a"]), chain("2", &["a", "b"]), chain("3", &["c", "d"]), chain("4", &["a", "a"])];
        let groups = together(chains);
        let said: Vec<Vec<&str>> = groups.iter().map(|group| group.iter().map(|chain| chain[0].relay.as_str()).collect()).collect();
        assert_eq!(said, [vec!["1", "3"], vec!["2"], vec!["4"]]);
    }
}
