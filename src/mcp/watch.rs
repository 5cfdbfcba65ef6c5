//! Limits that the kernel does not hold for us: how many processes a sandbox has, which root may exceed, and how much
//! memory they have together.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// Most processes of one sandbox.
const PROCESSES: usize = 256;
/// Most resident memory of one sandbox, in pages of 4 KiB.
const PAGES: u64 = (8 << 30) / 4096;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(150);

/// Process groups that are watched: the first process of each.
static WATCHED: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
static STARTED: Once = Once::new();

/// Watches the processes that `leader` started until [`forget`] is called; ends its group where they are too many
/// or too large.
pub fn watch(leader: Pid) {
    lock().push(leader);
    STARTED.call_once(|| {
        // Detached: it ends with the program.
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(PAUSE);
                let leaders = lock().clone();
                if !leaders.is_empty() {
                    look(&leaders);
                }
            }
        });
    });
}

/// Watches `leader` no longer.
pub fn forget(leader: Pid) {
    lock().retain(|l| *l != leader);
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn look(leaders: &[Pid]) {
    let processes = processes();
    let mut used: BTreeMap<i32, (usize, u64)> = BTreeMap::new();
    for (pid, (_, pages)) in &processes {
        let mut at = *pid;
        // A parent is older than its child, so that this ends; the bound is for a table that changed while it was read.
        for _ in 0..64 {
            if leaders.iter().any(|l| l.as_raw_nonzero().get() == at) {
                let sum = used.entry(at).or_default();
                *sum = (sum.0 + 1, sum.1 + pages);
                break;
            }
            match processes.get(&at) {
                Some((parent, _)) if *parent > 1 => at = *parent,
                _ => break,
            }
        }
    }
    for leader in leaders {
        if used.get(&leader.as_raw_nonzero().get()).is_some_and(|(count, pages)| *count > PROCESSES || *pages > PAGES) {
            // It may have ended by itself.
            let _ = kill_process_group(*leader, Signal::KILL);
        }
    }
}

/// Each process with its parent and its resident pages.
fn processes() -> HashMap<i32, (i32, u64)> {
    let Ok(all) = std::fs::read_dir("/proc") else { return HashMap::new() };
    let one = |entry: std::fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let rest: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        Some((pid, (rest.get(1)?.parse().ok()?, rest.get(21)?.parse().ok()?)))
    };
    all.flatten().filter_map(one).collect()
}
