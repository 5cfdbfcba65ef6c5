//! MCP over streamable HTTP, at `/mcp`: each MCP session is a session of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::serve::Offer;
use crate::serve::door::{Door, Log};

/// Serves on loopback until `stop` is cancelled. `ready` is told the address once connections are taken.
pub async fn serve(
    offer: Offer,
    prefix: String,
    port: u16,
    log: Log,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let failed = |e: std::io::Error| Error::Io { action: "listening on", path: address.to_string().into(), source: e };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    ready(listener.local_addr().map_err(failed)?);
    let counter = AtomicU64::new(0);
    let make = move || {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        Ok(Door::new(offer.clone(), format!("{prefix}-{number}"), log.clone()))
    };
    let config = StreamableHttpServerConfig::default().with_cancellation_token(stop.clone());
    let service = StreamableHttpService::new(make, Arc::new(LocalSessionManager::default()), config);
    let router = axum::Router::new().nest_service("/mcp", service);
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await.map_err(failed)
}
