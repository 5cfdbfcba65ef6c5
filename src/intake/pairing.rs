//! Pairs calls with results by their place: ids repeat in real traces, and some have none.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::intake::{Json, Odd, TracedCall};
use crate::mcp::ErrorKind;

/// Calls of one conversation, and which of them wait for a result.
#[derive(Default)]
pub struct Pairing<'a> {
    /// The calls so far.
    pub calls: Vec<TracedCall<'a>>,
    open: Vec<Open<'a>>,
    turn: usize,
    ids: HashSet<String>,
}

/// A call that waits for its result.
struct Open<'a> {
    index: usize,
    id: Option<Cow<'a, str>>,
    turn: usize,
}

impl<'a> Pairing<'a> {
    /// The next message begins.
    pub fn turn(&mut self) {
        self.turn += 1;
    }

    /// A call was made.
    pub fn call(&mut self, id: Option<Cow<'a, str>>, server: Cow<'a, str>, tool: Cow<'a, str>, arguments: Json<'a>, odd: &mut Odd) {
        if let Some(id) = &id
            && !self.ids.insert(id.to_string())
        {
            odd.note("call ids used twice");
        }
        self.open.push(Open { index: self.calls.len(), id, turn: self.turn });
        self.calls.push(TracedCall { server, tool, arguments, result: None, failed: None, latency_us: None });
    }

    /// Something came back: for the waiting call with this id, the newest turn's first where an id is used again; without
    /// an id, for the oldest that waits for a tool of this `name`, or for the oldest at all.
    pub fn result(&mut self, id: Option<&str>, said: Json<'a>, failed: Option<ErrorKind>, name: Option<&str>, odd: &mut Odd) {
        let same = |open: &Open<'_>| open.id.is_some() && open.id.as_deref() == id;
        let newest = self.open.iter().filter(|open| same(open)).map(|open| open.turn).max();
        let by_id = self.open.iter().position(|open| same(open) && Some(open.turn) == newest);
        let named = |open: &Open<'_>| name.is_some_and(|name| name.ends_with(self.calls[open.index].tool.as_ref()));
        let place = match (by_id, id) {
            (Some(place), _) => place,
            (None, Some(id)) if self.ids.contains(id) => return odd.note("second results of one call"),
            (None, _) if self.open.is_empty() => return odd.note("results without a call"),
            _ => self.open.iter().position(named).unwrap_or_else(|| {
                if self.open.len() > 1 || id.is_some() {
                    odd.note("results paired by place alone");
                }
                0
            }),
        };
        let Open { index, .. } = self.open.remove(place);
        self.calls[index].result = Some(said);
        self.calls[index].failed = failed;
    }

    /// All calls. Those that still wait stay without a result.
    pub fn finish(self, odd: &mut Odd) -> Vec<TracedCall<'a>> {
        self.open.iter().for_each(|_| odd.note("calls without a result"));
        self.calls
    }
}
