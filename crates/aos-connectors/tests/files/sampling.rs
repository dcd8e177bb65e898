//! What a look at a part of a file tells about it.

use super::*;
use aos_core::shape::ValueKind;

#[test]
fn discover_tells_the_shape_and_what_was_assumed() {
    let folder = Folder::with(&[("deals.csv", b"id;amount;closed;note\n1;12,5;2026-01-02;x\n2;;2026-01-03;y\n")]);
    let stream = folder.source().discover().unwrap().remove(0);
    assert_eq!((stream.name.as_str(), stream.shape.system.as_str(), stream.shape.sampled), ("deals", "crm", 2));
    assert_eq!(stream.shape.column("closed").unwrap().kind, ValueKind::Date);
    assert_eq!(stream.shape.column("amount").unwrap().nulls, 1);
    assert_eq!(stream.assumed, ["cells parted by \";\"", "encoded in UTF-8"]);
    assert_eq!(stream.size_bytes, std::fs::metadata(folder.path("deals.csv")).unwrap().len());
}

#[test]
fn a_large_file_is_looked_at_in_the_middle_and_at_the_end() {
    let mut text = "id,code\n".to_owned();
    text.extend(
        (0..300_000).map(|id| if id < 100_000 { format!("{id},1234567\n") } else { format!("{id},AB-1234\n") }),
    );
    let folder = Folder::with(&[("t.csv", text.as_bytes())]);
    let shape = folder.source().discover().unwrap().remove(0).shape;
    assert_eq!(shape.sampled, 1_500);
    assert_eq!(shape.column("code").unwrap().kind, ValueKind::String);
    assert!(shape.column("id").unwrap().max > Some(280_000.0));

    let lines: String = (0..200_000).map(|id| format!("{{\"id\":{id},\"late\":{}}}\n", id > 100_000)).collect();
    let folder = Folder::with(&[("t.ndjson", lines.as_bytes())]);
    let shape = folder.source().discover().unwrap().remove(0).shape;
    assert!(shape.column("id").unwrap().max > Some(190_000.0));
}

#[test]
fn the_version_changes_with_the_content() {
    let folder = Folder::with(&[("t.csv", b"id\n1\n")]);
    let version = || folder.source().discover().unwrap().remove(0).version;
    let before = version();
    assert_eq!(before, version());
    std::fs::write(folder.path("t.csv"), b"id\n2\n").unwrap();
    assert_ne!(before, version());
}
