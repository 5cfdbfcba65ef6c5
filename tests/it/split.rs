//! Splits: nothing is shared between training and testing, sizes are as asked, and the same seed splits the same.

use std::collections::{BTreeMap, BTreeSet};

use firefly::split::{Options, Split, Task, assign};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{firefly, made_or_skip, ok, rows, run};

fn options(test: usize, train: Option<usize>, seed: u64) -> Options {
    Options { test, train, holdout_servers: Vec::new(), holdout_tools: Vec::new(), seed }
}

/// A task whose keys are the numbers `keys`.
fn task(id: usize, server: usize, keys: &[u32]) -> Task {
    let tools = vec![format!("s{server}/t{}", id % 3)];
    let difficulty = ["easy", "medium", "hard"][(id / 2) % 3].to_owned();
    let keys = keys.iter().map(|k| format!("k{k}")).chain([format!("own{id}")]).collect();
    Task { task_id: format!("t{id}"), difficulty, servers: vec![format!("s{server}")], tools, keys }
}

fn keys(tasks: &[Task], splits: &[Split], wanted: Split) -> BTreeSet<String> {
    tasks.iter().zip(splits).filter(|(_, split)| **split == wanted).flat_map(|(task, _)| task.keys.clone()).collect()
}

fn count(splits: &[Split], wanted: Split) -> usize {
    splits.iter().filter(|split| **split == wanted).count()
}

/// Tasks that share keys at random: `spread` keys for all, so that a small number glues everything.
fn tasks() -> impl Strategy<Value = Vec<Task>> {
    (1..400u32).prop_flat_map(|spread| {
        let one = (0..6usize, prop::collection::vec(0..spread, 0..4));
        prop::collection::vec(one, 1..120)
            .prop_map(|all| all.into_iter().enumerate().map(|(id, (server, keys))| task(id, server, &keys)).collect())
    })
}

proptest! {
    #[test]
    fn training_and_testing_share_nothing(tasks in tasks(), test in 0..60usize, train in prop::option::of(0..60usize), seed in any::<u64>()) {
        let splits = assign(&tasks, &options(test, train, seed));
        prop_assert_eq!(splits.len(), tasks.len());
        prop_assert!(keys(&tasks, &splits, Split::Train).is_disjoint(&keys(&tasks, &splits, Split::Test)));
        // A group can always be cut, so that only loose tasks are beyond reach.
        prop_assert!(count(&splits, Split::Test) <= test);
        prop_assert!(train.is_none_or(|train| count(&splits, Split::Train) <= train));
    }

    #[test]
    fn the_same_seed_splits_the_same_whatever_the_order(tasks in tasks(), by in 0..100usize, seed in any::<u64>()) {
        let named = |tasks: &[Task]| -> BTreeMap<String, &str> {
            let splits = assign(tasks, &options(20, None, seed));
            tasks.iter().zip(splits).map(|(task, split)| (task.task_id.clone(), split.name())).collect()
        };
        let mut turned = tasks.clone();
        turned.rotate_left(by % tasks.len());
        prop_assert_eq!(named(&tasks), named(&turned));
    }

    #[test]
    fn tasks_that_share_little_are_split_as_asked(sizes in prop::collection::vec(1..6u32, 60..120), test in 1..40usize, seed in any::<u64>()) {
        let group = |(number, size): (usize, &u32)| (0..*size).map(move |_| number as u32).collect::<Vec<_>>();
        let shared: Vec<u32> = sizes.iter().enumerate().flat_map(group).collect();
        let tasks: Vec<Task> = shared.iter().enumerate().map(|(id, key)| task(id, *key as usize % 7, &[*key])).collect();
        let splits = assign(&tasks, &options(test, Some(10), seed));
        prop_assert_eq!((count(&splits, Split::Test), count(&splits, Split::Train)), (test, 10));
        let all = assign(&tasks, &options(test, None, seed));
        // Only the last group is cut.
        prop_assert!(count(&all, Split::HeldBack) < 5);
    }

    #[test]
    fn what_is_held_out_is_in_no_training_and_comes_first_in_testing(tasks in tasks(), test in 1..40usize, seed in any::<u64>()) {
        let held = Options { holdout_servers: vec!["s1".into()], holdout_tools: vec!["s2/t0".into()], ..options(test, None, seed) };
        let splits = assign(&tasks, &held);
        prop_assert!(keys(&tasks, &splits, Split::Train).is_disjoint(&keys(&tasks, &splits, Split::Test)));
        let held_out = |split: Split| tasks.iter().zip(&splits).filter(|(task, s)| **s == split && held.holds_out(task)).count();
        prop_assert_eq!(held_out(Split::Train), 0);
        // Others are tested only once there are no more of them but loose ones.
        let others = count(&splits, Split::Test) - held_out(Split::Test);
        prop_assert!(others == 0 || held_out(Split::Test) > 0 || tasks.iter().filter(|t| held.holds_out(t)).count() == 0);
    }
}

/// A chain of walks: each task shares a call with the next, so that all are one group.
#[test]
fn what_is_tied_together_by_few_tasks_is_cut_there() {
    // Fifty stars of twenty tasks about a call of their own, each tied to the next by one task.
    let star = |id: usize| if id % 20 == 19 { vec![(id / 20) as u32, (id / 20) as u32 + 1] } else { vec![(id / 20) as u32] };
    let tasks: Vec<Task> = (0..1000).map(|id| task(id, id % 5, &star(id))).collect();
    for seed in 0..20 {
        let splits = assign(&tasks, &options(100, None, seed));
        assert_eq!(count(&splits, Split::Test), 100);
        assert!(count(&splits, Split::Train) >= 860, "{}", count(&splits, Split::Train));
    }
}

#[test]
fn testing_looks_like_all_tasks_do() {
    // A tenth is hard, and one server has half of the tasks.
    let level = |id: usize| if id.is_multiple_of(10) { "hard" } else { "easy" };
    let server = |id: usize| if id.is_multiple_of(2) { 0 } else { 1 + id % 19 };
    let tasks: Vec<Task> =
        (0..4000).map(|id| Task { difficulty: level(id).into(), ..task(id, server(id / 2), &[(id / 2) as u32 + 10_000]) }).collect();
    let splits = assign(&tasks, &options(200, None, 7));
    let tested: Vec<&Task> = tasks.iter().zip(&splits).filter(|(_, s)| **s == Split::Test).map(|(task, _)| task).collect();
    let hard = tested.iter().filter(|t| t.difficulty == "hard").count();
    let large = tested.iter().filter(|t| t.servers[0] == "s0").count();
    assert_eq!(tested.len(), 200);
    assert!((18..=22).contains(&hard), "{hard}");
    assert!((90..=110).contains(&large), "{large}");
    assert!(tested.iter().map(|t| &t.servers[0]).collect::<BTreeSet<_>>().len() >= 19);
}

fn copy(from: &std::path::Path) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(std::process::Command::new("cp").arg("-r").arg(from).arg(&lake));
    (folder, lake)
}

#[test]
fn a_lake_is_split_without_a_leak_and_stays_whole() {
    let made = made_or_skip!();
    let (_folder, lake) = copy(&made.lake);
    let splits = || rows(&lake, "SELECT task_id, split FROM task ORDER BY task_id");
    ok(firefly(&lake).args(["split", "--test", "5"]));
    let first = splits();
    let sizes = rows(&lake, "SELECT split, count(*) AS n FROM verified_task GROUP BY split ORDER BY split");
    let of = |name: &str| sizes.iter().find(|row| row["split"] == name).map_or(0, |row| row["n"].as_u64().unwrap());
    assert_eq!(of("test"), 5, "{sizes:?}");
    assert!(of("train") >= 10 && of("train") + of("test") + of("held_back") == rows(&lake, "FROM verified_task").len() as u64, "{sizes:?}");
    assert!(rows(&lake, "FROM split_leak").is_empty());
    assert!(rows(&lake, "FROM task WHERE split IS NOT NULL AND task_id NOT IN (SELECT task_id FROM verified_task)").is_empty());
    // The same again, and with the gates run anew.
    ok(firefly(&lake).args(["verify"]));
    ok(firefly(&lake).args(["split", "--test", "5"]));
    assert_eq!(first, splits());
    let shown: Vec<Value> = serde_json::from_str(&ok(firefly(&lake).args(["stats", "split", "--format", "json"]))).unwrap();
    assert_eq!(shown.iter().map(|row| row["split"].as_str().unwrap()).filter(|s| *s != "held_back").collect::<Vec<_>>(), ["train", "test"]);
    // Another view of the same: no gold call of one side is one of the other.
    let shared = "SELECT a.task_id FROM gold_call AS a JOIN task AS t USING (task_id) JOIN gold_call AS b USING (server, tool) JOIN task AS u ON u.task_id = b.task_id
        WHERE t.split = 'train' AND u.split = 'test' AND a.arguments::VARCHAR = b.arguments::VARCHAR";
    assert!(rows(&lake, shared).is_empty());

    ok(firefly(&lake).args(["split", "--test", "3", "--holdout-server", "gnu-units"]));
    let held = "SELECT t.split FROM task AS t JOIN gold_call AS g USING (task_id) WHERE g.server = 'gnu-units' AND t.split IS NOT NULL";
    assert!(rows(&lake, held).iter().all(|row| row["split"] != json!("train")));
    assert!(rows(&lake, "FROM split_leak").is_empty());

    let too_many = run(firefly(&lake).args(["split", "--test", "5", "--train", "4944"]));
    assert!(too_many.code == 1 && too_many.err.contains("for training that share nothing"), "{}", too_many.err);
    let unknown = run(firefly(&lake).args(["split", "--test", "5", "--holdout-tool", "time/nothing"]));
    assert!(unknown.code == 2 && unknown.err.contains("`time/nothing`"), "{}", unknown.err);
}
