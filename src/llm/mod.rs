//! Models behind an OpenAI-compatible endpoint: one request, with retries and a budget.

mod budget;
mod endpoint;

pub use budget::{Budget, Spent};
pub use endpoint::{Endpoint, Options, Reply, Request};
