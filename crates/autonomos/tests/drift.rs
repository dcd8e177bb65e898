//! `autonomos drift diff` as a person or a pipeline uses it: two files in, changes and repairs out, an exit code that says breaking or not.

use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BREAKING: i32 = 7;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn diff(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autonomos"));
        command.arg("--data").arg(self.0.path().join("data")).args(["drift", "diff"]).args(args);
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// Compares two files and returns the exit code with what was printed.
    fn json(&self, args: &[&str]) -> (i32, Value) {
        let output = self.diff(&[args, &["--json"]].concat());
        let code = output.status.code().expect("ended by itself");
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_follows_schema(&value);
        (code, value)
    }
}

fn assert_follows_schema(value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/drift.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

/// 200 deals; each cell is what the function makes of the row's number.
fn deals(header: &str, row: impl Fn(usize) -> String) -> String {
    let mut csv = format!("{header}\n");
    (1..=200).for_each(|number| writeln!(csv, "{}", row(number)).unwrap());
    csv
}

fn amount(number: usize) -> usize {
    (number * 7_919) % 90_000 + 1_000
}

fn stage(number: usize) -> &'static str {
    ["Prospecting", "Negotiation", "Closed Won", "Closed Lost"][number * 7 % 4]
}

fn before() -> String {
    deals("deal_id,owner_name,stage,amount,created_at", |n| {
        format!(
            "D-{n:05},Owner {},{},{}.50,2026-0{}-{:02}T09:30:00Z",
            n * 31 % 97,
            stage(n),
            amount(n),
            n % 9 + 1,
            n % 28 + 1
        )
    })
}

fn change<'v>(report: &'v Value, path: &str) -> &'v Value {
    let changes = report["changes"].as_array().unwrap();
    changes.iter().find(|change| change["path"] == path).unwrap_or_else(|| panic!("no change of {path} in {report:#}"))
}

fn proposal<'v>(report: &'v Value, path: &str) -> &'v Value {
    let proposals = report["proposals"].as_array().unwrap();
    proposals.iter().find(|one| one["path"] == path).unwrap_or_else(|| panic!("no proposal for {path} in {report:#}"))
}

#[test]
fn another_export_of_the_same_data_is_no_drift() {
    let desk = Desk::new();
    desk.write("monday.csv", before());
    let rows = before();
    let mut lines: Vec<&str> = rows.lines().collect();
    lines[1..].reverse();
    lines.truncate(180);
    desk.write("tuesday.csv", lines.join("\n"));
    let (code, report) = desk.json(&["monday.csv", "tuesday.csv"]);
    assert_eq!((code, &report["changes"], &report["breaking"]), (0, &json!([]), &json!(false)), "{report:#}");
}

#[test]
fn a_renamed_and_rescaled_column_is_found_and_repaired_by_its_rows() {
    let desk = Desk::new();
    desk.write("v1.csv", before());
    desk.write(
        "v2.csv",
        deals("deal_id,owner_name,phase,deal_value_cents,created_at", |n| {
            let at = format!("2026-0{}-{:02}T09:30:00Z", n % 9 + 1, n % 28 + 1);
            format!(
                "D-{n:05},Owner {},{},{},{at}",
                n * 31 % 97,
                stage(n).to_lowercase().replace(' ', "_"),
                amount(n) * 100 + 50
            )
        }),
    );
    let (code, report) = desk.json(&["v1.csv", "v2.csv"]);
    assert_eq!(code, BREAKING);
    let repair = proposal(&report, "amount");
    assert_eq!(
        (&repair["repair"], &repair["to"], &repair["tier"]),
        (&json!("rescale"), &json!("deal_value_cents"), &json!("auto"))
    );
    assert_eq!(repair["transforms"], json!([{ "kind": "scale", "factor": "0.01" }]));
    let repair = proposal(&report, "stage");
    assert_eq!((&repair["to"], &repair["tier"]), (&json!("phase"), &json!("auto")), "{repair:#}");
    assert_eq!(repair["transforms"][0]["table"]["closed_won"], "Closed Won");
}

#[test]
fn a_unit_that_changed_under_the_same_name_is_breaking() {
    let desk = Desk::new();
    desk.write("v1.csv", before());
    desk.write("v2.csv", before().replace(".50,", "500,"));
    let (code, report) = desk.json(&["v1.csv", "v2.csv"]);
    assert_eq!(code, BREAKING);
    assert_eq!(change(&report, "amount")["kind"], "scale_changed", "{report:#}");
}

#[test]
fn with_a_mapping_only_what_it_reads_can_break_and_repairs_are_its_rules() {
    let desk = Desk::new();
    let mapping = "stream: deals\nentities:\n  opportunity: {opportunity_id: deal_id, amount: amount}\n";
    desk.write("mapping.yaml", mapping);
    desk.write("deals.csv", before());
    desk.write("unread.csv", before().replacen("owner_name", "sales_owner_of_record", 1));
    let (code, report) = desk.json(&["deals.csv", "unread.csv", "--mapping", "mapping.yaml"]);
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(change(&report, "owner_name")["severity"], "harmless");

    desk.write("read.csv", before().replacen("amount", "deal_amount", 1));
    let (code, report) = desk.json(&["deals.csv", "read.csv", "--mapping", "mapping.yaml"]);
    assert_eq!(code, BREAKING);
    let rules = &proposal(&report, "amount")["rules"];
    assert_eq!(rules[0]["entity"], "opportunity");
    assert_eq!(
        (&rules[0]["rule"]["target"], &rules[0]["rule"]["sources"]),
        (&json!("amount"), &json!(["deal_amount"]))
    );
}

#[test]
fn a_change_of_style_is_one_change_and_one_repair() {
    let desk = Desk::new();
    let names: Vec<String> = (0..40).map(|n| format!("lineItem/{}Cost{n}", ["Blended", "Unblended"][n % 2])).collect();
    let snake = |name: &String| {
        let spelled = name.replace("lineItem/", "line_item_").replace("BlendedCost", "blended_cost_");
        spelled.replace("UnblendedCost", "unblended_cost_")
    };
    desk.write("v1.csv", format!("{}\n", names.join(",")));
    desk.write("v2.csv", format!("{}\n", names.iter().map(snake).collect::<Vec<_>>().join(",")));
    let (_, report) = desk.json(&["v1.csv", "v2.csv"]);
    assert_eq!(report["changes"].as_array().unwrap().len(), 1, "{report:#}");
    assert_eq!(report["proposals"].as_array().unwrap().len(), 1);
    let covers = report["proposals"][0]["covers"].as_array().unwrap();
    assert_eq!(covers.len(), 40);
    assert!(
        covers.contains(&json!({ "path": "lineItem/UnblendedCost39", "to": "line_item_unblended_cost_39" })),
        "{covers:?}"
    );
}

#[test]
fn schemas_are_compared_without_rows_and_said_to_be_schemas() {
    let desk = Desk::new();
    let catalog = |kind: &str| {
        json!({ "streams": [
            { "name": "users", "json_schema": { "type": "object", "properties": {
                "id": { "type": [kind, "null"] }, "email": { "type": "string" } } }, "source_defined_primary_key": [["id"]] },
            { "name": "orders", "json_schema": { "type": "object", "properties": { "id": { "type": "string" } } } },
        ]})
    };
    desk.write("v1.json", catalog("number").to_string());
    let mut second = catalog("integer");
    second["streams"].as_array_mut().unwrap().remove(1);
    desk.write("v2.json", json!({ "type": "CATALOG", "catalog": second }).to_string());
    let (code, report) = desk.json(&["v1.json", "v2.json"]);
    assert_eq!(code, BREAKING);
    assert_eq!(report["before"], json!({ "form": "catalog", "streams": ["users", "orders"], "records": 0 }));
    let id = change(&report, "id");
    assert_eq!(
        (&id["kind"], &id["severity"], &id["retyping"]["widening"]),
        (&json!("retyped"), &json!("harmless"), &json!("narrowed"))
    );
    assert!(
        report["changes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["kind"] == "stream_removed" && one["stream"] == "orders")
    );
}

#[test]
fn a_choice_that_an_object_description_no_longer_offers_is_said() {
    let desk = Desk::new();
    let describe = |values: &[&str]| {
        let values: Vec<Value> =
            values.iter().map(|value| json!({ "value": value, "label": value, "active": true })).collect();
        json!({ "name": "Opportunity", "fields": [
            { "name": "Id", "type": "id", "label": "ID" },
            { "name": "StageName", "type": "picklist", "label": "Stage", "picklistValues": values },
            { "name": "Name", "type": "string", "label": "Name", "length": 120 } ] })
    };
    desk.write("v1.json", describe(&["Open", "Closed Won"]).to_string());
    desk.write("v2.json", describe(&["Open", "closed_won"]).to_string());
    let (code, report) = desk.json(&["v1.json", "v2.json"]);
    assert_eq!(code, BREAKING);
    assert_eq!(report["before"]["form"], "object description");
    assert_eq!(change(&report, "StageName")["kind"], "enum_changed");
    assert_eq!(proposal(&report, "StageName")["transforms"][0]["table"], json!({ "closed_won": "Closed Won" }));
}

#[test]
fn a_key_that_changes_its_type_and_a_cursor_are_held_for_review() {
    let desk = Desk::new();
    let fields = |list: &[(&str, &str)]| {
        let list: Vec<Value> = list.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
        json!({ "object": "owners", "fields": list }).to_string()
    };
    desk.write(
        "v1.json",
        fields(&[
            ("ownerId", "integer (PK)"),
            ("generated_timestamp", "integer epoch s (cursor)"),
            ("email", "string"),
        ]),
    );
    desk.write(
        "v2.json",
        fields(&[("id", "string (PK)"), ("_ab_updated_at", "integer epoch s (cursor)"), ("email", "string")]),
    );
    let (_, report) = desk.json(&["v1.json", "v2.json"]);
    for one in report["proposals"].as_array().unwrap() {
        assert_ne!(one["tier"], "auto", "{one:#}");
    }
}

fn fields(list: &[(&str, &str)]) -> String {
    let list: Vec<Value> = list.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
    json!({ "object": "things", "fields": list }).to_string()
}

#[test]
fn key_and_cursor_are_found_by_their_role_whatever_they_are_called() {
    let desk = Desk::new();
    let before = fields(&[("vid", "integer (PK)"), ("changed", "integer epoch s (cursor)"), ("portal-id", "integer")]);
    let after = fields(&[("id", "string (PK)"), ("_synced_at", "integer epoch s (cursor)"), ("teams", "array")]);
    desk.write("v1.json", before);
    desk.write("v2.json", after);
    let (_, report) = desk.json(&["v1.json", "v2.json"]);
    for (path, to) in [("vid", "id"), ("changed", "_synced_at")] {
        let repair = proposal(&report, path);
        assert_eq!((&repair["to"], &repair["tier"]), (&json!(to), &json!("review")), "{report:#}");
    }
    assert_eq!(proposal(&report, "portal-id")["repair"], "none", "another id is not the key: {report:#}");
}

#[test]
fn a_sure_pair_is_an_example_for_others_that_change_in_the_same_way() {
    let desk = Desk::new();
    let before = ["UsageUnit", "Provider", "Publisher", "InvoiceIssuer", "Region", "ChargeSubCategory"];
    let after =
        ["ConsumedUnit", "ProviderName", "PublisherName", "InvoiceIssuerName", "RegionId", "RegionName", "ChargeClass"];
    let with = |quantity: &'static str, texts: &[&'static str]| {
        let texts = texts.iter().map(|name| (*name, "string"));
        fields(&std::iter::once((quantity, "decimal")).chain(texts).collect::<Vec<_>>())
    };
    desk.write("v1.json", with("UsageQuantity", &before));
    desk.write("v2.json", with("ConsumedQuantity", &after));
    let (_, report) = desk.json(&["v1.json", "v2.json"]);
    let unit = proposal(&report, "UsageUnit");
    assert_eq!((&unit["to"], &unit["tier"]), (&json!("ConsumedUnit"), &json!("review")), "{report:#}");
    let proposals = report["proposals"].as_array().unwrap();
    let asked = |path: &str| proposals.iter().any(|one| one["path"] == path && one["tier"] == "review");
    assert!(asked("Region"), "of two that may be it, a person decides: {report:#}");
}

#[test]
fn a_value_that_became_a_list_is_found_by_its_name_and_left_to_a_person() {
    let desk = Desk::new();
    desk.write("v1.json", fields(&[("label", "string"), ("title", "string"), ("amount", "decimal")]));
    desk.write("v2.json", fields(&[("label_ids", "array"), ("title", "string"), ("amount", "decimal")]));
    let (_, report) = desk.json(&["v1.json", "v2.json"]);
    let label = proposal(&report, "label");
    assert!(label["to"].as_str().is_some_and(|to| to.starts_with("label_ids")), "{report:#}");
    assert_eq!(label["tier"], "review", "{report:#}");
}

#[test]
fn a_stream_that_is_named_and_then_not_there_is_retired_and_keeps_what_was_read() {
    let desk = Desk::new();
    desk.write("v1.json", json!({ "stream": "deleted_tickets" }).to_string());
    desk.write("v2.json", "{}");
    let (code, report) = desk.json(&["v1.json", "v2.json"]);
    assert_eq!(code, BREAKING);
    assert_eq!(report["changes"][0]["kind"], "stream_removed", "{report:#}");
    assert_eq!(report["proposals"][0]["repair"], "retire_stream", "{report:#}");
}

#[test]
fn a_path_that_is_not_there_is_an_error_with_the_next_step() {
    let desk = Desk::new();
    desk.write("v1.csv", before());
    let output = desk.diff(&["v1.csv", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("check the path"));
}

#[test]
fn what_is_printed_for_people_names_each_change_and_the_verdict() {
    let desk = Desk::new();
    desk.write("v1.csv", before());
    desk.write("v2.csv", before().replacen("owner_name,", "", 1).replace(",Owner", ""));
    let output = desk.diff(&["v1.csv", "v2.csv"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in ["before: 200 records", "breaking"] {
        assert!(text.contains(part), "{text}");
    }
}
