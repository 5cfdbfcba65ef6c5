//! Models behind an OpenAI-compatible endpoint, or Anthropic's: one request, with retries and a budget.

mod anthropic;
mod budget;
mod endpoint;
mod gather;

pub use budget::{Budget, Spent};
pub use endpoint::{Api, Endpoint, Options, Reply, Request};
pub use gather::{Gathered, gather};
