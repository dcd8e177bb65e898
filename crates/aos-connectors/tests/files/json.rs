//! JSON in its layouts: lists, envelopes, lines, single objects; and what is wrong in the middle of them.

use super::*;
use aos_connectors::MalformedCode::*;

fn ids(table: &Table) -> Vec<Option<&str>> {
    (0..table.records.len()).map(|row| table.cell(row, "id").and_then(Value::as_text)).collect()
}

#[test]
fn records_are_found_in_every_layout() {
    let records = r#"{"id":1,"name":"Acme"},{"id":2,"name":"Globex"}"#;
    for (name, text) in [
        ("list.json", format!("[{records}]")),
        ("value.json", format!(r#"{{"@odata.context":"x","value":[{records}],"@odata.nextLink":"y"}}"#)),
        ("results.json", format!(r#"{{"total":2,"results":[{records}]}}"#)),
        ("records.json", format!(r#"{{"totalSize":2,"done":true,"records":[{records}]}}"#)),
        ("data.json", format!(r#"{{"success":true,"data":[{records}],"additional_data":{{"x":1}}}}"#)),
        ("nested.json", format!(r#"{{"success":true,"data":{{"items":[{records}]}}}}"#)),
        ("tickets.json", format!(r#"{{"users":[{{"id":9}}],"tickets":[{records}],"count":2}}"#)),
        ("other.json", format!(r#"{{"Volumes":[{records}],"ResponseMetadata":{{"id":7}}}}"#)),
        ("lines.ndjson", records.replace("},{", "}\n{")),
        ("lines.json", records.replace("},{", "}\n\n{")),
        ("sequence.json", records.replace("},{", "}\n{").replace(',', ",\n ")),
        ("noext", format!(" [\n{records}\n]\n")),
    ] {
        let table = read(name, text);
        assert_eq!(ids(&table), [Some("1"), Some("2")], "{name}: {table:?}");
        assert!(table.malformed.is_empty(), "{name}");
    }
}

#[test]
fn an_object_that_is_a_record_stays_one() {
    let table = read("account.json", r#"{"id":1,"name":"Acme","emails":[{"value":"a@x.io"}],"owner":{"id":5}}"#);
    assert_eq!(table.columns, ["id", "name", "emails", "owner"]);
    assert_eq!(table.records.len(), 1);
}

#[test]
fn absent_null_and_empty_are_three_things_and_numbers_keep_their_digits() {
    let table = read("t.json", r#"[{"a":1.10,"b":null,"c":""},{"a":12345678901234567890.5,"d":false},{"c":0}]"#);
    assert_eq!(table.columns, ["a", "b", "c", "d"]);
    assert_eq!(table.cell(0, "a"), Some(&Value::Number("1.10".into())));
    assert_eq!(table.cell(0, "b"), Some(&Value::Null));
    assert_eq!(table.cell(0, "c"), Some(&Value::text("")));
    assert_eq!(table.cell(1, "a"), Some(&Value::Number("12345678901234567890.5".into())));
    assert_eq!(table.cell(1, "b"), None);
    assert_eq!(table.cell(1, "d"), Some(&Value::Bool(false)));
    assert_eq!(table.cell(2, "a"), None);
    assert_eq!(table.cell(2, "c"), Some(&Value::Number("0".into())));
}

#[test]
fn a_file_named_for_lines_is_read_by_lines_though_most_of_them_are_bad() {
    let table = read("t.ndjson", "{\"id\":1}\n{bad\n{\"id\":2}\n[1]\n\"x\"\n\n{\"id\":3");
    assert_eq!((table.records.len(), table.malformed.len()), (2, 4));
}

#[test]
fn a_bad_line_is_set_aside_with_its_evidence() {
    let table = read("t.ndjson", "{\"id\":1}\n{\"id\":,}\n[1]\n\n{\"id\":2,\"id\":3}\n{\"id\":4}\n{\"id\":5");
    assert_eq!(ids(&table), [Some("1"), Some("4")]);
    assert_eq!(table.codes(), [(2, InvalidJson), (3, NotAnObject), (5, DuplicateMember), (7, InvalidJson)]);
    assert_eq!(table.malformed[0].raw, "{\"id\":,}");
    assert_eq!(table.positions(), [1, 6]);
}

#[test]
fn a_bad_item_of_a_list_is_set_aside() {
    let deep = format!("{{\"id\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let table = read("t.json", format!(r#"[{{"id":1}},7,{{"id":nope}},{deep},{{"id":2}}]"#));
    assert_eq!(ids(&table), [Some("1"), Some("2")]);
    assert_eq!(table.codes(), [(2, NotAnObject), (3, InvalidJson), (4, TooDeep)]);
}

#[test]
fn later_pages_may_know_more_columns() {
    let folder = Folder::with(&[("t.ndjson", b"{\"a\":1}\n{\"a\":2}\n{\"b\":3}\n{\"a\":4}\n")]);
    let options = ReadOptions { page_records: 1, ..ReadOptions::default() };
    let pages: Vec<_> = folder.source().read("t", &options).unwrap().map(|page| page.unwrap().batch).collect();
    assert_eq!(pages.iter().map(|page| page.columns.len()).collect::<Vec<_>>(), [1, 1, 2, 2]);
    assert!(std::sync::Arc::ptr_eq(&pages[0].columns, &pages[1].columns));
    assert_eq!(pages[2].records[0].cells, [None, Some(Value::Number("3".into()))]);
}

#[test]
fn a_list_is_never_held_whole() {
    // Each record is far below the limit, the list far above it.
    let items: Vec<String> = (0..20_000).map(|id| format!(r#"{{"id":{id},"name":"name of {id}"}}"#)).collect();
    let folder = Folder::with(&[("t.json", format!(r#"{{"total":1,"items":[{}]}}"#, items.join(",\n")).as_bytes())]);
    let options = ReadOptions { record_bytes_max: 1_000, ..ReadOptions::default() };
    let table = read_with(&folder.source(), "t", &options).unwrap();
    assert_eq!((table.records.len(), table.malformed.len()), (20_000, 0));
    assert_eq!(table.pages, 4);
}

#[test]
fn a_list_that_is_cut_off_is_damaged_after_what_could_be_read() {
    let folder = Folder::with(&[("t.json", br#"[{"id":1},{"id":2},{"id":"#)]);
    let mut pages = folder.source().read("t", &ReadOptions::default()).unwrap();
    assert_eq!(pages.next().unwrap().unwrap().batch.records.len(), 2);
    let error = pages.next().unwrap().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains("record 3"), "{error}");
    assert!(pages.next().is_none());
}

#[test]
fn an_empty_list_is_a_stream_without_records() {
    assert_eq!(read("t.json", "[]").records.len(), 0);
    assert_eq!(read("t.json", r#"{"totalSize":0,"done":true,"records":[]}"#).records.len(), 0);
}
