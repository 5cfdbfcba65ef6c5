//! The tools that the calls of traces name. Nearly every call is of one that was met before.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::hashed::ByHash;
use crate::purity;

/// What is known before of tools, by server and name: whether they read only, and whether they take a path.
pub type Known = Arc<HashMap<String, HashMap<String, (bool, bool)>>>;

/// A tool that calls name.
pub struct Tool {
    /// Its server.
    pub server: Arc<str>,
    /// Its name there.
    pub name: Arc<str>,
    /// Whether it reads only and whether it takes a path, where the lake knows it.
    pub known: Option<(bool, bool)>,
    /// Whether it reads only, as its name has it.
    pub reads: bool,
    /// [`Given::shape`](crate::intake::reading::Given::shape) of its calls.
    pub shapes: RefCell<ByHash<u64, ()>>,
}

/// Tools met so far.
pub struct Called {
    known: Known,
    tools: ByHash<u64, Rc<Tool>>,
}

impl Called {
    /// None met yet.
    pub fn new(known: Known) -> Called {
        Called { known, tools: ByHash::default() }
    }

    /// The tool `name` of `server`.
    pub fn tool(&mut self, server: &str, name: &str) -> Rc<Tool> {
        let hash = xxh3_64_with_seed(name.as_bytes(), xxh3_64(server.as_bytes()));
        if let Some(met) = self.tools.get(&hash).filter(|met| *met.server == *server && *met.name == *name) {
            return met.clone();
        }
        let known = self.known.get(server).and_then(|tools| tools.get(name)).copied();
        let reads = purity::judge(name, &Value::Null).0;
        let tool = Rc::new(Tool { server: server.into(), name: name.into(), known, reads, shapes: RefCell::default() });
        self.tools.insert(hash, tool.clone());
        tool
    }
}
