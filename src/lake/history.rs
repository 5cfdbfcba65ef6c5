//! The lake's own history as views, for queries from outside: `snapshot` and `segment`, read from the manifests.

use crate::error::{Error, Result};
use crate::lake::manifest::Manifest;
use crate::lake::schema::{literal, quote};
use crate::lake::{Lake, Session, files};
use crate::sql;

/// Defines the views of `sql/history` in `session`. The manifests are only read when a query asks for them.
pub fn define(session: &Session, lake: &Lake) -> Result<()> {
    let folder = lake.root().join("snapshots");
    let folder = std::path::absolute(&folder).map_err(Error::io("finding", &folder))?;
    session.set("at", session.snapshot().id as i64)?;
    let mut paths = Vec::new();
    for id in 1..=session.snapshot().id {
        files::plain(lake.root(), &Manifest::path(id))?;
        let path = folder.join(Manifest::path(id).trim_start_matches("snapshots/"));
        paths.push(literal(&path.to_string_lossy()));
    }
    session.execute("manifests", &format!("SET VARIABLE manifests = [{}]", paths.join(", ")))?;
    for view in sql::list("history") {
        if session.snapshot().id > 0 {
            session.execute(view.path, &format!("CREATE VIEW {} AS {}", quote(view.name()), view.text))?;
            session.comment_view(view)?;
        } else {
            // No manifest to read yet: the columns with no rows.
            let columns: Vec<_> = view.columns().map(|(column, _)| format!("CAST(NULL AS VARCHAR) AS {}", quote(column))).collect();
            let text = format!("CREATE VIEW {} AS SELECT {} LIMIT 0", quote(view.name()), columns.join(", "));
            session.execute(view.path, &text)?;
        }
    }
    Ok(())
}
