//! The servers of a run over many episodes or tasks. What only reads leaves a server as it found it, so that all that
//! does so shares one process a server; what writes gets servers of its own, fresh.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::mcp::{Limits, LiveServer, ServerConfig, World};

/// A server's config, and its shared process where one runs.
type Berth = (ServerConfig, Mutex<Option<Arc<LiveServer>>>);

/// Servers by name, each started once it is asked for.
pub struct Fleet {
    servers: BTreeMap<String, Berth>,
    fixtures: Option<PathBuf>,
    limits: Limits,
    starting: AtomicU64,
}

/// Whether `server` may be a process that others use too, where these tools are called, each with its server, whether it reads, and
/// whether it takes a path: nothing is written to it, and no file that another server writes is read by it.
pub fn may_share<'a>(server: &str, tools: impl Iterator<Item = (&'a str, bool, bool)> + Clone) -> bool {
    let writes = tools.clone().any(|(_, reads, _)| !reads);
    tools.filter(|(name, ..)| *name == server).all(|(_, reads, path)| reads && !(writes && path))
}

impl Fleet {
    /// A fleet of `configs`, none of them running.
    pub fn new(configs: &[ServerConfig], fixtures: Option<PathBuf>, limits: Limits) -> Fleet {
        let servers = configs.iter().map(|c| (c.name.clone(), (c.clone(), Mutex::new(None)))).collect();
        Fleet { servers, fixtures, limits, starting: AtomicU64::new(0) }
    }

    /// The shared process of `name`; started anew where it was lost.
    pub async fn shared(&self, name: &str) -> Result<Arc<LiveServer>> {
        let (config, slot) = self.known(name)?;
        let mut slot = slot.lock().await;
        if let Some(live) = slot.as_ref().filter(|live| !live.is_lost()) {
            return Ok(live.clone());
        }
        let live = self.start(config, &Arc::new(self.world()?)).await?;
        *slot = Some(live.clone());
        Ok(live)
    }

    /// Forgets the shared process of `name`: its next user gets a fresh one.
    pub async fn forget(&self, name: &str) {
        if let Ok((_, slot)) = self.known(name) {
            slot.lock().await.take();
        }
    }

    /// A fresh process of `name` in `world`.
    pub async fn fresh(&self, name: &str, world: &Arc<World>) -> Result<Arc<LiveServer>> {
        let (config, _) = self.known(name)?;
        self.start(config, world).await
    }

    async fn start(&self, config: &ServerConfig, world: &Arc<World>) -> Result<Arc<LiveServer>> {
        let started = Instant::now();
        let live = LiveServer::start(config, world, self.limits).await.map(Arc::new);
        self.starting.fetch_add(started.elapsed().as_micros() as u64, Ordering::Relaxed);
        live
    }

    /// Time spent on starting servers, over all.
    pub fn starting(&self) -> Duration {
        Duration::from_micros(self.starting.load(Ordering::Relaxed))
    }

    /// A fresh folder for servers.
    pub fn world(&self) -> Result<World> {
        World::new(self.fixtures.as_deref())
    }

    fn known(&self, name: &str) -> Result<&Berth> {
        self.servers.get(name).ok_or_else(|| Error::Server { server: name.into(), reason: "is not in the server config".into() })
    }
}
