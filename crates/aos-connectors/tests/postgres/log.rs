//! Changes and deletes from the write-ahead log of a server that keeps one.

use crate::support::{context, read};
use aos_connectors::{Context, Deletes, Error, ReadRequest};
use aos_testservers::OwnPostgres;
use serde_json::json;

struct Logged {
    server: OwnPostgres,
    context: Context,
}

fn logged() -> Option<Logged> {
    let Some(server) = OwnPostgres::listening(&["wal_level=logical"], None) else {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        return None;
    };
    let url = format!("postgres://postgres:private@127.0.0.1:{}/autonomos?sslmode=disable", server.port().unwrap());
    let context = context([("url", &url)]);
    server.sql(
        "autonomos",
        "CREATE TABLE t (id int PRIMARY KEY, x text, long text);
         CREATE TABLE other (id int PRIMARY KEY);
         INSERT INTO t SELECT n, 'old', NULL FROM generate_series(1, 10) n;
         CREATE PUBLICATION p FOR TABLE t",
    );
    server.sql("autonomos", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
    Some(Logged { server, context })
}

fn settings() -> serde_json::Value {
    json!({"slots": ["t=s/p"]})
}

impl Logged {
    fn sql(&self, sql: &str) {
        self.server.sql("autonomos", sql);
    }

    async fn read(&self, cursor: Option<serde_json::Value>) -> crate::support::Read {
        let request = ReadRequest { cursor, ..ReadRequest::of("t") };
        read(&*crate::support::connector(settings()), request, &self.context).await.unwrap()
    }
}

#[tokio::test]
async fn changes_deletes_and_changed_keys_come_from_the_log() {
    let Some(logged) = logged() else { return };
    let stream = &crate::support::connector(settings()).discover(&logged.context).await.unwrap()[1];
    assert_eq!((stream.name.as_str(), stream.deletes), ("t", Deletes::Tombstone));
    let first = logged.read(None).await;
    assert_eq!(first.records().len(), 10);
    logged.sql("UPDATE t SET x = 'new' WHERE id = 3; DELETE FROM t WHERE id = 4; UPDATE t SET id = 50 WHERE id = 5; INSERT INTO other VALUES (1)");
    logged.sql("BEGIN; INSERT INTO t VALUES (99, 'never'); ROLLBACK");
    logged.sql("DELETE FROM t WHERE id = 6; INSERT INTO t VALUES (6, 'back')");
    let changed = logged.read(Some(first.end())).await;
    let mut ids: Vec<_> =
        changed.records().iter().map(|record| (record["id"].as_i64().unwrap(), record["x"].clone())).collect();
    ids.sort_by_key(|(id, _)| *id);
    assert_eq!(ids, [(3, json!("new")), (6, json!("back")), (50, json!("old"))]);
    assert_eq!(changed.deleted(), [json!({"id": 4}), json!({"id": 5})]);
    let nothing = logged.read(Some(changed.end())).await;
    assert_eq!((nothing.records().len(), nothing.deleted().len()), (0, 0));
}

#[tokio::test]
async fn nothing_leaves_the_slot_before_a_reader_comes_back_with_it_kept() {
    let Some(logged) = logged() else { return };
    let first = logged.read(None).await;
    logged.sql("INSERT INTO t VALUES (11, 'a')");
    // A reader that died after reading and before keeping comes again with the old cursor.
    assert_eq!(logged.read(Some(first.end())).await.column("id"), ["11"]);
    let kept = logged.read(Some(first.end())).await;
    assert_eq!(kept.column("id"), ["11"]);
    logged.sql("INSERT INTO t VALUES (12, 'b')");
    let next = logged.read(Some(kept.end())).await;
    assert_eq!(next.column("id"), ["12"]);
}

#[tokio::test]
async fn a_long_value_that_did_not_change_is_not_lost() {
    let Some(logged) = logged() else { return };
    logged.sql(
        "ALTER TABLE t ALTER COLUMN long SET STORAGE EXTERNAL; UPDATE t SET long = repeat('x', 50000) WHERE id = 1",
    );
    let first = logged.read(None).await;
    logged.sql("UPDATE t SET x = 'changed' WHERE id = 1");
    let changed = logged.read(Some(first.end())).await;
    let record = &changed.records()[0];
    assert_eq!((record["x"].as_str(), record["long"].as_str().map(str::len)), (Some("changed"), Some(50_000)));
}

#[tokio::test]
async fn a_truncated_table_is_told_and_what_came_after_is_read() {
    let Some(logged) = logged() else { return };
    let first = logged.read(None).await;
    assert!(!first.emptied());
    logged.sql("UPDATE t SET x = 'new' WHERE id = 3; DELETE FROM t WHERE id = 4; TRUNCATE t");
    logged.sql("INSERT INTO t VALUES (3, 'again', NULL), (70, 'first', NULL)");
    let after = logged.read(Some(first.end())).await;
    assert!(after.emptied(), "what was read before is gone");
    assert_eq!(
        (after.column("id"), after.column("x")),
        (vec!["3".into(), "70".into()], vec!["again".into(), "first".into()])
    );
    assert_eq!(after.deleted().len(), 0, "what went before is no delete of its own");
    let nothing = logged.read(Some(after.end())).await;
    assert!(!nothing.emptied() && nothing.records().is_empty());
}

#[tokio::test]
async fn a_missing_slot_is_clear() {
    let Some(logged) = logged() else { return };
    let missing = crate::support::connector(json!({"slots": ["t=nowhere/p"]}));
    let error = read(&*missing, ReadRequest::of("t"), &logged.context).await.unwrap_err();
    assert!(matches!(&error, Error::Config { field, .. } if field == "slots"), "{error}");
}
