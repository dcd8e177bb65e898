use crate::support::{Script, record, records, state};
use aos_connectors::{Deletes, Error, ReadOptions, ReadRequest};
use aos_core::shape::ValueKind;
use serde_json::json;

fn one_per_page(stream: &str) -> ReadRequest {
    ReadRequest { options: ReadOptions { page_records: 1, ..ReadOptions::default() }, ..ReadRequest::of(stream) }
}

#[tokio::test]
async fn streams_are_found_with_what_the_connector_says_of_them() {
    let script = Script::reading("");
    let connector = script.connector();
    assert_eq!(connector.check(&script.context()).await.unwrap().streams, 2);
    let streams = connector.discover(&script.context()).await.unwrap();
    let (deals, notes) = (&streams[0], &streams[1]);
    assert_eq!((deals.name.as_str(), notes.name.as_str()), ("deals", "crm.notes"));
    assert_eq!((deals.key.as_slice(), deals.cursor_field.as_deref()), (["id".to_owned()].as_slice(), Some("at")));
    assert_eq!((deals.deletes, notes.deletes), (Deletes::Unknown, Deletes::Sweep));
    let kinds: Vec<_> = deals.fields.iter().map(|field| field.kind).collect();
    assert_eq!(kinds, [ValueKind::Integer, ValueKind::Decimal, ValueKind::Datetime, ValueKind::Date]);
}

#[tokio::test]
async fn single_columns_are_asked_for_by_a_catalog_without_the_others() {
    let script = Script::reading("cp \"$5\" $WORK/catalog.json\ntrue");
    let asked = async |columns: &[&str]| -> serde_json::Value {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        script.read(ReadRequest { columns, ..ReadRequest::of("deals") }).await;
        let catalog = std::fs::read_to_string(script.folder.path().join("catalog.json")).unwrap();
        serde_json::from_str(&catalog).unwrap()
    };
    let names = |catalog: &serde_json::Value| -> Vec<String> {
        let properties = catalog["streams"][0]["stream"]["json_schema"]["properties"].as_object().unwrap();
        let mut names: Vec<String> = properties.keys().cloned().collect();
        names.sort();
        names
    };
    let whole = asked(&[]).await;
    assert_eq!(names(&whole), ["amount", "at", "id", "on"]);
    let narrow = asked(&["on"]).await;
    // With the key and the cursor, without which it could neither be put anywhere nor followed.
    assert_eq!(names(&narrow), ["at", "id", "on"]);
    assert_eq!(narrow["streams"][0]["sync_mode"], whole["streams"][0]["sync_mode"]);
}

#[tokio::test]
async fn records_come_without_loss_and_the_state_goes_back_word_for_word() {
    let body = record(r#"{"id":12345678901234567890123,"amount":1.10,"gone":null}"#)
        + &record(r#"{"id":2,"text":""}"#)
        + &state(r#"{"at":12345678901234567890.5}"#, 2)
        + "cp \"$7\" $WORK/state.json 2>/dev/null\ntrue";
    let script = Script::reading(&body);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    let page = &pages[0];
    let json: Vec<_> = page
        .batch
        .records
        .iter()
        .map(|record| {
            let cells = record.cells.iter().zip(page.batch.columns.iter());
            cells
                .filter_map(|(cell, name)| Some(format!("{name}={}", serde_json::to_string(cell.as_ref()?).unwrap())))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(json, ["id=12345678901234567890123 amount=1.10 gone=null", "id=2 text=\"\""]);
    let checkpoint = pages.last().unwrap().checkpoint.clone().unwrap();
    assert!(checkpoint.complete);
    let (_, error) = script.read(ReadRequest { cursor: Some(checkpoint.cursor), ..ReadRequest::of("deals") }).await;
    assert!(error.is_none(), "{error:?}");
    let given = std::fs::read_to_string(script.folder.path().join("state.json")).unwrap();
    assert!(given.starts_with(r#"[{"type":"STREAM""#) && given.contains(r#"{"at":12345678901234567890.5}"#), "{given}");
}

#[tokio::test]
async fn a_state_is_kept_with_the_records_before_it_and_no_other() {
    let body = record(r#"{"id":1}"#)
        + &record(r#"{"id":2}"#)
        + &state(r#"{"n":2}"#, 2)
        + &record(r#"{"id":3}"#)
        + &record(r#"{"id":4}"#)
        + "exit 3";
    let (pages, error) = Script::reading(&body).read(one_per_page("deals")).await;
    assert!(matches!(error, Some(Error::Transient { .. })), "{error:?}");
    let mut seen = 0;
    for page in &pages {
        seen += page.batch.records.len();
        if let Some(checkpoint) = &page.checkpoint {
            assert!(!checkpoint.complete);
            assert!(seen >= 2, "the state came with {seen} records");
        }
    }
    assert_eq!(pages.iter().filter(|page| page.checkpoint.is_some()).count(), 1);
}

#[tokio::test]
async fn what_came_up_to_a_state_is_given_before_the_failure_that_follows_it() {
    let body = record(r#"{"id":1}"#)
        + &record(r#"{"id":2}"#)
        + &state(r#"{"n":2}"#, 2)
        + &record(r#"{"id":3}"#)
        + "echo 'no such table' >&2; exit 3";
    let script = Script::reading(&body);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(matches!(error, Some(Error::Transient { .. })), "{error:?}");
    assert_eq!(records(&pages).iter().map(|record| record["id"].clone()).collect::<Vec<_>>(), [1, 2]);
    let checkpoint = pages[0].checkpoint.clone().unwrap();
    assert!(!checkpoint.complete);
    let (pages, _) = script.read(ReadRequest { cursor: Some(checkpoint.cursor), ..ReadRequest::of("deals") }).await;
    assert!(!pages.is_empty(), "it goes on there");
}

#[tokio::test]
async fn a_stream_that_is_always_read_whole_begins_anew() {
    let line = |stream: &str| {
        format!(
            "echo '{{\"type\":\"RECORD\",\"record\":{{\"stream\":\"{stream}\",\"namespace\":\"crm\",\"data\":{{\"text\":\"x\"}},\"emitted_at\":1}}}}'\n"
        )
    };
    let body = line("notes")
        + r#"echo '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"notes","namespace":"crm"},"stream_state":{"__ab_full_refresh_sync_complete":true}}}}'
[ -z "$6" ] || exit 9"#;
    let script = Script::reading(&body);
    let (first, error) = script.read(ReadRequest::of("crm.notes")).await;
    assert!(error.is_none(), "{error:?}");
    let cursor = first.last().unwrap().checkpoint.clone().unwrap().cursor;
    let (second, error) = script.read(ReadRequest { cursor: Some(cursor), ..ReadRequest::of("crm.notes") }).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&second).len(), 1);
}

#[tokio::test]
async fn a_record_that_says_it_was_deleted_is_a_delete() {
    let catalog = crate::support::CATALOG
        .replace(r#""id":{"type":"integer"}"#, r#""id":{"type":"integer"},"_ab_cdc_deleted_at":{"type":"string"}"#);
    let body = record(r#"{"id":1,"_ab_cdc_deleted_at":null}"#)
        + &record(r#"{"id":2,"_ab_cdc_deleted_at":"2026-01-02T00:00:00Z"}"#);
    let script = Script::new(crate::support::CHECKED, &catalog, &body);
    assert_eq!(script.connector().discover(&script.context()).await.unwrap()[0].deletes, Deletes::Tombstone);
    let (pages, error) = script.read(ReadRequest::of("deals")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(records(&pages).len(), 1);
    let deleted = pages[0].deleted.as_ref().unwrap();
    assert_eq!(deleted.to_json(&deleted.records[0]), json!({"id": 2, "_ab_cdc_deleted_at": "2026-01-02T00:00:00Z"}));
}

#[tokio::test]
async fn a_connector_that_lies_about_its_count_is_not_believed() {
    let body = record(r#"{"id":1}"#) + &state("{}", 2);
    let (pages, error) = Script::reading(&body).read(ReadRequest::of("deals")).await;
    assert!(matches!(error, Some(Error::Contract { .. })), "{error:?}");
    assert!(pages.iter().all(|page| page.checkpoint.is_none()));
}

#[tokio::test]
async fn a_stream_that_was_not_read_to_its_end_is_no_success() {
    let status = |status: &str| {
        format!(
            "echo '{{\"type\":\"TRACE\",\"trace\":{{\"type\":\"STREAM_STATUS\",\"emitted_at\":1,\"stream_status\":{{\"stream_descriptor\":{{\"name\":\"deals\"}},\"status\":\"{status}\"}}}}}}'\n"
        )
    };
    for (last, well) in [("COMPLETE", true), ("INCOMPLETE", false), ("RUNNING", false)] {
        let body = status("STARTED") + &record(r#"{"id":1}"#) + &status(last);
        let (_, error) = Script::reading(&body).read(ReadRequest::of("deals")).await;
        assert_eq!(error.is_none(), well, "{last}: {error:?}");
    }
}

#[tokio::test]
async fn what_the_connector_says_went_wrong_is_said_by_what_can_be_done() {
    let failing = |kind: &str| {
        format!(
            "echo '{{\"type\":\"TRACE\",\"trace\":{{\"type\":\"ERROR\",\"emitted_at\":1,\"error\":{{\"message\":\"Bad token hunter2-hunter2\",\"failure_type\":\"{kind}\"}}}}}}'; exit 1"
        )
    };
    let (_, error) = Script::reading(&failing("config_error")).read(ReadRequest::of("deals")).await;
    let said = error.as_ref().unwrap().to_string();
    assert!(
        matches!(error, Some(Error::Refused { .. }))
            && said.contains("Bad token [hidden]")
            && !said.contains("hunter2"),
        "{said}"
    );
    let (_, error) = Script::reading(&failing("transient_error")).read(ReadRequest::of("deals")).await;
    assert!(matches!(error, Some(Error::Transient { .. })), "{error:?}");
    let refused = Script::new(
        r#"{"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED","message":"no such account swordfish-9"}}"#,
        "",
        "",
    );
    let error = refused.connector().check(&refused.context()).await.unwrap_err();
    assert!(matches!(&error, Error::Refused { said } if said == "no such account [hidden]"), "{error}");
}
