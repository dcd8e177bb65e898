//! Golden records in the engine: things beside records, with the values that survive and their types.

use super::*;

fn books(position: i64, record_id: &str, data: &str) -> FragmentRow {
    FragmentRow { connection: connection(2), source: "books".into(), ..row(position, "account", record_id, data) }
}

fn member(number: u128, record_id: &str, survives: &[&str]) -> GoldenMember {
    GoldenMember {
        golden: Uuid::from_u128(77),
        cohesion: 0.9,
        connection: connection(number),
        record_id: record_id.into(),
        survives: survives.iter().map(|field| (*field).to_owned()).collect(),
    }
}

fn loaded() -> (Bench, TenantEngine) {
    let bench = Bench::new();
    let engine = bench.tenant();
    engine
        .refresh([
            row(1, "account", "1", r#"{"account_id":"1","name":"Acme","revenue":10.25,"founded":"1999-01-02"}"#),
            row(2, "account", "2", r#"{"account_id":"2","name":"Other","revenue":5}"#),
            books(3, "1", r#"{"account_id":"1","name":"ACME Inc","revenue":12.5,"active":true}"#),
        ])
        .unwrap();
    let members = [member(1, "1", &["account_id", "name", "founded"]), member(2, "1", &["revenue", "active"])];
    engine.load_golden("account", "first", &members).unwrap();
    (bench, engine)
}

#[test]
fn records_of_one_thing_are_one_row_with_the_values_that_survive() {
    let (_bench, engine) = loaded();
    let things = engine
        .query(
            "SELECT _golden, _records, _source, name, revenue, founded, active FROM _golden_account ORDER BY _records",
            10,
            None,
        )
        .unwrap();
    let rows: Vec<String> = things.rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    assert_eq!(
        rows,
        [
            r#"["crm/2",1,"crm","Other",5,null,null]"#,
            r#"["00000000-0000-0000-0000-00000000004d",2,"books + crm","Acme",12.5,"1999-01-02",true]"#,
        ]
    );
    assert_eq!(cell(&engine, "SELECT sum(revenue) FROM _golden_account").to_string(), "17.5");
    assert_eq!(cell(&engine, "SELECT min(_cohesion) FROM _golden_account").to_string(), "0.9");
    let of_record = "SELECT _golden FROM _member_account WHERE _key = '2'";
    assert_eq!(cell(&engine, of_record), "crm/2");
    assert_eq!(cell(&engine, "SELECT count(*) FROM account"), 3, "records stay what they are");
}

#[test]
fn a_stamp_that_was_loaded_is_loaded_once_and_another_takes_its_place() {
    let (_bench, engine) = loaded();
    assert_eq!(engine.golden_stamp("account").unwrap().as_deref(), Some("first"));
    assert_eq!(engine.golden_stamp("resource").unwrap(), None);
    engine.load_golden("account", "first", &[]).unwrap();
    assert_eq!(cell(&engine, "SELECT count(*) FROM _golden_account"), 2);
    engine.load_golden("account", "second", &[]).unwrap();
    assert_eq!(cell(&engine, "SELECT count(*) FROM _golden_account"), 3, "nothing is one any more");
    engine.reset().unwrap();
    assert_eq!(engine.golden_stamp("account").unwrap(), None);
    assert!(matches!(engine.load_golden("nothing", "x", &[]), Err(Error::UnknownEntity { .. })));
}
