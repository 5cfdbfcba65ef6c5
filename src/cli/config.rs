use crate::cli::Global;
use crate::cli::launch::default_jobs;
use crate::error::Result;
use crate::lake::query::Limits;

/// `firefly config`
#[derive(Debug, clap::Args)]
pub struct ConfigArgs {}

/// Shows each setting, its value and where it comes from.
pub fn run(global: &Global, _args: &ConfigArgs) -> Result<()> {
    let settings = global.settings()?;
    let show = |name: &str, value: String, origin: &str| println!("{name}\t{value}\t{origin}");
    let lake_origin = if std::env::var_os("FIREFLY_LAKE").is_some() { "FIREFLY_LAKE or flag" } else { "flag or default" };
    show("lake", global.lake.display().to_string(), lake_origin);
    match (global.seed, settings.seed) {
        (Some(seed), _) => show("seed", seed.to_string(), "flag or FIREFLY_SEED"),
        (None, Some(seed)) => show("seed", seed.to_string(), "firefly.toml"),
        (None, None) => show("seed", "7".into(), "default"),
    }
    let number = |name: &str, value: Option<u64>, default: u64| match value {
        Some(value) => show(name, value.to_string(), "firefly.toml"),
        None => show(name, default.to_string(), "default"),
    };
    number("jobs", settings.jobs.map(|j| j as u64), default_jobs() as u64);
    number("call_timeout_s", settings.call_timeout_s, 30);
    number("start_timeout_s", settings.start_timeout_s, 120);
    let limits = Limits::default();
    number("sql_timeout_s", settings.sql_timeout_s, limits.time.as_secs());
    number("sql_memory_mib", settings.sql_memory_mib, limits.memory_mib);
    Ok(())
}
