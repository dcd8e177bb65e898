use crate::support::source;
use aos_connectors::{ReadOptions, ReadRequest, ReadWhat, SourceCount};
use serde_json::json;

fn pages_of(records: usize) -> ReadOptions {
    ReadOptions { page_records: records, ..ReadOptions::default() }
}

#[tokio::test]
async fn a_read_can_go_on_after_every_page() {
    let Some(source) = source().await else { return };
    source.sql(
        r#"CREATE TABLE t (a text COLLATE "C", b int, PRIMARY KEY (a, b));
           INSERT INTO t SELECT 'k' || (n % 7) || CASE WHEN n % 3 = 0 THEN E'\t''\\x' ELSE '' END, n FROM generate_series(1, 200) n"#,
    );
    let request = || ReadRequest { options: pages_of(30), ..ReadRequest::of("t") };
    let whole = source.try_read(json!({}), request()).await.unwrap();
    assert_eq!(whole.pages.len(), 7);
    assert_eq!(whole.pages[0].count, Some(SourceCount::Exactly(200)));
    let all = whole.records();
    let mut before = 0;
    for page in &whole.pages {
        before += page.batch.records.len();
        let checkpoint = page.checkpoint.clone().expect("every page of a table with a key has one");
        if checkpoint.complete {
            continue;
        }
        let request = ReadRequest { cursor: Some(checkpoint.cursor), ..request() };
        let rest = source.try_read(json!({}), request).await.unwrap();
        assert_eq!(rest.records(), all[before..], "after {before}");
        assert_eq!(rest.pages[0].batch.records[0].position, before as u64 + 1);
        assert_eq!(rest.end(), whole.end());
    }
    assert_eq!(all.len(), 200);
}

#[tokio::test]
async fn what_is_written_during_a_read_is_in_this_read_or_in_the_next() {
    let Some(source) = source().await else { return };
    source.sql(
        "CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t SELECT n, 'old' FROM generate_series(1, 1000) n",
    );
    let first =
        source.try_read(json!({}), ReadRequest { options: pages_of(100), ..ReadRequest::of("t") }).await.unwrap();
    let middle = first.pages[4].checkpoint.clone().unwrap().cursor;
    // A row that the first half has passed already, and one that it has not reached.
    source.sql("UPDATE t SET x = 'new' WHERE id IN (10, 900); INSERT INTO t VALUES (-1, 'late')");
    let rest = source.read("t", Some(middle)).await;
    assert_eq!(rest.records().len(), 500);
    let next = source.read("t", Some(rest.end())).await;
    let mut found: Vec<_> =
        next.records().iter().map(|record| (record["id"].as_i64().unwrap(), record["x"].to_string())).collect();
    found.sort();
    assert_eq!(found, [(-1, "\"late\"".into()), (10, "\"new\"".into()), (900, "\"new\"".into())]);
}

#[tokio::test]
async fn one_snapshot_is_seen_while_others_write() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY, x int); INSERT INTO t SELECT n, 0 FROM generate_series(1, 2000) n");
    let context = source.context();
    let connector = source.connector(json!({}));
    let request = ReadRequest { options: pages_of(100), ..ReadRequest::of("t") };
    let aos_connectors::Pages::Waiting(mut pages) = connector.read(request, &context).await.unwrap() else { panic!() };
    let mut seen = 0;
    while let Some(page) = futures_util::StreamExt::next(&mut pages).await {
        let page = page.unwrap();
        if seen == 0 {
            source.sql("UPDATE t SET x = 1; INSERT INTO t VALUES (3000, 1)");
        }
        seen += page.batch.records.len();
        for record in &page.batch.records {
            assert_eq!(page.batch.to_json(record)["x"], 0);
        }
    }
    assert_eq!(seen, 2000);
}

#[tokio::test]
async fn rows_without_a_key_are_read_whole_and_promise_no_place_to_go_on() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (x int); INSERT INTO t SELECT n FROM generate_series(1, 250) n; INSERT INTO t VALUES (1), (1), (NULL)");
    let read =
        source.try_read(json!({}), ReadRequest { options: pages_of(100), ..ReadRequest::of("t") }).await.unwrap();
    assert_eq!(read.records().len(), 253);
    assert!(read.pages[..2].iter().all(|page| page.checkpoint.is_none()));
    source.sql("INSERT INTO t VALUES (999)");
    assert_eq!(source.read("t", Some(read.end())).await.column("x"), ["999"]);
}

#[tokio::test]
async fn a_sweep_reads_keys_alone_and_a_sample_stops_early() {
    let Some(source) = source().await else { return };
    source
        .sql("CREATE TABLE t (x text, id int PRIMARY KEY); INSERT INTO t SELECT 'v', n FROM generate_series(1, 500) n");
    let end = source.read("t", None).await.end();
    let keys = ReadRequest { what: ReadWhat::Keys, cursor: Some(end.clone()), ..ReadRequest::of("t") };
    let keys = source.try_read(json!({}), keys).await.unwrap();
    assert_eq!(keys.records().len(), 500);
    assert_eq!(keys.records()[0], json!({"id": 1}));
    assert_eq!(keys.end(), end);
    let some = ReadRequest { records_max: Some(20), ..ReadRequest::of("t") };
    let some = source.try_read(json!({}), some).await.unwrap();
    assert_eq!(some.records().len(), 20);
    assert!(some.pages.iter().all(|page| page.checkpoint.as_ref().is_none_or(|checkpoint| !checkpoint.complete)));
}

#[tokio::test]
async fn more_rows_than_one_statement_reads_come_all_and_once() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id bigint PRIMARY KEY, x text); INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 230000) n");
    let read = source.read("t", None).await;
    let mut ids: Vec<i64> = read.records().iter().map(|record| record["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 230_000);
    ids.dedup();
    assert_eq!((ids.len(), ids[0], ids[229_999]), (230_000, 1, 230_000));
    assert_eq!(read.pages[0].count, Some(SourceCount::Exactly(230_000)));
}
