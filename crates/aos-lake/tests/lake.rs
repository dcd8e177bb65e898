//! The lake at its door: what is written is read back, whole or not at all, and by its own tenant only.

use aos_core::record::{Record, RecordBatch};
use aos_core::tenant::{Principal, Role};
use aos_core::{ConnectionId, TenantId, TenantScope, Value};
use aos_lake::{Error, Lake, Malformed, Segment, SegmentLimits, SegmentPage, TenantLake};
use compact_str::CompactString;
use proptest::prelude::*;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

#[allow(clippy::disallowed_methods, reason = "a test stands for whoever lets someone in")]
fn scope() -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::Local, Role::Owner)
}

fn lake() -> (TempDir, Lake) {
    let folder = TempDir::new().unwrap();
    let lake = Lake::open(folder.path().join("lake")).unwrap();
    (folder, lake)
}

fn batch(columns: &[&str], rows: Vec<Vec<Option<Value>>>) -> RecordBatch {
    let records = rows.into_iter().zip(1..).map(|(cells, position)| Record { position, cells }).collect();
    RecordBatch { columns: columns.iter().copied().map(CompactString::new).collect(), records }
}

fn people() -> RecordBatch {
    let row = |id: &str, name: &str| vec![Some(Value::Number(id.into())), Some(Value::text(name))];
    batch(&["id", "name"], vec![row("1", "Ada"), row("2", "Grace")])
}

fn bad(position: u64) -> Malformed {
    Malformed { position, code: "too_many_cells".into(), message: "3 \"cells\"".into(), raw: "a,b\n\u{0},c\\".into() }
}

fn write(lake: &TenantLake, pages: &[(RecordBatch, Vec<Malformed>)]) -> Segment {
    let mut writer = lake.writer(ConnectionId::new(), "../Opportunity \"x\"").unwrap();
    for (batch, malformed) in pages {
        writer.append(batch, malformed).unwrap();
    }
    writer.finish().unwrap()
}

fn read(lake: &TenantLake, segment: &Segment) -> Vec<SegmentPage> {
    lake.read(segment).unwrap().map(Result::unwrap).collect()
}

fn file(folder: &TempDir, segment: &Segment) -> PathBuf {
    folder.path().join("lake").join(&segment.path)
}

#[test]
fn absent_null_empty_false_and_zero_are_read_back_as_five_things() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let number = |digits: &str| Some(Value::Number(digits.into()));
    let nested = Value::parse_json(r#"{"a":[1.10,{"b":null}],"c":"x\n\"y\""}"#).unwrap();
    let written = batch(
        &["a", "b", "c", "d", "e \"f\""],
        vec![
            vec![Some(Value::Null), Some(Value::text("")), Some(Value::Bool(false)), number("0"), Some(nested)],
            vec![None, Some(Value::Null), None, number("12345678901234567890.0987654321")],
            vec![],
            vec![None, None, None, None, Some(Value::text("日本 \u{1} \\ \u{10ffff}"))],
        ],
    );
    let segment = write(&lake, &[(written.clone(), vec![bad(9)])]);
    let pages = read(&lake, &segment);
    assert_eq!(pages, [SegmentPage { batch: written, malformed: vec![bad(9)] }]);
    assert_eq!((segment.records, segment.malformed), (4, 1));
    assert_eq!((segment.first_position, segment.last_position), (Some(1), Some(9)));
}

#[test]
fn pages_with_other_columns_share_a_segment() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let wider = batch(&["id", "name", "age"], vec![vec![None, None, Some(Value::Number("36".into()))]]);
    let segment = write(&lake, &[(people(), vec![]), (people(), vec![]), (wider.clone(), vec![])]);
    let pages = read(&lake, &segment);
    assert_eq!(pages.iter().map(|page| page.batch.records.len()).collect::<Vec<_>>(), [4, 1]);
    assert_eq!(pages[1].batch, wider);
}

#[test]
fn no_name_from_outside_gets_into_a_path() {
    let (_folder, lake) = lake();
    let scope = scope();
    let segment = write(&lake.tenant(&scope), &[(people(), vec![])]);
    let expected = format!("{}/{}/{}.ndjson.zst", scope.tenant_id(), segment.connection, segment.id);
    assert_eq!((segment.path.as_str(), segment.stream.as_str()), (expected.as_str(), "../Opportunity \"x\""));
}

#[test]
fn another_tenant_finds_nothing() {
    let (_folder, lake) = lake();
    let (acme, globex) = (lake.tenant(&scope()), lake.tenant(&scope()));
    let segment = write(&acme, &[(people(), vec![])]);
    assert!(matches!(globex.read(&segment), Err(Error::NotFound(id)) if id == segment.id));
    assert!(globex.list(segment.connection).unwrap().is_empty());
    globex.delete(segment.connection, segment.id).unwrap();
    assert_eq!(read(&acme, &segment).len(), 1, "what another tenant deletes stays");
}

#[test]
fn every_changed_byte_is_noticed() {
    let (folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let segment = write(&lake, &[(people(), vec![])]);
    let path = file(&folder, &segment);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, changed).unwrap();
        assert!(matches!(lake.read(&segment), Err(Error::Corrupt { .. })), "byte {at}");
    }
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let error = lake.read(&segment).err().unwrap();
    assert!(error.to_string().contains("read the stream again"), "{error}");
}

#[test]
fn a_manifest_that_promises_more_than_the_segment_holds_is_noticed() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let segment = Segment { records: 3, ..write(&lake, &[(people(), vec![])]) };
    assert!(matches!(lake.read(&segment).unwrap().last(), Some(Err(Error::Corrupt { .. }))));
}

#[test]
fn a_writer_that_is_not_finished_leaves_nothing() {
    let (folder, lake) = lake();
    let scope = scope();
    let connection = ConnectionId::new();
    let mut writer = lake.tenant(&scope).writer(connection, "s").unwrap();
    writer.append(&people(), &[]).unwrap();
    assert!(lake.tenant(&scope).list(connection).unwrap().is_empty(), "it is not visible yet");
    let path = folder.path().join(format!("lake/{}/{connection}", scope.tenant_id()));
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
    drop(writer);
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn what_a_crash_leaves_is_swept_and_segments_stay() {
    let (_folder, lake) = lake();
    let tenant = lake.tenant(&scope());
    let segment = write(&tenant, &[(people(), vec![])]);
    // A crash: the writer never gets to clean up.
    let mut crashed = tenant.writer(segment.connection, "s").unwrap();
    crashed.append(&people(), &[]).unwrap();
    std::mem::forget(crashed);
    let hour = Duration::from_secs(3_600);
    assert_eq!(lake.sweep(SystemTime::UNIX_EPOCH + hour).unwrap(), 0, "a writer may still be at work");
    assert_eq!(lake.sweep(file_time(&lake, &tenant, &segment) + hour).unwrap(), 1);
    assert_eq!(tenant.list(segment.connection).unwrap(), [segment.id]);
    assert_eq!(read(&tenant, &segment).len(), 1);
}

fn file_time(_: &Lake, tenant: &TenantLake, segment: &Segment) -> SystemTime {
    assert!(tenant.read(segment).is_ok());
    let (seconds, _) = segment.id.0.get_timestamp().unwrap().to_unix();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn a_deleted_segment_is_not_found_and_may_be_deleted_again() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let segment = write(&lake, &[(people(), vec![])]);
    for _ in 0..2 {
        lake.delete(segment.connection, segment.id).unwrap();
        assert!(matches!(lake.read(&segment), Err(Error::NotFound(_))));
    }
}

#[test]
fn a_segment_is_full_at_its_limits() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let full_after = |limits| {
        let mut writer = lake.writer_with(ConnectionId::new(), "s", limits).unwrap();
        assert!(writer.is_empty());
        let mut pages = 0;
        while !writer.is_full() {
            writer.append(&people(), &[]).unwrap();
            pages += 1;
        }
        pages
    };
    assert_eq!(full_after(SegmentLimits { records: 10, raw_bytes: u64::MAX }), 5);
    assert!((30..50).contains(&full_after(SegmentLimits { records: u64::MAX, raw_bytes: 1_000 })));
}

#[test]
fn what_cannot_be_kept_exactly_is_refused() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let refused = |batch: RecordBatch| lake.writer(ConnectionId::new(), "s").unwrap().append(&batch, &[]).unwrap_err();
    let no_number = batch(&["a"], vec![vec![Some(Value::Number("1,5".into()))]]);
    assert!(matches!(refused(no_number), Error::InvalidRecord { position: 1, .. }));
    let too_wide = batch(&["a"], vec![vec![Some(Value::Null), Some(Value::Null)]]);
    assert!(matches!(refused(too_wide), Error::InvalidRecord { .. }));
    assert!(matches!(refused(batch(&["a", "a"], vec![])), Error::DuplicateColumn(_)));
    let mut deep = Value::Null;
    for _ in 0..1_000 {
        deep = Value::List(vec![deep]);
    }
    assert!(matches!(refused(batch(&["a"], vec![vec![Some(deep)]])), Error::InvalidRecord { .. }));
}

#[test]
fn an_empty_segment_reads_as_nothing() {
    let (_folder, lake) = lake();
    let lake = lake.tenant(&scope());
    let segment = write(&lake, &[]);
    assert!(read(&lake, &segment).is_empty());
}

fn value() -> impl Strategy<Value = Value> {
    let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(|digits| Value::Number(digits.into())),
        any::<String>().prop_map(Value::text),
        Just(Value::text("")),
    ];
    scalar.prop_recursive(3, 16, 4, |inner| {
        let member = (any::<String>().prop_map(CompactString::from), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::List),
            prop::collection::vec(member, 0..4).prop_map(Value::Object),
        ]
    })
}

fn batches() -> impl Strategy<Value = RecordBatch> {
    prop::collection::hash_set(any::<String>(), 1..6).prop_flat_map(|columns| {
        let cells = prop::collection::vec(prop::option::weighted(0.8, value()), 0..=columns.len());
        prop::collection::vec((any::<u64>(), cells), 0..12).prop_map(move |rows| RecordBatch {
            columns: columns.iter().map(CompactString::new).collect(),
            records: rows
                .into_iter()
                .map(|(position, cells)| Record { position, cells: without_tail(cells) })
                .collect(),
        })
    })
}

/// Cells behind the last present one are absent whether they stand there or not.
fn without_tail(mut cells: Vec<Option<Value>>) -> Vec<Option<Value>> {
    while cells.last() == Some(&None) {
        cells.pop();
    }
    cells
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_back(written in prop::collection::vec(batches(), 1..4)) {
        let (_folder, lake) = lake();
        let lake = lake.tenant(&scope());
        let pages: Vec<_> = written.iter().map(|batch| (batch.clone(), vec![])).collect();
        let segment = write(&lake, &pages);
        let flat = |batch: &RecordBatch| batch.records.iter().map(|record| (batch.columns.clone(), record.clone())).collect::<Vec<_>>();
        let expected: Vec<_> = written.iter().flat_map(flat).collect();
        let found: Vec<_> = read(&lake, &segment).iter().flat_map(|page| flat(&page.batch)).collect();
        prop_assert_eq!(found, expected);
    }
}
