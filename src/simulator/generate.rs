//! Replies that a model writes where nothing recorded answers: from the tool's schema and recorded calls of it. They are marked, kept
//! apart from what servers said, and written once.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::json::{canonical, leaves, parse};
use crate::lake::{self, Lake, Lineage, Output};
use crate::llm::{Budget, Endpoint, Request};
use crate::simulator::{RecordedWorld, SimTool};
use crate::text::{fill, short_id, shorten};

const PROMPT: &str = include_str!("../../prompts/generate.md");
/// Recorded calls that the model is shown.
const EXAMPLES: usize = 4;
/// Most characters of each, and of the schema.
const SHOWN: usize = 1500;
/// Most tokens of a reply.
const TOKENS: u32 = 1024;

/// A row of `generated_reply`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    reply_id: String,
    server: String,
    tool: String,
    arguments: String,
    state_key: String,
    model: String,
    examples: i64,
    reply: String,
}

/// The model, with what it has written.
pub struct Generator {
    endpoint: Endpoint,
    budget: Budget,
    written: Mutex<HashMap<String, String>>,
    fresh: Mutex<Vec<Row>>,
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generator").field("model", &self.endpoint.model()).finish_non_exhaustive()
    }
}

impl Generator {
    /// The model behind `endpoint`, as far as `budget` goes, knowing what the lake holds of its replies.
    pub fn new(session: &lake::Session, endpoint: Endpoint, budget: Budget) -> Result<Arc<Generator>> {
        let rows: Vec<Row> = session.table("generated_reply")?;
        let written = rows.into_iter().map(|row| (row.reply_id, row.reply)).collect();
        Ok(Arc::new(Generator { endpoint, budget, written: Mutex::new(written), fresh: Mutex::default() }))
    }

    /// A CallToolResult as text; none where the budget is spent or the model gives none.
    ///
    /// Blocks its thread: only to be called in a runtime of several threads.
    pub(super) fn reply(&self, world: &RecordedWorld, tool: &SimTool, arguments: &Map<String, Value>, state: &str) -> Option<String> {
        let completed = tool.completed(arguments);
        let prompt = short_id(&[PROMPT]);
        let id = short_id(&[&tool.server, &tool.tool, &completed, state, self.endpoint.model(), &prompt]);
        if let Some(known) = self.written.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Some(known.clone());
        }
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let examples = examples(world, tool, arguments, state);
        let text = tokio::task::block_in_place(|| runtime.block_on(self.ask(tool, &completed, &examples)))?;
        let reply = json!({"content": [{"type": "text", "text": text}]}).to_string();
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), reply.clone());
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(Row {
            reply_id: id,
            server: tool.server.clone(),
            tool: tool.tool.clone(),
            arguments: completed,
            state_key: state.to_owned(),
            model: self.endpoint.model().to_owned(),
            examples: examples.len() as i64,
            reply: reply.clone(),
        });
        Some(reply)
    }

    async fn ask(&self, tool: &SimTool, arguments: &str, examples: &[(String, String)]) -> Option<String> {
        let shown: Vec<String> =
            examples.iter().map(|(given, said)| format!("{}\n→ {}", shorten(given, SHOWN), shorten(said, SHOWN))).collect();
        let shown = if shown.is_empty() { "(none)".to_owned() } else { shown.join("\n\n") };
        let asked = fill(
            PROMPT,
            &[
                ("{server}", &tool.server),
                ("{tool}", &tool.tool),
                ("{description}", &shorten(tool.description.as_deref().unwrap_or("(nothing)"), SHOWN)),
                ("{schema}", &shorten(&canonical(&tool.input_schema), SHOWN)),
                ("{examples}", &shown),
                ("{arguments}", arguments),
            ],
        );
        let schema =
            json!({"type": "object", "properties": {"reply": {"type": "string"}}, "required": ["reply"], "additionalProperties": false});
        let request = Request {
            messages: vec![json!({"role": "user", "content": asked})],
            answer: Some(("answer".into(), schema)),
            max_tokens: TOKENS,
            seed: Some(0),
            ..Request::default()
        };
        // An endpoint that fails is a miss: the session goes on.
        let reply = self.endpoint.ask(&request, &self.budget).await.ok()??;
        reply.json()["reply"].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// Commits what was written since this was last called; how many replies.
    pub fn commit(&self, lake: &Lake) -> Result<usize> {
        let rows = std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        if !rows.is_empty() {
            let session = lake.session()?;
            session.put("generated_reply", &rows)?;
            let lineage = Lineage::of(&session, "serve", &[], json!({"model": self.endpoint.model()}), None);
            lake.commit(&session, lineage, &[Output::append("generated_reply")])?;
        }
        Ok(rows.len())
    }
}

/// Arguments and replies of recorded calls of `tool` in the same state that share most values with `arguments`.
fn examples(world: &RecordedWorld, tool: &SimTool, arguments: &Map<String, Value>, state: &str) -> Vec<(String, String)> {
    let values = |arguments: &Value| leaves(arguments).into_iter().map(|l| (l.pointer.clone(), l.text())).collect::<BTreeSet<_>>();
    let wanted = values(&Value::Object(arguments.clone()));
    let mut all: Vec<(usize, u32)> = tool
        .calls
        .iter()
        .filter(|place| world.state(**place) == state && !world.at(**place).failed)
        .map(|place| (values(&parse(world.at(*place).arguments())).intersection(&wanted).count(), *place))
        .collect();
    all.sort_by_key(|(shared, place)| (std::cmp::Reverse(*shared), *place));
    let text = |reply: &str| {
        let reply = parse(reply);
        let texts: Vec<&str> = reply["content"].as_array().into_iter().flatten().filter_map(|b| b["text"].as_str()).collect();
        if texts.is_empty() { reply.to_string() } else { texts.join("\n") }
    };
    all.into_iter().take(EXAMPLES).map(|(_, place)| (world.at(place).arguments().to_owned(), text(world.at(place).reply()))).collect()
}
