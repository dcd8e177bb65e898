use crate::support::source;
use aos_core::Value;
use serde_json::json;

#[tokio::test]
async fn every_type_comes_without_loss() {
    let Some(source) = source().await else { return };
    source.sql(
        r#"CREATE TYPE mood AS ENUM ('sad', 'ok, fine');
           CREATE TYPE pair AS (a int, b text);
           CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
           CREATE DOMAIN price AS cents;
           CREATE TABLE v (
             id int PRIMARY KEY, n numeric, big bigint, f float8, r real, t text, c char(5), b bytea, ts timestamptz, tl timestamp, d date,
             ti time, iv interval, j json, jb jsonb, u uuid, m mood, ms mood[], ia int[], ta text[][], rg int4range, bits bit(3), ip inet, mon money,
             dom price, p pair, x xml, na numeric[], lb int[]);
           INSERT INTO v VALUES (1, '12345678901234567890.123456789012345678901234567890', 9223372036854775807, 'Infinity', 0.1, E'a\tb\nc\\d "é" 😀',
             'ab', '\xdeadbeef', '2026-03-29 03:30:00.123456+02', '2026-03-29 02:30:00', '2026-02-28', '23:59:59.999999', '1 year 2 days 03:04:05',
             '{"n": 1.10, "k" : [null]}', '{"n": 1.10, "big": 123456789012345678901234567890}', '00000000-0000-0000-0000-00000000000a', 'ok, fine',
             ARRAY['sad','ok, fine']::mood[], '{1,NULL,3}', '{{"a,b",""},{"NULL",NULL}}', '[1,5)', B'101', '10.0.0.1/8', 12.34,
             42, ROW(1, 'x y'), '<a>1</a>', '{1.50,NaN}', '[0:1]={7,8}');
           INSERT INTO v (id) VALUES (2)"#,
    );
    let read = source.read("v", None).await;
    let expected = json!({
        "id": 1, "n": "12345678901234567890.123456789012345678901234567890", "big": 9223372036854775807_i64, "f": "Infinity", "r": 0.1,
        "t": "a\tb\nc\\d \"é\" 😀", "c": "ab   ", "b": "\\xdeadbeef", "ts": "2026-03-29T01:30:00.123456Z", "tl": "2026-03-29T02:30:00",
        "d": "2026-02-28", "ti": "23:59:59.999999", "iv": "P1Y2DT3H4M5S", "j": {"n": "1.10", "k": [null]},
        "jb": {"n": "1.10", "big": "123456789012345678901234567890"}, "u": "00000000-0000-0000-0000-00000000000a", "m": "ok, fine",
        "ms": ["sad", "ok, fine"], "ia": [1, null, 3], "ta": [["a,b", ""], ["NULL", null]], "rg": "[1,5)", "bits": "101", "ip": "10.0.0.1/8",
        "mon": 12.34, "dom": 42, "p": "(1,\"x y\")", "x": "<a>1</a>", "na": ["1.50", "NaN"], "lb": "[0:1]={7,8}"
    });
    let records = read.records();
    assert_eq!(records[0], expected);
    for (name, value) in records[1].as_object().unwrap() {
        assert!(name == "id" || value.is_null(), "{name} is {value}");
    }
    // Numbers are numbers, whatever their length.
    let page = &read.pages[0].batch;
    assert_eq!(
        page.records[0].cell(1),
        Some(&Value::Number("12345678901234567890.123456789012345678901234567890".into()))
    );
}

#[tokio::test]
async fn a_row_that_is_no_text_is_malformed_and_its_neighbours_are_read() {
    let Some(source) = source().await else { return };
    let server = source.database.server();
    let name = format!("{}_ascii", source.database.name());
    server.sql(
        "postgres",
        &format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"),
    );
    server.sql(
        &name,
        r"CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t VALUES (1, 'fine'), (2, E'bad \377'), (3, 'fine')",
    );
    let url = format!("postgres://postgres:private@127.0.0.1:{}/{name}?sslmode=disable", source.port);
    let context = crate::support::context([("url", &url)]);
    let read = crate::support::read(&*source.connector(json!({})), aos_connectors::ReadRequest::of("t"), &context)
        .await
        .unwrap();
    assert_eq!(read.column("id"), ["1", "3"]);
    assert_eq!(read.pages[0].malformed[0].position, 2);
    assert_eq!(read.pages[0].malformed[0].code.as_str(), "encoding");
    server.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
}

#[tokio::test]
async fn a_ten_megabyte_field_is_read_and_a_longer_one_than_allowed_costs_its_row_only() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t VALUES (1, repeat('x', 10 * 1024 * 1024)), (2, repeat('y', 17 * 1024 * 1024)), (3, 'z')");
    let read = source.read("t", None).await;
    assert_eq!(read.column("id"), ["1", "3"]);
    assert_eq!(read.records()[0]["x"].as_str().unwrap().len(), 10 * 1024 * 1024);
    let malformed: Vec<_> = read.pages.iter().flat_map(|page| &page.malformed).collect();
    assert_eq!((malformed[0].position, malformed[0].code.as_str()), (2, "too_long"));
    assert!(malformed[0].raw.len() <= 4096);
}
