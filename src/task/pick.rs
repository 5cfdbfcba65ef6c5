//! Which of the tasks that could be written are taken, in turns, where each takes of the shares of its servers, tools, calls and
//! episode. Numbers only, in the order of the entries: it is done again and again, with other shares, over everything that could be asked.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Most tasks from one episode that walked a sub-DAG.
const PER_EPISODE: usize = 8;
/// Most tasks with the same tools in the same order.
const PER_PATH: u32 = 6;
/// Most tasks with the very same call: whoever learns from them has seen it.
const PER_CALL: u32 = 200;
/// Share of the tasks that cross servers, where there are enough of both: what crosses them uses up the share of several.
const CROSSING: f64 = 0.42;

/// Tasks that a server could fill its share with alone, in shares, before a task that takes it together with another such server is put
/// off: of two shares that are used up, one was given away.
const RICH: f64 = 1.5;

/// Turns of choosing, in the last of which there may be more tasks that cross servers.
const TURNS: usize = 27;
const LAST_TURNS: usize = 23;
/// Tools not seen before that a task of the first turns shows, and of a server that has more tools than its share of the tasks could
/// show one by one, each of its tasks.
const NEW: [usize; 4] = [4, 3, 2, 1];

/// Numbers of things, in the order in which they were first seen.
pub struct Numbers<T>(HashMap<T, usize>);

impl<T: Hash + Eq> Numbers<T> {
    /// Of nothing yet.
    pub fn new() -> Numbers<T> {
        Numbers(HashMap::new())
    }

    /// The number of a thing.
    pub fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// What an entry takes of, by number.
pub struct Taken {
    /// Its servers, each with a tool called there, in order of the servers.
    pub tools: Vec<(usize, usize)>,
    /// Its tools in the order in which they are called.
    pub path: usize,
    /// Where it was seen.
    pub episode: usize,
    /// Whether that was a survey, and how many calls it has.
    pub survey: Option<usize>,
    /// Its calls.
    pub calls: Vec<usize>,
}

impl Taken {
    /// Whether its tools are of several servers.
    pub fn crosses(&self) -> bool {
        self.tools.windows(2).any(|pair| pair[0].0 != pair[1].0)
    }
}

/// What the choice knows of an entry. Small, because a choice looks at half a million of them in no order of memory.
struct Row {
    tools: Range<u32>,
    calls: Range<u32>,
    path: u32,
    episode: u32,
    most_of_episode: u32,
    crosses: bool,
}

/// The items that `range` names.
fn part<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    &all[range.start as usize..range.end as usize]
}

/// All entries, in the order in which they are looked at.
#[derive(Default)]
pub struct Rows {
    rows: Vec<Row>,
    tools: Vec<(u32, u32)>,
    calls: Vec<u32>,
    /// One more than the largest number of each kind.
    servers: usize,
    tool_numbers: usize,
    paths: usize,
    episodes: usize,
    call_numbers: usize,
}

/// What is taken so far.
struct Counts {
    servers: Vec<u32>,
    tools: Vec<u32>,
    paths: Vec<u32>,
    episodes: Vec<u32>,
    calls: Vec<u32>,
}

impl Rows {
    /// Adds the next entry.
    pub fn push(&mut self, taken: &Taken) {
        let (tools, calls) = (self.tools.len() as u32, self.calls.len() as u32);
        for (server, tool) in &taken.tools {
            (self.servers, self.tool_numbers) = (self.servers.max(server + 1), self.tool_numbers.max(tool + 1));
        }
        self.call_numbers = taken.calls.iter().map(|call| call + 1).fold(self.call_numbers, usize::max);
        (self.paths, self.episodes) = (self.paths.max(taken.path + 1), self.episodes.max(taken.episode + 1));
        self.tools.extend(taken.tools.iter().map(|(server, tool)| (*server as u32, *tool as u32)));
        self.calls.extend(taken.calls.iter().map(|call| *call as u32));
        self.rows.push(Row {
            tools: tools..self.tools.len() as u32,
            calls: calls..self.calls.len() as u32,
            path: taken.path as u32,
            episode: taken.episode as u32,
            most_of_episode: taken.survey.map_or(0, |calls| calls / 2).max(PER_EPISODE) as u32,
            crosses: taken.crosses(),
        });
    }

    fn counts(&self) -> Counts {
        Counts {
            servers: vec![0; self.servers],
            tools: vec![0; self.tool_numbers],
            paths: vec![0; self.paths],
            episodes: vec![0; self.episodes],
            calls: vec![0; self.call_numbers],
        }
    }

    /// The servers of an entry, each with its tools.
    fn servers_of(&self, row: &Row) -> impl Iterator<Item = &[(u32, u32)]> {
        part(&self.tools, &row.tools).chunk_by(|a, b| a.0 == b.0)
    }

    /// Tasks of the server that is in most of those chosen.
    pub fn most_of_one(&self, chosen: &[usize]) -> usize {
        let mut counts = vec![0; self.servers];
        chosen.iter().flat_map(|at| self.servers_of(&self.rows[*at])).for_each(|tools| counts[tools[0].0 as usize] += 1);
        counts.into_iter().max().unwrap_or(0)
    }

    /// Chooses with at most `cap` tasks a server and `most` in all, of those entries that are `open`. A task is taken where of each of
    /// its servers, whose shares it uses up, a tool is in fewer tasks than the turn allows, and turns allow more and more: what is rare
    /// comes first. What can't be written when it is to be taken leaves room for others.
    pub fn pick(&self, open: Vec<usize>, cap: usize, most: usize, mut write: impl FnMut(usize) -> bool) -> Vec<usize> {
        let mut chosen = Vec::new();
        let mut crossing = 0;
        let mut taken = self.counts();
        let mut tools_of = vec![0; self.servers];
        let mut counted = vec![false; taken.tools.len()];
        for (server, tool) in &self.tools {
            tools_of[*server as usize] += usize::from(!std::mem::replace(&mut counted[*tool as usize], true));
        }
        let rich = self.rich(&open, cap);
        // What is looked at in each turn. What is taken or has no more room never comes back.
        let mut turns: Vec<Vec<u32>> = vec![Vec::new(); TURNS + 1];
        turns[0] = open.into_iter().map(|at| at as u32).collect();
        for turn in 0..TURNS {
            let new = NEW[turn.min(NEW.len() - 1)];
            let mut now = std::mem::take(&mut turns[turn]);
            now.sort_unstable();
            for at in now {
                let row = &self.rows[at as usize];
                if chosen.len() >= most {
                    return chosen;
                }
                let (tools, calls) = (part(&self.tools, &row.tools), part(&self.calls, &row.calls));
                if tools.iter().any(|(server, _)| taken.servers[*server as usize] as usize >= cap)
                    || taken.paths[row.path as usize] >= PER_PATH
                    || taken.episodes[row.episode as usize] >= row.most_of_episode
                    || calls.iter().any(|call| taken.calls[*call as usize] >= PER_CALL)
                {
                    continue;
                }
                if row.crosses && turn < LAST_TURNS {
                    if self.servers_of(row).filter(|tools| rich[tools[0].0 as usize]).count() > 1 {
                        turns[LAST_TURNS].push(at);
                        continue;
                    }
                    if crossing as f64 > CROSSING * chosen.len() as f64 + 1.0 {
                        turns[turn + 1].push(at);
                        continue;
                    }
                }
                let rare = |tools: &[(u32, u32)]| tools.iter().filter(|(_, tool)| taken.tools[*tool as usize] < allowed(turn)).count();
                let least = |server: u32| if 2 * tools_of[server as usize] > cap { new } else { 1 };
                if self.servers_of(row).any(|tools| rare(tools) < least(tools[0].0)) || rare(tools) < new {
                    // Where one rare tool of each server is enough, the turn in which they are rare enough is known: counts only grow.
                    let rarest = |tools: &[(u32, u32)]| tools.iter().map(|(_, tool)| taken.tools[*tool as usize]).min().unwrap_or(0);
                    let needed = self.servers_of(row).map(rarest).max().unwrap_or(0);
                    let next = (turn + 1..TURNS).find(|next| *next < NEW.len() || allowed(*next) > needed).unwrap_or(TURNS);
                    turns[next].push(at);
                    continue;
                }
                if !write(at as usize) {
                    continue;
                }
                chosen.push(at as usize);
                crossing += usize::from(row.crosses);
                self.servers_of(row).for_each(|tools| taken.servers[tools[0].0 as usize] += 1);
                tools.iter().for_each(|(_, tool)| taken.tools[*tool as usize] += 1);
                taken.paths[row.path as usize] += 1;
                taken.episodes[row.episode as usize] += 1;
                calls.iter().for_each(|call| taken.calls[*call as usize] += 1);
            }
        }
        chosen
    }

    /// Of each server, whether it could fill its share of `cap` tasks alone.
    fn rich(&self, open: &[usize], cap: usize) -> Vec<bool> {
        let (mut alone, mut seen) = (vec![0_usize; self.servers], vec![0; self.paths]);
        for row in open.iter().map(|at| &self.rows[*at]).filter(|row| !row.crosses) {
            seen[row.path as usize] += 1;
            if let (Some((server, _)), true) = (self.tools.get(row.tools.start as usize), seen[row.path as usize] <= PER_PATH) {
                alone[*server as usize] += 1;
            }
        }
        alone.into_iter().map(|tasks| tasks as f64 >= RICH * cap as f64).collect()
    }
}

/// Tasks in which a tool may be already, in a turn, to count as rare.
fn allowed(turn: usize) -> u32 {
    1 << turn.saturating_sub(NEW.len() - 1).min(20)
}
