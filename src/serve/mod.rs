//! The simulator as a server. One session core, thin doors, one protocol a file.

mod atlas;
mod door;
mod guard;
mod http;
mod hub;
mod nemo;
mod openenv;
mod openreward;
mod short;
mod stdio;
mod task;
mod threads;
mod tools;

pub use door::{Door, SESSION};
pub use guard::Guard;
pub use http::{Kind, serve as serve_http};
pub use hub::{About, Behind, Hub, Limits, Live, Log, Refused, Turn};
pub use stdio::serve as serve_stdio;
pub use task::{Offer, ServedTask};
pub use tools::{SUBMIT, Toolset};
