//! Time, memory and the table of results.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::recorded;

/// The rows of one run.
#[derive(Default)]
pub struct Report {
    missed: usize,
}

impl Report {
    /// A figure with the most it may be.
    pub fn row(&mut self, what: &str, found: f64, most: f64, how: &str) {
        self.say(what, found, "≤", most, found <= most, how);
    }

    /// A figure with the least it may be.
    pub fn at_least(&mut self, what: &str, found: f64, least: f64, how: &str) {
        self.say(what, found, "≥", least, found >= least, how);
    }

    fn say(&mut self, what: &str, found: f64, sign: &str, limit: f64, held: bool, how: &str) {
        self.missed += usize::from(!held);
        println!("{:4}  {what:58} {found:>10.2}  {sign} {limit:<8}  {how}", if held { "ok" } else { "MISS" });
    }

    /// Something that was not measured, with the reason.
    pub fn skipped(&mut self, what: &str, why: &str) {
        println!("SKIP  {what:58} {why}");
    }

    /// Ends the process with the code of what was found.
    pub fn end(self) {
        if self.missed > 0 {
            eprintln!("{} rows miss their limit", self.missed);
            std::process::exit(1);
        }
    }
}

/// Wall time of `work`.
pub fn time(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// The shortest of `times` runs each of two ways of doing the same, taken in turns: `(ours, peer)`.
pub fn side_by_side(times: usize, mut ours: impl FnMut(), mut peer: impl FnMut()) -> (Duration, Duration) {
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..times {
        best.1 = best.1.min(time(&mut peer));
        best.0 = best.0.min(time(&mut ours));
    }
    best
}

/// Ratio of two times.
pub fn ratio(ours: Duration, peer: Duration) -> f64 {
    ours.as_secs_f64() / peer.as_secs_f64()
}

/// What a process of its own used.
#[derive(serde::Deserialize, serde::Serialize)]
pub struct Used {
    /// Seconds of CPU, user and system.
    pub cpu_s: f64,
    /// Seconds on the clock.
    pub wall_s: f64,
    /// Peak resident memory in MiB.
    pub peak_mib: f64,
}

/// What a command used. Its peak is looked at while it runs: the high-water mark only grows, and what the last few
/// milliseconds add is missed.
pub fn used_by(command: &mut Command) -> Used {
    let started = Instant::now();
    let mut child = command.spawn().expect("a program that starts");
    let id = child.id();
    let read = |what: &str| std::fs::read_to_string(format!("/proc/{id}/{what}")).unwrap_or_default();
    let (mut peak, mut ticks) = (0.0_f64, 0.0);
    loop {
        let status = read("status");
        let mark = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
        peak = peak.max(mark.unwrap_or(0.0));
        let stat = read("stat");
        let times: f64 =
            stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        ticks = times.max(ticks);
        match child.try_wait().expect("a child that can be waited for") {
            Some(status) => {
                assert!(status.success(), "{command:?}");
                return Used { cpu_s: ticks / 100.0, wall_s: started.elapsed().as_secs_f64(), peak_mib: peak / 1024.0 };
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Does one of the tasks of [`child`] in a process of its own.
pub fn in_child(task: &str, lake: &Path, more: &str) -> Used {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).args(["--child", task]).arg(lake).arg(more).output().expect("a child can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the child prints what it used")
}

/// A task in a process of its own; prints what it used.
pub fn child(arguments: &[String]) {
    let [task, lake, more] = arguments else { panic!("--child TASK LAKE MORE") };
    if task == "near" {
        return crate::dedup::child(Path::new(lake), Path::new(more));
    }
    let started = Instant::now();
    let lake = firefly::lake::Lake::open(lake).expect("the lake opens");
    match task.as_str() {
        "open" => drop(lake.session().expect("the session opens")),
        "commit" => recorded::commit(&lake, &recorded::file().expect("recorded calls"), more.parse().expect("a number of rows")),
        other => panic!("no task {other}"),
    }
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells its memory");
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
    let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let used = Used {
        cpu_s: cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9,
        wall_s: started.elapsed().as_secs_f64(),
        peak_mib: peak.unwrap_or(0.0) / 1024.0,
    };
    println!("{}", serde_json::to_string(&used).expect("numbers serialize"));
}

/// The edges of tier high of a lake.
pub fn high_edges(lake: &Path) -> std::collections::HashSet<[String; 5]> {
    #[derive(serde::Deserialize)]
    struct Edge {
        src_server: String,
        src_tool: String,
        dst_server: String,
        dst_tool: String,
        dst_param: String,
    }
    let session = firefly::lake::Lake::open(lake).and_then(|lake| lake.session()).expect("the lake opens");
    let rows: Vec<Edge> =
        session.query("SELECT src_server, src_tool, dst_server, dst_tool, dst_param FROM edge WHERE tier = 'high'").expect("edges");
    rows.into_iter().map(|e| [e.src_server, e.src_tool, e.dst_server, e.dst_tool, e.dst_param]).collect()
}

/// Seconds that drawing `count` sub-DAGs takes, and how many came out: edges with a field, whether their servers run
/// or not.
pub fn sampled(lake: &Path, count: usize) -> (f64, usize) {
    #[derive(serde::Deserialize)]
    struct Row {
        src_server: String,
        src_tool: String,
        src_field: String,
        dst_server: String,
        dst_tool: String,
        dst_param: String,
        score: f64,
        tier: String,
    }
    let session = firefly::lake::Lake::open(lake).and_then(|lake| lake.session()).expect("the lake opens");
    let rows: Vec<Row> = session
        .query("SELECT * FROM edge WHERE source <> 'described' AND tier <> 'low' AND name_evidence >= 0.5 ORDER BY ALL")
        .expect("edges");
    let edge = |row: Row| firefly::sample::Edge {
        src_server: row.src_server,
        src_tool: row.src_tool,
        src_field: row.src_field,
        dst_server: row.dst_server,
        dst_tool: row.dst_tool,
        dst_param: row.dst_param,
        score: row.score,
        high: row.tier == "high",
        dst_reads: true,
    };
    let edges: Vec<_> = rows.into_iter().map(edge).collect();
    let options = firefly::sample::Options { count, max_nodes: 10, ..Default::default() };
    let started = Instant::now();
    let drawn = firefly::sample::draw(&edges, std::collections::HashSet::new(), options).dags.len();
    (started.elapsed().as_secs_f64(), drawn)
}
