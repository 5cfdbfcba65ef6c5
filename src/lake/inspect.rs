//! What a query from outside refers to: the tables, table functions and functions in DuckDB's own parse of it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

/// Table functions a query may call. They make rows from values or from the lake's tables; none touches a file, the
/// network or a setting.
const TABLE_FUNCTIONS: [&str; 10] = [
    "generate_series",
    "generate_subscripts",
    "json_each",
    "json_tree",
    "near_duplicates",
    "range",
    "repeat",
    "repeat_row",
    "sample_dags",
    "unnest",
];

/// Tables of DuckDB's own that a query may read: names and types of the lake's columns.
const SCHEMA_TABLES: [&str; 3] = ["columns", "schemata", "tables"];

/// Functions that show or change what is not the lake's.
const REFUSED: [&str; 20] = [
    "add_parquet_key",
    "current_catalog",
    "current_database",
    "current_query",
    "current_role",
    "current_schemas",
    "current_setting",
    "current_user",
    "currval",
    "get_current_user",
    "getenv",
    "getvariable",
    "in_search_path",
    "nextval",
    "query",
    "query_table",
    "session_user",
    "txid_current",
    "user",
    "write_log",
];

/// Why a parsed query can't be run, if so. `tables` are the names it may read.
pub fn objection(parsed: &Value, tables: &BTreeSet<String>) -> Option<String> {
    object_to(parsed, tables)
}

/// `names` with those that a WITH clause of this node gives: they count inside it and nowhere else.
fn in_scope<'a>(value: &Value, names: &'a BTreeSet<String>) -> Cow<'a, BTreeSet<String>> {
    let Some(entries) = value.pointer("/cte_map/map").and_then(Value::as_array).filter(|entries| !entries.is_empty()) else {
        return Cow::Borrowed(names);
    };
    let plain = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let given = entries.iter().filter_map(|e| e["key"].as_str()).filter(plain).map(str::to_lowercase);
    Cow::Owned(names.iter().cloned().chain(given).collect())
}

fn object_to(value: &Value, names: &BTreeSet<String>) -> Option<String> {
    let names = &*in_scope(value, names);
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let wrong = match value["type"].as_str() {
        Some("BASE_TABLE") => {
            let (catalog, schema, table) = (text("/catalog_name"), text("/schema_name"), text("/table_name"));
            let own = names.contains(&table) && matches!(schema.as_str(), "" | "main");
            let about = schema == "information_schema" && SCHEMA_TABLES.contains(&table.as_str());
            let here = matches!(catalog.as_str(), "" | "memory");
            (!(here && (own || about))).then(|| format!("there is no table `{table}`; `SHOW TABLES` lists those there are"))
        }
        Some("TABLE_FUNCTION") => {
            let name = text("/function/function_name");
            (!TABLE_FUNCTIONS.contains(&name.as_str())).then(|| format!("the table function `{name}` can't be used here"))
        }
        // A `SHOW` of databases or of anything that is not a table or a query.
        Some("SHOW_REF") if value["query"].is_null() => {
            let table = text("/table_name");
            let plain = table.trim_matches('"');
            (!(plain.is_empty() || names.contains(plain) || table == "\"tables\"" || table == "__show_tables_expanded"))
                .then(|| format!("`{plain}` can't be shown here"))
        }
        Some("FUNCTION") if value["class"] == "FUNCTION" => {
            let name = text("/function_name");
            let inner = ["duckdb_", "pg_", "pragma_", "read_", "has_", "json_serialize", "json_deserialize", "json_execute", "__"]
                .iter()
                .any(|p| name.starts_with(p));
            (inner || REFUSED.contains(&name.as_str())).then(|| format!("the function `{name}` can't be used here"))
        }
        _ => None,
    };
    wrong.or_else(|| {
        let mut found = None;
        each_child(value, &mut |child| {
            found = object_to(child, names);
            found.is_some().then_some(())
        });
        found
    })
}

/// Hands each child to `each` until it gives something.
fn each_child(value: &Value, each: &mut impl FnMut(&Value) -> Option<()>) {
    match value {
        Value::Array(items) => items.iter().try_for_each(|v| each(v).map_or(Ok(()), Err)).unwrap_or(()),
        Value::Object(members) => members.values().try_for_each(|v| each(v).map_or(Ok(()), Err)).unwrap_or(()),
        _ => {}
    }
}
