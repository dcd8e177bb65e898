use crate::support::source;
use aos_connectors::{Deletes, SourceCount};
use aos_core::shape::ValueKind;
use serde_json::json;

#[tokio::test]
async fn tables_and_views_of_every_schema_are_found_with_types_and_keys() {
    let Some(source) = source().await else { return };
    source.sql(
        r#"CREATE TABLE deals (id bigint PRIMARY KEY, name text NOT NULL, amount numeric(18,2), tags text[], doc jsonb, won boolean,
                               closed date, changed timestamptz DEFAULT now());
           COMMENT ON TABLE deals IS 'Open and closed deals';
           COMMENT ON COLUMN deals.amount IS 'In euros';
           CREATE SCHEMA sales;
           CREATE TABLE sales."Line Items" ("dealId" bigint, line int, PRIMARY KEY ("dealId", line));
           CREATE TABLE sales.notes (body text);
           CREATE VIEW sales.big AS SELECT * FROM deals WHERE amount > 1000;
           CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
           CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
           CREATE TABLE codes (id int, code text NOT NULL UNIQUE);
           INSERT INTO deals SELECT n, 'd' || n FROM generate_series(1, 100) n;
           ANALYZE deals"#,
    );
    let connector = source.connector(json!({}));
    let streams = connector.discover(&source.context()).await.unwrap();
    let names: Vec<_> = streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["codes", "deals", "parts", "sales.Line Items", "sales.big", "sales.notes"]);
    let deals = &streams[1];
    assert_eq!(
        (deals.label.as_deref(), deals.key.as_slice()),
        (Some("Open and closed deals"), ["id".to_owned()].as_slice())
    );
    assert_eq!((deals.deletes, deals.count), (Deletes::Sweep, Some(SourceCount::About(100))));
    assert_eq!(deals.cursor_field.as_deref(), Some("xmin"));
    let kinds: Vec<_> = deals.fields.iter().map(|field| field.kind).collect();
    use ValueKind::{Boolean, Date, Datetime, Decimal, Integer, List, Object, String};
    assert_eq!(kinds, [Integer, String, Decimal, List, Object, Boolean, Date, Datetime]);
    assert_eq!(deals.fields[2].declared, "numeric(18,2)");
    assert_eq!(deals.fields[2].label.as_deref(), Some("In euros"));
    assert!(!deals.fields[1].nullable && deals.fields[2].nullable);
    assert_eq!(streams[0].key, ["code"]);
    assert_eq!(streams[3].key, ["dealId", "line"]);
    assert_eq!((streams[4].cursor_field.as_deref(), streams[4].key.len()), (None, 0));
    assert!(streams[5].assumed[0].contains("no primary key"), "{:?}", streams[5].assumed);
}

#[tokio::test]
async fn only_what_the_role_may_read_is_offered_and_the_rest_is_said() {
    let Some(source) = source().await else { return };
    let role = format!("reader_{}", source.database.name());
    source.sql(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'private';
         CREATE TABLE open_table (id int PRIMARY KEY, salary int, name text);
         CREATE TABLE closed_table (id int);
         CREATE TABLE policed (id int PRIMARY KEY, owner text);
         ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON policed USING (owner = current_user);
         INSERT INTO policed VALUES (1, '{role}'), (2, 'somebody');
         INSERT INTO open_table VALUES (1, 5, 'a');
         GRANT SELECT (id, name) ON open_table TO {role};
         GRANT SELECT ON policed TO {role}"
    ));
    let context = source.context_as(&role);
    let connector = source.connector(json!({}));
    let streams = connector.discover(&context).await.unwrap();
    let found: Vec<_> = streams.iter().map(|stream| (stream.name.as_str(), stream.assumed.join("; "))).collect();
    assert_eq!(found[0].0, "open_table");
    assert!(found[0].1.contains("salary"), "{}", found[0].1);
    assert_eq!(found[1].0, "policed");
    assert!(found[1].1.contains("row security"), "{}", found[1].1);
    assert_eq!(found.len(), 2);
    let read =
        crate::support::read(&*connector, aos_connectors::ReadRequest::of("open_table"), &context).await.unwrap();
    assert_eq!(read.records(), [json!({"id": 1, "name": "a"})]);
    drop(connector);
    source.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[tokio::test]
async fn check_says_who_we_are_and_where() {
    let Some(source) = source().await else { return };
    source.sql("CREATE TABLE t (id int PRIMARY KEY)");
    let report = source.connector(json!({})).check(&source.context()).await.unwrap();
    let identity = report.identity.unwrap();
    assert!(identity.starts_with("postgres on 127.0.0.1:") && identity.contains("PostgreSQL 1"), "{identity}");
    assert!(!identity.contains("private"));
    assert_eq!(report.streams, 1);
}
