//! MCP over standard streams: one session, until the client goes.

use std::sync::Arc;

use rmcp::ServiceExt;

use crate::error::{Error, Result};
use crate::serve::door::Door;
use crate::serve::hub::Hub;

/// Serves one session on standard input and output.
pub async fn serve(hub: Arc<Hub>) -> Result<()> {
    let failed = |e: String| Error::Server { server: "firefly serve".into(), reason: e };
    let running = Door::new(hub).serve(rmcp::transport::stdio()).await.map_err(|e| failed(e.to_string()))?;
    running.waiting().await.map_err(|e| failed(e.to_string()))?;
    Ok(())
}
