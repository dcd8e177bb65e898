//! Supabase's REST layer as a source: PostgREST's public interface, played over a real PostgreSQL.

mod server;

use aos_connectors::{
    AllowedRoots, Alone, Connector, Context, Cursor, Error, Notes, Operator, Pages, ReadOptions, ReadRequest,
    RecordPage, Secret, Secrets, declaration,
};
use aos_core::Clock;
use aos_net::NetConfig;
use futures_util::StreamExt;
use serde_json::json;
use server::PostgRest;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const KEY: &str = "service-role-key-of-the-project";

fn context(key: &str) -> Context {
    let config = NetConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetConfig::default() };
    Context {
        net: aos_net::Client::new(config, Clock::System).unwrap(),
        secrets: Secrets::new([("key".to_owned(), Secret::new(key))]),
        grants: None,
        pace: Arc::new(Alone::new(Clock::System)),
        cancel: CancellationToken::new(),
        clock: Clock::System,
        notes: Notes::unheard(),
    }
}

fn connector(server: &PostgRest, cursors: &[&str]) -> Arc<dyn Connector> {
    let settings = json!({"base_url": server.url(), "cursors": cursors});
    let declaration = declaration("supabase").unwrap();
    declaration
        .check(&json!({"base_url": server.url(), "cursors": cursors, "key": "env:KEY"}).as_object().unwrap().clone())
        .unwrap();
    (declaration.open)("shop", settings.as_object().unwrap(), &Operator::new(AllowedRoots::any())).unwrap()
}

async fn read(connector: &dyn Connector, request: ReadRequest) -> Result<Vec<RecordPage>, Error> {
    let Pages::Waiting(mut stream) = connector.read(request, &context(KEY)).await? else { panic!() };
    let mut pages = Vec::new();
    while let Some(page) = stream.next().await {
        pages.push(page?);
    }
    Ok(pages)
}

fn records(pages: &[RecordPage]) -> Vec<serde_json::Value> {
    pages.iter().flat_map(|page| page.batch.records.iter().map(|record| page.batch.to_json(record))).collect()
}

fn end(pages: &[RecordPage]) -> Cursor {
    let checkpoint = pages.last().unwrap().checkpoint.clone().unwrap();
    assert!(checkpoint.complete);
    checkpoint.cursor
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_found_and_read_whole_with_as_few_requests_as_there_are_pages() {
    let Some(server) = PostgRest::start(KEY, 1000).await else { return };
    server.sql(
        "CREATE TABLE deals (id bigint PRIMARY KEY, amount numeric, tags text[], doc jsonb, changed timestamptz NOT NULL);
         COMMENT ON COLUMN deals.amount IS 'In euros';
         INSERT INTO deals SELECT n, n + 0.10, ARRAY['a'], '{\"n\": 1.50}', '2026-01-01' FROM generate_series(1, 2500) n",
    );
    let connector = connector(&server, &[]);
    let streams = connector.discover(&context(KEY)).await.unwrap();
    let deals = &streams[0];
    assert_eq!((deals.name.as_str(), deals.key.as_slice()), ("deals", ["id".to_owned()].as_slice()));
    assert_eq!(deals.fields[1].label.as_deref(), Some("In euros"));
    assert!(!deals.fields[4].nullable && deals.fields[1].nullable);
    let before = server.requests();
    let pages = read(&*connector, ReadRequest::of("deals")).await.unwrap();
    let all = records(&pages);
    assert_eq!(all.len(), 2500);
    assert_eq!(all[0]["amount"], "1.10");
    assert_eq!(pages[0].count, Some(aos_connectors::SourceCount::Exactly(2500)));
    assert_eq!(server.requests() - before, 3 + 1, "three pages, and one look at the tables");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_after_every_page_also_by_a_key_of_several_columns_and_under_a_lower_limit() {
    let Some(server) = PostgRest::start(KEY, 100).await else { return };
    server.sql(
        r#"CREATE TABLE t (a text COLLATE "C", "b c" int, PRIMARY KEY (a, "b c"));
           INSERT INTO t SELECT 'x,"' || n % 5 || '\', n FROM generate_series(1, 330) n"#,
    );
    let connector = connector(&server, &[]);
    let whole = read(&*connector, ReadRequest::of("t")).await.unwrap();
    let all = records(&whole);
    assert_eq!(all.len(), 330);
    let mut before = 0;
    for page in &whole {
        before += page.batch.records.len();
        let checkpoint = page.checkpoint.clone().unwrap();
        if !checkpoint.complete {
            let rest = read(&*connector, ReadRequest { cursor: Some(checkpoint.cursor), ..ReadRequest::of("t") })
                .await
                .unwrap();
            assert_eq!(records(&rest), all[before..], "after {before}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_column_brings_what_changed_and_what_has_no_time() {
    let Some(server) = PostgRest::start(KEY, 1000).await else { return };
    server.sql("CREATE TABLE t (id int PRIMARY KEY, changed timestamptz); INSERT INTO t VALUES (1, now() - interval '1 day'), (2, now() - interval '5 minutes'), (3, NULL)");
    let connector = connector(&server, &["t=changed"]);
    let first = read(&*connector, ReadRequest::of("t")).await.unwrap();
    assert_eq!(records(&first).len(), 3);
    server.sql("INSERT INTO t VALUES (4, now())");
    let again = |seconds| ReadRequest {
        cursor: Some(end(&first)),
        overlap: Duration::from_secs(seconds),
        ..ReadRequest::of("t")
    };
    let ids =
        |pages: &[RecordPage]| records(pages).iter().map(|record| record["id"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids(&read(&*connector, again(2)).await.unwrap()), [3, 4]);
    assert_eq!(ids(&read(&*connector, again(900)).await.unwrap()), [2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_a_key_that_changes_meanwhile_is_not_half_right() {
    let Some(server) = PostgRest::start(KEY, 100).await else { return };
    server.sql("CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 250)");
    let connector = connector(&server, &[]);
    assert_eq!(records(&read(&*connector, ReadRequest::of("t")).await.unwrap()).len(), 250);
    let Pages::Waiting(mut pages) = connector.read(ReadRequest::of("t"), &context(KEY)).await.unwrap() else {
        panic!()
    };
    pages.next().await.unwrap().unwrap();
    server.sql("DELETE FROM t WHERE x < 10");
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transient { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_what_is_not_there_are_clear() {
    let Some(server) = PostgRest::start(KEY, 1000).await else { return };
    server.sql("CREATE TABLE t (id int PRIMARY KEY)");
    let connector = connector(&server, &[]);
    let error = connector.check(&context("another-key-that-is-wrong")).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert!(!format!("{error:?}").contains("another-key"), "{error:?}");
    let request = ReadRequest { options: ReadOptions::default(), ..ReadRequest::of("nothing") };
    let error = read(&*connector, request).await.unwrap_err();
    assert!(matches!(&error, Error::UnknownStream { known, .. } if known == "t"), "{error}");
}
