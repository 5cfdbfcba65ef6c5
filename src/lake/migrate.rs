//! Migrations of the catalog: numbered SQL files, each carried out once and remembered with its checksum.

use duckdb::{Connection, params};

use crate::error::{Error, Result};
use crate::sql::{self, SqlFile};

/// Where a catalog stands among the migrations this firefly knows.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has been through all of them.
    Current,
    /// It has been through the first so many.
    Behind(usize),
}

/// Looks where the catalog stands. The text of the error says why it can't be used.
pub fn standing(connection: &Connection) -> Result<Standing, String> {
    let known = sql::list("migrations");
    let has = |table: &str| {
        let file = sql::get("catalog/has_table.sql");
        connection.query_row(file.text, [table], |row| row.get::<_, bool>(0)).map_err(|e| e.to_string())
    };
    if !has("migration")? {
        // Catalogs were made before there was a table to remember that in.
        return Ok(Standing::Behind(usize::from(has("snapshot")?)));
    }
    let file = sql::get("catalog/migrations.sql");
    let mut statement = connection.prepare(file.text).map_err(|e| e.to_string())?;
    let done = statement.query_map([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)));
    let done: Vec<_> = done.and_then(Iterator::collect).map_err(|e: duckdb::Error| e.to_string())?;
    for (index, (number, name, sha256)) in done.iter().enumerate() {
        let Some(migration) = known.get(index) else {
            return Err(format!(
                "was written by a newer firefly (migration {number}, `{name}`; this one knows {}): update firefly",
                known.len()
            ));
        };
        if *sha256 != migration.checksum() || *number != index as u64 + 1 {
            return Err(format!(
                "has been through another migration {number} than {} here: `firefly rebuild` makes it anew from the manifests",
                migration.path
            ));
        }
    }
    Ok(if done.len() == known.len() { Standing::Current } else { Standing::Behind(done.len()) })
}

/// Carries out the migrations after the first `done`, each in a transaction of its own.
pub fn migrate(connection: &mut Connection, done: usize) -> Result<()> {
    for (index, migration) in sql::list("migrations").into_iter().enumerate().skip(done) {
        let transaction = connection.transaction().map_err(Error::sql(migration.path))?;
        transaction.execute_batch(migration.text).map_err(Error::sql(migration.path))?;
        // The first was carried out before the table was there that remembers it: the second remembers both.
        let from = if index == 1 { 0 } else { index };
        if index > 0 {
            for number in from..=index {
                remember(&transaction, number, sql::list("migrations")[number])?;
            }
        }
        transaction.commit().map_err(Error::sql(migration.path))?;
    }
    Ok(())
}

fn remember(connection: &Connection, index: usize, migration: SqlFile) -> Result<()> {
    let file = sql::get("catalog/add_migration.sql");
    let values = params![index as u64 + 1, migration.name(), migration.checksum()];
    connection.execute(file.text, values).map(|_| ()).map_err(Error::sql(file.path))
}
