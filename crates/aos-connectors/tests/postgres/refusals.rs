use crate::support::{connector, context, read, source};
use aos_connectors::{Error, ReadRequest};
use serde_json::json;

/// What a check is told, which must never be the password.
async fn told(settings: serde_json::Value, url: &str) -> Error {
    let error = connector(settings).check(&context([("url", url)])).await.unwrap_err();
    let all = format!("{error} {error:?}");
    assert!(!all.contains("private") && !all.contains("hunter2"), "{all}");
    error
}

#[tokio::test]
async fn wrong_credentials_missing_rights_and_missing_things_are_told_apart() {
    let Some(source) = source().await else { return };
    let (port, name) = (source.port, source.database.name());
    let at = |user: &str, password: &str, database: &str| {
        format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    };
    assert!(matches!(told(json!({}), &at("postgres", "hunter2", name)).await, Error::Unauthorized { .. }));
    assert!(matches!(told(json!({}), &at("nobody", "private", name)).await, Error::Unauthorized { .. }));
    assert!(matches!(told(json!({}), &at("postgres", "private", "nowhere")).await, Error::Config { .. }));
    source.sql("CREATE TABLE t (id int)");
    let unknown = source.try_read(json!({}), ReadRequest::of("nothing")).await.unwrap_err();
    assert!(matches!(&unknown, Error::UnknownStream { known, .. } if known == "t"), "{unknown}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_talked_to_in_the_clear_unasked() {
    let Some(source) = source().await else { return };
    let url = source.url().replace("?sslmode=disable", "");
    let error = told(json!({}), &url).await;
    assert!(
        matches!(&error, Error::Config { field, reason } if field == "tls" && reason.contains("disable")),
        "{error}"
    );
}

#[tokio::test]
async fn a_private_address_is_refused_unless_the_operator_allows_it() {
    let mut strict = context([("url", "postgres://u:private@127.0.0.1:5432/d")]);
    strict.net = aos_net::Client::new(aos_net::NetConfig::default(), aos_core::Clock::System).unwrap();
    let error = connector(json!({})).check(&strict).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { reason, .. } if reason.contains("allow_private")), "{error}");
}

#[tokio::test]
async fn a_path_is_no_host_and_nobody_listening_is_unreachable() {
    let error = told(json!({}), "postgres://u:private@%2Ftmp/d").await;
    assert!(matches!(&error, Error::Config { .. }), "{error}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = told(json!({}), &format!("postgres://u:private@127.0.0.1:{free}/d?sslmode=disable")).await;
    assert!(matches!(&error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn nothing_can_be_written_whatever_the_source_holds() {
    let Some(source) = source().await else { return };
    source.sql(
        "CREATE TABLE t (id int PRIMARY KEY);
         CREATE FUNCTION sneaky() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.t VALUES (1); RETURN 1; END $$;
         CREATE VIEW v AS SELECT sneaky() AS x",
    );
    let error = source.try_read(json!({}), ReadRequest::of("v")).await.unwrap_err();
    assert!(error.to_string().contains("25006"), "{error}");
    assert_eq!(source.sql("SELECT count(*) FROM t"), "0");
}

#[tokio::test]
async fn a_locked_table_and_a_dropped_one_are_clear_outcomes() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 300)");
    let request = || ReadRequest::of("t");
    let pages = source.connector(json!({})).read(request(), &source.context()).await.unwrap();
    source.sql("DROP TABLE t");
    let aos_connectors::Pages::Waiting(mut pages) = pages else { panic!() };
    let error = futures_util::StreamExt::next(&mut pages).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error}");
}

#[tokio::test]
async fn a_snapshot_that_is_cut_short_goes_on_in_another_where_there_is_a_key() {
    let Some(source) = source().await else { return };
    source.sql(
        "CREATE TABLE t (id int PRIMARY KEY, x int); INSERT INTO t SELECT n, 0 FROM generate_series(1, 120000) n;
         CREATE VIEW slow AS SELECT id, pg_sleep(0.1)::text AS x FROM t",
    );
    let context = source.context();
    let connector = source.connector(json!({"snapshot_max_s": 10}));
    let request = ReadRequest {
        options: aos_connectors::ReadOptions { page_records: 40_000, ..Default::default() },
        ..ReadRequest::of("t")
    };
    let aos_connectors::Pages::Waiting(mut pages) = connector.read(request, &context).await.unwrap() else { panic!() };
    let mut ids = Vec::new();
    let mut counts = Vec::new();
    while let Some(page) = futures_util::StreamExt::next(&mut pages).await {
        let page = page.unwrap();
        ids.extend(page.batch.records.iter().map(|record| page.batch.to_json(record)["id"].as_i64().unwrap()));
        counts.push(page.count.unwrap());
        if ids.len() == 80_000 {
            // Longer than the snapshot may last.
            tokio::time::sleep(std::time::Duration::from_secs(11)).await;
        }
    }
    assert_eq!(ids, (1..=120_000).collect::<Vec<_>>());
    assert!(matches!(counts.last(), Some(aos_connectors::SourceCount::About(120_000))), "{counts:?}");

    let error = read(&*connector, ReadRequest::of("slow"), &context).await.unwrap_err();
    assert!(matches!(&error, Error::Refused { said } if said.contains("snapshot_max_s")), "{error}");
}
