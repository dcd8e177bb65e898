use crate::support::source;
use aos_connectors::ReadRequest;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_second_read_brings_what_was_written_since_and_nothing_else() {
    let Some(source) = source().await else { return };
    source
        .sql("CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t SELECT n, 'a' FROM generate_series(1, 100) n");
    let first = source.read("t", None).await;
    let nothing = source.read("t", Some(first.end())).await;
    assert_eq!(nothing.records().len(), 0);
    source.sql("UPDATE t SET x = 'b' WHERE id = 7; INSERT INTO t VALUES (101, 'c'); DELETE FROM t WHERE id = 50");
    let changed = source.read("t", Some(nothing.end())).await;
    assert_eq!(changed.records(), [json!({"id": 7, "x": "b"}), json!({"id": 101, "x": "c"})]);
}

#[tokio::test]
async fn a_transaction_that_was_open_during_a_read_is_not_missed() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY); CREATE EXTENSION IF NOT EXISTS dblink");
    // A writer that begins before the read, and commits after it and after later writers.
    source.sql("INSERT INTO t VALUES (1)");
    let path = source.database.server().socket_dir().display().to_string();
    let mut writer = std::process::Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--host", &path, "--username", "postgres", "--dbname", source.database.name()])
        .args(["--command", "BEGIN; INSERT INTO t VALUES (2); SELECT pg_sleep(2); COMMIT"])
        .env("PGPASSWORD", "private")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while source
        .sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
        == "0"
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    source.sql("INSERT INTO t VALUES (3)");
    let first = source.read("t", None).await;
    assert_eq!(first.column("id"), ["1", "3"]);
    assert!(writer.wait().unwrap().success());
    let second = source.read("t", Some(first.end())).await;
    assert!(second.column("id").contains(&"2".to_owned()), "{:?}", second.column("id"));
}

#[tokio::test]
async fn transactions_are_counted_on_when_their_numbers_begin_again() {
    let Some(server) = aos_testservers::OwnPostgres::listening(&[], None) else {
        eprintln!("SKIPPED: there is no PostgreSQL 15 or newer on this machine (apt-get install postgresql)");
        return;
    };
    server.sql("autonomos", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    // Shortly before 2^32.
    server.age_to(4_294_967_200);
    let port = server.port().unwrap();
    let context = crate::support::context([(
        "url",
        &format!("postgres://postgres:private@127.0.0.1:{port}/autonomos?sslmode=disable"),
    )]);
    let connector = crate::support::connector(json!({}));
    let read = |cursor| {
        let (connector, context) = (connector.clone(), context.clone());
        async move {
            crate::support::read(&*connector, ReadRequest { cursor, ..ReadRequest::of("t") }, &context).await.unwrap()
        }
    };
    let mut end = read(None).await.end();
    for id in 2..=200 {
        server.sql("autonomos", &format!("INSERT INTO t VALUES ({id})"));
        if id % 40 == 0 {
            let found = read(Some(end)).await;
            let ids = found.column("id");
            let expected: Vec<String> = (id - 39..=id).filter(|id| *id > 1).map(|id| id.to_string()).collect();
            assert_eq!(ids, expected, "at {id}");
            end = found.end();
        }
    }
    let now: u64 = server.sql("autonomos", "SELECT txid_snapshot_xmax(txid_current_snapshot())").parse().unwrap();
    assert!(now > 1 << 32, "{now}");
}

#[tokio::test]
async fn a_table_that_was_made_anew_is_read_from_the_start() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    let end = source.read("t", None).await.end();
    source.sql("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    assert_eq!(source.read("t", Some(end)).await.column("id"), ["1", "2"]);
}

#[tokio::test]
async fn a_mark_from_another_server_is_not_believed() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    let mut end = source.read("t", None).await.end();
    end["since"]["transaction"] = json!(i64::MAX / 2);
    assert_eq!(source.read("t", Some(end)).await.column("id"), ["1", "2"]);
}

#[tokio::test]
async fn a_view_is_followed_by_the_column_that_the_connection_names() {
    let Some(source) = source().await else { return };
    source.sql(
        "CREATE TABLE t (id int PRIMARY KEY, changed timestamptz);
         INSERT INTO t VALUES (1, now() - interval '1 day'), (2, now() - interval '5 minutes'), (3, NULL);
         CREATE VIEW v AS SELECT * FROM t",
    );
    let settings = json!({"cursors": ["v=changed"], "keys": ["v=id"]});
    let read = |cursor, overlap| {
        let request = ReadRequest { cursor, overlap: Duration::from_secs(overlap), ..ReadRequest::of("v") };
        source.try_read(settings.clone(), request)
    };
    let first = read(None, 0).await.unwrap();
    assert_eq!(first.records().len(), 3);
    let stream = &source.connector(settings.clone()).discover(&source.context()).await.unwrap()[1];
    assert_eq!(
        (stream.key.as_slice(), stream.cursor_field.as_deref()),
        (["id".to_owned()].as_slice(), Some("changed"))
    );
    assert!(stream.lag >= Duration::from_secs(60));
    source.sql("INSERT INTO t VALUES (4, now())");
    // Without a time a row could have changed at any: it comes each time.
    let mut ids = read(Some(first.end()), 0).await.unwrap().column("id");
    ids.sort();
    assert_eq!(ids, ["3", "4"]);
    let mut ids = read(Some(first.end()), 600).await.unwrap().column("id");
    ids.sort();
    assert_eq!(ids, ["2", "3", "4"]);
}
