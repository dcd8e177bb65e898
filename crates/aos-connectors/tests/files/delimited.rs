//! Delimiters, quotes, encodings, headers and ragged rows.

use super::*;
use aos_connectors::MalformedCode::*;

#[test]
fn cells_stay_as_written_and_null_is_not_an_empty_text() {
    let table = read("t.csv", "id,name,note\n1, Acme ,\n2,\"\",\" x \"\n0,false,007\n");
    assert_eq!(table.columns, ["id", "name", "note"]);
    assert_eq!(table.cell(0, "name"), Some(&Value::text(" Acme ")));
    assert_eq!(table.cell(0, "note"), Some(&Value::Null));
    assert_eq!(table.cell(1, "name"), Some(&Value::text("")));
    assert_eq!(table.cell(1, "note"), Some(&Value::text(" x ")));
    assert_eq!(table.rows()[2], [Some("0"), Some("false"), Some("007")]);
}

#[test]
fn the_delimiter_is_found_whatever_else_is_in_the_cells() {
    for (name, text) in [
        ("comma.csv", "id,name,when\n1,\"a;b;c\",10:20:30\n2,d,10:20:31\n"),
        ("semicolon.csv", "id;name;when\n1;1,5;10:20:30\n2;2,5;10:20:31\n"),
        ("tab.tsv", "id\tname\twhen\n1\ta, b\tx\n2\tc, d\ty\n"),
        ("tab.csv", "id\tname\twhen\n1\ta, b\tx\n2\tc, d\ty\n"),
        ("pipe.txt", "id|name|when\n1|a, b|x\n2|c, d|y\n"),
        ("colon.csv", "id:name:when\n1:a:x\n2:b:y\n"),
        ("quoted.csv", "\"id\";\"name\";\"when\"\n\"1\";\"a;,,,\";\"x\"\n\"2\";\"b,,,\";\"y\"\n"),
        ("announced.csv", "sep=;\nid;name;when\n1;a;x\n2;b;y\n"),
    ] {
        let table = read(name, text);
        assert_eq!(table.columns, ["id", "name", "when"], "{name}");
        assert_eq!(table.records.len(), 2, "{name}");
        assert!(table.malformed.is_empty(), "{name}: {:?}", table.malformed);
    }
}

#[test]
fn one_column_is_a_table_too() {
    let table = read("emails.csv", "email\na@x.io\nb@x.io, c@x.io\n");
    assert_eq!(table.columns, ["email"]);
    assert_eq!(table.rows(), [[Some("a@x.io")], [Some("b@x.io, c@x.io")]].map(Vec::from).to_vec());
}

#[test]
fn quotes_hold_line_breaks_delimiters_and_quotes() {
    let table = read("t.csv", "id,note\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,5\" pipe\r\n3,\"a\"b\r\n");
    assert_eq!(table.cell(0, "note"), Some(&Value::text("two\r\nlines, \"quoted\"")));
    assert_eq!(table.cell(1, "note"), Some(&Value::text("5\" pipe")));
    assert_eq!(table.cell(2, "note"), Some(&Value::text("ab")));
    assert_eq!(table.positions(), [2, 4, 5]);
}

#[test]
fn quotes_may_be_escaped_with_a_backslash() {
    let table = read("t.csv", "id,note\n1,\"a \\\"b\\\", c\"\n2,\"d\"\n");
    assert_eq!(table.cell(0, "note"), Some(&Value::text("a \"b\", c")));
    assert!(table.malformed.is_empty());
}

#[test]
fn a_blank_may_stand_before_an_opening_quote() {
    let table = read("t.csv", "id, name, city\n1, \"Acme, Inc.\", Paris\n2, \"Globex\", \"Bonn, Rhein\"\n");
    assert_eq!(table.columns, ["id", "name", "city"]);
    assert_eq!(table.rows()[0], [Some("1"), Some("Acme, Inc."), Some(" Paris")]);
    assert_eq!(table.cell(1, "city"), Some(&Value::text("Bonn, Rhein")));
}

#[test]
fn ragged_rows_are_set_aside_with_their_evidence_and_the_rest_is_read() {
    let table = read("t.csv", "a,b,c\n1,2,3\n1,2,3,4\n\n1,2\n4,5,6\n");
    assert_eq!(table.positions(), [2, 6]);
    assert_eq!(table.codes(), [(3, TooManyCells), (5, TooFewCells)]);
    assert_eq!(table.malformed[0].raw, "1,2,3,4");
    assert!(table.malformed[1].message.contains("2 cells where the header has 3"));
}

#[test]
fn a_delimiter_at_the_end_of_every_row_is_no_cell() {
    let table = read("t.csv", "a,b\n1,2,\n3,4,\n");
    assert_eq!(table.rows(), [[Some("1"), Some("2")], [Some("3"), Some("4")]].map(Vec::from).to_vec());
}

#[test]
fn an_unclosed_quote_costs_its_own_line_only() {
    let rest: String = (3..500).map(|id| format!("{id},\"name {id}\"\n")).collect();
    let table = read("t.csv", format!("id,name\n1,\"open\n{rest}"));
    assert_eq!(table.codes(), [(2, UnclosedQuote)]);
    assert_eq!(table.malformed[0].raw, "1,\"open");
    assert_eq!(table.records.len(), 497);

    let last = read("t.csv", "id,name\n1,a\n2,\"open\n3,b\n");
    assert_eq!((last.codes(), last.positions()), (vec![(3, UnclosedQuote)], vec![2, 4]));
}

#[test]
fn every_column_has_a_name_of_its_own() {
    let table = read("t.csv", "id,,name, name ,\n1,2,3,4,5\n");
    assert_eq!(table.columns, ["id", "column_2", "name", "name_2", "column_5"]);
}

#[test]
fn a_file_without_a_header_gets_made_up_names() {
    let table = read("t.csv", "1001,Acme,2026-01-05,12.50\n1002,Globex,2026-02-05,13.00\n1003,Initech,2026-03-05,9\n");
    assert_eq!(table.columns, ["column_1", "column_2", "column_3", "column_4"]);
    assert_eq!(table.positions(), [1, 2, 3]);
}

#[test]
fn a_header_that_looks_odd_stays_a_header() {
    for header in ["region,2024,2025,2026", "region,1,2,3", "id,name,2026-01-01,total", "a,b,c,d"] {
        let table = read("t.csv", format!("{header}\nnorth,10,20,30\nsouth,11,21,31\neast,12,22,32\n"));
        assert_eq!(table.columns.join(","), header);
    }
    let texts = read("t.csv", "Acme,Globex\nInitech,Hooli\nUmbrella,Wayne\n");
    assert_eq!(texts.columns, ["Acme", "Globex"], "without types, the first row is the header");
}

#[test]
fn a_header_without_rows_is_a_table_without_records() {
    let folder = Folder::with(&[("t.csv", b"id,name;amount\n")]);
    let table = read_with(&folder.source(), "t", &ReadOptions::default()).unwrap();
    assert_eq!((table.columns.join("|"), table.records.len(), table.pages), ("id|name;amount".into(), 0, 1));
    assert_eq!(folder.source().discover().unwrap()[0].shape.columns.len(), 2);
}

#[test]
fn trailing_blank_lines_and_a_missing_last_line_break_change_nothing() {
    assert_eq!(read("t.csv", "a,b\n1,2\n\n\r\n\n").positions(), [2]);
    assert_eq!(read("t.csv", "a,b\n1,2").rows(), [[Some("1"), Some("2")]].map(Vec::from).to_vec());
    assert_eq!(read("t.csv", "a,b\r1,2\r3,4\r").positions(), [2, 3]);
}

#[test]
fn encodings_are_read_and_named() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let text = "id,name\n1,Müller €\n2,Þór\n";
    let windows: Vec<u8> = b"id,name\n1,M\xfcller \x80\n2,\xde\xf3r\n".to_vec();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), "UTF-8"),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8 with byte order mark"),
        ([b"\xff\xfe".to_vec(), utf16(text, u16::to_le_bytes)].concat(), "UTF-16LE"),
        ([b"\xfe\xff".to_vec(), utf16(text, u16::to_be_bytes)].concat(), "UTF-16BE"),
        (windows, "Windows-1252"),
    ] {
        let folder = Folder::with(&[("t.csv", &bytes)]);
        let stream = folder.source().discover().unwrap().remove(0);
        assert!(stream.assumed.contains(&format!("encoded in {encoding}")), "{:?}", stream.assumed);
        let table = read("t.csv", bytes);
        assert_eq!(table.columns, ["id", "name"], "{encoding}");
        assert_eq!((table.rows()[0][1], table.rows()[1][1]), (Some("Müller €"), Some("Þór")), "{encoding}");
    }
}

#[test]
fn one_strange_byte_far_behind_decides_the_encoding() {
    let mut text = "id,name\n".to_owned();
    text.extend((0..60_000).map(|id| format!("{id},plain name\n")));
    let bytes = [text.as_bytes(), b"60000,M\xfcller\n"].concat();
    assert_eq!(read("t.csv", bytes).rows()[60_000][1], Some("Müller"));
}

#[test]
fn compressed_files_read_like_plain_ones() {
    let text = b"id,name\n1,Acme\n2,Globex\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, text).unwrap();
    for (name, bytes) in [("t.csv.gz", gzip.finish().unwrap()), ("t.csv.zst", zstd::encode_all(&text[..], 1).unwrap())]
    {
        assert_eq!(read(name, &bytes).rows(), read("t.csv", text).rows(), "{name}");
        let folder = Folder::with(&[(name, &bytes)]);
        assert_eq!(folder.source().discover().unwrap()[0].name, "t");
    }
}

#[test]
fn pages_end_at_their_limits_and_share_their_columns() {
    let text: String = (0..100).map(|id| format!("{id},name {id}\n")).collect();
    let folder = Folder::with(&[("t.csv", format!("id,name\n{text}").as_bytes())]);
    let by_records = ReadOptions { page_records: 30, ..ReadOptions::default() };
    let pages: Vec<_> = folder.source().read("t", &by_records).unwrap().map(Result::unwrap).collect();
    assert_eq!(pages.iter().map(|page| page.batch.records.len()).collect::<Vec<_>>(), [30, 30, 30, 10]);
    assert!(std::sync::Arc::ptr_eq(&pages[0].batch.columns, &pages[3].batch.columns));
    let by_bytes = ReadOptions { page_bytes: 100, ..ReadOptions::default() };
    let nothing = ReadOptions { page_records: 0, page_bytes: 0, ..ReadOptions::default() };
    assert_eq!(read_with(&folder.source(), "t", &nothing).unwrap().records.len(), 100);
    assert!(read_with(&folder.source(), "t", &by_bytes).unwrap().pages > 5);
}
