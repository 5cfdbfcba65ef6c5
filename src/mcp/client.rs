//! A live server seen as an MCP client sees it: start, list tools, call, stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion};
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, RunningService, ServiceError, serve_client_with_lifecycle};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{Peer, RoleClient};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::mcp::config::Launch;
use crate::mcp::guard::{self, Noticed};
use crate::mcp::lenient::lenient;
use crate::mcp::process::{self, Fetch, ServerProcess, Walls};
use crate::mcp::secrets::Secrets;
use crate::mcp::{ServerConfig, World, reading};
use crate::redact;
use crate::text::shorten;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From launch to the end of the handshake.
    pub start: Duration,
    /// One request.
    pub call: Duration,
    /// Whether servers run in a sandbox.
    pub contained: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { start: Duration::from_secs(120), call: Duration::from_secs(30), contained: false }
    }
}

/// A server that has finished its handshake. Dropping it ends its processes.
pub struct LiveServer {
    name: String,
    service: RunningService<RoleClient, ClientConfig>,
    process: Option<ServerProcess>,
    noticed: Arc<Noticed>,
    world: Arc<World>,
    secrets: Secrets,
    limits: Limits,
    /// Time from launch to the end of the handshake.
    pub startup: Duration,
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The CallToolResult as sent, with virtual paths; none where no result came back.
    pub reply: Option<Value>,
    /// How it failed, if it did.
    pub error: Option<CallError>,
    /// Time from request to reply.
    pub latency: Duration,
}

impl Outcome {
    /// Whether the server's state is unknown from here on: it is gone, or did not answer in time.
    pub fn is_lost(&self) -> bool {
        self.error.as_ref().is_some_and(|e| matches!(e.kind, ErrorKind::Exit | ErrorKind::Timeout))
    }
}

/// How a call failed.
#[derive(Debug, Clone)]
pub struct CallError {
    /// Kind of failure.
    pub kind: ErrorKind,
    /// What was said, with virtual paths.
    pub text: String,
}

/// The ways a call can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A JSON-RPC error.
    Protocol,
    /// A result with `isError`.
    Tool,
    /// A result that says it is an error without `isError`.
    Soft,
    /// No reply in time.
    Timeout,
    /// The server was lost.
    Exit,
}

impl ErrorKind {
    /// Its name in the `error_kind` column.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Protocol => "protocol",
            ErrorKind::Tool => "tool",
            ErrorKind::Soft => "soft",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Exit => "exit",
        }
    }
}

impl LiveServer {
    /// Starts `config` in `world`. A package runner is first kept from the network, so that cached
    /// servers start fast and without one, and only then allowed to download. A contained server that had to be
    /// downloaded is started once more, now without network and with its package out of its reach.
    pub async fn start(config: &ServerConfig, world: &Arc<World>, limits: Limits) -> Result<LiveServer> {
        let data = world.data();
        let lookup = |name: &str| match name {
            "FIREFLY_DATA" => world.has_fixtures().then(|| data.to_string_lossy().into_owned()),
            _ => std::env::var(name).ok(),
        };
        let launch = config.expand(&lookup)?;
        let secrets = Secrets::of(config, &launch, &lookup);
        let runner = matches!(&launch, Launch::Stdio { command, .. } if process::is_package_runner(command));
        let mut fetch = if runner || limits.contained { Fetch::Cached } else { Fetch::Missing };
        let mut lifecycle = ClientLifecycleMode::Initialize;
        let mut fetched = !limits.contained;
        loop {
            match Self::attempt(config, &launch, &secrets, world, limits, fetch, lifecycle.clone()).await {
                Err(Error::Server { reason, .. })
                    if runner && fetch == Fetch::Cached && reason.starts_with(EXITED) && !(fetched && limits.contained) =>
                {
                    fetch = Fetch::Missing
                }
                Err(Error::Server { reason, .. }) if lifecycle == ClientLifecycleMode::Initialize && reason.starts_with(REFUSED) => {
                    // Servers of the stateless protocol know no `initialize`.
                    lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
                }
                Ok(live) if runner && fetch == Fetch::Missing && !fetched => {
                    live.stop().await;
                    (fetch, fetched) = (Fetch::Cached, true);
                }
                other => return other,
            }
        }
    }

    async fn attempt(
        config: &ServerConfig,
        launch: &Launch,
        secrets: &Secrets,
        world: &Arc<World>,
        limits: Limits,
        fetch: Fetch,
        lifecycle: ClientLifecycleMode,
    ) -> Result<LiveServer> {
        let started = Instant::now();
        let noticed = Arc::new(Noticed::default());
        let (process, handshake);
        let me = ClientConfig::new(ClientCapabilities::default(), Implementation::new("firefly", env!("CARGO_PKG_VERSION")));
        match launch {
            Launch::Stdio { command, args, env } => {
                let folder = world.enter(&config.name)?;
                let fail = |e: Error| Error::Server { server: config.name.clone(), reason: format!("does not start: {e}") };
                let walls = match (limits.contained, config.network) {
                    (false, _) => Walls::None,
                    (true, false) => Walls::Closed,
                    (true, true) => Walls::Network,
                };
                let mut child = process::spawn(command, args, env, world, &folder, fetch, walls).map_err(fail)?;
                let pipes = (child.child.stdin.take(), child.child.stdout.take(), child.child.stderr.take());
                let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
                    return Err(Error::Server { server: config.name.clone(), reason: "has no standard streams".into() });
                };
                let (reader, writer) = tokio::io::duplex(1 << 16);
                tokio::spawn(guard::filter_lines(stdout, writer, noticed.clone()));
                tokio::spawn(guard::keep_stderr(stderr, noticed.clone()));
                process = Some(child);
                handshake = tokio::time::timeout(
                    limits.start,
                    serve_client_with_lifecycle(me, lenient((reader, stdin), noticed.clone()), lifecycle),
                )
                .await;
            }
            Launch::Http { url, headers } => {
                process = None;
                crate::tls::provide();
                let transport = StreamableHttpClientTransport::from_config(http_config(&config.name, url, headers)?);
                handshake =
                    tokio::time::timeout(limits.start, serve_client_with_lifecycle(me, lenient(transport, noticed.clone()), lifecycle))
                        .await;
            }
        }
        let fail = |reason: String| Error::Server { server: config.name.clone(), reason: secrets.clean(world, &reason) };
        match handshake {
            Ok(Ok(service)) => Ok(LiveServer {
                name: config.name.clone(),
                service,
                process,
                noticed,
                world: world.clone(),
                secrets: secrets.clone(),
                limits,
                startup: started.elapsed(),
            }),
            Ok(Err(error)) => Err(fail(explain_start(&error, &noticed, matches!(launch, Launch::Http { .. })).await)),
            Err(_) => Err(fail(with_output(format!("did not finish its handshake within {} s", limits.start.as_secs()), &noticed))),
        }
    }

    /// What it says of itself: name, version, protocol version, capabilities, instructions.
    pub fn introduction(&self) -> Value {
        let mut told = self.service.peer().peer_info().and_then(|info| serde_json::to_value(&*info).ok()).unwrap_or(Value::Null);
        self.secrets.clean_value(&self.world, &mut told);
        told
    }

    /// The folder it runs in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The version it gives itself; null where it gives none.
    pub fn version(&self) -> Value {
        self.introduction().pointer("/serverInfo/version").cloned().unwrap_or(Value::Null)
    }

    /// Whether it said since the last time asked that its tools changed.
    pub(super) fn tools_changed(&self) -> bool {
        self.noticed.take_changed()
    }

    pub(super) fn peer(&self) -> &Peer<RoleClient> {
        self.service.peer()
    }

    /// Takes secrets and real paths out of what it said.
    pub(super) fn clean(&self, value: &mut Value) {
        self.secrets.clean_value(&self.world, value);
        redact::value(value);
    }

    /// What was odd about its output, and what it left out of its introduction.
    pub(super) fn faults_seen(&self) -> Vec<String> {
        let told = self.noticed.left_out().into_iter().chain(self.noticed.junk());
        told.map(|what| self.secrets.clean(&self.world, &what)).collect()
    }

    /// What it answers to `method`, if it does so in time.
    pub(super) async fn in_time<T>(&self, method: &str, answer: impl Future<Output = std::result::Result<T, ServiceError>>) -> Result<T> {
        match tokio::time::timeout(self.limits.call, answer).await {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(error)) => Err(self.fail(format!("{method}: {}", self.explain(&error)))),
            Err(_) => Err(self.fail(with_output(format!("{method}: no reply within {} s", self.limits.call.as_secs()), &self.noticed))),
        }
    }

    /// Calls `tool` with `arguments`, in which paths are virtual.
    pub async fn call(&self, tool: &str, arguments: &Map<String, Value>) -> Outcome {
        let started = Instant::now();
        let mut real = Value::Object(arguments.clone());
        self.world.to_real(&mut real);
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(real.as_object().cloned().unwrap_or_default());
        let answer = tokio::time::timeout(self.limits.call, self.service.call_tool_once(params)).await;
        let latency = started.elapsed();
        let failed = |kind, text: String| {
            let text = shorten(&self.secrets.clean(&self.world, &text), 500);
            Outcome { reply: None, error: Some(CallError { kind, text }), latency }
        };
        match answer {
            Err(_) => failed(ErrorKind::Timeout, with_output(format!("no reply within {} s", self.limits.call.as_secs()), &self.noticed)),
            Ok(Err(ServiceError::McpError(error))) => failed(ErrorKind::Protocol, format!("{}: {}", error.code.0, error.message)),
            Ok(Err(error)) => failed(ErrorKind::Exit, self.explain(&error)),
            Ok(Ok(CallToolResponse::Complete(result))) => {
                let mut reply = serde_json::to_value(&result).unwrap_or(Value::Null);
                if let Some(members) = reply.as_object_mut() {
                    members.remove("resultType");
                }
                let shown = std::env::var("PATH").is_ok_and(|path| path.len() > 20 && reply.to_string().contains(&path));
                self.clean(&mut reply);
                // What a tool says of the machine it runs on is no task for anybody else.
                let shows = || CallError { kind: ErrorKind::Soft, text: "shows the environment of its process".into() };
                let error = if shown { Some(shows()) } else { reading::error_of(&reply) };
                Outcome { reply: Some(reply), error, latency }
            }
            Ok(Ok(_)) => failed(ErrorKind::Protocol, "asks for more input or runs as a task, which this client does not offer".into()),
        }
    }

    /// Whether the connection is gone.
    pub fn is_lost(&self) -> bool {
        self.service.is_closed() || self.service.peer().is_transport_closed()
    }

    /// Ends it in an orderly way, then by force.
    pub async fn stop(mut self) {
        let _ = self.service.close_with_timeout(Duration::from_millis(200)).await;
        drop(self.process.take());
    }

    fn explain(&self, error: &ServiceError) -> String {
        let text = self.noticed.fatal().unwrap_or_else(|| match error {
            ServiceError::TransportClosed => "the server ended the connection".into(),
            other => other.to_string(),
        });
        with_output(text, &self.noticed)
    }

    fn fail(&self, reason: String) -> Error {
        let reason = self.secrets.clean(&self.world, &reason);
        Error::Server { server: self.name.clone(), reason }
    }
}

/// How reasons begin when the process ended before the handshake did.
const EXITED: &str = "ended before its handshake";
/// How reasons begin when the server answered `initialize` with an error.
const REFUSED: &str = "refuses to initialize";

async fn explain_start(error: &ClientInitializeError, noticed: &Noticed, http: bool) -> String {
    // The end of the connection can be seen before the last words on standard error are.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let text = match (noticed.fatal(), error) {
        (Some(fatal), _) => fatal,
        (None, ClientInitializeError::TransportError { error, .. }) if http => {
            format!("can't be reached: {}", shorten(&error.to_string(), 300))
        }
        (None, ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::TransportError { .. }) => EXITED.to_owned(),
        (None, ClientInitializeError::JsonRpcError(error)) => format!("{REFUSED}: {}", error.message),
        (None, other) => shorten(&other.to_string(), 300),
    };
    with_output(text, noticed)
}

fn with_output(mut text: String, noticed: &Noticed) -> String {
    if let Some(junk) = noticed.junk() {
        text.push_str(&format!("; {junk}"));
    }
    let stderr = noticed.stderr();
    if let Some(last) = stderr.lines().rev().find(|l| !l.trim().is_empty()) {
        text.push_str(&format!("; last on stderr: {}", shorten(last.trim(), 200)));
    }
    text
}

fn http_config(
    server: &str,
    url: &str,
    headers: &std::collections::BTreeMap<String, String>,
) -> Result<StreamableHttpClientTransportConfig> {
    let bad = |name: &str| Error::Server { server: server.into(), reason: format!("header `{name}` is not one HTTP allows") };
    let mut all = HashMap::new();
    for (name, value) in headers {
        all.insert(name.parse().map_err(|_| bad(name))?, value.parse().map_err(|_| bad(name))?);
    }
    Ok(StreamableHttpClientTransportConfig::with_uri(url).custom_headers(all))
}
