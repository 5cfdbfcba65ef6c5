use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::cli::launch::LaunchArgs;
use crate::cli::model::ModelArgs;
use crate::cli::{Global, interrupted};
use crate::error::{Error, Result};
use crate::lake::{Lake, Session};
use crate::mcp::Fleet;
use crate::serve::{self, Behind, Guard, Hub, Kind, Limits, Log, Offer};
use crate::simulator::generate::Generator;
use crate::simulator::live::Backing;
use crate::simulator::{self, Answering, Verdict};

/// `firefly serve`
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Transport: MCP over standard streams for one client, or all doors over HTTP [default: stdio; http with --door]
    #[arg(long, value_enum)]
    mcp: Option<Transport>,
    /// Only this door over HTTP; can be given several times [default: all]
    #[arg(long = "door", value_enum, value_name = "DOOR")]
    doors: Vec<Kind>,
    /// Snapshot to serve [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    snapshot: Option<String>,
    /// Task of sessions that ask for none: its question as instructions, its tools, and `submit_answer`
    #[arg(long, value_name = "TASK_ID")]
    task: Option<String>,
    /// Tools that a task does not need, beside its own
    #[arg(long, default_value_t = 0, value_name = "N")]
    distractors: usize,
    /// Answer only what was recorded in the same state
    #[arg(long)]
    strict: bool,
    /// Largest distance of a nearest call, for every tool [default: for each tool, what its recorded calls show to be right]
    #[arg(long, value_name = "D", conflicts_with = "strict")]
    max_distance: Option<f64>,
    /// Verdicts that may be given; what remains is a miss [default: exact,canonical,nearest,invalid]
    #[arg(long, value_delimiter = ',', value_name = "VERDICTS")]
    verdicts: Vec<String>,
    /// Servers to which misses are passed on, in a sandbox and in the session's own state; what they reply is recorded (`all` for all)
    #[arg(long, value_delimiter = ',', num_args = 1.., value_name = "SERVER", conflicts_with = "no_log")]
    live: Vec<String>,
    /// Let a model write replies of tools that read where nothing else answers; marked, and kept apart in `generated_reply`
    #[arg(long, conflicts_with = "no_log")]
    generate: bool,
    #[command(flatten)]
    launch: LaunchArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// Port, for http; 0 takes a free one
    #[arg(long, default_value_t = 8765, value_name = "P")]
    port: u16,
    /// Address to listen on; any but a loopback one needs a token
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "IP")]
    listen: IpAddr,
    /// Variable that holds the bearer token that requests must show
    #[arg(long, default_value = "FIREFLY_TOKEN", value_name = "NAME")]
    token_env: String,
    /// Most sessions at once
    #[arg(long, default_value_t = 1024, value_name = "N")]
    max_sessions: usize,
    /// Seconds without a call after which a session ends
    #[arg(long, default_value_t = 900, value_name = "S")]
    idle: u64,
    /// Largest request, in bytes
    #[arg(long, default_value_t = 4 << 20, value_name = "BYTES")]
    max_body: usize,
    /// Keep no record of the calls in the lake
    #[arg(long)]
    no_log: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Transport {
    /// Standard input and output, one session
    Stdio,
    /// HTTP: every door on one port, many sessions
    Http,
}

/// All doors.
const DOORS: [Kind; 5] = [Kind::Mcp, Kind::NemoGym, Kind::Openreward, Kind::Openenv, Kind::McpAtlas];
/// Calls that wait in memory before they are committed while serving: a commit costs some 50 ms whatever it holds.
const WAITING: usize = 25_000;
/// How much the thread that commits yields to those that answer: it gets what they leave, and a hundredth of a core where they leave nothing.
const NICE: i32 = 19;

/// Serves until the client goes, or Ctrl-C.
pub fn run(global: &Global, args: &ServeArgs) -> Result<()> {
    let guard = args.guard()?;
    let answering = args.answering()?;
    let lake = global.open()?;
    let session = Session::open(&lake, lake.snapshot(args.snapshot.as_deref())?)?;
    let behind = Behind { backing: args.backing(global)?, generator: args.generator(&session)? };
    let offer = Offer::load(&session, args.task.as_deref(), args.distractors)?;
    let world = offer.world.clone();
    let log: Log = Arc::new(Mutex::new(Vec::new()));
    let started = chrono::Utc::now().timestamp_micros();
    let prefix = format!("{started:x}-{:x}", std::process::id());
    let limits = Limits { sessions: args.max_sessions, idle: Duration::from_secs(args.idle), body: args.max_body };
    let near = answering.allows(Verdict::Nearest);
    let hub = Hub::new(offer, answering, limits, prefix, log.clone(), behind.clone());
    if near {
        world.will_learn();
        // Nearest calls are looked for once it is known which fields to compare; clients need not wait for that.
        std::thread::spawn(move || world.learn_volatile(&session));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::io("starting", "the runtime"))?;
    let transport = args.mcp.unwrap_or(if args.doors.is_empty() { Transport::Stdio } else { Transport::Http });
    let doors = if args.doors.is_empty() { DOORS.to_vec() } else { args.doors.clone() };
    let (stopping, stopped) = channel::<()>();
    let writer = (!args.no_log).then(|| {
        let (lake, log, behind) = (lake.clone(), log.clone(), behind.clone());
        std::thread::spawn(move || write(&lake, &log, &behind, &stopped))
    });
    let result = runtime.block_on(async {
        match transport {
            Transport::Stdio => tokio::select! {
                result = serve::serve_stdio(hub) => result,
                () = interrupted() => Err(Error::Interrupted),
            },
            Transport::Http => {
                let stop = CancellationToken::new();
                let on_signal = stop.clone();
                tokio::spawn(async move {
                    interrupted().await;
                    on_signal.cancel();
                });
                let ready = |address| global.say(told(address, &doors));
                serve::serve_http(hub, &doors, SocketAddr::new(args.listen, args.port), guard, stop, ready).await
            }
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(stopping);
    if let Some(writer) = writer {
        writer.join().map_err(|_| Error::Query("the thread that keeps the log ended early: this is a defect of firefly".into()))?;
        simulator::commit(&lake, &taken(&log))?;
    }
    keep(&lake, &behind)?;
    result
}

fn taken(log: &Log) -> Vec<simulator::SimCall> {
    std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Commits the log whenever much waits in it, until `stopped`. Always on one thread: each thread that commits would keep memory of
/// its own.
fn write(lake: &Lake, log: &Log, behind: &Behind, stopped: &Receiver<()>) {
    // On Linux this thread's alone; elsewhere it may be the whole process's, and there it is left as it is.
    if cfg!(target_os = "linux") {
        let _ = rustix::process::nice(NICE);
    }
    while stopped.recv_timeout(Duration::from_secs(2)) == Err(RecvTimeoutError::Timeout) {
        // What could not be committed is kept, and asked for again.
        let _ = keep(lake, behind);
        if log.lock().unwrap_or_else(PoisonError::into_inner).len() < WAITING {
            continue;
        }
        let calls = taken(log);
        // A lake that is busy is asked again.
        if simulator::commit(lake, &calls).is_err() {
            log.lock().unwrap_or_else(PoisonError::into_inner).extend(calls);
        }
    }
}

/// Commits what real servers and a model replied.
fn keep(lake: &Lake, behind: &Behind) -> Result<()> {
    behind.backing.as_ref().map_or(Ok(0), |backing| backing.commit(lake))?;
    behind.generator.as_ref().map_or(Ok(0), |generator| generator.commit(lake))?;
    Ok(())
}

fn told(address: SocketAddr, doors: &[Kind]) -> String {
    let url = format!("http://{address}");
    let with_mcp = doors.contains(&Kind::Mcp) || doors.contains(&Kind::NemoGym);
    let door = |kind: &Kind| match kind {
        Kind::Mcp => format!("MCP at {url}/mcp"),
        Kind::NemoGym => format!("NeMo-Gym at {url}"),
        Kind::Openreward => format!("Open Reward at {url}"),
        Kind::Openenv => format!("OpenEnv at {url}{}", if with_mcp { "/openenv" } else { "" }),
        Kind::McpAtlas => format!("MCP-Atlas at {url}"),
    };
    let doors: Vec<String> = doors.iter().map(door).collect();
    format!("serving {}; Ctrl-C ends it", doors.join(", "))
}

impl ServeArgs {
    /// The real servers that misses are passed on to.
    fn backing(&self, global: &Global) -> Result<Option<Arc<Backing>>> {
        if self.live.is_empty() {
            return Ok(None);
        }
        let launch = self.launch.resolve(global)?;
        let known: BTreeSet<String> = launch.servers.iter().map(|s| s.name.clone()).collect();
        let wanted = if self.live.iter().any(|name| name == "all") { known.clone() } else { self.live.iter().cloned().collect() };
        if let Some(unknown) = wanted.difference(&known).next() {
            return Err(Error::Usage(format!("--live {unknown}: the server config has no server of this name")));
        }
        Ok(Some(Backing::new(Fleet::new(&launch.servers, launch.fixtures.clone(), launch.limits), wanted, false)))
    }

    fn generator(&self, session: &Session) -> Result<Option<Arc<Generator>>> {
        self.generate.then(|| Generator::new(session, self.model.endpoint()?, self.model.budget())).transpose()
    }

    fn guard(&self) -> Result<Guard> {
        let token = std::env::var(&self.token_env).ok().filter(|token| !token.is_empty());
        if !self.listen.is_loopback() && token.is_none() {
            let why = format!("--listen {}: set {} to the token that requests must show", self.listen, self.token_env);
            return Err(Error::Usage(why));
        }
        Ok(Guard::new(token.as_deref(), self.listen.is_loopback()))
    }

    fn answering(&self) -> Result<Answering> {
        let mut answering = if self.strict { Answering::strict() } else { Answering::near() };
        answering.max_distance = self.max_distance;
        if !self.verdicts.is_empty() {
            let known = |name: &String| {
                Verdict::named(name).ok_or_else(|| {
                    let names: Vec<&str> = Verdict::ALL.iter().map(|v| v.name()).collect();
                    Error::Usage(format!("--verdicts {name}: one of {}", names.join(", ")))
                })
            };
            answering.verdicts = self.verdicts.iter().map(known).collect::<Result<_>>()?;
        }
        Ok(answering)
    }
}
