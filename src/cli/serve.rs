use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::cli::{Global, interrupted};
use crate::error::{Error, Result};
use crate::lake::Session;
use crate::serve::{Offer, http, stdio};
use crate::simulator;

/// `firefly serve`
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Transport
    #[arg(long, value_enum, default_value_t = Transport::Stdio)]
    mcp: Transport,
    /// Snapshot to serve [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    snapshot: Option<String>,
    /// Task to serve: its question as instructions, its tools, and `submit_answer`
    #[arg(long, value_name = "TASK_ID")]
    task: Option<String>,
    /// Answer only what was recorded in the same state; the only mode so far
    #[arg(long)]
    strict: bool,
    /// Port on loopback, for http; 0 takes a free one
    #[arg(long, default_value_t = 8765, value_name = "P")]
    port: u16,
    /// Keep no record of the calls in the lake
    #[arg(long)]
    no_log: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Transport {
    /// Standard input and output, one session
    Stdio,
    /// Streamable HTTP at /mcp, many sessions
    Http,
}

/// Serves until the client goes, or Ctrl-C.
pub fn run(global: &Global, args: &ServeArgs) -> Result<()> {
    let lake = global.open()?;
    let offer = {
        let session = Session::open(&lake, lake.snapshot(args.snapshot.as_deref())?)?;
        Offer::load(&session, args.task.as_deref())?
    };
    let log = Arc::new(Mutex::new(Vec::new()));
    let started = chrono::Utc::now().timestamp_micros();
    let prefix = format!("{started:x}-{:x}", std::process::id());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::io("starting", "the runtime"))?;
    let result = runtime.block_on(async {
        match args.mcp {
            Transport::Stdio => tokio::select! {
                result = stdio::serve(offer, prefix, log.clone()) => result,
                () = interrupted() => Err(Error::Interrupted),
            },
            Transport::Http => {
                let stop = CancellationToken::new();
                let on_signal = stop.clone();
                tokio::spawn(async move {
                    interrupted().await;
                    on_signal.cancel();
                });
                let ready = |address| global.say(format!("serving MCP at http://{address}/mcp; Ctrl-C ends it"));
                http::serve(offer, prefix, args.port, log.clone(), stop, ready).await
            }
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    if !args.no_log {
        let calls = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        simulator::commit(&lake, &calls)?;
    }
    result
}
