//! A session: an in-memory DuckDB over the segments of one snapshot, with firefly's functions and views.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::json::ReaderBuilder;
use duckdb::{Config, Connection};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::Segment;
use crate::lake::schema::{self, Table, literal, quote};
use crate::lake::{Lake, Snapshot, trust};
use crate::sql::{self, SqlFile};

/// One snapshot of a lake, ready to be queried. Stages keep their new rows in temporary tables here
/// until they are committed.
///
/// Tables and views are defined when a statement first names them: a lake may have many thousand segments, and a
/// statement reads few tables. Only then are a table's segments checked.
pub struct Session {
    connection: Connection,
    snapshot: Snapshot,
    version: String,
    root: PathBuf,
    defined: RefCell<BTreeSet<&'static str>>,
    /// Rows and logical hash of relations that hold just what [`Session::fill`] put there.
    filled: RefCell<BTreeMap<String, (u64, LogicalHash)>>,
}

impl Session {
    /// Opens `snapshot` of `lake`.
    pub fn open(lake: &Lake, snapshot: Snapshot) -> Result<Session> {
        let mut session = Session::empty()?;
        session.root = std::path::absolute(lake.root()).map_err(Error::io("finding", lake.root()))?;
        session.snapshot = snapshot;
        // What does not fit into memory goes where the lake is, not into the folder one happens to be in.
        let spill = session.root.join("spill");
        session.execute("session settings", &format!("SET temp_directory = {}", literal(&spill.to_string_lossy())))?;
        session.defined.take();
        Ok(session)
    }

    /// A session on no lake: DuckDB with firefly's functions and nothing else.
    pub fn empty() -> Result<Session> {
        let config = Config::default()
            .with("autoinstall_known_extensions", "false")
            .and_then(|c| c.with("autoload_known_extensions", "false"))
            .map_err(Error::sql("session settings"))?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(Error::sql("session"))?;
        crate::udf::register(&connection)?;
        let version = connection.version().map_err(Error::sql("version"))?;
        // On no lake there is nothing to define.
        let defined = RefCell::new(schema::tables().iter().map(|t| t.name.as_str()).chain(views().map(|v| v.name())).collect());
        Ok(Session {
            connection,
            snapshot: Snapshot { id: 0, segments: Vec::new() },
            version,
            root: PathBuf::new(),
            defined,
            filled: RefCell::default(),
        })
    }

    /// Defines the tables, views and macros that `text` names, and those that these name in turn. A name that stands
    /// in a text or a comment costs no more than its definition.
    ///
    /// Errors with [`Error::Damaged`] when a segment of such a table is not what its name says.
    fn define_named(&self, text: &str) -> Result<()> {
        let words: BTreeSet<String> = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        for table in schema::tables().iter().filter(|t| words.contains(&t.name)) {
            if self.defined.borrow_mut().insert(&table.name) {
                self.define(table).inspect_err(|_| {
                    self.defined.borrow_mut().remove(table.name.as_str());
                })?;
            }
        }
        for view in views().filter(|v| words.contains(v.name())) {
            if self.defined.borrow_mut().insert(view.name()) {
                self.define_named(view.text)?;
                self.connection
                    .execute_batch(&format!("CREATE VIEW {} AS {}", quote(view.name()), view.text))
                    .map_err(Error::sql(view.path))?;
            }
        }
        for made in sql::list("macros").into_iter().filter(|m| words.contains(m.name())) {
            if self.defined.borrow_mut().insert(made.name()) {
                self.define_named(made.text)?;
                self.connection.execute_batch(made.text).map_err(Error::sql(made.path))?;
            }
        }
        Ok(())
    }

    /// Computes the view called `name` once, for a stage that asks it several times of tables that it does not change. Nothing
    /// where it was asked before.
    pub fn keep(&self, name: &'static str) -> Result<()> {
        let view = views().find(|v| v.name() == name).expect("stages keep views of sql/views");
        if self.defined.borrow_mut().insert(view.name()) {
            self.define_named(view.text)?;
            let text = format!("CREATE TEMP TABLE {} AS {}", quote(name), view.text);
            self.connection.execute_batch(&text).map_err(Error::sql(view.path))?;
        }
        Ok(())
    }

    /// Defines every table and view, with what their comments say: for people who look around.
    pub fn define_all(&self) -> Result<()> {
        for table in schema::tables() {
            self.define_named(&table.name)?;
            self.comment(if self.snapshot.of(&table.name).next().is_some() { "VIEW" } else { "TABLE" }, table)?;
        }
        for view in views() {
            self.define_named(view.name())?;
            self.comment_view(view)?;
        }
        Ok(())
    }

    /// What the head of a view's file says about it and its columns.
    pub(crate) fn comment_view(&self, view: SqlFile) -> Result<()> {
        let name = quote(view.name());
        let mut text = format!("COMMENT ON VIEW {name} IS {};", literal(view.grain().unwrap_or_default()));
        for (column, doc) in view.columns() {
            text.push_str(&format!("COMMENT ON COLUMN {name}.{} IS {};", quote(column), literal(doc)));
        }
        self.connection.execute_batch(&text).map_err(Error::sql(view.path))
    }

    fn define(&self, table: &Table) -> Result<()> {
        let segments: Vec<Segment> = self.snapshot.of(&table.name).cloned().collect();
        if segments.is_empty() {
            return self.connection.execute_batch(&table.ddl(&table.name)).map_err(Error::sql(&table.name));
        }
        trust::verify(&self.root, &segments)?;
        let paths: Vec<_> = segments.iter().map(|s| literal(&self.root.join(&s.path).to_string_lossy())).collect();
        let text = format!("CREATE VIEW {} AS SELECT {} FROM read_parquet([{}])", quote(&table.name), table.typed_list(), paths.join(", "));
        let told = |e: duckdb::Error| Error::Damaged { path: table.name.clone().into(), what: e.to_string() };
        self.connection.execute_batch(&text).map_err(told)
    }

    fn comment(&self, kind: &str, table: &Table) -> Result<()> {
        let name = quote(&table.name);
        let mut text = format!("COMMENT ON {kind} {name} IS {};", literal(&table.doc));
        for column in &table.columns {
            text.push_str(&format!("COMMENT ON COLUMN {name}.{} IS {};", quote(&column.name), literal(&column.doc)));
        }
        self.connection.execute_batch(&text).map_err(Error::sql("comments"))
    }

    /// The snapshot it reads.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Version of DuckDB.
    pub fn duckdb_version(&self) -> &str {
        &self.version
    }

    /// Runs statements; `what` names them in an error.
    pub fn execute(&self, what: &str, text: &str) -> Result<()> {
        self.define_named(text)?;
        // A statement that names such a relation may change it; a COPY of it, which a commit is, does not.
        if !text.starts_with("COPY ") {
            self.filled.borrow_mut().retain(|name, _| !text.contains(name.as_str()));
        }
        self.connection.execute_batch(text).map_err(Error::sql(what))
    }

    /// Sets a variable that the SQL files read with `getvariable`.
    pub fn set<V: duckdb::ToSql>(&self, name: &str, value: V) -> Result<()> {
        let text = format!("SET VARIABLE {} = ?", quote(name));
        self.connection.execute(&text, [value]).map(|_| ()).map_err(Error::sql(format!("variable {name}")))
    }

    /// Runs the query of `file` into the temporary table called `name`.
    pub fn stage(&self, name: &str, file: SqlFile) -> Result<()> {
        self.execute(file.path, &format!("CREATE OR REPLACE TEMP TABLE {} AS {}", quote(name), file.text))
    }

    /// All rows of a table of the lake, in the order of its key.
    pub fn table<T: DeserializeOwned + Send>(&self, name: &str) -> Result<Vec<T>> {
        let table = schema::table(name).expect("stages read tables of schemas/");
        self.query(&format!("FROM {} ORDER BY {}", quote(name), table.key_list()))
    }

    /// Number of rows of a table of the lake.
    pub fn table_rows(&self, name: &str) -> u64 {
        self.snapshot.of(name).map(|s| s.rows).sum()
    }

    /// The rows of the query of `file`, as values of `T`.
    pub fn rows<T: DeserializeOwned + Send>(&self, file: SqlFile) -> Result<Vec<T>> {
        self.query(file.text).map_err(|e| match e {
            Error::Sql { source, .. } => Error::sql(file.path)(source),
            other => other,
        })
    }

    /// The rows of a query, as values of `T`: members are matched to columns by name. They are read while the query goes on.
    pub fn query<T: DeserializeOwned + Send>(&self, text: &str) -> Result<Vec<T>> {
        let (send, receive) = std::sync::mpsc::sync_channel::<RecordBatch>(8);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut rows = Vec::new();
                for batch in receive {
                    rows.extend(read_rows(&batch)?);
                }
                Ok(rows)
            });
            // Where the reader has ended, it says why.
            let asked = self.for_each_batch(text, |batch| {
                let _ = send.send(batch);
                Ok(())
            });
            drop(send);
            let read = reader.join().map_err(|_| Error::Query("the rows of a query could not be read".into()));
            asked.and(read)?
        })
    }

    /// The single integer a query gives.
    pub fn count(&self, text: &str) -> Result<u64> {
        self.define_named(text)?;
        self.connection.query_row(text, [], |row| row.get(0)).map_err(Error::sql("count"))
    }

    /// Hands the result of a query to `each`, one Arrow batch at a time.
    pub fn for_each_batch(&self, text: &str, mut each: impl FnMut(RecordBatch) -> Result<()>) -> Result<()> {
        self.stream(text, &mut |_, batch| if batch.num_rows() > 0 { each(batch) } else { Ok(()) })
    }

    /// The result of a query as Arrow batches, with its schema also where there are no rows.
    pub fn batches(&self, text: &str) -> Result<(arrow::datatypes::SchemaRef, Vec<RecordBatch>)> {
        self.define_named(text)?;
        let mut statement = self.connection.prepare(text).map_err(Error::sql("query"))?;
        let stream = statement.query_arrow([]).map_err(Error::sql("query"))?;
        let schema = stream.get_schema();
        Ok((schema, stream.collect()))
    }

    /// Hands the result of a query to `each`, one batch at a time with its schema; a result without rows as one
    /// empty batch.
    pub fn stream(&self, text: &str, each: &mut dyn FnMut(&SchemaRef, RecordBatch) -> Result<()>) -> Result<()> {
        self.define_named(text)?;
        let mut statement = self.connection.prepare(text).map_err(Error::sql("query"))?;
        let stream = statement.stream_arrow([]).map_err(Error::sql("query"))?;
        let schema = stream.get_schema();
        let mut none = true;
        for batch in stream {
            each(&schema, batch.map_err(Error::sql("query"))?)?;
            none = false;
        }
        if none { each(&schema, RecordBatch::new_empty(schema.clone())) } else { Ok(()) }
    }

    /// Number of rows of `relation`, which has the columns of `table`, and their logical hash.
    pub fn hash(&self, table: &'static Table, relation: &str) -> Result<(u64, LogicalHash)> {
        if let Some(found) = self.filled.borrow().get(relation) {
            return Ok(*found);
        }
        let text = format!("SELECT {} FROM {}", table.typed_list(), quote(relation));
        hashed(table, |send| self.for_each_batch(&text, send))
    }

    /// A handle with which another thread can end the query that runs.
    pub fn interrupt_handle(&self) -> std::sync::Arc<duckdb::InterruptHandle> {
        self.connection.interrupt_handle()
    }

    /// Puts `rows` into the temporary table `new_<table>`, which has the columns of `table`. Members of
    /// a row are matched to columns by name; JSON columns take text.
    pub fn put<T: Serialize>(&self, table: &'static str, rows: &[T]) -> Result<()> {
        let schema = schema::table(table).expect("stages write tables of schemas/");
        let wrong = |e: arrow::error::ArrowError| Error::Query(format!("{table}: {e}"));
        let mut decoder = ReaderBuilder::new(schema.arrow()).with_batch_size(2048).build_decoder().map_err(wrong)?;
        let batches = rows.chunks(1024).filter_map(|chunk| {
            let made = decoder.serialize(chunk).and_then(|()| decoder.flush());
            made.map_err(wrong).transpose()
        });
        self.fill(table, batches)
    }

    /// Puts batches of rows, whose columns are those of `table` in order, into the temporary table `new_<table>`. Their
    /// logical hash is computed meanwhile and remembered for the commit.
    pub fn fill(&self, table: &'static str, batches: impl Iterator<Item = Result<RecordBatch>>) -> Result<()> {
        let schema = schema::table(table).expect("stages write tables of schemas/");
        let name = format!("new_{table}");
        let ddl = schema.ddl(&name).replacen("CREATE TABLE", "CREATE OR REPLACE TEMP TABLE", 1);
        self.execute(table, &ddl)?;
        let mut appender = self.connection.appender(&name).map_err(Error::sql(table))?;
        let found = hashed(schema, |send| {
            for batch in batches {
                let batch = batch?;
                send(batch.clone())?;
                appender.append_record_batch(batch).map_err(Error::sql(table))?;
            }
            appender.flush().map_err(Error::sql(table))
        })?;
        self.filled.borrow_mut().insert(name, found);
        Ok(())
    }
}

/// Hands the batches that `work` sends to a thread that hashes them; number of rows, and their logical hash.
fn hashed(table: &'static Table, work: impl FnOnce(&dyn Fn(RecordBatch) -> Result<()>) -> Result<()>) -> Result<(u64, LogicalHash)> {
    let (send, receive) = std::sync::mpsc::sync_channel::<RecordBatch>(8);
    let worker = std::thread::spawn(move || {
        let (mut rows, mut hash) = (0, LogicalHash::default());
        for batch in receive {
            rows += batch.num_rows() as u64;
            hash.add_batch(table, &batch);
        }
        (rows, hash)
    });
    let ended = || Error::Query(format!("rows of {} could not be hashed", table.name));
    work(&|batch| send.send(batch).map_err(|_| ended()))?;
    drop(send);
    worker.join().map_err(|_| ended())
}

fn read_rows<T: DeserializeOwned>(batch: &RecordBatch) -> Result<Vec<T>> {
    let mut writer = arrow::json::ArrayWriter::new(Vec::new());
    writer.write(batch).and_then(|()| writer.finish()).map_err(|e| Error::Query(e.to_string()))?;
    serde_json::from_slice(&writer.into_inner()).map_err(|e| Error::Query(e.to_string()))
}

fn views() -> impl Iterator<Item = SqlFile> {
    sql::list("views").into_iter()
}
