//! Several rows about one thing become one record; several connections stay side by side.

use super::*;

fn resource(position: i64, fragment: &str, id: &str, version: i64, fields: &str) -> FragmentRow {
    let data = format!(r#"{{"resource_id":"{id}"{}{fields}}}"#, if fields.is_empty() { "" } else { "," });
    FragmentRow { fragment: fragment.into(), source_version: version, ..row(position, "resource", id, &data) }
}

#[test]
fn three_tables_with_one_key_are_one_record() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine
        .refresh([
            resource(1, "RESOURCES", "i-1", 0, r#""region":"eu-1""#),
            resource(2, "METRICS#cpu", "i-1", 0, r#""cpu":12.5"#),
            resource(3, "METRICS#mem", "i-1", 0, r#""memory":3"#),
        ])
        .unwrap();
    let record = one(&engine, "resource");
    assert_eq!(record["region"], "eu-1");
    assert_eq!(record["cpu"].to_string(), "12.5");
    assert_eq!(record["memory"].to_string(), "3");
    assert_eq!(record["_streams"], serde_json::json!(["METRICS#cpu", "METRICS#mem", "RESOURCES"]));
    assert_eq!(engine.counts().unwrap()["resource"], EntityCount { records: 1, rows: 3 });
}

#[test]
fn connections_stand_side_by_side_with_their_source() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let other =
        FragmentRow { connection: connection(2), source: "erp".into(), ..row(2, "account", "1", r#"{"name":"B"}"#) };
    engine.refresh([row(1, "account", "1", r#"{"name":"A"}"#), other]).unwrap();
    let seen: Vec<(Value, Value)> =
        all(&engine, "account").iter().map(|record| (record["_source"].clone(), record["name"].clone())).collect();
    assert_eq!(seen, [("crm".into(), "A".into()), ("erp".into(), "B".into())]);
    assert_eq!(engine.record("account", "erp", "1").unwrap().unwrap()["name"], "B");
    assert_eq!(engine.record("account", "erp", "2").unwrap(), None);
}

#[test]
fn the_newest_value_wins_then_the_fuller_fragment_and_null_never() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine
        .refresh([
            resource(1, "old", "newest", 10, r#""region":"old","cpu":1"#),
            resource(2, "new", "newest", 20, r#""region":"new","cpu":null"#),
            resource(3, "new", "fuller", 5, r#""region":"thin""#),
            resource(4, "old", "fuller", 5, r#""region":"full","cpu":1"#),
            resource(5, "old", "name", 5, r#""region":"by name: old""#),
            resource(6, "new", "name", 5, r#""region":"by name: new""#),
        ])
        .unwrap();
    let region = |id: &str| engine.record("resource", "crm", id).unwrap().unwrap()["region"].clone();
    assert_eq!(region("newest"), "new");
    assert_eq!(engine.record("resource", "crm", "newest").unwrap().unwrap()["cpu"], 1);
    assert_eq!(region("fuller"), "full");
    assert_eq!(region("name"), "by name: new");
}

#[test]
fn a_fragment_that_comes_or_changes_later_is_unified_too() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine
        .refresh([resource(1, "a", "i-1", 0, r#""region":"r""#), resource(2, "a", "i-2", 0, r#""region":"s""#)])
        .unwrap();
    assert_eq!(all(&engine, "resource").len(), 2);
    engine.refresh([resource(3, "b", "i-1", 0, r#""cpu":1"#)]).unwrap();
    engine.refresh([resource(4, "b", "i-1", 0, r#""cpu":2"#)]).unwrap();
    let records = all(&engine, "resource");
    assert_eq!(records.len(), 2);
    assert_eq!((&records[0]["region"], &records[0]["cpu"]), (&"r".into(), &2.into()));
    assert_eq!(records[1]["_streams"], serde_json::json!(["a"]));
    engine.refresh([FragmentRow { deleted: true, ..resource(5, "b", "i-1", 0, "") }]).unwrap();
    let records = all(&engine, "resource");
    assert_eq!((&records[0]["region"], &records[0]["cpu"]), (&"r".into(), &Value::Null));
    engine.refresh([FragmentRow { deleted: true, ..resource(6, "a", "i-1", 0, "") }]).unwrap();
    assert_eq!(all(&engine, "resource").len(), 1);
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let rows = [
        resource(1, "a", "x", 1, r#""region":"a","cpu":1"#),
        resource(2, "b", "x", 2, r#""region":"b""#),
        resource(3, "c", "x", 2, r#""cpu":3,"memory":4"#),
    ];
    let forward = Bench::new();
    forward.tenant().refresh(rows.clone()).unwrap();
    let backward = Bench::new();
    for (position, row) in rows.into_iter().rev().enumerate() {
        backward.tenant().refresh([FragmentRow { position: position as i64 + 1, ..row }]).unwrap();
    }
    assert_eq!(one(&forward.tenant(), "resource"), one(&backward.tenant(), "resource"));
    assert_eq!(one(&forward.tenant(), "resource")["region"], "b");
}

#[test]
fn a_removed_connection_leaves_nothing() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let other = FragmentRow { connection: connection(2), source: "erp".into(), ..resource(3, "a", "z", 0, "") };
    engine.refresh([resource(1, "a", "x", 0, ""), resource(2, "b", "x", 0, r#""cpu":1"#), other]).unwrap();
    engine.remove_connection(connection(1)).unwrap();
    assert_eq!(one(&engine, "resource")["_source"], "erp");
    assert_eq!(engine.counts().unwrap()["resource"], EntityCount { records: 1, rows: 1 });
}
