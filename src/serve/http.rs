//! All doors that HTTP carries, on one port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router, middleware};
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower::util::MapResponse;

use crate::error::{Error, Result};
use crate::serve::door::Door;
use crate::serve::guard::{self, Guard};
use crate::serve::hub::Hub;
use crate::serve::short::{Front, Open, PATH};
use crate::serve::{atlas, nemo, openenv, openreward, threads};

/// A door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// MCP at /mcp
    Mcp,
    /// NeMo-Gym's episode protocol, with MCP
    NemoGym,
    /// The Open Reward Standard, for TRL
    Openreward,
    /// OpenEnv; below /openenv where MCP is served too
    Openenv,
    /// The tool server of MCP-Atlas
    McpAtlas,
}

/// How often idle sessions are looked for.
const REAP: Duration = Duration::from_secs(5);

/// Serves `doors` at `address` until `stop` is cancelled. `ready` is told the address once connections are taken.
pub async fn serve(
    hub: Arc<Hub>,
    doors: &[Kind],
    address: SocketAddr,
    guard: Guard,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let failed = |e: std::io::Error| Error::Io { action: "listening on", path: address.to_string().into(), source: e };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    ready(listener.local_addr().map_err(failed)?);
    let (guard, open) = (Arc::new(guard), Arc::new(Open::new(hub.limits.idle, hub.limits.body)));
    let app = router(&hub, doors, &guard, &stop, &open).into_make_service_with_connect_info::<SocketAddr>();
    let app = MapResponse::new(app, move |behind| Front { behind, open: open.clone(), guard: guard.clone() });
    let reaper = tokio::spawn({
        let hub = hub.clone();
        async move {
            loop {
                tokio::time::sleep(REAP).await;
                hub.reap();
            }
        }
    });
    let served = if hub.waits() {
        // A call that waits for a real server must not keep others waiting: they move to other threads.
        let listener = listener.tap_io(threads::prompt);
        axum::serve(listener, app).with_graceful_shutdown(async move { stop.cancelled().await }).await
    } else {
        threads::serve(listener, app, stop).await
    };
    reaper.abort();
    hub.close_all();
    served.map_err(failed)
}

fn router(hub: &Arc<Hub>, doors: &[Kind], guard: &Arc<Guard>, stop: &CancellationToken, open: &Arc<Open>) -> Router {
    let has = |door: Kind| doors.contains(&door);
    let mut app = Router::new().route("/health", get(|| async { Json(json!({"status": "healthy"})) }));
    let with_mcp = has(Kind::Mcp) || has(Kind::NemoGym);
    if has(Kind::NemoGym) {
        app = app.merge(nemo::routes(hub.clone()));
    }
    if has(Kind::Openreward) {
        app = app.merge(openreward::routes(hub.clone()));
    }
    if has(Kind::McpAtlas) {
        app = app.merge(atlas::routes(hub.clone()));
    }
    if has(Kind::Openenv) {
        let routes = openenv::routes(hub.clone()).route("/health", get(|| async { Json(json!({"status": "healthy"})) }));
        app = if with_mcp { app.nest("/openenv", routes) } else { app.merge(openenv::routes(hub.clone())).nest("/openenv", routes) };
    }
    if with_mcp {
        app = app.nest_service(PATH, mcp(hub, guard, stop, open));
    }
    app.layer(DefaultBodyLimit::max(hub.limits.body)).layer(middleware::from_fn_with_state(guard.clone(), guard::check))
}

fn mcp(hub: &Arc<Hub>, guard: &Guard, stop: &CancellationToken, open: &Arc<Open>) -> StreamableHttpService<Door, LocalSessionManager> {
    let (made, open) = (hub.clone(), open.clone());
    let make = move || Ok(Door::new(made.clone()).with_short_way(open.clone()));
    let mut config = StreamableHttpServerConfig::default()
        .with_cancellation_token(stop.clone())
        .with_json_response(true)
        .with_max_request_body_bytes(hub.limits.body);
    if !guard.loopback {
        config = config.disable_allowed_hosts();
    }
    let mut sessions = SessionConfig::default();
    sessions.keep_alive = Some(hub.limits.idle);
    let mut manager = LocalSessionManager::default();
    manager.session_config = sessions;
    StreamableHttpService::new(make, Arc::new(manager), config)
}
