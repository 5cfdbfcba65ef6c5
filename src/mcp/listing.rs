//! What a live server lists: tools, resources, resource templates, prompts, over all pages.

use rmcp::model::{PaginatedRequestParams, Tool};
use serde_json::{Value, json};

use crate::error::Result;
use crate::mcp::LiveServer;

/// Most pages of a list that are read.
const MAX_PAGES: usize = 1000;
/// Times a list is read again because the server said meanwhile that it changed.
const MAX_CHANGES: usize = 3;

/// All that a server listed.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its tools.
    pub tools: Vec<Tool>,
    /// Its resources and resource templates, as it describes them.
    pub resources: Vec<Value>,
    /// Its prompts, as it describes them.
    pub prompts: Vec<Value>,
    /// What was odd but survivable.
    pub notes: Vec<String>,
}

impl LiveServer {
    /// All pages of everything it lists. A list of tools that it says has changed is read again.
    ///
    /// Errors where its tools can't be listed; resources and prompts that can't are a note.
    pub async fn list(&self) -> Result<Listing> {
        let mut notes = Vec::new();
        let mut tools = self.tools(&mut notes).await?;
        for change in 1.. {
            if !self.tools_changed() {
                break;
            }
            if change > MAX_CHANGES {
                notes.push(format!("its tools changed more than {MAX_CHANGES} times while they were listed"));
                break;
            }
            notes.push("its tools changed while they were listed".to_owned());
            notes.dedup();
            tools = self.tools(&mut notes).await?;
        }
        let can = |what: &str| self.introduction().pointer(&format!("/capabilities/{what}")).is_some();
        let (mut resources, mut prompts) = (Vec::new(), Vec::new());
        if can("resources") {
            let found = self.pages("resources/list", &mut notes, async |page| {
                let told = self.peer().list_resources(page).await?;
                Ok((told.resources.iter().map(|r| json!(r)).collect(), told.next_cursor))
            });
            resources.extend(self.or_note(found.await, &mut notes));
            let found = self.pages("resources/templates/list", &mut notes, async |page| {
                let told = self.peer().list_resource_templates(page).await?;
                Ok((told.resource_templates.iter().map(|r| json!(r)).collect(), told.next_cursor))
            });
            // Many servers with resources have no templates, and no such method.
            resources.extend(found.await.unwrap_or_default());
        }
        if can("prompts") {
            let found = self.pages("prompts/list", &mut notes, async |page| {
                let told = self.peer().list_prompts(page).await?;
                Ok((told.prompts.iter().map(|p| json!(p)).collect(), told.next_cursor))
            });
            prompts.extend(self.or_note(found.await, &mut notes));
        }
        for value in resources.iter_mut().chain(&mut prompts) {
            self.clean(value);
        }
        notes.extend(self.faults_seen());
        Ok(Listing { tools, resources, prompts, notes })
    }

    async fn tools(&self, notes: &mut Vec<String>) -> Result<Vec<Tool>> {
        let all = self
            .pages("tools/list", notes, async |page| {
                let told = self.peer().list_tools(page).await?;
                Ok((told.tools, told.next_cursor))
            })
            .await?;
        let mut tools: Vec<Tool> = Vec::with_capacity(all.len());
        for tool in all {
            if tools.iter().any(|t| t.name == tool.name) {
                notes.push(format!("lists the tool `{}` twice", tool.name));
            } else {
                tools.push(tool);
            }
        }
        Ok(tools)
    }

    fn or_note(&self, found: Result<Vec<Value>>, notes: &mut Vec<String>) -> Vec<Value> {
        found.unwrap_or_else(|error| {
            notes.push(error.to_string());
            Vec::new()
        })
    }

    async fn pages<T>(
        &self,
        method: &str,
        notes: &mut Vec<String>,
        ask: impl AsyncFn(Option<PaginatedRequestParams>) -> std::result::Result<(Vec<T>, Option<String>), rmcp::ServiceError>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut cursors: Vec<String> = Vec::new();
        loop {
            let page = PaginatedRequestParams::default().with_cursor(cursors.last().cloned());
            let (items, next) = self.in_time(method, ask(Some(page))).await?;
            all.extend(items);
            match next {
                None => return Ok(all),
                Some(next) if cursors.contains(&next) || cursors.len() >= MAX_PAGES => {
                    notes.push(format!("its {method} cursor loops after {} pages", cursors.len() + 1));
                    return Ok(all);
                }
                Some(next) => cursors.push(next),
            }
        }
    }
}
