//! Groups of tasks that belong on one side, because they share what may not be shared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::unionfind::UnionFind;

use crate::split::{Options, Task};

/// Tasks of one group, by their place.
#[derive(Debug, Default)]
pub struct Group {
    /// The tasks.
    pub tasks: Vec<usize>,
    /// Whether they call what is held out.
    pub held_out: bool,
    /// Tasks without a group that share something with it.
    pub glue: usize,
}

/// All groups. No two share a key; tasks that would have glued large ones together are in none.
#[derive(Debug)]
pub struct Groups {
    /// The groups.
    pub groups: Vec<Group>,
    /// Tasks in none.
    pub loose: Vec<usize>,
}

/// Groups `tasks`: those that share a key belong together, but a task that would make one group of several with more than
/// `most` tasks in all stays loose. Walks over many tools share their first calls, so that a few tasks else tie nearly all together.
/// `order` says who comes first among equals.
pub fn group(tasks: &[Task], options: &Options, most: usize, order: &[u64]) -> Groups {
    let keys = numbered(tasks);
    let count = keys.iter().flatten().max().map_or(0, |key| key + 1);
    let mut uses = vec![0_usize; count];
    keys.iter().flatten().for_each(|key| uses[*key] += 1);
    // Who is held out comes first and gathers no others; then those whose keys few have, so that what glues comes last.
    let mut places: Vec<usize> = (0..tasks.len()).collect();
    let weight = |place: usize| keys[place].iter().map(|key| uses[*key]).sum::<usize>();
    places.sort_by_key(|place| (!options.holds_out(&tasks[*place]), weight(*place), order[*place], *place));

    let mut union = UnionFind::<usize>::new(count);
    let mut sizes: HashMap<usize, (usize, bool)> = HashMap::new();
    let (mut grouped, mut loose) = (Vec::new(), Vec::new());
    for place in places {
        let held_out = options.holds_out(&tasks[place]);
        let roots: BTreeSet<usize> = keys[place].iter().map(|key| union.find(*key)).collect();
        let met: Vec<(usize, bool)> = roots.iter().filter_map(|root| sizes.get(root).copied()).collect();
        let together: usize = met.iter().map(|(size, _)| size).sum();
        if met.iter().any(|(_, other)| *other != held_out) || (met.len() > 1 && together + 1 > most) {
            loose.push(place);
            continue;
        }
        roots.iter().for_each(|root| {
            sizes.remove(root);
        });
        // Every task has a key: its answer.
        let Some(first) = keys[place].first() else { continue };
        keys[place].iter().for_each(|key| {
            union.union(*first, *key);
        });
        sizes.insert(union.find(*first), (together + 1, held_out));
        grouped.push(place);
    }

    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for place in grouped {
        let Some(key) = keys[place].first() else { continue };
        let group = groups.entry(union.find(*key)).or_default();
        group.tasks.push(place);
        group.held_out = options.holds_out(&tasks[place]);
    }
    for place in &loose {
        let roots: BTreeSet<usize> = keys[*place].iter().map(|key| union.find(*key)).collect();
        roots.iter().filter_map(|root| groups.get_mut(root).map(|g| g.glue += 1)).for_each(drop);
    }
    Groups { groups: groups.into_values().collect(), loose }
}

/// The keys of each task as numbers: equal keys are equal numbers.
fn numbered(tasks: &[Task]) -> Vec<BTreeSet<usize>> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut number = |key| {
        let next = numbers.len();
        *numbers.entry(key).or_insert(next)
    };
    tasks.iter().map(|task| task.keys.iter().map(|key| number(key.as_str())).collect()).collect()
}
