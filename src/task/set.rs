//! The calls of one task, and what holds them together: values that flow, and state that is written and read.

use std::collections::{BTreeMap, BTreeSet};

use crate::task::ask::Asked;
use crate::task::gold::Gold;
use crate::task::source::{Call, Flow, Need, Source};

/// A set of calls that make a task.
pub struct Set<'a> {
    /// The calls, in order.
    pub gold: Gold<'a>,
    /// The flows between them.
    pub flows: Vec<&'a Flow>,
    /// What its readings gave without one of its writes.
    pub needs: Vec<&'a Need>,
}

/// Calls on which a call stands, along `flows` and `needs`: what feeds it, and what wrote the state that it reads.
pub fn before<'a>(flows: impl Iterator<Item = &'a Flow>, needs: impl Iterator<Item = &'a Need>, call: i64) -> impl Iterator<Item = i64> {
    let fed = flows.filter(move |f| f.dst_call == call).map(|f| f.src_call);
    fed.chain(needs.filter(move |n| n.needed && n.call_index == call).map(|n| n.left_out))
}

impl<'a> Set<'a> {
    /// The calls of `source` at `indices`.
    pub fn of(source: &'a Source, indices: &BTreeSet<i64>) -> Set<'a> {
        let within = |index: i64| indices.contains(&index);
        Set {
            gold: source.gold(indices),
            flows: source.flows.iter().filter(|f| within(f.dst_call) && within(f.src_call)).collect(),
            needs: source.needs.iter().filter(|n| within(n.call_index) && within(n.left_out)).collect(),
        }
    }

    /// Calls on which a call stands: what feeds it, and what wrote the state that it reads.
    pub fn before(&self, call: i64) -> BTreeSet<i64> {
        before(self.flows.iter().copied(), self.needs.iter().copied(), call).collect()
    }

    /// Calls on which no other stands: they have to be asked about.
    pub fn sinks(&self) -> Vec<&'a Call> {
        let leads: BTreeSet<i64> = self.gold.iter().flat_map(|c| self.before(c.index)).collect();
        self.gold.iter().filter(|c| !leads.contains(&c.index)).copied().collect()
    }

    /// What `call` gave without each of the writes that it needs.
    pub fn needs_of(&self, call: &Call) -> Vec<&'a Need> {
        self.needs.iter().filter(|n| n.needed && n.call_index == call.index).copied().collect()
    }

    /// Whether each write is shown to be needed by a value that is asked for, or feeds another call.
    pub fn proves(&self, asked: &[Asked<'_>]) -> bool {
        let feeds = |call: i64| self.flows.iter().any(|f| f.src_call == call);
        let shown = |call: i64| {
            let without = self.needs.iter().filter(|n| n.left_out == call);
            without.into_iter().any(|n| asked.iter().any(|a| a.call.index == n.call_index && a.changes_without(n)))
        };
        let written: BTreeSet<i64> = self.needs.iter().map(|n| n.left_out).collect();
        written.into_iter().all(|call| feeds(call) || asked.iter().any(|a| a.call.index == call) || shown(call))
    }

    /// Calls on the longest way from a call to one that stands on it.
    pub fn depth(&self) -> usize {
        let mut reached: BTreeMap<i64, usize> = BTreeMap::new();
        for call in &self.gold {
            let own = self.before(call.index).iter().filter_map(|i| reached.get(i)).max().map_or(1, |depth| depth + 1);
            reached.insert(call.index, own);
        }
        reached.into_values().max().unwrap_or(1)
    }

    /// Most calls that one call stands on.
    pub fn fan_in(&self) -> usize {
        self.gold.iter().map(|c| self.before(c.index).len()).max().unwrap_or(0)
    }
}
