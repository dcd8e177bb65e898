//! Refresh: values exact, replays without effect, the file a cache that may vanish.

use super::*;

const FULL: &str = r#"{"account_id":"1","name":"Žižkov \"Ltd\"","revenue":12345678901234567890.123456789012,"employees":0,"active":false,"founded":"1999-12-31","created_at":"2024-02-29T23:59:59.123456Z"}"#;

#[test]
fn every_type_comes_back_exactly() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let done = engine.refresh([row(1, "account", "1", FULL)]).unwrap();
    assert_eq!((done.applied, done.lossy, done.unreadable, done.position), (1, 0, 0, 1));
    let record = one(&engine, "account");
    assert_eq!(record["name"], "Žižkov \"Ltd\"");
    assert_eq!(record["revenue"], "12345678901234567890.123456789012");
    assert_eq!(record["employees"], 0);
    assert_eq!(record["active"], false);
    assert_eq!(record["founded"], "1999-12-31");
    assert_eq!(record["created_at"], "2024-02-29T23:59:59.123456Z");
    assert_eq!(record["_source"], "crm");
    assert_eq!(record["_connection_id"], connection(1).to_string());
    let names: Vec<&String> = record.as_object().unwrap().keys().collect();
    assert_eq!(names[..5], ["_source", "_connection_id", "_record_id", "_streams", "account_id"]);
}

#[test]
fn decimals_never_pass_through_a_float() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine.refresh((1..=1000).map(|n| row(n, "account", &n.to_string(), r#"{"revenue":0.1}"#))).unwrap();
    assert_eq!(cell(&engine, "SELECT sum(revenue) FROM account").to_string(), "100");
    let texts = ["1", "-0.5", "1e3", "0.000000000001", "99999999999999999999999999.999999999999", "-1.50"];
    let rows = texts
        .iter()
        .enumerate()
        .map(|(at, text)| row(2000 + at as i64, "account", &format!("d{at}"), &format!(r#"{{"revenue":{text}}}"#)));
    assert_eq!(engine.refresh(rows).unwrap().lossy, 0);
    let shown: Vec<Value> = (0..texts.len())
        .map(|at| engine.record("account", "crm", &format!("d{at}")).unwrap().unwrap()["revenue"].clone())
        .collect();
    let shown: Vec<String> =
        shown.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    assert_eq!(shown, ["1", "-0.5", "1000", "1e-12", "99999999999999999999999999.999999999999", "-1.5"]);
}

#[test]
fn a_value_that_does_not_fit_is_counted_and_the_rest_kept() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let broken = r#"{"name":"kept","revenue":0.0000000000001,"employees":1.5,"founded":"2024-02-30","created_at":"soon","active":1}"#;
    let done =
        engine.refresh([row(1, "account", "1", broken), row(2, "account", "2", r#"{"name":"half","reve"#)]).unwrap();
    assert_eq!((done.lossy, done.unreadable), (5, 1));
    let record = engine.record("account", "crm", "1").unwrap().unwrap();
    assert_eq!((&record["name"], &record["revenue"], &record["founded"]), (&"kept".into(), &Value::Null, &Value::Null));
    assert_eq!(engine.record("account", "crm", "2").unwrap().unwrap()["name"], "half");
}

#[test]
fn a_replay_changes_nothing() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let rows: Vec<FragmentRow> = (1..=5000).map(|n| row(n, "account", &n.to_string(), r#"{"name":"x"}"#)).collect();
    engine.refresh(rows.clone()).unwrap();
    let (before, version) = (all(&engine, "account"), engine.version());
    let again = engine.refresh(rows).unwrap();
    assert_eq!((again.applied, again.replayed, again.position), (0, 5000, 5000));
    assert_eq!((all(&engine, "account"), engine.version()), (before, version));
    assert_eq!(engine.counts().unwrap()["account"], EntityCount { records: 5000, rows: 5000 });
}

#[test]
fn a_changed_row_replaces_and_a_tombstone_removes() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine.refresh([row(1, "account", "1", r#"{"name":"a"}"#), row(2, "account", "2", r#"{"name":"b"}"#)]).unwrap();
    engine
        .refresh([
            row(3, "account", "1", r#"{"name":"A"}"#),
            FragmentRow { deleted: true, ..row(4, "account", "2", "{}") },
        ])
        .unwrap();
    assert_eq!(one(&engine, "account")["name"], "A");
    engine.refresh([row(5, "account", "2", r#"{"name":"back"}"#)]).unwrap();
    assert_eq!(all(&engine, "account").len(), 2);
}

#[test]
fn a_row_that_changes_while_the_rows_are_read_counts_once() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let mut rows = vec![row(1, "account", "1", r#"{"name":"old"}"#), row(2, "account", "2", r#"{"name":"gone"}"#)];
    rows.push(row(3, "account", "1", r#"{"name":"new"}"#));
    rows.push(FragmentRow { deleted: true, ..row(4, "account", "2", "{}") });
    engine.refresh(rows).unwrap();
    assert_eq!(one(&engine, "account")["name"], "new");
    let twice = [row(5, "account", "1", r#"{"name":"5"}"#), row(6, "account", "1", r#"{"name":"6"}"#)];
    engine.refresh(twice).unwrap();
    assert_eq!(one(&engine, "account")["name"], "6");
}

#[test]
fn rows_that_break_off_are_taken_up_where_they_ended() {
    let bench = Bench::new();
    let rows: Vec<FragmentRow> = (1..=9000).map(|n| row(n, "account", &n.to_string(), FULL)).collect();
    bench.tenant().refresh(rows[..4321].to_vec()).unwrap();
    assert_eq!(bench.tenant().position(), 4321);
    bench.tenant().refresh(rows[4000..].to_vec()).unwrap();
    assert_eq!(bench.tenant().counts().unwrap()["account"].records, 9000);
}

#[test]
fn a_deleted_or_broken_file_is_rebuilt_with_equal_views() {
    let bench = Bench::new();
    let rows = [row(1, "account", "1", FULL), row(2, "account", "2", "{}"), row(3, "resource", "r", "{}")];
    bench.tenant().refresh(rows.clone()).unwrap();
    let before = (all(&bench.tenant(), "account"), all(&bench.tenant(), "resource"));
    assert!(bench.engine.drop_cache(&bench.scope).unwrap());
    assert!(!bench.database().exists());
    assert_eq!(bench.tenant().position(), 0);
    bench.tenant().refresh(rows.clone()).unwrap();
    assert_eq!((all(&bench.tenant(), "account"), all(&bench.tenant(), "resource")), before);

    let again = Bench::new();
    std::fs::create_dir_all(again.database().parent().unwrap()).unwrap();
    std::fs::write(again.database(), vec![7u8; 100_000]).unwrap();
    assert_eq!(again.tenant().position(), 0);
    again.tenant().refresh(rows).unwrap();
    assert_eq!(all(&again.tenant(), "account"), before.0);
}

#[test]
fn what_was_refreshed_is_there_after_a_restart() {
    let bench = Bench::with(EngineOptions { max_open: 0, ..EngineOptions::default() });
    bench.tenant().refresh([row(7, "account", "1", FULL)]).unwrap();
    let before = all(&bench.tenant(), "account");
    let other = bench.engine.tenant(&someone(), &bench.ontology).unwrap();
    assert_eq!(bench.engine.open_count(), 1, "the idle one was closed, the one in use was not");
    drop(other);
    assert_eq!((bench.tenant().position(), all(&bench.tenant(), "account")), (7, before));
}

#[test]
fn another_ontology_empties_the_cache_and_an_equal_one_does_not() {
    let bench = Bench::new();
    bench.tenant().refresh([row(1, "account", "1", FULL)]).unwrap();
    let equal = Arc::new(Ontology::parse(ONTOLOGY).unwrap());
    assert_eq!(bench.engine.tenant(&bench.scope, &equal).unwrap().position(), 1);
    let wider = Arc::new(
        Ontology::parse(&ONTOLOGY.replace("      cpu:", "      disk: { type: decimal }\n      cpu:")).unwrap(),
    );
    let engine = bench.engine.tenant(&bench.scope, &wider).unwrap();
    assert_eq!((engine.position(), all(&engine, "account").len()), (0, 0));
    engine.refresh([row(1, "resource", "r", r#"{"disk":1}"#)]).unwrap();
    assert_eq!(one(&engine, "resource")["disk"], 1);
}

#[test]
fn a_file_is_opened_once_only() {
    let bench = Bench::new();
    let _held = bench.tenant();
    let second = Engine::new(bench.folder.path(), EngineOptions::default());
    assert!(matches!(second.tenant(&bench.scope, &bench.ontology), Err(Error::InUse { .. })));
    assert!(!bench.engine.drop_cache(&bench.scope).unwrap(), "one in use is not dropped");
}

#[test]
fn tenants_do_not_see_each_other() {
    let bench = Bench::new();
    let stranger = bench.engine.tenant(&someone(), &bench.ontology).unwrap();
    bench.tenant().refresh([row(1, "account", "1", r#"{"name":"secret"}"#)]).unwrap();
    assert_eq!(all(&stranger, "account"), Vec::<Value>::new());
    assert_eq!(cell(&stranger, "SELECT count(*) FROM account"), 0);
    let path = bench.database().display().to_string();
    for sql in [
        format!("ATTACH '{path}' AS other"),
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM read_duckdb('{path}')"),
    ] {
        assert!(stranger.query(&sql, 10, None).is_err(), "{sql}");
    }
}

#[test]
fn readers_are_served_while_a_refresh_runs() {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine.refresh([row(1, "account", "1", FULL)]).unwrap();
    let reader = engine.clone();
    let rows = (2..=3).map(|n| {
        // The rows are being written in an open transaction: the views stand as they were.
        assert_eq!(reader.query("SELECT count(*) FROM account", 1, None).unwrap().rows[0][0], 1);
        row(n, "account", &n.to_string(), FULL)
    });
    engine.refresh(rows).unwrap();
    assert_eq!(all(&engine, "account").len(), 3);
}

#[test]
fn a_load_of_several_transactions_is_whole_and_goes_on_where_it_ended() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let rows =
        |range: std::ops::RangeInclusive<i64>| range.map(|n| row(n, "account", &n.to_string(), r#"{"name":"x"}"#));
    engine.load(rows(1..=125_000)).unwrap();
    assert_eq!((engine.position(), engine.counts().unwrap()["account"].rows), (125_000, 125_000));
    engine.load(rows(124_000..=126_000)).unwrap();
    assert_eq!((engine.position(), engine.counts().unwrap()["account"].rows), (126_000, 126_000));
    assert_eq!(cell(&engine, "SELECT count(DISTINCT _record_id) FROM account").to_string(), "126000");
}
