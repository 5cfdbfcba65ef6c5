//! Options of the verbs that launch servers.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::Global;
use crate::error::{Error, Result};
use crate::mcp::{Limits, ServerConfig, config, sandbox};

/// Which servers, and how they are launched.
#[derive(Debug, clap::Args)]
pub struct LaunchArgs {
    /// Server config with `mcpServers` (or `servers`); it names programs that will be run
    #[arg(long, env = "FIREFLY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only this server; can be given several times
    #[arg(long = "server", value_name = "NAME")]
    pub servers: Vec<String>,
    /// Folder with a folder of files for each server that wants some; `${FIREFLY_DATA}` in the config
    #[arg(long, env = "FIREFLY_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Servers or episodes at once [default: four a core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Seconds one request may take [default: 30]
    #[arg(long, value_name = "S")]
    pub call_timeout: Option<u64>,
    /// Seconds a server may take to start [default: 120]
    #[arg(long, value_name = "S")]
    pub start_timeout: Option<u64>,
    /// Sandbox that servers run in: where there can be one, always or never
    #[arg(long, env = "FIREFLY_SANDBOX", value_enum, default_value_t = Sandbox::Auto, value_name = "WHEN")]
    pub sandbox: Sandbox,
    /// Let this server reach the network from its sandbox; can be given several times
    #[arg(long = "allow-net", value_name = "NAME")]
    pub allow_net: Vec<String>,
    /// Show what would be launched, and launch nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// When servers run in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sandbox {
    /// Where there can be one; it is said where there can't
    Auto,
    /// Or not at all
    Require,
    /// Never
    Off,
}

impl Sandbox {
    /// Whether to contain servers. Errors where it is required and can't be had.
    fn decide(self, global: &Global) -> Result<bool> {
        match (self, sandbox::missing()) {
            (Sandbox::Off, _) => Ok(false),
            (_, None) => Ok(true),
            (Sandbox::Require, Some(why)) => Err(Error::Usage(format!("--sandbox require: {why}"))),
            (Sandbox::Auto, Some(why)) => {
                global.say(format!("servers run without a sandbox: {why}"));
                Ok(false)
            }
        }
    }
}

/// Servers wait for their disks and for each other more than they compute.
pub fn default_jobs() -> usize {
    4 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// What the options come to.
pub struct Launch {
    /// The servers.
    pub servers: Vec<ServerConfig>,
    /// How many at once.
    pub jobs: usize,
    /// Time limits.
    pub limits: Limits,
    /// Folder of fixtures.
    pub fixtures: Option<PathBuf>,
}

impl LaunchArgs {
    /// Reads config and settings. The config is the one named, else the one the lake was ingested from.
    pub fn resolve(&self, global: &Global) -> Result<Launch> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => crate::lake::settings::recall_config(&global.lake)
                .ok_or_else(|| Error::Usage("name a server config with --config FILE: it says which programs to run".into()))?,
        };
        let mut servers = config::select(config::read(&path)?, &self.servers, &path)?;
        config::allow_net(&mut servers, &self.allow_net, &path)?;
        if let Some(folder) = self.data.as_ref().filter(|d| !d.is_dir()) {
            return Err(Error::Usage(format!("FIREFLY_DATA (--data): {} is not a folder", folder.display())));
        }
        let settings = global.settings()?;
        let seconds = |flag: Option<u64>, set: Option<u64>, default: u64| Duration::from_secs(flag.or(set).unwrap_or(default).max(1));
        let limits = Limits {
            call: seconds(self.call_timeout, settings.call_timeout_s, 30),
            start: seconds(self.start_timeout, settings.start_timeout_s, 120),
            contained: !self.dry_run && self.sandbox.decide(global)?,
        };
        Ok(Launch { servers, jobs: self.jobs.or(settings.jobs).unwrap_or_else(default_jobs), limits, fixtures: self.data.clone() })
    }

    /// Remembers which config was named, so that later stages need not name it again.
    pub fn remember(&self, global: &Global) -> Result<()> {
        match &self.config {
            Some(path) => crate::lake::settings::remember_config(&global.lake, path),
            None => Ok(()),
        }
    }
}

impl Launch {
    /// Prints what would be launched.
    pub fn show(&self) {
        for server in &self.servers {
            println!("{}\t{}", server.name, server.command_line());
        }
    }
}
