//! Which writes a reading needs: all of an episode is done again on fresh servers with each write left out.

use crate::error::Result;
use crate::explore::episode::Walk;
use crate::json::{members, parse};
use crate::observed::{AblationRow, CallRow};

impl Walk<'_> {
    /// For each write that succeeded, makes all other calls that succeeded again, in order and with the same arguments, and notes
    /// what readings gave. Where a server is lost, what it would have said is not known.
    pub(super) async fn ablate(&mut self) -> Result<()> {
        let firsts = self.firsts();
        let place = |row: &CallRow| row.node.unwrap_or_default() as usize;
        let plan = self.plan;
        let writes: Vec<i64> = firsts.iter().filter(|c| !plan.nodes[place(c)].reads).map(|c| c.call_index).collect();
        let before = std::mem::take(&mut self.states);
        'without: for left_out in writes {
            self.live.clear();
            if !self.start().await?.is_empty() {
                break;
            }
            self.states = Default::default();
            for first in firsts.iter().filter(|c| c.call_index != left_out) {
                let Some(server) = self.live.get(&first.server).cloned() else { continue };
                let (node, arguments) = (&plan.nodes[place(first)], members(&parse(&first.arguments)));
                let outcome = server.call(&first.tool, &arguments).await;
                if outcome.is_lost() {
                    continue 'without;
                }
                let row = CallRow { repeat_of: Some(first.call_index), ..self.row(place(first), node, &arguments, &outcome) };
                if node.reads {
                    let (episode_id, call_index) = (self.episode_id.clone(), first.call_index);
                    self.ablations.push(AblationRow { episode_id, call_index, left_out, again: row.call_index });
                } else if !row.is_error {
                    self.states.advance(&first.server, &first.tool, &arguments);
                }
                self.calls.push(row);
            }
        }
        self.states = before;
        Ok(())
    }
}
