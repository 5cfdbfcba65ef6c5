use std::time::Duration;

use crate::error::{Error, Result};
use crate::llm::{Api, Budget, Endpoint, Options};

/// A model behind an OpenAI-compatible endpoint, or Anthropic's.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    /// Base address of an OpenAI-compatible endpoint, as in http://127.0.0.1:8000/v1
    #[arg(long, env = "FIREFLY_LLM_URL", value_name = "URL")]
    llm_url: Option<String>,
    /// Model to ask
    #[arg(long, env = "FIREFLY_MODEL", value_name = "NAME")]
    model: Option<String>,
    /// What the endpoint speaks
    #[arg(long, value_enum, default_value_t = Api::Openai, value_name = "API")]
    llm_api: Api,
    /// Environment variable that holds the endpoint's key
    #[arg(long, default_value = "OPENAI_API_KEY", value_name = "VAR")]
    llm_key_env: String,
    /// Requests at once
    #[arg(long, default_value_t = 4, value_name = "N")]
    llm_jobs: usize,
    /// Longest wait for one answer, in seconds
    #[arg(long, default_value_t = 120, value_name = "S")]
    llm_timeout: u64,
    /// Most requests
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// Most money, at the prices given
    #[arg(long, requires = "llm_prices", value_name = "COST")]
    max_cost: Option<f64>,
    /// Price of a million tokens of prompts and of answers, as in 3,15
    #[arg(long, value_parser = prices, value_name = "IN,OUT")]
    llm_prices: Option<(f64, f64)>,
    /// Most tokens, prompts and answers together
    #[arg(long, value_name = "N")]
    max_tokens: Option<u64>,
}

impl ModelArgs {
    /// The endpoint asked for.
    pub fn endpoint(&self) -> Result<Endpoint> {
        let missing = |what: &str| Error::Usage(format!("which model is to be asked? Give {what}"));
        Endpoint::new(&Options {
            url: self.llm_url.clone().ok_or_else(|| missing("--llm-url"))?,
            model: self.model.clone().ok_or_else(|| missing("--model"))?,
            api: self.llm_api,
            key_env: self.llm_key_env.clone(),
            timeout: Duration::from_secs(self.llm_timeout.max(1)),
            retries: 6,
        })
    }

    /// What it may cost.
    pub fn budget(&self) -> Budget {
        let prices = self.llm_prices.unwrap_or_default();
        let mut budget = Budget::new(self.max_requests, self.max_tokens);
        (budget.cost, budget.prices) = (self.max_cost, prices);
        budget
    }

    /// Requests at once.
    pub fn jobs(&self) -> usize {
        self.llm_jobs.max(1)
    }
}

fn prices(text: &str) -> std::result::Result<(f64, f64), String> {
    let parts: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).filter(|price| *price >= 0.0).collect();
    match parts.as_slice() {
        [prompts, answers] if text.matches(',').count() == 1 => Ok((*prompts, *answers)),
        _ => Err("two prices with a comma between them are wanted, as in 3,15".into()),
    }
}
