//! The SQL files of `sql/`, compiled into the binary.

use include_dir::{Dir, include_dir};

static SQL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// One SQL file.
#[derive(Debug, Clone, Copy)]
pub struct SqlFile {
    /// Path below `sql/`, for instance `stages/edge.sql`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl SqlFile {
    /// Name of the file without folder and ending; a view has the name of its file.
    pub fn name(&self) -> &'static str {
        let file = self.path.rsplit('/').next().unwrap_or(self.path);
        file.strip_suffix(".sql").unwrap_or(file)
    }

    /// What one row of its result is: the text after `-- grain:` on the first line.
    pub fn grain(&self) -> Option<&'static str> {
        self.text.lines().next()?.strip_prefix("-- grain:").map(str::trim)
    }

    /// What its columns mean: lines `-- column: doc` below the first.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = self.text.lines().skip(1).map_while(|line| line.strip_prefix("-- "));
        lines.filter_map(|line| line.split_once(':')).map(|(column, doc)| (column.trim(), doc.trim()))
    }

    /// SHA-256 of its text in hex, for lineage.
    pub fn checksum(&self) -> String {
        crate::text::sha256_hex(self.text.as_bytes())
    }
}

/// The file at `path` below `sql/`.
///
/// # Panics
/// When there is no such file: paths are literals of this crate, and a test reads each of them.
pub fn get(path: &str) -> SqlFile {
    let file = SQL.get_file(path).unwrap_or_else(|| panic!("sql/{path} is not in the binary"));
    as_sql(file)
}

/// All files directly in the folder `dir` below `sql/`, sorted by path.
pub fn list(dir: &str) -> Vec<SqlFile> {
    let mut files: Vec<_> = SQL.get_dir(dir).map(|d| d.files().map(as_sql).collect()).unwrap_or_default();
    files.sort_by_key(|f: &SqlFile| f.path);
    files
}

/// The folders in the folder `dir` below `sql/`, sorted.
pub fn folders(dir: &str) -> Vec<&'static str> {
    let mut folders: Vec<_> = SQL.get_dir(dir).map(|d| d.dirs().filter_map(|f| f.path().to_str()).collect()).unwrap_or_default();
    folders.sort_unstable();
    folders
}

fn as_sql(file: &'static include_dir::File<'static>) -> SqlFile {
    SqlFile { path: file.path().to_str().unwrap_or_default(), text: file.contents_utf8().unwrap_or_default() }
}
