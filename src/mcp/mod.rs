//! Live MCP servers: their configs, the folder they run in, their processes, and what they reply.

pub mod client;
pub mod config;
mod fleet;
pub mod guard;
pub mod lenient;
pub mod listing;
mod packages;
pub mod process;
pub mod reading;
pub mod sandbox;
pub mod secrets;
mod watch;
pub mod world;

pub use client::{CallError, ErrorKind, Limits, LiveServer, Outcome};
pub use config::ServerConfig;
pub use fleet::{Fleet, may_share};
pub use listing::Listing;
pub use world::{VIRTUAL_ROOT, World};
