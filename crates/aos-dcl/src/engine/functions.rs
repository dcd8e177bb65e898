//! Which functions a caller's SQL may use: what DuckDB itself calls free of side effects, without what tells about the
//! installation and without what turns a short argument into gigabytes in one step, where no limit can stop it.

use super::Result;
use duckdb::Connection;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Table functions that only compute.
const TABLE_FUNCTIONS: [&str; 5] = ["range", "generate_series", "unnest", "json_each", "json_tree"];

/// Volatile, and harmless.
const VOLATILE_ALLOWED: [&str; 11] = [
    "random",
    "uuid",
    "uuidv4",
    "uuidv7",
    "gen_random_uuid",
    "now",
    "today",
    "current_date",
    "get_current_timestamp",
    "get_current_time",
    "transaction_timestamp",
];

/// Tells about the installation, runs SQL of its own, waits, or is DuckDB's own plumbing.
const REFUSED: [&str; 39] = [
    "current_setting",
    "current_query",
    "current_query_id",
    "current_connection_id",
    "current_transaction_id",
    "txid_current",
    "current_database",
    "current_catalog",
    "current_schema",
    "current_schemas",
    "in_search_path",
    "current_user",
    "current_role",
    "session_user",
    "user",
    "stats",
    "sleep_ms",
    "pg_sleep",
    "getvariable",
    "setseed",
    "nextval",
    "currval",
    "write_log",
    "error",
    "json_serialize_sql",
    "json_deserialize_sql",
    "json_serialize_plan",
    "json_execute_serialized_sql",
    "parse_duckdb_log_message",
    "get_block_size",
    "version",
    "col_description",
    "obj_description",
    "shobj_description",
    "make_type",
    "finalize",
    "combine",
    "query",
    "query_table",
];

/// Their result's size is an argument, and it is made in one step that neither the time nor the memory limit interrupts.
const UNBOUNDED: [&str; 12] = [
    "repeat",
    "lpad",
    "rpad",
    "printf",
    "format",
    "range",
    "generate_series",
    "list_resize",
    "array_resize",
    "bar",
    "repeat_row",
    "generate_subscripts",
];

const REFUSED_PREFIXES: [&str; 5] = ["__internal", "pg_", "has_", "inet_", "duckdb_"];

/// Functions of a scalar, aggregate or window kind that are allowed; the same for every database of one library.
static ALLOWED: OnceLock<HashSet<String>> = OnceLock::new();

/// Names in DuckDB's own catalogue, which a common table expression must not take: it would hide which of them is meant.
static CATALOGUE: OnceLock<HashSet<String>> = OnceLock::new();

pub(super) fn is_allowed_table_function(name: &str) -> bool {
    TABLE_FUNCTIONS.contains(&name)
}

pub(super) fn is_unbounded(name: &str) -> bool {
    UNBOUNDED.contains(&name)
}

pub(super) fn allowed(connection: &Connection) -> Result<&'static HashSet<String>> {
    if let Some(allowed) = ALLOWED.get() {
        return Ok(allowed);
    }
    let mut statement = connection.prepare(
        "SELECT DISTINCT function_name, coalesce(has_side_effects, false) FROM duckdb_functions()
          WHERE function_type IN ('scalar', 'aggregate', 'macro') AND internal",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let mut found: HashSet<String> = ["unnest".to_owned(), "row_number".to_owned()].into();
    for row in rows {
        let (name, side_effects) = row?;
        let name = name.to_lowercase();
        let refused = REFUSED.contains(&name.as_str())
            || UNBOUNDED.contains(&name.as_str())
            || REFUSED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            || side_effects && !VOLATILE_ALLOWED.contains(&name.as_str());
        if !refused || name == "pg_typeof" {
            found.insert(name);
        }
    }
    Ok(ALLOWED.get_or_init(|| found))
}

pub(super) fn catalogue(connection: &Connection) -> Result<&'static HashSet<String>> {
    if let Some(names) = CATALOGUE.get() {
        return Ok(names);
    }
    let mut statement = connection.prepare("SELECT DISTINCT view_name FROM duckdb_views() WHERE internal")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<duckdb::Result<HashSet<_>>>()?;
    Ok(CATALOGUE.get_or_init(|| names.into_iter().map(|name| name.to_lowercase()).collect()))
}
