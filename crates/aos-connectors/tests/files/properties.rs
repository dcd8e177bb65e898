//! Laws: no bytes make a reader panic, nothing is lost silently, and what is written is read.

use super::*;
use proptest::prelude::*;

fn files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z0-9]{0,6}".prop_map(String::into_bytes),
        6 => prop::sample::select(vec![",", "\"", "\n", "\r\n", ";", "\t", "|", "{", "}", "[", "]", ":", "\\", "\"\"", "null", " "])
            .prop_map(|piece: &str| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

fn quoted(cell: &Option<String>) -> String {
    cell.as_ref().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_reading_panic(bytes in files(), name in prop::sample::select(vec!["t.csv", "t.json", "t.ndjson", "t", "t.parquet", "t.csv.gz"])) {
        let folder = Folder::with(&[(name, &bytes)]);
        let options = ReadOptions { page_records: 3, page_bytes: 64, record_bytes_max: 100 };
        let source = FileSource::of_files("crm", &[folder.path(name)], FileOptions::default()).unwrap();
        if let Ok(streams) = source.discover() {
            for stream in streams {
                if let Ok(pages) = source.read(&stream.name, &options) {
                    prop_assert!(pages.take(10_000).count() < 10_000, "reading ends");
                }
            }
        }
    }

    #[test]
    fn random_bytes_behind_a_header_are_records_or_evidence(bytes in prop::collection::vec(1u8..=255, 0..400)) {
        let mut file = b"id,name\n".to_vec();
        file.extend(&bytes);
        if let Ok(table) = try_read("t.csv", &file) {
            prop_assert!(table.records.iter().all(|record| record.cells.len() == table.columns.len()));
            let mut positions: Vec<u64> = table.positions();
            positions.extend(table.malformed.iter().map(|malformed| malformed.position));
            let count = positions.len();
            positions.sort_unstable();
            positions.dedup();
            prop_assert_eq!(positions.len(), count, "no position twice");
        }
    }

    #[test]
    fn what_is_quoted_is_read_back(rows in prop::collection::vec(prop::collection::vec(prop::option::of("[^\\x00\\\\]{0,12}"), 3), 1..20)) {
        let mut text = "a,b,c\n".to_owned();
        for row in &rows {
            text += &row.iter().map(quoted).collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        let table = read("t.csv", &text);
        prop_assert!(table.malformed.is_empty(), "{:?}", table.malformed);
        let expected: Vec<Vec<Option<Value>>> =
            rows.iter().map(|row| row.iter().map(|cell| Some(cell.as_ref().map_or(Value::Null, Value::text))).collect()).collect();
        let found: Vec<_> = table.records.iter().map(|record| record.cells.clone()).collect();
        prop_assert_eq!(found, expected);
    }
}
