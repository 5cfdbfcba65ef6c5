//! Packages that `npx` has fetched, started without it: npx makes locks in its cache, which a server must not be able
//! to write, and takes most of a second of its own.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Fetched {
    #[serde(rename = "_npx")]
    npx: Npx,
}

#[derive(Deserialize)]
struct Npx {
    packages: Vec<String>,
}

/// The program that `npx ARGS` would run, with its arguments, where the cache has the package.
pub fn fetched(cache: &Path, args: &[String]) -> Option<(PathBuf, Vec<String>)> {
    let mut words = args.iter().map(String::as_str).skip_while(|a| matches!(*a, "-y" | "--yes")).peekable();
    // `-p PACKAGE PROGRAM` where the program is not called like its package.
    let apart = words.next_if(|a| matches!(*a, "-p" | "--package")).is_some();
    let spec = words.next().filter(|spec| !spec.starts_with('-'))?;
    let called = if apart { Some(words.next().filter(|name| !name.starts_with(['-', '.']) && !name.contains('/'))?) } else { None };
    let rest: Vec<String> = words.map(str::to_owned).collect();
    let name = match spec.rfind('@') {
        Some(at) if at > 0 => &spec[..at],
        _ => spec,
    };
    // A name that could lead out of the folder is none.
    if name.split('/').any(|part| part.is_empty() || part.starts_with('.')) || name.matches('/').count() > 1 {
        return None;
    }
    let folders = std::fs::read_dir(cache.join("_npx")).ok()?.flatten().map(|entry| entry.path());
    let mut holding = folders.filter(|folder| {
        let text = std::fs::read(folder.join("package.json")).unwrap_or_default();
        serde_json::from_slice::<Fetched>(&text).is_ok_and(|found| found.npx.packages == [spec])
    });
    let modules = holding.next()?.join("node_modules");
    let about: Value = serde_json::from_slice(&std::fs::read(modules.join(name).join("package.json")).ok()?).ok()?;
    let short = name.rsplit('/').next()?;
    // The rule of npx: the only program, or else the one called like the package.
    let program = match &about["bin"] {
        _ if called.is_some() => called?,
        Value::String(_) => short,
        Value::Object(all) if all.len() == 1 => all.keys().next()?,
        Value::Object(all) => all.get_key_value(short)?.0,
        _ => return None,
    };
    let program = modules.join(".bin").join(program);
    program.exists().then_some((program, rest))
}
