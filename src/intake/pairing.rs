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
    open: Vec<(usize, Option<Cow<'a, str>>)>,
    ids: HashSet<String>,
}

impl<'a> Pairing<'a> {
    /// A call was made.
    pub fn call(&mut self, id: Option<Cow<'a, str>>, server: Cow<'a, str>, tool: Cow<'a, str>, arguments: Json<'a>, odd: &mut Odd) {
        if let Some(id) = &id
            && !self.ids.insert(id.to_string())
        {
            odd.note("call ids used twice");
        }
        self.open.push((self.calls.len(), id));
        self.calls.push(TracedCall { server, tool, arguments, result: None, failed: None, latency_us: None });
    }

    /// Something came back: for the oldest waiting call with this id, or, where no call waits under it, for the oldest
    /// that waits at all.
    pub fn result(&mut self, id: Option<&str>, said: Json<'a>, failed: Option<ErrorKind>, odd: &mut Odd) {
        let same = self.open.iter().position(|(_, open)| open.is_some() && open.as_deref() == id);
        let place = match (same, id) {
            (Some(place), _) => place,
            (None, Some(id)) if self.ids.contains(id) => return odd.note("second results of one call"),
            (None, _) if self.open.is_empty() => return odd.note("results without a call"),
            (None, Some(_)) => {
                odd.note("results paired by place alone");
                0
            }
            (None, None) => 0,
        };
        let (index, _) = self.open.remove(place);
        self.calls[index].result = Some(said);
        self.calls[index].failed = failed;
    }

    /// All calls. Those that still wait stay without a result.
    pub fn finish(self, odd: &mut Odd) -> Vec<TracedCall<'a>> {
        self.open.iter().for_each(|_| odd.note("calls without a result"));
        self.calls
    }
}
