use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::output::Printer;
use crate::cli::{Global, prompt};
use crate::error::{Error, Result};
use crate::lake::query::{Guarded, Limits};

/// `firefly sql`
#[derive(Debug, clap::Args)]
pub struct SqlArgs {
    /// The query; where neither it nor --file is given, standard input, or a prompt on a terminal
    query: Option<String>,
    /// File with the query
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
    /// Snapshot to query, by number or name [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    at: Option<String>,
    /// Seconds a query may run [default: 300]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Memory a query may take, in MiB [default: 4096]
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
}

/// Runs a read-only query and prints its rows.
pub fn run(global: &Global, args: &SqlArgs) -> Result<()> {
    let text = match (&args.query, &args.file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(path)) => Some(std::fs::read_to_string(path).map_err(Error::io("reading", path))?),
        (None, None) if std::io::stdin().is_terminal() => None,
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(Error::io("reading", "standard input"))?;
            Some(text)
        }
    };
    let lake = global.open()?;
    let settings = global.settings()?;
    let usual = Limits::default();
    let limits = Limits {
        time: args.timeout.or(settings.sql_timeout_s).map_or(usual.time, Duration::from_secs),
        memory_mib: args.memory.or(settings.sql_memory_mib).unwrap_or(usual.memory_mib),
    };
    let guarded = Guarded::open(&lake, lake.snapshot(args.at.as_deref())?, limits)?;
    limit_process(limits.memory_mib);
    match text {
        Some(text) => print(global, &guarded, &text),
        None => prompt::run(global, &guarded),
    }
}

/// How long after its time a query is given to let go.
const GRACE: Duration = Duration::from_secs(5);

/// Runs one query and prints its rows as they come.
pub fn print(global: &Global, guarded: &Guarded, text: &str) -> Result<()> {
    let mut printer = Printer::new(global)?;
    let (_done, over) = std::sync::mpsc::channel::<()>();
    let limit = guarded.limits().time + GRACE;
    std::thread::spawn(move || {
        if matches!(over.recv_timeout(limit), Err(std::sync::mpsc::RecvTimeoutError::Timeout)) {
            // Inside one long step of one function DuckDB does not look whether it was interrupted.
            eprintln!("error: query: ran longer than {} s and could not be interrupted", (limit - GRACE).as_secs());
            std::process::exit(i32::from(crate::error::exit_code::FAILED));
        }
    });
    guarded.run(text, |schema, batch| printer.batch(schema, batch))?;
    printer.finish()
}

/// Limits what the process may allocate: DuckDB's own limit does not count every string that a function makes. What the
/// process has already, and some room for its own work, come on top.
fn limit_process(memory_mib: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const ROOM: u64 = 512;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let has = status.lines().find_map(|l| l.strip_prefix("VmData:")?.trim().split(' ').next()?.parse::<u64>().ok());
    if let Some(kib) = has {
        let limit = (kib << 10) + ((memory_mib + ROOM) << 20);
        let now = getrlimit(Resource::Data);
        let smaller = now.current.is_none_or(|current| current > limit);
        if smaller {
            // Where it can't be set, DuckDB's limit still holds.
            let _ = setrlimit(Resource::Data, Rlimit { current: Some(limit), maximum: now.maximum });
        }
    }
}
