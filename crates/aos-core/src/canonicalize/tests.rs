use super::*;
use crate::mapping::{EntityMapping, FieldRule, Origin, Pivot, Transform};
use crate::value::Value;
use proptest::prelude::*;

fn rule(target: &str, source: &str) -> FieldRule {
    FieldRule {
        target: target.into(),
        sources: vec![source.into()],
        transforms: vec![],
        confidence: 1.0,
        evidence: vec![],
        origin: Origin::Reviewed,
    }
}

fn with(target: &str, source: &str, transforms: Vec<Transform>) -> FieldRule {
    FieldRule { transforms, ..rule(target, source) }
}

fn mapping(entity: &str, fields: Vec<FieldRule>) -> StreamMapping {
    StreamMapping {
        version: 1,
        stream: "t".into(),
        entities: vec![EntityMapping { entity: entity.into(), fields, pivot: None }],
    }
}

fn batch(records: &[&str]) -> RecordBatch {
    let parsed: Vec<Vec<(CompactString, Value)>> = records
        .iter()
        .map(|json| match Value::parse_json(json).unwrap() {
            Value::Object(members) => members,
            other => panic!("an object, not {other:?}"),
        })
        .collect();
    let mut columns: Vec<CompactString> = Vec::new();
    for (name, _) in parsed.iter().flatten() {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let records = parsed
        .into_iter()
        .enumerate()
        .map(|(at, members)| Record {
            position: at as u64 + 1,
            cells: columns
                .iter()
                .map(|column| members.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone()))
                .collect(),
        })
        .collect();
    RecordBatch { columns: columns.into(), records }
}

fn data_of(mapping: &StreamMapping, record: &str) -> String {
    let out = canonicalize(&Ontology::shipped(), mapping, &batch(&[record])).unwrap();
    assert_eq!(out.rejections, vec![]);
    out.events[0].data.clone()
}

#[test]
fn value_null_and_absent_stay_three_things() {
    let mapping = mapping(
        "account",
        vec![rule("account_id", "id"), rule("name", "n"), rule("industry", "i"), rule("status", "s")],
    );
    let out = canonicalize(
        &Ontology::shipped(),
        &mapping,
        &batch(&[r#"{"id":"1","n":"","i":null}"#, r#"{"id":"2","n":"A","s":false}"#]),
    )
    .unwrap();
    assert_eq!(out.events[0].data, r#"{"account_id":"1","name":"","industry":null}"#);
    assert_eq!(out.events[1].data, r#"{"account_id":"2","name":"A","status":"false"}"#);
}

#[test]
fn zero_is_a_value_and_no_digit_is_lost() {
    let mapping =
        mapping("opportunity", vec![rule("opportunity_id", "id"), rule("amount", "a"), rule("probability", "p")]);
    assert_eq!(
        data_of(&mapping, r#"{"id":7,"a":"12345678901234567890.10","p":0}"#),
        r#"{"opportunity_id":"7","amount":12345678901234567890.10,"probability":0}"#
    );
}

#[test]
fn a_record_without_a_key_is_rejected_with_all_of_itself_as_evidence() {
    let mapping = mapping("account", vec![rule("account_id", "id"), rule("name", "n")]);
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"id":"","n":"Lost"}"#])).unwrap();
    assert!(out.events.is_empty());
    assert_eq!(out.rejections[0].code, Code::MissingKey);
    assert_eq!(out.rejections[0].raw, r#"{"id":"","n":"Lost"}"#);
}

#[test]
fn a_value_that_cannot_be_read_is_counted_and_kept_in_extras() {
    let mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), rule("amount", "a")]);
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"id":"1","a":"a lot"}"#])).unwrap();
    assert_eq!(
        (out.events[0].data.as_str(), out.events[0].extras.as_str()),
        (r#"{"opportunity_id":"1"}"#, r#"{"a":"a lot"}"#)
    );
    assert_eq!((out.rejections[0].level, out.rejections[0].code), (Level::Value, Code::Uncastable));
    assert_eq!(out.rejections[0].message, "`a lot` cannot be read as decimal for opportunity.amount");
}

#[test]
fn the_character_u_0000_is_set_aside_with_its_value_or_its_record() {
    let mapping = mapping("account", vec![rule("account_id", "id"), rule("name", "n")]);
    let records = [r#"{"id":"1","n":"a\u0000b"}"#, r#"{"id":"2\u0000","n":"b"}"#];
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&records)).unwrap();
    assert_eq!(out.events.len(), 1);
    assert_eq!(out.events[0].data, r#"{"account_id":"1"}"#);
    assert_eq!(out.events[0].extras, r#"{"n":"a\u0000b"}"#, "what was read is kept");
    let told: Vec<_> = out.rejections.iter().map(|rejection| (rejection.level, rejection.code)).collect();
    assert_eq!(told, [(Level::Value, Code::Uncastable), (Level::Record, Code::Uncastable)]);
}

#[test]
fn a_key_too_long_to_identify_anything_is_rejected_with_its_record() {
    let mapping = mapping("account", vec![rule("account_id", "id"), rule("name", "n")]);
    let records = [1024, 1025].map(|length| format!(r#"{{"id":"{}","n":"A"}}"#, "x".repeat(length)));
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&records.each_ref().map(String::as_str))).unwrap();
    assert_eq!((out.events.len(), out.rejections.len()), (1, 1));
    assert!(out.rejections[0].message.contains("1025 bytes long"), "{}", out.rejections[0].message);
}

#[test]
fn a_number_too_large_for_the_typed_tables_is_counted_and_kept_in_extras() {
    let mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), rule("amount", "a")]);
    let record = r#"{"id":"1","a":"123456789012345678901234567"}"#;
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[record])).unwrap();
    assert_eq!(out.events[0].extras, r#"{"a":"123456789012345678901234567"}"#);
    assert_eq!((out.rejections[0].level, out.rejections[0].code), (Level::Value, Code::Uncastable));
}

#[test]
fn unmapped_columns_and_unread_members_go_to_extras() {
    let mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), rule("amount", "p.amount")]);
    let out = canonicalize(
        &Ontology::shipped(),
        &mapping,
        &batch(&[r#"{"id":"1","p":{"amount":"3","color":"red"},"x":[1,2]}"#]),
    )
    .unwrap();
    assert_eq!(out.events[0].extras, r#"{"x":[1,2],"p":{"color":"red"}}"#);
}

#[test]
fn references_give_their_id_and_other_fields_their_name() {
    let mapping = mapping(
        "opportunity",
        vec![rule("opportunity_id", "id"), rule("owner_id", "u"), rule("stage", "s"), rule("account_id", "o")],
    );
    assert_eq!(
        data_of(&mapping, r#"{"id":1,"u":[2,"Ann"],"s":[1,"New"],"o":{"id":9,"value":9,"name":"Acme"}}"#),
        r#"{"opportunity_id":"1","account_id":"9","stage":"New","owner_id":"2"}"#
    );
}

#[test]
fn transforms_run_in_order() {
    let mapping = mapping(
        "opportunity",
        vec![
            rule("opportunity_id", "id"),
            with("amount", "cents", vec![Transform::Scale { factor: "0.01".parse().unwrap() }]),
            with("close_date", "d", vec![Transform::DateFormat { format: "%d/%m/%Y".into() }]),
            with(
                "stage",
                "s",
                vec![Transform::ValueTable { table: [("3".into(), "Won".into())].into(), closed: true }],
            ),
            with("type", "t", vec![Transform::NullIf { values: vec!["false".into()] }]),
            with("currency", "c", vec![Transform::Expression { expression: "value | upper".into() }]),
            with("created_at", "e", vec![Transform::DateFormat { format: "epoch_s".into() }]),
        ],
    );
    assert_eq!(
        data_of(&mapping, r#"{"id":"1","cents":12345,"d":"02/03/2026","s":"3","t":false,"c":"eur","e":1778057196}"#),
        r#"{"opportunity_id":"1","stage":"Won","amount":123.45,"currency":"EUR","close_date":"2026-03-02","type":null,"created_at":"2026-05-06T08:46:36Z"}"#
    );
}

#[test]
fn a_value_outside_a_closed_table_is_a_rejection_of_that_value() {
    let table = Transform::ValueTable { table: [("1".into(), "Open".into())].into(), closed: true };
    let mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), with("stage", "s", vec![table])]);
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"id":"1","s":"99"}"#])).unwrap();
    assert_eq!(out.rejections[0].code, Code::UnknownValue);
}

#[test]
fn an_endless_expression_is_stopped() {
    let expression = "[value]*9000000|map('upper')|join|length".to_owned();
    let mapping = mapping(
        "account",
        vec![
            rule("account_id", "id"),
            with("name", "n", vec![Transform::Expression { expression: "range(1000000)|length".into() }]),
        ],
    );
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"id":"1","n":"x"}"#])).unwrap();
    assert_eq!(out.rejections[0].code, Code::ExpressionFailed, "{expression}");
}

#[test]
fn long_format_records_become_one_fragment_per_metric() {
    let pivot = Pivot {
        key_source: "ResourceID".into(),
        name_source: "MetricName".into(),
        value_source: "MetricValue".into(),
        time_source: Some("Timestamp".into()),
        fields: [("cpuUtilization".into(), "cpu_utilization".into())].into(),
        confidence: 0.9,
    };
    let mapping = StreamMapping {
        version: 1,
        stream: "UsageMetrics".into(),
        entities: vec![EntityMapping { entity: "aws_resource".into(), fields: vec![], pivot: Some(pivot) }],
    };
    let record =
        r#"{"ResourceID":"i-1","MetricName":"cpuUtilization","MetricValue":"12.5","Timestamp":"2026-01-01T00:00:00Z"}"#;
    let other =
        r#"{"ResourceID":"i-1","MetricName":"somethingElse","MetricValue":"1","Timestamp":"2026-01-01T00:00:00Z"}"#;
    let out = canonicalize(&Ontology::shipped(), &mapping, &batch(&[record, other])).unwrap();
    assert_eq!((out.events.len(), out.filtered), (1, 1));
    assert_eq!(&*out.events[0].fragment, "UsageMetrics#cpuUtilization");
    assert_eq!(out.events[0].data, r#"{"resource_id":"i-1","cpu_utilization":12.5}"#);
    assert_eq!(out.events[0].source_version, 1_767_225_600_000_000);
}

#[test]
fn a_further_entity_appears_only_where_its_key_does() {
    let mut mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), rule("account_id", "cid")]);
    mapping.entities.push(EntityMapping {
        entity: "account".into(),
        fields: vec![rule("account_id", "cid"), rule("name", "cname")],
        pivot: None,
    });
    let out = canonicalize(
        &Ontology::shipped(),
        &mapping,
        &batch(&[r#"{"id":"1","cid":"9","cname":"Acme"}"#, r#"{"id":"2","cid":null,"cname":"Nobody"}"#]),
    )
    .unwrap();
    let entities: Vec<&str> = out.events.iter().map(|event| &*event.entity).collect();
    assert_eq!(entities, ["opportunity", "account", "opportunity"]);
}

#[test]
fn a_mapping_that_names_a_missing_field_or_column_is_refused() {
    let ontology = Ontology::shipped();
    let columns: Vec<CompactString> = vec!["id".into()];
    let missing_field = mapping("account", vec![rule("account_id", "id"), rule("shoe_size", "id")]);
    assert!(missing_field.validate(&ontology, &columns).unwrap_err().to_string().contains("account.shoe_size"));
    let missing_column = mapping("account", vec![rule("account_id", "gone")]);
    assert!(missing_column.validate(&ontology, &columns).unwrap_err().to_string().contains("`gone`"));
}

#[test]
fn streams_without_a_key_know_records_by_their_content() {
    let mapping = mapping("cost_report", vec![rule("cost", "c")]);
    let once = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"c":"1"}"#])).unwrap();
    let again = canonicalize(&Ontology::shipped(), &mapping, &batch(&[r#"{"c":"1"}"#])).unwrap();
    assert_eq!(once.events[0].record_id, again.events[0].record_id);
    assert!(once.events[0].record_id.starts_with("row-"));
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| Value::Number(number.to_string().into())),
        ".{0,20}".prop_map(Value::text),
        prop::collection::vec(".{0,5}".prop_map(Value::text), 0..3).prop_map(Value::List),
    ]
}

proptest! {
    #[test]
    fn canonicalize_is_deterministic_total_and_accounts_for_every_record(cells in prop::collection::vec(prop::option::of(any_value()), 5 * 8)) {
        let columns: Arc<[CompactString]> = ["id", "a", "b", "c", "d"].map(CompactString::from).into();
        let records = cells.chunks(5).enumerate().map(|(at, cells)| Record { position: at as u64 + 1, cells: cells.to_vec() }).collect();
        let batch = RecordBatch { columns, records };
        let mapping = mapping("opportunity", vec![rule("opportunity_id", "id"), rule("amount", "a"), rule("close_date", "b"), rule("created_at", "c")]);
        let ontology = Ontology::shipped();
        let first = canonicalize(&ontology, &mapping, &batch).unwrap();
        let second = canonicalize(&ontology, &mapping, &batch).unwrap();
        prop_assert_eq!(&first, &second);
        let rejected = first.rejections.iter().filter(|rejection| rejection.level == Level::Record).count();
        prop_assert_eq!(batch.records.len(), first.events.len() + rejected);
        for event in &first.events {
            serde_json::from_str::<serde_json::Value>(&event.data).unwrap();
            serde_json::from_str::<serde_json::Value>(&event.extras).unwrap();
        }
    }
}
