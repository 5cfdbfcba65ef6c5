//! Answers of a group of requests, as far as they come in.

use futures::StreamExt;

use crate::error::{Error, Result};

/// What came in.
pub struct Gathered<T> {
    /// The answers, in the order of the requests: what was paid for, also where the rest was not asked.
    pub said: Vec<T>,
    /// Whether the budget ended before the group did.
    pub spent: bool,
    /// What the endpoint said where it is gone or refuses; what else was to be asked would only wait for it.
    pub failure: Option<Error>,
}

/// Awaits `answers`, `jobs` at once, each none where the budget is spent, up to the first failure.
pub async fn gather<T>(answers: impl Iterator<Item = impl Future<Output = Result<Option<T>>>>, jobs: usize) -> Gathered<T> {
    let mut answers = std::pin::pin!(futures::stream::iter(answers).buffered(jobs.max(1)));
    let mut gathered = Gathered { said: Vec::new(), spent: false, failure: None };
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(Some(answer)) => gathered.said.push(answer),
            Ok(None) => gathered.spent = true,
            Err(error) => {
                gathered.failure = Some(error);
                break;
            }
        }
    }
    gathered
}
