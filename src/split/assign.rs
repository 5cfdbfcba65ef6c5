//! Which groups of tasks are for testing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::split::group::{Group, Groups, group};
use crate::split::{Options, Task};

/// What a task is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Training.
    Train,
    /// Testing.
    Test,
    /// Neither: it shares something with the other side, or more were there than asked for.
    HeldBack,
}

impl Split {
    /// Its name in the table `task`.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Test => "test",
            Split::HeldBack => "held_back",
        }
    }
}

/// Groups that are compared for one place; more cost time and choose hardly better.
const LOOK: usize = 256;

/// The split of each of `tasks`: no two in training and testing have a key in common. Testing gets the number of tasks asked for
/// where there are so many, first those that call what is held out, then such groups of tasks that difficulties and servers come
/// out as they are in all tasks. Training gets what is left, but for what would leak. The order of `tasks` is no matter.
pub fn assign(tasks: &[Task], options: &Options) -> Vec<Split> {
    let order: Vec<u64> = tasks.iter().map(|task| xxh3_64_with_seed(task.task_id.as_bytes(), options.seed)).collect();
    // A group much larger than that would be most of what is tested.
    let most = (options.test / 10).max(8);
    let Groups { mut groups, loose } = group(tasks, options, most, &order);
    groups.iter_mut().for_each(|g| g.tasks.sort_by_key(|task| (order[*task], *task)));
    groups.sort_by_key(|g| g.tasks.first().map(|task| (order[*task], *task)));

    let mut splits: Vec<Split> = tasks.iter().map(|task| if options.holds_out(task) { Split::HeldBack } else { Split::Train }).collect();
    let mut choice = Choice::new(tasks, options.test);
    tiers(&groups, most).into_iter().for_each(|tier| choice.fill(&groups, tier));
    for (group, taken) in &choice.taken {
        for (place, task) in groups[*group].tasks.iter().enumerate() {
            splits[*task] = if place < *taken { Split::Test } else { Split::HeldBack };
        }
    }

    let tested: BTreeSet<&str> = places(&splits, Split::Test).flat_map(|task| tasks[task].keys.iter().map(String::as_str)).collect();
    for task in loose {
        if tasks[task].keys.iter().any(|key| tested.contains(key.as_str())) {
            splits[task] = Split::HeldBack;
        }
    }
    let mut training: Vec<usize> = places(&splits, Split::Train).collect();
    training.sort_by_key(|task| (order[*task], *task));
    for task in training.into_iter().skip(options.train.unwrap_or(usize::MAX)) {
        splits[task] = Split::HeldBack;
    }
    splits
}

fn places(splits: &[Split], wanted: Split) -> impl Iterator<Item = usize> {
    splits.iter().enumerate().filter(move |(_, split)| **split == wanted).map(|(place, _)| place)
}

/// The groups in the order in which they are to be tested: those held out, those that cost nothing, and the rest.
fn tiers(groups: &[Group], most: usize) -> [VecDeque<usize>; 3] {
    let mut tiers = [VecDeque::new(), VecDeque::new(), VecDeque::new()];
    for (place, group) in groups.iter().enumerate() {
        let tier = match group {
            _ if group.held_out => 0,
            _ if group.glue == 0 && group.tasks.len() <= most => 1,
            _ => 2,
        };
        tiers[tier].push_back(place);
    }
    tiers
}

/// Groups being chosen.
struct Choice<'t> {
    tasks: &'t [Task],
    left: usize,
    /// Groups chosen, and how many of their tasks.
    taken: Vec<(usize, usize)>,
    /// How many tasks of each difficulty and server are wanted, and are there.
    strata: BTreeMap<&'t str, (f64, f64)>,
    /// Square root of the tasks wanted in all.
    scale: f64,
}

impl<'t> Choice<'t> {
    fn new(tasks: &'t [Task], wanted: usize) -> Choice<'t> {
        let mut strata: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        let each = wanted as f64 / tasks.len().max(1) as f64;
        tasks.iter().flat_map(strata_of).for_each(|stratum| strata.entry(stratum).or_default().0 += each);
        Choice { tasks, left: wanted, taken: Vec::new(), strata, scale: (wanted as f64).sqrt().max(1.0) }
    }

    /// Takes groups of `pool` until there are enough tasks; of the last, only as many as are wanted where no group fits.
    fn fill(&mut self, groups: &[Group], mut pool: VecDeque<usize>) {
        while self.left > 0 && !pool.is_empty() {
            let fits = |place: &usize| groups[pool[*place]].tasks.len() <= self.left;
            let near: Vec<usize> = (0..pool.len().min(LOOK)).filter(fits).collect();
            let seen = if near.is_empty() { (0..pool.len()).filter(fits).collect() } else { near };
            let gains = seen.into_iter().map(|place| (place, self.gain(&groups[pool[place]])));
            let best = gains.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(place, _)| place);
            let smallest = || (0..pool.len()).min_by_key(|place| (groups[pool[*place]].tasks.len(), *place));
            let Some(group) = best.or_else(smallest).and_then(|place| pool.remove(place)) else { return };
            let taken = groups[group].tasks.len().min(self.left);
            for task in &groups[group].tasks[..taken] {
                strata_of(&self.tasks[*task]).for_each(|stratum| self.strata.entry(stratum).or_default().1 += 1.0);
            }
            self.left -= taken;
            self.taken.push((group, taken));
            // What was looked at and not taken waits, so that all come up.
            let on = pool.len().min(LOOK / 2);
            pool.rotate_left(on);
        }
    }

    /// How much a group brings of what is missing, a task; what would have to be held back for it counts against it.
    fn gain(&self, group: &Group) -> f64 {
        // As Pearson's residuals: a small stratum that is a task short weighs no more than a large one that is many short.
        let residual = |(wanted, there): &(f64, f64)| (wanted - there) / wanted.max(1.0).sqrt() / self.scale;
        let missing = |stratum: &str| self.strata.get(stratum).map_or(0.0, residual);
        let of_task = |task: &usize| {
            let task = &self.tasks[*task];
            let servers: f64 = task.servers.iter().map(|server| missing(server)).sum();
            missing(&task.difficulty) + servers / task.servers.len().max(1) as f64
        };
        let size = group.tasks.len() as f64;
        (group.tasks.iter().map(of_task).sum::<f64>() - group.glue as f64) / size
    }
}

fn strata_of(task: &Task) -> impl Iterator<Item = &str> {
    std::iter::once(task.difficulty.as_str()).chain(task.servers.iter().map(String::as_str))
}
