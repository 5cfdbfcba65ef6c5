//! Server configs as people have them: `mcpServers` (Claude Desktop, Claude Code, Cursor) and
//! `servers` (VS Code).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::mcp::secrets::mask_literals;

/// One server of a config, with `${VAR}` not yet expanded. Its values may be secret; only
/// [`ServerConfig::public`] may be stored or shown.
#[derive(Clone)]
pub struct ServerConfig {
    /// Name in the config.
    pub name: String,
    /// How it is reached.
    pub launch: Launch,
    /// Whether it may reach the network from its sandbox.
    pub network: bool,
}

/// How a server is reached.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Launch {
    /// A program that speaks MCP on its standard streams.
    Stdio {
        /// Program.
        command: String,
        /// Its arguments.
        #[serde(default)]
        args: Vec<String>,
        /// Environment variables it is given.
        #[serde(default)]
        env: BTreeMap<String, String>,
    },
    /// A streamable HTTP endpoint.
    Http {
        /// Address.
        url: String,
        /// Headers sent with each request.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
}

#[derive(Deserialize)]
struct File {
    #[serde(alias = "servers", rename = "mcpServers")]
    servers: Map<String, Value>,
}

/// An address without query, which may hold a key, and without user.
fn address(url: &str) -> String {
    mask_literals(url.split(['?', '#']).next().unwrap_or_default())
}

/// Reads the servers of the config at `path`, in its order.
pub fn read(path: &Path) -> Result<Vec<ServerConfig>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("reading the server config", path))?;
    let bad = |what: String| Error::Config { path: path.into(), what };
    let value: Value = serde_json::from_str(&text).map_err(|e| bad(format!("is not JSON: {e}")))?;
    let file: File =
        serde_json::from_value(value).map_err(|_| bad("has no object `mcpServers` (or `servers`) with one member per server".into()))?;
    let read_one = |(name, value): (String, Value)| match serde_json::from_value(value) {
        Ok(launch) => Ok(ServerConfig { name, launch, network: false }),
        Err(_) => Err(bad(format!("server `{name}` needs `command` (with `args`, `env`) or `url` (with `headers`)"))),
    };
    file.servers.into_iter().map(read_one).collect()
}

/// Keeps the servers called `names`, in the config's order; all where `names` is empty.
pub fn select(servers: Vec<ServerConfig>, names: &[String], path: &Path) -> Result<Vec<ServerConfig>> {
    if let Some(unknown) = names.iter().find(|n| !servers.iter().any(|s| s.name == **n)) {
        let known: Vec<_> = servers.iter().map(|s| s.name.as_str()).collect();
        let what = format!("has no server `{unknown}`; it has {}", known.join(", "));
        return Err(Error::Config { path: path.into(), what });
    }
    Ok(servers.into_iter().filter(|s| names.is_empty() || names.contains(&s.name)).collect())
}

/// Lets the servers called `names` reach the network.
pub fn allow_net(servers: &mut [ServerConfig], names: &[String], path: &Path) -> Result<()> {
    for name in names {
        let what = || Error::Config { path: path.into(), what: format!("has no server `{name}` to allow the network to") };
        servers.iter_mut().find(|s| s.name == *name).ok_or_else(what)?.network = true;
    }
    Ok(())
}

impl ServerConfig {
    /// What may be known of the launch recipe: `${VAR}` unexpanded, and names without values for
    /// environment variables and headers.
    pub fn public(&self) -> Value {
        match &self.launch {
            Launch::Stdio { command, args, env } => {
                json!({"command": command, "args": args.iter().map(|a| mask_literals(a)).collect::<Vec<_>>(), "env": env.keys().collect::<Vec<_>>()})
            }
            Launch::Http { url, headers } => {
                json!({"url": address(url), "headers": headers.keys().collect::<Vec<_>>()})
            }
        }
    }

    /// `stdio` or `http`.
    pub fn transport(&self) -> &'static str {
        match self.launch {
            Launch::Stdio { .. } => "stdio",
            Launch::Http { .. } => "http",
        }
    }

    /// The command line in one line, as `--dry-run` shows it; `${VAR}` unexpanded.
    pub fn command_line(&self) -> String {
        match &self.launch {
            Launch::Stdio { command, args, .. } => {
                let all = std::iter::once(command).chain(args);
                all.map(|part| mask_literals(part)).collect::<Vec<_>>().join(" ")
            }
            Launch::Http { url, .. } => address(url),
        }
    }

    /// The recipe with each `${VAR}`, `${VAR:-default}` and `${env:VAR}` filled in from `lookup`.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Launch> {
        let one = |text: &String| self.expand_text(text, lookup);
        let map = |m: &BTreeMap<String, String>| m.iter().map(|(k, v)| Ok((k.clone(), one(v)?))).collect::<Result<_>>();
        Ok(match &self.launch {
            Launch::Stdio { command, args, env } => {
                Launch::Stdio { command: one(command)?, args: args.iter().map(one).collect::<Result<_>>()?, env: map(env)? }
            }
            Launch::Http { url, headers } => Launch::Http { url: one(url)?, headers: map(headers)? },
        })
    }

    fn expand_text(&self, text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String> {
        static VARIABLE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}").expect("a fixed pattern"));
        let mut unset = None;
        let expanded = VARIABLE.replace_all(text, |found: &Captures<'_>| {
            lookup(&found[1]).or_else(|| found.get(2).map(|d| d.as_str().to_owned())).unwrap_or_else(|| {
                unset = Some(found[1].to_owned());
                String::new()
            })
        });
        match unset {
            None => Ok(expanded.into_owned()),
            Some(name) => {
                Err(Error::Server { server: self.name.clone(), reason: format!("its config uses ${{{name}}}, which is not set") })
            }
        }
    }
}
