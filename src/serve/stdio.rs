//! MCP over standard streams: one session, until the client goes.

use rmcp::ServiceExt;

use crate::error::{Error, Result};
use crate::serve::Offer;
use crate::serve::door::{Door, Log};

/// Serves one session on standard input and output.
pub async fn serve(offer: Offer, session_id: String, log: Log) -> Result<()> {
    let door = Door::new(offer, session_id, log);
    let failed = |e: String| Error::Server { server: "firefly serve".into(), reason: e };
    let running = door.serve(rmcp::transport::stdio()).await.map_err(|e| failed(e.to_string()))?;
    running.waiting().await.map_err(|e| failed(e.to_string()))?;
    Ok(())
}
