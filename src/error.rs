//! What can go wrong, in words for the person who reads it, and the exit code each kind maps to.

use std::path::{Path, PathBuf};

/// Exit codes of the `firefly` command. They are part of its interface and do not change.
pub mod exit_code {
    /// Everything asked for was done.
    pub const DONE: u8 = 0;
    /// Something failed; what was committed before stays.
    pub const FAILED: u8 = 1;
    /// The command line was wrong.
    pub const USAGE: u8 = 2;
    /// A verification ran to its end and found a mismatch.
    pub const MISMATCH: u8 = 3;
    /// Another process holds the lake.
    pub const LOCKED: u8 = 4;
    /// Stopped by Ctrl-C.
    pub const INTERRUPTED: u8 = 130;
}

/// Result of everything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any failure of firefly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was being done, as a verb phrase.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A query of firefly's own failed.
    #[error("{file}: {source}")]
    Sql {
        /// The file in `sql/`, or a short name of the statement.
        file: String,
        /// What DuckDB said.
        source: duckdb::Error,
    },
    /// A query that the user wrote failed.
    #[error("query: {0}")]
    Query(String),
    /// The folder is not a lake.
    #[error("no lake at {0}")]
    NoLake(PathBuf),
    /// A lake whose catalog is gone; its manifests are there.
    #[error("the lake at {0} has no catalog")]
    NoCatalog(PathBuf),
    /// A snapshot that does not exist.
    #[error("no snapshot {0} in this lake")]
    NoSnapshot(String),
    /// Another process holds the catalog.
    #[error("the lake is locked by another process ({0})")]
    Locked(String),
    /// A table that this stage replaces was changed by another process meanwhile.
    #[error("table `{0}` was changed by another process while this stage ran")]
    Conflict(String),
    /// Something in the lake is not what its catalog says.
    #[error("{path}: {what}")]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A server config that can't be used.
    #[error("{path}: {what}")]
    Config {
        /// The config file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file, or a record in it, that can't be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The file or entry, and where in it.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An MCP server did something it should not.
    #[error("server `{server}`: {reason}")]
    Server {
        /// The server's name in its config.
        server: String,
        /// What it did.
        reason: String,
    },
    /// A stage has nothing to work on.
    #[error("{what}")]
    Empty {
        /// What is missing.
        what: String,
        /// The command that makes it.
        hint: String,
    },
    /// A model's endpoint refused or failed.
    #[error("{0}")]
    Model(String),
    /// A model's endpoint takes no such request, whoever makes it and however often.
    #[error("{0}")]
    Refused(String),
    /// A verification found a mismatch.
    #[error("{0}")]
    Mismatch(String),
    /// Part of the work failed; the rest was done and committed.
    #[error("{0}")]
    Partial(String),
    /// The command line can't be carried out as given.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C.
    #[error("interrupted; what was committed before stays")]
    Interrupted,
}

impl Error {
    /// The code the process exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) => exit_code::USAGE,
            Error::Mismatch(_) | Error::Damaged { .. } | Error::NoCatalog(_) => exit_code::MISMATCH,
            Error::Locked(_) | Error::Conflict(_) => exit_code::LOCKED,
            Error::Interrupted => exit_code::INTERRUPTED,
            _ => exit_code::FAILED,
        }
    }

    /// What the person can do next, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::NoLake(path) => Some(format!("make one with `firefly init --lake {}`", path.display())),
            Error::NoCatalog(path) => Some(format!("make it anew from the manifests with `firefly rebuild --lake {}`", path.display())),
            Error::NoSnapshot(_) => Some("`firefly snapshot list` shows those there are".into()),
            Error::Locked(_) => Some("wait for the other process, or end it, and run this again".into()),
            Error::Conflict(_) => Some("run this stage again: it will start from the newer state".into()),
            Error::Damaged { .. } => {
                Some("`firefly fsck` says what else is damaged; `firefly sql --at` reads the snapshots that are whole".into())
            }
            Error::Empty { hint, .. } => Some(hint.clone()),
            _ => None,
        }
    }

    /// Wraps an I/O error with what was being done and on what.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { action, path, source }
    }

    /// Wraps a DuckDB error with the statement it came from.
    pub fn sql(file: impl Into<String>) -> impl FnOnce(duckdb::Error) -> Error {
        let file = file.into();
        move |source| Error::Sql { file, source }
    }
}
