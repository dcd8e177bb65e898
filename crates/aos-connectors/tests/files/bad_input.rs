//! Files that are empty, binary, endless, unreadable or foreign: each is named for what it is.

use super::*;
use aos_connectors::MalformedCode::*;
use std::io::Write;

#[test]
fn an_empty_file_is_listed_with_its_problem() {
    let folder = Folder::with(&[("a.csv", b""), ("b.csv", b" \n\n"), ("c.csv", b"id,name\n1,x\n")]);
    let streams = folder.source().discover().unwrap();
    assert_eq!(streams.len(), 3);
    for stream in &streams[..2] {
        assert!(matches!(stream.problem, Some(Error::Empty { .. })), "{:?}", stream.problem);
        assert!(stream.shape.columns.is_empty());
    }
    assert!(streams[2].problem.is_none());
    let error = folder.source().read("a", &ReadOptions::default()).err().unwrap();
    assert!(matches!(error, Error::Empty { .. }) && error.to_string().contains("export it again"));
    assert_eq!(folder.source().check().unwrap().problems.len(), 2);
}

#[test]
fn a_binary_file_is_called_binary() {
    let bytes: Vec<u8> = (0..5_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    assert!(matches!(try_read("t.csv", &bytes), Err(Error::Binary { .. })));
    assert!(matches!(try_read("t.json", b"\x7fELF\0\0\0\x01"), Err(Error::Binary { .. })));
    let late = [&b"id,name\n"[..], &b"1,plain\n".repeat(80_000), b"\0\0\0\n"].concat();
    assert!(matches!(try_read("t.csv", &late), Err(Error::Binary { .. })), "also when it begins like text");
}

#[test]
fn foreign_formats_are_named() {
    for (name, bytes, said) in [
        ("t.xlsx", &b"PK\x03\x04rest of a zip"[..], "spreadsheet"),
        ("t.csv", b"PK\x03\x04rest of a zip", "spreadsheet"),
        ("t.db", b"SQLite format 3\0...", "SQLite"),
        ("t.json", b"hello", "no JSON"),
        ("README.md", b"# Title\n\nSome words, and more.\n", "no table"),
    ] {
        let error = try_read(name, bytes).unwrap_err();
        assert!(matches!(error, Error::UnsupportedFormat { .. }) && error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains("export it as CSV"), "{error}");
    }
}

#[test]
fn an_endless_line_costs_itself_only_and_is_never_held() {
    let folder = Folder::with(&[]);
    let path = folder.path("t.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    file.write_all(b"id,name\n1,before\n").unwrap();
    for _ in 0..40 {
        file.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    file.write_all(b"\n3,after\n").unwrap();
    file.into_inner().unwrap();
    let options = ReadOptions { record_bytes_max: 100_000, ..ReadOptions::default() };
    let table = read_with(&folder.source(), "t", &options).unwrap();
    assert_eq!(table.rows(), [[Some("1"), Some("before")], [Some("3"), Some("after")]].map(Vec::from).to_vec());
    assert_eq!((table.codes(), table.positions()), (vec![(3, TooLong)], vec![2, 4]));
    assert_eq!(table.malformed[0].raw.len(), aos_connectors::RAW_EVIDENCE_MAX);
}

#[test]
fn an_endless_quoted_cell_costs_the_line_that_opened_it() {
    let filler = "some words on a line\n".repeat(20_000);
    let folder = Folder::with(&[("t.csv", format!("id,name\n1,a\n2,\"open\n{filler}3,b\n").as_bytes())]);
    let options = ReadOptions { record_bytes_max: 10_000, ..ReadOptions::default() };
    let table = read_with(&folder.source(), "t", &options).unwrap();
    assert_eq!(table.codes()[0], (3, UnclosedQuote));
    assert_eq!(table.rows().last().unwrap(), &[Some("3"), Some("b")]);
    assert_eq!(table.malformed.len(), 20_001);
}

#[test]
fn an_endless_json_record_costs_itself_only() {
    let long = "x".repeat(2_000_000);
    for (name, text) in [
        ("t.json", format!("[{{\"id\":1}},{{\"id\":\"{long}\"}},{{\"id\":3}}]")),
        ("t.ndjson", format!("{{\"id\":1}}\n{{\"id\":\"{long}\"}}\n{{\"id\":3}}\n")),
    ] {
        let folder = Folder::with(&[(name, text.as_bytes())]);
        let options = ReadOptions { record_bytes_max: 1_000, ..ReadOptions::default() };
        let table = read_with(&folder.source(), "t", &options).unwrap();
        assert_eq!((table.codes(), table.positions()), (vec![(2, TooLong)], vec![1, 3]), "{name}");
    }
}

#[test]
fn a_header_that_does_not_end_is_refused() {
    let folder = Folder::with(&[("t.csv", "x,".repeat(400_000).as_bytes())]);
    let error = folder.source().read("t", &ReadOptions { record_bytes_max: 1_000, ..ReadOptions::default() }).err();
    assert!(matches!(error, Some(Error::UnsupportedFormat { .. } | Error::TooManyColumns { .. })), "{error:?}");
}

#[test]
fn bytes_outside_the_encoding_are_set_aside_when_the_sample_could_not_know() {
    // Beyond what is looked at of a compressed file.
    let mut text = b"id,name\n".to_vec();
    text.extend(b"1,some plain name of a company\n".repeat(1_200_000));
    text.extend(b"2,M\xfcller\n3,a\0b\n4,end\n");
    let folder = Folder::with(&[("t.csv.zst", &zstd::encode_all(&text[..], 1).unwrap())]);
    let mut malformed = Vec::new();
    let mut records = 0;
    for page in folder.source().read("t", &ReadOptions::default()).unwrap() {
        let page = page.unwrap();
        records += page.batch.records.len();
        malformed.extend(page.malformed.iter().map(|found| (found.position, found.code)));
    }
    assert_eq!((records, malformed), (1_200_001, vec![(1_200_002, Encoding), (1_200_003, Binary)]));
}

#[test]
fn a_cut_gzip_file_is_damaged_after_what_could_be_read() {
    let text: Vec<u8> =
        (0..50_000).flat_map(|id: u32| format!("{id},{}\n", id.wrapping_mul(2_654_435_761)).into_bytes()).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"id,number\n").unwrap();
    gzip.write_all(&text).unwrap();
    let bytes = gzip.finish().unwrap();
    let folder = Folder::with(&[("t.csv.gz", &bytes[..bytes.len() / 2])]);
    let stream = folder.source().discover().unwrap().remove(0);
    let outcome: Vec<_> = match folder.source().read("t", &ReadOptions { page_records: 100, ..ReadOptions::default() })
    {
        Ok(pages) => pages.collect(),
        Err(error) => vec![Err(error)],
    };
    assert!(matches!(outcome.last(), Some(Err(Error::Damaged { .. }))), "{stream:?}");
}

#[test]
fn a_missing_file_and_a_missing_stream_are_not_found() {
    let folder = Folder::with(&[("a.csv", b"id\n1\n")]);
    let missing = FileSource::open("crm", folder.path("nothing"), FileOptions::default()).err().unwrap();
    assert!(matches!(missing, Error::NotFound { .. }) && missing.to_string().contains("check the path"));
    let error = folder.source().read("b", &ReadOptions::default()).err().unwrap();
    assert_eq!(error.to_string(), "the source crm has no stream b; it has: a");
    let gone = folder.source();
    std::fs::remove_file(folder.path("a.csv")).unwrap();
    assert!(matches!(gone.read("a", &ReadOptions::default()).err(), Some(Error::NotFound { .. })));
}

#[test]
fn an_unreadable_file_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(&[("a.csv", b"id\n1\n")]);
    std::fs::set_permissions(folder.path("a.csv"), std::fs::Permissions::from_mode(0o0)).unwrap();
    if std::fs::read(folder.path("a.csv")).is_ok() {
        return; // Permissions do not bind the superuser.
    }
    let stream = folder.source().discover().unwrap().remove(0);
    assert!(matches!(stream.problem, Some(Error::Unreadable { .. })));
}
