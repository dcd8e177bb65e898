//! Rows: what the storm left equals what one undisturbed run of the embedded edition makes of the same files; and both servers, each
//! with a cache of its own, say the same.

use crate::house::House;
use crate::http::Request;
use crate::tenants::Tenant;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::process::Command;

const ENTITIES: [&str; 2] = ["account", "opportunity"];
const LIMIT: usize = 10_000;
const CATCH_UP_MAX: Duration = Duration::from_secs(10);

pub async fn check(house: &House, tenants: &[Rc<Tenant>]) {
    for tenant in tenants {
        let clean = Clean::run(house, tenant).await;
        materialized(house, tenant, &clean).await;
        for entity in ENTITIES {
            let sql = format!("SELECT * FROM {entity}");
            let expected = rows_of(&clean.query(&sql).await);
            if expected.is_empty() {
                house.journal.problem(format_args!("the clean run has no {entity}"));
            }
            for server in house.servers {
                let there = caught_up(house, tenant, &sql, server, &expected).await;
                compare(house, &format!("{entity} of tenant {} at {server}", tenant.number), &expected, &there);
            }
        }
    }
}

/// Asks a server until it says what is expected: one that has to catch up answers with what it has after half a second.
async fn caught_up(
    house: &House,
    tenant: &Tenant,
    sql: &str,
    server: SocketAddr,
    expected: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let begun = Instant::now();
    loop {
        let request = Request::post("/api/v1/dcl/query", json!({ "sql": sql, "limit": LIMIT })).by(&tenant.token);
        let there = match request.send_in_quiet(server).await {
            Ok(answer) if answer.is_success() => rows_of(&answer.body),
            other => {
                house.journal.problem(format_args!("{sql} is not answered at {server}: {other:?}"));
                return BTreeMap::new();
            }
        };
        if there == *expected || begun.elapsed() > CATCH_UP_MAX {
            return there;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The same files, read once by one process that nobody disturbs.
struct Clean {
    data: std::path::PathBuf,
}

impl Clean {
    async fn run(house: &House, tenant: &Tenant) -> Self {
        let clean = Self { data: house.folder.join(format!("clean-{}", tenant.number)) };
        let folder = tenant.sources.borrow().folder.clone();
        let output =
            clean.command(&["connect", &folder.display().to_string(), "--json"]).output().await.expect("the binary");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if report["ledger"]["balanced"] != true {
            house.journal.problem(format_args!("the clean run fails: {}", String::from_utf8_lossy(&output.stderr)));
        }
        clean
    }

    async fn query(&self, sql: &str) -> Value {
        let output =
            self.command(&["query", sql, "--limit", &LIMIT.to_string(), "--json"]).output().await.expect("the binary");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{sql}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(&self.data).args(arguments).env_clear();
        command
    }
}

/// Compares the rows of the two stores, fragment by fragment.
async fn materialized(house: &House, tenant: &Tenant, clean: &Clean) {
    let there = house
        .rows(&format!(
            "SELECT c.name AS source, m.entity, m.record_id, m.fragment, e.data, e.extras FROM materialized m
               JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
               JOIN connections c ON c.tenant_id = m.tenant_id AND c.id = m.connection_id
              WHERE m.tenant_id = '{}' AND NOT m.deleted",
            tenant.id()
        ))
        .await;
    let there = there.iter().map(|row| {
        let key = ["source", "entity", "record_id", "fragment"].map(|column| row[column].as_str().unwrap_or_default());
        (key.join(" "), format!("{} {}", text(&row["data"]), text(&row["extras"])))
    });
    let store =
        aos_store::Store::open(clean.data.join("store.db"), aos_core::Clock::default()).await.expect("the clean store");
    let id = store.system().find_tenant_by_name("local").await.expect("the clean store").expect("its tenant").id;
    #[allow(clippy::disallowed_methods)] // The test looks at what is left as the tenant itself.
    let scope = aos_core::TenantScope::establish(id, aos_core::tenant::Principal::Local, aos_core::Role::Owner);
    let store = store.tenant(&scope);
    let connections = store.list_connections(aos_store::Page::first(100)).await.expect("its connections").items;
    let names: BTreeMap<_, _> = connections.into_iter().map(|connection| (connection.id, connection.name)).collect();
    let events = store.list_events(0, LIMIT as u32, None).await.expect("its events");
    let extras: BTreeMap<_, _> = events.into_iter().map(|event| (event.position, event.extras)).collect();
    let expected = store
        .changes_since(0, LIMIT as u32)
        .await
        .expect("its rows")
        .into_iter()
        .filter(|row| !row.deleted)
        .map(|row| {
            let source = names.get(&row.connection_id).cloned().unwrap_or_default();
            let extras = extras.get(&row.position).map(String::as_str).unwrap_or_default();
            (format!("{source} {} {} {}", row.entity, row.record_id, row.fragment), format!("{} {extras}", row.data))
        });
    compare(house, &format!("the rows of tenant {}", tenant.number), &expected.collect(), &there.collect());
}

/// A query's rows, keyed by themselves, without what differs between two installations.
fn rows_of(answer: &Value) -> BTreeMap<String, String> {
    let none = Vec::new();
    let columns: Vec<&str> = answer["columns"]
        .as_array()
        .unwrap_or(&none)
        .iter()
        .filter_map(|column| column.as_str().or(column["name"].as_str()))
        .collect();
    let rows = answer["rows"].as_array().unwrap_or(&none).iter().map(|row| {
        let cells = columns.iter().zip(row.as_array().unwrap_or(&none));
        let cells =
            cells.filter(|(column, _)| **column != "_connection_id").map(|(column, cell)| format!("{column}={cell}"));
        (cells.collect::<Vec<_>>().join(" "), String::new())
    });
    rows.collect()
}

fn compare(house: &House, what: &str, expected: &BTreeMap<String, String>, there: &BTreeMap<String, String>) {
    if expected == there {
        return;
    }
    let missing = expected.iter().filter(|(key, value)| there.get(*key) != Some(value)).collect::<Vec<_>>();
    let more = there.iter().filter(|(key, value)| expected.get(*key) != Some(value)).collect::<Vec<_>>();
    house.journal.problem(format_args!(
        "{what} differ from the clean run: {} of {} rows are missing or other, such as {:?}; {} are there instead, such as {:?}",
        missing.len(),
        expected.len(),
        missing.first(),
        more.len(),
        more.first()
    ));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
