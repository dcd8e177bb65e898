//! `autonomos drift diff` of schemas in the forms that teams have them: SQL, a listing of columns, Avro, BigQuery, OpenAPI, dbt.

use serde_json::{Value, json};
use std::process::Command;

const BREAKING: i32 = 7;

/// Compares two texts as files of this ending.
fn compared(ending: &str, before: &str, after: &str) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let [then, now] = [("v1", before), ("v2", after)].map(|(name, text)| {
        let path = folder.path().join(format!("{name}.{ending}"));
        std::fs::write(&path, text).unwrap();
        path
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(folder.path().join("data")).args(["drift", "diff", "--json"]).args([then, now]);
    let output = command.output().unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

fn kinds<'v>(report: &'v Value, path: &str) -> Vec<&'v str> {
    let changes = report["changes"].as_array().unwrap();
    changes.iter().filter(|one| one["path"] == path).filter_map(|one| one["kind"].as_str()).collect()
}

fn repair_to<'v>(report: &'v Value, path: &str) -> &'v Value {
    let proposals = report["proposals"].as_array().unwrap();
    let first = proposals.iter().find(|one| one["path"] == path);
    &first.unwrap_or_else(|| panic!("nothing for {path}: {report:#}"))["to"]
}

#[test]
fn definitions_of_tables_in_sql_are_compared() {
    let before = "-- deals\nCREATE TABLE public.deals (\n  id bigint NOT NULL,\n  deal_name varchar(80),\n  amount numeric(12,2),\n  \
                  stage ENUM('open','won','lost'),\n  PRIMARY KEY (id)\n);\nCREATE TABLE notes (id int, body text);";
    let after = "CREATE TABLE deals (id uuid PRIMARY KEY, name_of_deal varchar(40), amount text, stage enum('open','won'), added_at timestamptz);";
    let (code, report) = compared("sql", before, after);
    assert_eq!(code, Some(BREAKING));
    assert_eq!(report["before"], json!({ "form": "table definitions", "streams": ["deals", "notes"], "records": 0 }));
    assert!(kinds(&report, "id").contains(&"retyped") && kinds(&report, "amount") == ["retyped"], "{report:#}");
    assert_eq!(kinds(&report, "stage"), ["enum_changed"], "{report:#}");
    assert_eq!(kinds(&report, "added_at"), ["added"], "{report:#}");
    assert_eq!(kinds(&report, ""), ["stream_removed"], "{report:#}");
    assert_eq!(repair_to(&report, "deal_name"), "name_of_deal", "{report:#}");
}

#[test]
fn sql_that_defines_no_table_is_refused_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("query.sql");
    std::fs::write(&path, "SELECT 1").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
    command.arg("--data").arg(folder.path().join("data")).args(["drift", "diff"]).args([&path, &path]);
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && error.contains("the statements that create the tables"), "{error}");
}

#[test]
fn a_listing_of_columns_is_a_schema_and_not_records() {
    let head = "table_schema,table_name,column_name,ordinal_position,data_type,character_maximum_length\n";
    let before =
        format!("{head}crm,deals,id,1,integer,\ncrm,deals,title,2,character varying,80\ncrm,users,mail,1,text,\n");
    let after =
        format!("{head}crm,deals,id,1,bigint,\ncrm,deals,title,2,character varying,40\ncrm,users,mail,1,text,\n");
    let (code, report) = compared("csv", &before, &after);
    assert_eq!(report["before"], json!({ "form": "list of columns", "streams": ["deals", "users"], "records": 0 }));
    assert_eq!((code, kinds(&report, "title")), (Some(BREAKING), vec!["truncated"]), "{report:#}");
    assert!(kinds(&report, "id").is_empty(), "another width of the same type: {report:#}");
    let (code, report) =
        compared("csv", "name,type\nAnna,Customer\nBo,Partner\n", "name,type\nCy,Customer\nDi,Partner\n");
    assert_eq!((code, &report["before"]["form"]), (Some(0), &json!("records")), "{report:#}");
}

#[test]
fn schemas_of_avro_and_bigquery_are_read_with_their_members() {
    let avro = |owner: Value| {
        json!({ "type": "record", "name": "deal", "fields": [
            { "name": "id", "type": "long" },
            { "name": "closed_at", "type": ["null", { "type": "long", "logicalType": "timestamp-millis" }], "default": null },
            { "name": "stage", "type": { "type": "enum", "name": "stage", "symbols": ["open", "won"] } },
            owner,
        ]})
        .to_string()
    };
    let flat = avro(json!({ "name": "owner_email", "type": ["null", "string"] }));
    let nested = avro(json!({ "name": "owner", "type": { "type": "record", "name": "person", "fields": [
        { "name": "email", "type": "string" } ] } }));
    let (code, report) = compared("avsc", &flat, &nested);
    assert_eq!((code, kinds(&report, "owner_email")), (Some(BREAKING), vec!["nested"]), "{report:#}");
    assert_eq!(repair_to(&report, "owner_email"), "owner.email");
    let bigquery = |kind: &str| {
        json!([{ "name": "id", "type": "INTEGER", "mode": "REQUIRED" },
            { "name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [{ "name": "price", "type": kind, "mode": "NULLABLE" }] }])
        .to_string()
    };
    let (_, report) = compared("json", &bigquery("NUMERIC"), &bigquery("STRING"));
    assert_eq!(kinds(&report, "lines[].price"), ["retyped"], "{report:#}");
}

#[test]
fn descriptions_of_apis_and_catalogs_of_dbt_are_read() {
    let api = |phone: &str| {
        json!({ "openapi": "3.0.3", "info": { "title": "crm" }, "paths": {}, "components": { "schemas": {
            "Contact": { "allOf": [{ "$ref": "#/components/schemas/Base" }, { "type": "object", "properties": {
                phone: { "type": "string" }, "company": { "$ref": "#/components/schemas/Company" } } }] },
            "Base": { "type": "object", "properties": { "id": { "type": "integer" } } },
            "Company": { "type": "object", "properties": { "name": { "type": "string" }, "parent": { "$ref": "#/components/schemas/Company" } } },
            "Color": { "type": "string", "enum": ["red"] },
        } } })
        .to_string()
    };
    let (code, report) = compared("json", &api("phone"), &api("phoneNumber"));
    assert_eq!(report["before"]["form"], "API description");
    assert_eq!(report["before"]["streams"].as_array().map(Vec::len), Some(3), "{report:#}");
    assert_eq!((code, kinds(&report, "phone")), (Some(BREAKING), vec!["renamed"]), "{report:#}");
    let dbt = |kind: &str| {
        json!({ "metadata": { "dbt_version": "1.8.0" }, "nodes": { "model.shop.orders": {
            "metadata": { "name": "orders" }, "columns": {
                "ORDER_ID": { "name": "ORDER_ID", "index": 1, "type": "NUMBER" },
                "TOTAL": { "name": "TOTAL", "index": 2, "type": kind } } } }, "sources": {} })
        .to_string()
    };
    let (_, report) = compared("json", &dbt("FLOAT"), &dbt("VARCHAR"));
    assert_eq!(
        (&report["before"]["form"], kinds(&report, "TOTAL")),
        (&json!("dbt catalog"), vec!["retyped"]),
        "{report:#}"
    );
}

/// Which changes of whether values may be missing are told, with how bad they are.
fn nullability(ending: &str, before: &str, after: &str) -> Vec<(String, String)> {
    let (_, report) = compared(ending, before, after);
    let changes = report["changes"].as_array().unwrap().iter();
    let of = changes.filter(|one| one["kind"] == "nullability_changed");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of.map(|one| (text(&one["path"]), text(&one["severity"]))).collect()
}

#[test]
fn what_a_schema_says_of_missing_values_is_compared() {
    let expected = [("mail".to_owned(), "risky".to_owned()), ("name".to_owned(), "harmless".to_owned())];
    let sql = |mail: &str, name: &str| {
        format!("CREATE TABLE users (id int PRIMARY KEY, mail varchar(80) {mail}, name text {name}, note text);")
    };
    assert_eq!(nullability("sql", &sql("NOT NULL", ""), &sql("NULL", "not null")), expected);
    let listing = |mail: &str, name: &str| {
        format!("column_name,data_type,is_nullable\nid,integer,NO\nmail,text,{mail}\nname,text,{name}\n")
    };
    assert_eq!(nullability("csv", &listing("NO", "YES"), &listing("YES", "NO")), expected);
    let bigquery = |mail: &str, name: &str| {
        let field = |name: &str, mode: &str| json!({ "name": name, "type": "STRING", "mode": mode });
        json!([field("id", "REQUIRED"), field("mail", mail), field("name", name)]).to_string()
    };
    assert_eq!(nullability("json", &bigquery("REQUIRED", "NULLABLE"), &bigquery("NULLABLE", "REQUIRED")), expected);
    let schema = |mail: Value, name: Value, required: Value| {
        let members = json!({ "id": { "type": "integer" }, "mail": mail, "name": name });
        json!({ "type": "object", "properties": members, "required": required }).to_string()
    };
    let (text, or_null) = (json!({ "type": "string" }), json!({ "type": ["null", "string"] }));
    let by_type = |mail: &Value, name: &Value| schema(mail.clone(), name.clone(), json!(["id"]));
    assert_eq!(nullability("json", &by_type(&text, &or_null), &by_type(&or_null, &text)), expected);
    let by_list = |required: Value| schema(text.clone(), text.clone(), required);
    assert_eq!(nullability("json", &by_list(json!(["id", "mail"])), &by_list(json!(["id", "name"]))), expected);
    let either = json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] });
    assert!(nullability("json", &by_type(&or_null, &text), &by_type(&either, &text)).is_empty());
    // A column of another name has a place of its own in the list, or was forgotten there.
    let renamed = by_list(json!(["id", "mail", "name"])).replace("\"mail\":", "\"email\":");
    assert!(nullability("json", &by_list(json!(["id", "mail", "name"])), &renamed).is_empty());
}

#[test]
fn what_only_one_form_of_schema_says_is_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let sql = write("users.sql", "CREATE TABLE users (id int PRIMARY KEY, mail text, name text NOT NULL);");
    let members =
        json!({ "id": { "type": "integer" }, "mail": { "type": "string" }, "name": { "type": ["null", "string"] } });
    let schema = json!({ "title": "users", "type": "object", "properties": members }).to_string();
    let schema = write("users.json", &schema);
    for (before, after) in [(&sql, &schema), (&schema, &sql)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(folder.path().join("data")).args(["drift", "diff", "--json"]).args([before, after]);
        let output = command.output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &report["changes"]), (Some(0), &json!([])), "{report:#}");
    }
}

#[test]
fn a_lone_stream_of_another_name_is_renamed_where_versions_name_their_streams() {
    let catalog = |name: &str| {
        let members = json!({ "id": { "type": "integer" }, "amount": { "type": "number" } });
        json!({ "streams": [{ "name": name, "json_schema": { "type": "object", "properties": members } }] }).to_string()
    };
    let (code, report) = compared("json", &catalog("deals"), &catalog("orders"));
    assert_eq!((code, kinds(&report, "")), (Some(BREAKING), vec!["stream_renamed"]), "{report:#}");
    assert_eq!(repair_to(&report, ""), "orders", "{report:#}");
    let (code, report) = compared("json", &catalog("Deals"), &catalog("deals"));
    assert_eq!((code, &report["changes"]), (Some(0), &json!([])), "another way to write it: {report:#}");
    let named = |name: &str| json!({ "stream": name }).to_string();
    let (code, report) = compared("json", &named("deals"), &named("orders"));
    assert_eq!((code, kinds(&report, "")), (Some(BREAKING), vec!["stream_removed", "stream_added"]), "{report:#}");
    let (code, _) = compared("json", &named("deals"), &named("deals"));
    assert_eq!(code, Some(0));
}

#[test]
fn what_a_mapping_reads_and_neither_version_has_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let before = write("before.csv", "id,amount\n1,10\n2,20\n");
    let after = write("after.csv", "id,total\n1,10\n2,20\n");
    let mapping = |reads: &str| {
        let rule = json!({ "target": "amount", "sources": [reads] });
        let key = json!({ "target": "opportunity_id", "sources": ["id"] });
        let entity = json!({ "entity": "opportunity", "fields": [key, rule] });
        write("mapping.json", &json!({ "version": 1, "stream": "deals", "entities": [entity] }).to_string())
    };
    let told = |reads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(folder.path().join("data")).args(["drift", "diff"]).args([&before, &after]);
        let output = command.arg("--mapping").arg(mapping(reads)).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, error) = told("amout");
    assert!(code == Some(0) && error.contains("reads `amout`, which neither version has"), "{error}");
    let (code, error) = told("amount");
    assert!(code == Some(BREAKING) && !error.contains("neither version"), "{error}");
}
