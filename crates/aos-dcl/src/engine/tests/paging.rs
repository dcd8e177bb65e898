//! Pages: every row once, in every order, under every filter.

use super::*;

const ROWS: i64 = 257;

/// Rows of two connections with many ties and nulls.
fn filled() -> (Bench, TenantEngine) {
    let bench = Bench::new();
    let engine = bench.tenant();
    let rows = (0..ROWS).map(|n| {
        let name = if n % 7 == 0 { "null".to_owned() } else { format!("\"N{}\"", n % 5) };
        let revenue = if n % 11 == 0 { "null".to_owned() } else { format!("{}.25", n % 9 - 4) };
        let data = format!(
            r#"{{"account_id":"{n}","name":{name},"revenue":{revenue},"employees":{},"active":{},"founded":"2020-01-{:02}","created_at":"2024-01-01T00:00:{:02}Z"}}"#,
            n % 3, n % 2 == 0, n % 28 + 1, n % 60,
        );
        FragmentRow { connection: connection(1 + (n % 2) as u128), source: format!("s{}", n % 2), ..row(n + 1, "account", &n.to_string(), &data) }
    });
    engine.refresh(rows).unwrap();
    (bench, engine)
}

fn sort(field: &str, descending: bool) -> Sort {
    Sort { field: field.into(), descending }
}

fn walk(engine: &TenantEngine, query: &ViewQuery) -> Vec<Value> {
    let mut query = query.clone();
    let mut items = Vec::new();
    for _ in 0..200 {
        let page = engine.view("account", &query).unwrap();
        items.extend(page.items.iter().cloned().map(Value::Object));
        let Some(cursor) = &page.next_cursor else { return items };
        query.cursor = Some(cursor.clone());
    }
    panic!("the pages do not end");
}

#[test]
fn paging_walks_all_rows_once_in_the_order_of_one_page() {
    let (_bench, engine) = filled();
    let sorts = [
        vec![],
        vec![sort("name", false)],
        vec![sort("name", true), sort("revenue", false)],
        vec![sort("revenue", true)],
        vec![sort("active", false), sort("founded", true)],
        vec![sort("created_at", true)],
        vec![sort("employees", false), sort("_source", true)],
    ];
    for sort in sorts {
        let whole = ViewQuery { limit: 1000, sort: sort.clone(), ..ViewQuery::default() };
        let pages = ViewQuery { limit: 10, sort, ..ViewQuery::default() };
        let walked = walk(&engine, &pages);
        assert_eq!(walked.len(), ROWS as usize, "{:?}", pages.sort);
        assert_eq!(walked, walk(&engine, &whole), "{:?}", pages.sort);
    }
}

#[test]
fn nulls_are_last_in_both_directions() {
    let (_bench, engine) = filled();
    for descending in [false, true] {
        let items =
            walk(&engine, &ViewQuery { limit: 40, sort: vec![sort("revenue", descending)], ..ViewQuery::default() });
        let revenues: Vec<Option<f64>> = items.iter().map(|item| item["revenue"].as_f64()).collect();
        let known: Vec<f64> = revenues.iter().copied().flatten().collect();
        assert!(revenues[known.len()..].iter().all(Option::is_none));
        assert!(known.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }));
    }
}

#[test]
fn filters_work_on_every_type() {
    let (_bench, engine) = filled();
    let everything = all(&engine, "account");
    type Wanted = fn(&Value) -> bool;
    let cases: [(&str, FilterOp, &str, Wanted); 13] = [
        ("name", FilterOp::Eq, "N3", |r| r["name"] == "N3"),
        ("name", FilterOp::Ne, "N3", |r| r["name"] != "N3"),
        ("name", FilterOp::Contains, "n4", |r| r["name"] == "N4"),
        ("name", FilterOp::IsNull, "", |r| r["name"].is_null()),
        ("name", FilterOp::IsNull, "false", |r| !r["name"].is_null()),
        ("revenue", FilterOp::Gt, "-0.75", |r| r["revenue"].as_f64().is_some_and(|x| x > -0.75)),
        ("revenue", FilterOp::Lte, "1.25", |r| r["revenue"].as_f64().is_some_and(|x| x <= 1.25)),
        ("employees", FilterOp::Gte, "1", |r| r["employees"].as_i64() >= Some(1)),
        ("active", FilterOp::Eq, "true", |r| r["active"] == true),
        ("founded", FilterOp::Lt, "2020-01-15", |r| r["founded"].as_str() < Some("2020-01-15")),
        ("created_at", FilterOp::Gte, "2024-01-01T01:00:30+01:00", |r| {
            r["created_at"].as_str() >= Some("2024-01-01T00:00:30Z")
        }),
        ("_source", FilterOp::Eq, "s1", |r| r["_source"] == "s1"),
        ("_connection_id", FilterOp::Eq, "00000000-0000-0000-0000-000000000002", |r| r["_source"] == "s1"),
    ];
    for (field, op, value, wanted) in cases {
        let filter = Filter { field: field.into(), op, value: value.into() };
        let query = ViewQuery { limit: 20, filters: vec![filter.clone()], ..ViewQuery::default() };
        let found = walk(&engine, &query);
        let expected: Vec<Value> = everything.iter().filter(|record| wanted(record)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < everything.len(), "{filter:?} tells nothing apart");
        assert_eq!(found, expected, "{filter:?}");
        assert_eq!(engine.view("account", &query).unwrap().total, expected.len() as u64);
    }
}

#[test]
fn filters_are_bound_and_never_part_of_the_statement() {
    let (_bench, engine) = filled();
    let filter = Filter { field: "name".into(), op: FilterOp::Eq, value: "x' OR '1'='1".into() };
    let page = engine.view("account", &ViewQuery { filters: vec![filter], ..ViewQuery::default() }).unwrap();
    assert_eq!(page.total, 0);
    let sneaky = ViewQuery { sort: vec![sort("name\" DESC; DROP VIEW account; --", false)], ..ViewQuery::default() };
    assert!(matches!(engine.view("account", &sneaky), Err(Error::UnknownField { .. })));
}

#[test]
fn what_cannot_be_asked_is_named() {
    let (_bench, engine) = filled();
    let error = engine.view("nothing", &ViewQuery::default()).unwrap_err().to_string();
    assert_eq!(error, "there is no entity `nothing`; the entities are account, resource");
    for (field, op, value) in [
        ("revenue", FilterOp::Eq, "much"),
        ("employees", FilterOp::Lt, "1.5"),
        ("founded", FilterOp::Eq, "2024-02-30"),
        ("created_at", FilterOp::Eq, "yesterday"),
        ("active", FilterOp::Eq, "maybe"),
        ("revenue", FilterOp::Contains, "1"),
        ("name", FilterOp::IsNull, "perhaps"),
    ] {
        let filter = Filter { field: field.into(), op, value: value.into() };
        let query = ViewQuery { filters: vec![filter], ..ViewQuery::default() };
        assert!(matches!(engine.view("account", &query), Err(Error::BadValue { .. })), "{field} {op:?} {value}");
    }
    let filter = Filter { field: "name".into(), op: FilterOp::Ne, value: "x".into() };
    let many = ViewQuery { filters: vec![filter; 21], ..ViewQuery::default() };
    assert!(matches!(engine.view("account", &many), Err(Error::Refused { .. })));
    assert!(matches!("like".parse::<FilterOp>(), Err(Error::UnknownOperator { .. })));
}

#[test]
fn a_cursor_belongs_to_its_query() {
    let (_bench, engine) = filled();
    let sorted = ViewQuery { limit: 5, sort: vec![sort("name", false)], ..ViewQuery::default() };
    let cursor = engine.view("account", &sorted).unwrap().next_cursor.clone();
    assert!(cursor.is_some());
    for text in [cursor.clone().unwrap(), "zz".into(), "7b7d".into(), "abc".into(), "é".into(), "ab".repeat(9000)] {
        let query = ViewQuery { limit: 5, cursor: Some(text), ..ViewQuery::default() };
        assert!(matches!(engine.view("account", &query), Err(Error::BadCursor)));
    }
    assert!(engine.view("account", &ViewQuery { cursor, ..sorted }).is_ok());
}

#[test]
fn a_page_is_kept_until_the_next_refresh() {
    let (_bench, engine) = filled();
    let query = ViewQuery { limit: 3, ..ViewQuery::default() };
    let first = engine.view("account", &query).unwrap();
    assert!(Arc::ptr_eq(&first, &engine.view("account", &query).unwrap()));
    engine.refresh([row(ROWS + 1, "account", "new", "{}")]).unwrap();
    assert_eq!(engine.view("account", &query).unwrap().total, first.total + 1);
}

#[test]
fn a_question_asked_before_there_were_rows_is_answered_with_the_rows_that_came() {
    let bench = Bench::new();
    let engine = bench.tenant();
    let sorted = ViewQuery { limit: 1000, sort: vec![sort("employees", true)], ..ViewQuery::default() };
    assert!(engine.view("account", &sorted).unwrap().items.is_empty() && all(&engine, "account").is_empty());
    let data = |n: i64| format!(r#"{{"name":"A company with a long name {n}","employees":{}}}"#, n * 1_000_003);
    for part in [1..=3, 4..=500] {
        let rows: Vec<FragmentRow> =
            part.map(|n| row(n, "account", &format!("account-number-{n}"), &data(n))).collect();
        let last = rows.len() as i64 + rows[0].position - 1;
        engine.refresh(rows).unwrap();
        let found = engine.view("account", &sorted).unwrap();
        assert_eq!(found.items.len() as i64, last);
        for (n, item) in (1..=last).rev().zip(&found.items) {
            assert_eq!(item["name"], format!("A company with a long name {n}"));
            assert!(item["employees"] == n * 1_000_003 && item["_source"] == "crm", "{item:?}");
        }
        let listed = all(&engine, "account");
        assert!(listed.iter().all(|item| item["_record_id"].as_str().unwrap().starts_with("account-number-")));
    }
}
