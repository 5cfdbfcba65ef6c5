//! What asking may cost.

use std::sync::atomic::{AtomicU64, Ordering};

/// Limits on everything asked of an endpoint together.
#[derive(Debug, Default)]
pub struct Budget {
    /// Most tokens, prompt and answer; none where there is no limit.
    pub tokens: Option<u64>,
    /// Most requests.
    pub requests: Option<u64>,
    /// Most money, in the unit of the prices; none where there is no limit.
    pub cost: Option<f64>,
    /// Price of a million tokens of prompts and of answers.
    pub prices: (f64, f64),
    prompt: AtomicU64,
    answer: AtomicU64,
    asked: AtomicU64,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests that were answered.
    pub requests: u64,
    /// Tokens of prompts.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub answer_tokens: u64,
}

impl Spent {
    /// What it cost at `prices` of a million tokens of prompts and of answers.
    pub fn cost(&self, prices: (f64, f64)) -> f64 {
        (self.prompt_tokens as f64 * prices.0 + self.answer_tokens as f64 * prices.1) / 1e6
    }
}

impl Budget {
    /// A budget of so many requests and tokens.
    pub fn new(requests: Option<u64>, tokens: Option<u64>) -> Budget {
        Budget { tokens, requests, ..Budget::default() }
    }

    /// Takes one request out of the budget; false where nothing is left.
    pub fn take(&self) -> bool {
        let spent = self.prompt.load(Ordering::Relaxed) + self.answer.load(Ordering::Relaxed);
        if self.tokens.is_some_and(|most| spent >= most) {
            return false;
        }
        if self.cost.is_some_and(|most| self.spent().cost(self.prices) >= most) {
            return false;
        }
        let most = self.requests.unwrap_or(u64::MAX);
        self.asked.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |asked| (asked < most).then_some(asked + 1)).is_ok()
    }

    /// Notes what an answer cost.
    pub fn note(&self, prompt: u64, answer: u64) {
        self.prompt.fetch_add(prompt, Ordering::Relaxed);
        self.answer.fetch_add(answer, Ordering::Relaxed);
    }

    /// What was spent so far.
    pub fn spent(&self) -> Spent {
        Spent {
            requests: self.asked.load(Ordering::Relaxed),
            prompt_tokens: self.prompt.load(Ordering::Relaxed),
            answer_tokens: self.answer.load(Ordering::Relaxed),
        }
    }
}
