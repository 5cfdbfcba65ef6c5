//! The simulator as an MCP server. One session core, thin doors.

mod door;
pub mod http;
pub mod stdio;
pub mod task;

pub use door::Door;
pub use task::Offer;
