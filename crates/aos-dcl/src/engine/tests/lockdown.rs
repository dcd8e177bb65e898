//! Attacks: a caller's SQL reads the unified views and nothing else, and cannot take the process with it.

use super::*;
use std::time::Instant;

fn filled() -> (Bench, TenantEngine) {
    let bench = Bench::new();
    let engine = bench.tenant();
    let rows = (1..=2000)
        .map(|n| row(n, "account", &n.to_string(), &format!(r#"{{"name":"N{n}","revenue":{n}.5,"employees":{n}}}"#)));
    engine.refresh(rows).unwrap();
    (bench, engine)
}

#[test]
fn what_is_not_one_select_over_the_views_is_refused() {
    let (_bench, engine) = filled();
    let attacks = [
        "INSERT INTO account VALUES (1)",
        "UPDATE internal.meta SET position = 0",
        "DELETE FROM internal.fragments_account",
        "CREATE TABLE t (a INT)",
        "CREATE MACRO f() AS 1",
        "DROP VIEW account",
        "ALTER TABLE internal.meta ADD COLUMN x INT",
        "TRUNCATE internal.meta",
        "ATTACH '/tmp/other.duckdb' AS other",
        "DETACH dcl",
        "USE internal",
        "COPY account TO '/tmp/stolen.csv'",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "EXPORT DATABASE '/tmp/stolen'",
        "IMPORT DATABASE '/tmp/stolen'",
        "INSTALL httpfs",
        "LOAD '/tmp/evil.duckdb_extension'",
        "PRAGMA database_list",
        "PRAGMA memory_limit='10GB'",
        "SET memory_limit = '10GB'",
        "SET GLOBAL threads = 64",
        "RESET lock_configuration",
        "SET VARIABLE x = 1",
        "CALL pragma_version()",
        "CHECKPOINT",
        "VACUUM",
        "BEGIN TRANSACTION",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "EXPLAIN ANALYZE SELECT 1",
        "SHOW TABLES",
        "SHOW ALL TABLES",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP VIEW account",
        "SELECT 1 /* ; */ ; -- \n DELETE FROM internal.meta",
        "/* SELECT */ DROP VIEW account -- SELECT",
        "--\nCOPY account TO '/tmp/stolen.csv'",
        "",
        ";",
        "-- nothing",
        "SELECT * FROM internal.fragments_account",
        "SELECT * FROM internal.meta",
        "SELECT * FROM dcl.internal.meta",
        "SELECT (SELECT max(position) FROM internal.meta)",
        "SELECT * FROM account WHERE name IN (SELECT fingerprint FROM internal.meta)",
        "WITH x AS (SELECT * FROM internal.meta) SELECT * FROM x",
        "SELECT * FROM account ORDER BY (SELECT position FROM internal.meta)",
        "SELECT * FROM account UNION ALL BY NAME SELECT * FROM internal.meta",
        "SELECT * FROM duckdb_tables",
        "SELECT * FROM duckdb_settings()",
        "SELECT path FROM duckdb_databases()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pragma_database_size()",
        "SELECT * FROM pg_catalog.pg_tables",
        "WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables",
        "SELECT * FROM duckdb_tables WHERE EXISTS (WITH duckdb_tables AS (SELECT 1) SELECT 1)",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_csv_auto('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM glob('/**')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'https://example.com/x.csv'",
        "FROM '/etc/passwd'",
        "WITH \"/etc/passwd\" AS (SELECT 1) SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM query('SELECT * FROM internal.meta')",
        "SELECT * FROM query_table('internal.meta')",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM internal.meta'))",
        "SELECT * FROM checkpoint()",
        "SELECT * FROM force_checkpoint()",
        "SELECT * FROM enable_logging('QueryLog')",
        "SELECT * FROM enable_profiling()",
        "SELECT * FROM repeat_row(1, num_rows = 5)",
        "SELECT * FROM system.main.duckdb_settings()",
        "SELECT getenv('HOME')",
        "SELECT current_setting('temp_directory')",
        "SELECT system.main.current_setting('temp_directory')",
        "SELECT current_query()",
        "SELECT write_log('x')",
        "SELECT sleep_ms(100000)",
        "SELECT nextval('s')",
        "SELECT pg_sleep(1000)",
        "SELECT * FROM account WHERE getvariable('x') = 1",
        "SELECT repeat('x', 4000000000)",
        "SELECT lpad('x', 4000000000, 'y')",
        "SELECT printf('%4000000000d', 1)",
        "SELECT range(4000000000)",
        "SELECT list_resize([1], 4000000000)",
        "SELECT count(*) FROM account GROUP BY repeat('x', 4000000000)",
        "SELECT list_transform([1], lambda x: repeat('x', 4000000000))",
        "SELECT [repeat('x', 4000000000) FOR x IN [1]]",
        "SELECT sum(length(repeat('x', 4000000000))) OVER () FROM account",
        "SELECT ('x').repeat(4000000000)",
        "SELECT $1",
        "SELECT ?",
        "PIVOT account ON name",
        "SELECT \0 1",
    ];
    for sql in attacks {
        match engine.query(sql, 10, None) {
            Err(Error::Refused { .. }) => {}
            other => panic!("{sql:?} was not refused: {other:?}"),
        }
    }
    // Refused as well, or not even read as a statement, whichever comes first.
    for sql in [
        // Comments and quotes around what is refused.
        "SELECT/**/1;/**/COPY/**/account/**/TO/**/'/tmp/stolen.csv'",
        "SELECT 1 -- ; \n; ATTACH '/tmp/other.duckdb' AS other",
        "SELECT * FROM /* account */ internal . meta",
        "SELECT * FROM \"internal\".\"meta\"",
        "SELECT * FROM ((internal.meta))",
        "TABLE internal.meta",
        "SELECT * FROM READ_CSV('/etc/passwd')",
        "SELECT * FROM \"read_csv\"('/etc/passwd')",
        "SELECT * FROM main.read_csv('/etc/passwd')",
        "SELECT * FROM account, LATERAL read_text(name)",
        "SELECT * FROM account WHERE EXISTS (FROM read_text('/etc/passwd'))",
        "SELECT * FROM 'file:///etc/passwd'",
        "SELECT * FROM 's3://bucket/x.parquet'",
        "SELECT * FROM account POSITIONAL JOIN read_csv('/etc/passwd')",
        // Common table expressions that would change something, or stand in for what is hidden.
        "WITH x AS MATERIALIZED (SELECT * FROM read_blob('/etc/passwd')) SELECT count(*) FROM x",
        "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + (SELECT max(position) FROM internal.meta) FROM x) SELECT * FROM x",
        "CREATE TEMP TABLE t AS SELECT * FROM account",
        "CREATE SECRET s (TYPE s3)",
        "COMMENT ON VIEW account IS 'x'",
        // Settings, files and the installation, by functions.
        "SELECT current_setting('home_directory')",
        "SELECT version()",
        "SELECT current_database()",
        "SELECT list_filter(['HOME'], x -> getenv(x) IS NOT NULL)",
        "SELECT * FROM duckdb_functions()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM duckdb_logs()",
        "SELECT * FROM pragma_show('account')",
        "SELECT * FROM pragma_user_agent()",
        "SELECT * FROM which_secret('s3://x', 's3')",
        "SELECT * FROM summary((SELECT * FROM internal.meta))",
        "SUMMARIZE internal.meta",
        "DESCRIBE internal.meta",
        "SELECT nextval('internal.s')",
        // Views of things of another schema, and tables behind them.
        "SELECT * FROM internal.golden_account",
        "SELECT * FROM internal.golden_members",
        "SELECT * FROM masked._golden_account",
        "SELECT * FROM _golden_meta",
        "SELECT * FROM _member__golden_account",
        "SELECT * FROM golden_account",
        "WITH gone AS (DELETE FROM internal.meta RETURNING *) SELECT * FROM gone",
        "WITH made AS (INSERT INTO account VALUES (1) RETURNING *) SELECT * FROM made",
        "MERGE INTO account USING account a ON true WHEN MATCHED THEN DELETE",
        "SELECT * FROM account WHERE name = (COPY account TO '/tmp/stolen.csv')",
    ] {
        assert!(engine.query(sql, 10, None).is_err(), "{sql}");
    }
    assert_eq!(all(&engine, "account").len(), 1000, "nothing was harmed");
    assert_eq!(engine.counts().unwrap()["account"].records, 2000);
}

/// The same attacks past the guard: the database itself must not give anything away.
#[test]
fn the_database_is_locked_down_behind_the_guard() {
    let (bench, engine) = filled();
    let connection = engine.instance.new_connection().unwrap();
    let outside = bench.folder.path().join("outside.csv");
    std::fs::write(&outside, "a\n1\n").unwrap();
    let outside = outside.display();
    for sql in [
        "SELECT * FROM read_csv('/etc/passwd')".to_owned(),
        "SELECT * FROM read_text('/etc/passwd')".to_owned(),
        "SELECT * FROM glob('/*')".to_owned(),
        format!("SELECT * FROM '{outside}'"),
        format!("COPY account TO '{outside}.out'"),
        format!("ATTACH '{outside}.duckdb' AS other"),
        format!("EXPORT DATABASE '{outside}.dir'"),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        "SET memory_limit = '10GB'".to_owned(),
        "SET threads = 64".to_owned(),
        "SET enable_external_access = true".to_owned(),
        "SET lock_configuration = false".to_owned(),
        "SET temp_directory = '/'".to_owned(),
    ] {
        assert!(connection.execute_batch(&sql).is_err(), "{sql}");
    }
}

#[test]
fn honest_questions_are_answered() {
    let (_bench, engine) = filled();
    let answers = [
        ("SELECT count(*) FROM account", "2000"),
        ("select Count(*) from ACCOUNT -- a comment; with a semicolon\n;", "2000"),
        ("FROM account SELECT sum(revenue)", "2002000"),
        ("SELECT count(*) FROM main.account a JOIN resource r ON r.resource_id = a.account_id", "0"),
        ("WITH big AS (SELECT * FROM account WHERE revenue > 1000) SELECT count(*) FROM big", "1001"),
        (
            "SELECT name FROM (SELECT name, row_number() OVER (ORDER BY revenue DESC) AS nth FROM account) WHERE nth = 1",
            "\"N2000\"",
        ),
        ("SELECT round(avg(employees), 1) FROM account WHERE name LIKE 'N1%' AND _source = 'crm'", "1363.3"),
        ("SELECT coalesce(max(created_at), DATE '2024-01-01'::TIMESTAMP) FROM account", "\"2024-01-01T00:00:00Z\""),
        ("SELECT date_trunc('month', TIMESTAMP '2024-05-06 07:08:09')::DATE", "\"2024-05-01\""),
        ("SELECT sum(i) FROM range(10) t(i)", "45"),
        ("SELECT list(i ORDER BY i) FROM generate_series(1, 3) t(i)", "[1,2,3]"),
        ("SELECT upper(split_part('a-b', '-', 2)) || concat('x', 1)", "\"Bx1\""),
        ("SELECT 9007199254740993", "\"9007199254740993\""),
        ("SELECT {'a': 1, 'b': [1.50]}", "{\"a\":1,\"b\":[1.5]}"),
        ("SELECT 0.1 + 0.2", "0.3"),
        ("SELECT NULL", "null"),
        ("SELECT len(string_agg(name, ',')) FROM account", "10892"),
        ("DESCRIBE account", "\"_source\""),
        ("SELECT CASE WHEN EXISTS (SELECT 1 FROM account) THEN 'yes' END", "\"yes\""),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT max(n) FROM t", "5"),
        ("SELECT any_value(u) FROM (SELECT unnest([7]) AS u)", "7"),
        ("SELECT count(DISTINCT name) FILTER (WHERE employees % 2 = 0) FROM account", "1000"),
        ("SELECT quantile_cont(employees, 0.5) FROM account", "1000.5"),
        ("SELECT count(*) FROM _golden_account", "2000"),
        ("SELECT sum(_records) FROM main._golden_account", "2000"),
        ("SELECT count(DISTINCT _golden) FROM _member_account", "2000"),
    ];
    for (sql, answer) in answers {
        match engine.query(sql, 10, None) {
            Ok(result) => assert_eq!(result.rows[0][0].to_string(), answer, "{sql}"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }
}

#[test]
fn results_are_typed_and_capped() {
    let (_bench, engine) = filled();
    let result = engine
        .query("SELECT name, revenue, founded, created_at, active, employees, _streams FROM account", 5, None)
        .unwrap();
    let columns: Vec<String> = result.columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
    assert_eq!(
        columns,
        [
            "name string",
            "revenue decimal",
            "founded date",
            "created_at datetime",
            "active boolean",
            "employees integer",
            "_streams list"
        ]
    );
    assert_eq!((result.rows.len(), result.truncated), (5, true));
    assert!(!engine.query("SELECT 1", 1, None).unwrap().truncated);
    let empty = engine.query("SELECT name FROM account WHERE false", 1, None).unwrap();
    assert_eq!((empty.columns.len(), empty.rows.len()), (1, 0));
}

#[test]
fn a_wrong_statement_says_what_is_wrong_and_not_where_files_are() {
    let (bench, engine) = filled();
    for (sql, said) in [
        ("SELEC 1", "syntax error"),
        ("SELECT nme FROM account", "nme"),
        ("SELECT CAST(name AS INTEGER) FROM account", "Conversion Error"),
        ("SELECT * FROM account WHERE", "syntax error"),
        // The name is known of another place in the statement, so that DuckDB itself has to find out that it is not there, and suggests some.
        (
            "SELECT * FROM (WITH unified_account AS (SELECT 1) SELECT * FROM unified_account) x, unified_account",
            "exist",
        ),
        ("SELECT * FROM (WITH fragments AS (SELECT 1) SELECT * FROM fragments) x, fragments", "exist"),
    ] {
        let Err(Error::Failed { message }) = engine.query(sql, 10, None) else { panic!("{sql} must fail") };
        assert!(message.contains(said), "{sql}: {message}");
        assert!(!message.contains(&bench.folder.path().display().to_string()), "{message}");
        assert!(!message.contains("internal.") && !message.contains("Did you mean"), "{message}");
    }
}

#[test]
fn a_query_without_end_is_stopped_in_time() {
    let (_bench, engine) = filled();
    let endless = [
        "SELECT count(*) FROM account a, account b, account c, account d",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "SELECT sum(i) FROM range(1000000000000) t(i)",
        "SELECT max(a.name) FROM account a, account b, account c WHERE a.name || b.name || c.name LIKE '%x%y%'",
        "SELECT count(*) FROM _golden_account a, _golden_account b, _golden_account c, _golden_account d",
    ];
    for sql in endless {
        let started = Instant::now();
        let limit = Duration::from_millis(200);
        assert!(matches!(engine.query(sql, 10, Some(limit)), Err(Error::TimedOut { .. })), "{sql}");
        assert!(started.elapsed() < Duration::from_secs(20), "{sql} took {:?}", started.elapsed());
    }
    assert_eq!(cell(&engine, "SELECT count(*) FROM account"), 2000);
}

#[test]
fn a_huge_result_is_cut_off_and_says_so() {
    let (_bench, engine) = filled();
    let wide = "SELECT a.name, repeat_name.name FROM account a, account repeat_name";
    let result = engine.query(wide, usize::MAX, None).unwrap();
    assert_eq!((result.rows.len(), result.truncated), (100_000, true));
}

#[test]
fn a_query_that_needs_all_memory_is_stopped() {
    let (_bench, engine) = filled();
    let doubling = "WITH RECURSIVE t(s, n) AS (SELECT 'x', 0 UNION ALL SELECT s || s, n + 1 FROM t WHERE n < 32) SELECT max(length(s)) FROM t";
    let hoarding = "SELECT list(a.name || b.name || c.name) FROM account a, account b, account c";
    for sql in [doubling, hoarding] {
        match engine.query(sql, 10, None) {
            Err(Error::TooBig | Error::TimedOut { .. }) => {}
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn deep_and_long_statements_do_not_break_the_process() {
    let (_bench, engine) = filled();
    let deep = [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1", "- ".repeat(20_000)),
        format!("SELECT {}1", "NOT ".repeat(10_000)),
        format!("SELECT 1{}", " + 1".repeat(10_000)),
        format!("SELECT {}1{}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("{}SELECT 1{}", "SELECT * FROM (".repeat(2_000), ")".repeat(2_000)),
        format!("SELECT '{}'", "x".repeat(100_000)),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(3_000)),
    ];
    for sql in &deep {
        // Answered or refused, both are fine; that the next question is answered is the point.
        let _ = engine.query(sql, 10, None);
        assert_eq!(cell(&engine, "SELECT 1"), 1);
    }
    let fair = format!("SELECT 1{} FROM account WHERE {}", " + 1".repeat(40), vec!["employees = 1"; 200].join(" OR "));
    assert_eq!(cell(&engine, &fair), 41);
}
