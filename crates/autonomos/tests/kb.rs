//! `autonomos kb`: documents in and out on the local store, and PDFs, which the program reads in a process of its own.

use aos_testservers::{Bert, Head, noise};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Runs the command and returns its exit code and what it printed as JSON.
fn kb(data: &Path, arguments: &[&str]) -> (i32, Value) {
    kb_with(data, &[], arguments)
}

fn kb_with(data: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_autonomos"))
        .arg("--data")
        .arg(data)
        .args(["kb", "--json"])
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (output.status.code().unwrap(), printed)
}

#[test]
fn a_model_that_finds_names_and_one_that_orders_passages_are_used_where_the_settings_name_them() {
    let place = tempfile::tempdir().unwrap();
    let (names, judge) = (place.path().join("tiny-names"), place.path().join("tiny-judge"));
    let (bert, weights) = Bert::finds(&["O", "B-PER"], &[("Xulquarn", 1)], 64);
    bert.write(&names, weights);
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "train", "sea"].map(str::to_owned).to_vec();
    let judging = Bert { words, labels: vec!["LABEL_0".into()], head: Head::Sequence, ..bert };
    judging.write(&judge, noise);
    let note = place.path().join("note.md");
    std::fs::write(&note, "# Note\n\nXulquarn books the train.\n").unwrap();
    let environment = [
        ("AUTONOMOS_PII__NAMES_MODEL", names.to_str().unwrap()),
        ("AUTONOMOS_KNOWLEDGE__RERANKER", judge.to_str().unwrap()),
    ];
    let data = place.path().join("data");
    let (code, added) = kb_with(&data, &environment, &["add", note.to_str().unwrap()]);
    assert_eq!((code, &added[0]["redactions"]), (0, &json!(1)), "{added}");
    let (_, found) = kb_with(&data, &environment, &["search", "train"]);
    assert_eq!((&found["reranked"], &found["reranked_by"]), (&json!(true), &json!("tiny-judge")));
    assert!(found["matches"][0]["rerank_score"].as_f64().unwrap() > 0.0);
    assert!(found["matches"][0]["text"].as_str().unwrap().contains("<PERSON_NAME> books the train"), "{found}");
    let plain = search(&data, "train");
    assert_eq!((&plain["reranked"], &plain["matches"][0]["rerank_score"]), (&json!(false), &Value::Null));
}

fn add(data: &Path, place: &Path) -> Value {
    let (code, added) = kb(data, &["add", place.to_str().unwrap()]);
    assert_eq!(code, 0, "{added}");
    added
}

fn search(data: &Path, question: &str) -> Value {
    let (code, found) = kb(data, &["search", question]);
    assert_eq!(code, 0, "{found}");
    found
}

/// Writes a PDF: its objects from the second on, the first being the catalog, and the second the tree of pages.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let catalog = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
    for (number, object) in (1..).zip(std::iter::once(&catalog).chain(objects)) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = places.len() + 1;
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {dictionary} /Length {} >>\nstream\n", bytes.len()).into_bytes();
    object.extend(bytes);
    object.extend(b"\nendstream");
    object
}

/// Pages whose contents are these streams.
fn pages(contents: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let count = contents.len();
    let font = 3 + 2 * count;
    let kids: Vec<String> = (0..count).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    let mut objects = vec![format!("<< /Type /Pages /Kids [{}] /Count {count} >>", kids.join(" ")).into_bytes()];
    for (page, content) in contents.into_iter().enumerate() {
        let (own, resources) = (4 + 2 * page, format!("<< /Font << /F1 {font} 0 R >> >>"));
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {own} 0 R /Resources {resources} >>"
        );
        objects.extend([page.into_bytes(), content]);
    }
    objects.push(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec());
    objects
}

fn line(text: &str) -> Vec<u8> {
    stream("", format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET").as_bytes())
}

/// A stream that unpacks to so many bytes: after one space, repetitions of it, 258 at a time (RFC 1951, fixed codes).
fn bomb(bytes: usize) -> Vec<u8> {
    let mut packed = vec![0x78, 0x9c];
    let (mut held, mut bits) = (0_u32, 0);
    let mut write = |value: u32, count: u32, packed: &mut Vec<u8>| {
        held |= value << bits;
        bits += count;
        while bits >= 8 {
            packed.push((held & 0xff) as u8);
            held >>= 8;
            bits -= 8;
        }
    };
    let reversed = |code: u32, count: u32| code.reverse_bits() >> (32 - count);
    write(0b011, 3, &mut packed); // the last block, with fixed codes
    write(reversed(0x30 + 0x20, 8), 8, &mut packed); // a space
    for _ in 0..bytes / 258 {
        write(reversed(0b1100_0101, 8), 8, &mut packed); // a length of 258
        write(0, 5, &mut packed); // from one byte before
    }
    write(0, 7, &mut packed); // the end of the block
    write(0, 7, &mut packed);
    packed.extend([0; 4]);
    stream("/Filter /FlateDecode", &packed)
}

#[test]
fn documents_of_a_folder_are_added_found_replaced_and_removed() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("travel.md", "# Travel\n\n## Trains\n\nTrains are booked by the office. Ask ada@example.com.\n");
    file("page.html", "<h1>Parking</h1><p>Parking is free for lobsters.</p>");
    file("cities.csv", "city,limit\nParis,200\nOslo,300\n");
    file("picture.png", "no document");
    let added = add(data.path(), folder.path());
    assert_eq!(added.as_array().unwrap().len(), 3, "{added}");
    let found = search(data.path(), "Who books a train?");
    let first = &found["matches"][0];
    assert_eq!((&first["citation"], &first["section"]), (&json!("Travel: Trains"), &json!(["Travel", "Trains"])));
    assert_eq!(first["text"], "Trains are booked by the office. Ask <EMAIL>.");
    assert_eq!(search(data.path(), "Oslo")["matches"][0]["text"], "city | limit\nParis | 200\nOslo | 300");
    assert_eq!(search(data.path(), "lobster parking")["matches"][0]["title"], "Parking");

    let travel = folder.path().join("travel.md");
    assert_eq!(add(data.path(), &travel)[0]["changed"], false);
    file("travel.md", "# Travel\n\nEveryone walks.\n");
    assert_eq!(add(data.path(), &travel)[0]["changed"], true);
    assert_eq!(search(data.path(), "office train")["matches"], json!([]));
    assert_eq!(kb(data.path(), &["list"]).1.as_array().unwrap().len(), 3);
    let (code, _) = kb(data.path(), &["remove", travel.to_str().unwrap()]);
    assert_eq!((code, kb(data.path(), &["list"]).1.as_array().unwrap().len()), (0, 2));
}

#[test]
fn a_pdf_is_read_page_by_page_and_cited_by_page() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("handbook.pdf");
    let text = pages(vec![line("Trains are booked by the office."), line("Lobsters live in the sea.")]);
    std::fs::write(&file, pdf(&text, "")).unwrap();
    let added = add(data.path(), &file);
    assert_eq!(added[0]["format"], "pdf");
    let first = &search(data.path(), "Where do lobsters live?")["matches"][0];
    assert_eq!((&first["page"], &first["citation"]), (&json!(2), &json!("handbook.pdf: page 2")), "{first}");
    assert_eq!(first["snippet"], "Lobsters live in the sea.");
}

#[test]
fn a_pdf_that_takes_too_much_or_cannot_be_read_is_refused_with_its_reason() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let refused = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let limits = [("AUTONOMOS_KNOWLEDGE__PDF_MEMORY_MB", "768"), ("AUTONOMOS_KNOWLEDGE__PDF_TIMEOUT_S", "20")];
        let (code, added) = kb_with(data.path(), &limits, &["add", file.to_str().unwrap()]);
        assert_eq!(code, 3, "{name}: {added}");
        added[0]["error"].as_str().unwrap().to_owned()
    };
    let encrypted = pdf(
        &[pages(vec![line("x")]), vec![b"<< /Filter /Standard /V 1 /R 2 /O (00000000000000000000000000000000) /U (00000000000000000000000000000000) /P -4 >>".to_vec()]].concat(),
        "/Encrypt 6 0 R /ID [<00> <00>]",
    );
    for (name, bytes, reason) in [
        ("encrypted.pdf", encrypted, "encrypted"),
        ("scanned.pdf", pdf(&pages(vec![stream("", b"0 0 10 10 re f")]), ""), "pictures without text"),
        ("bomb.pdf", pdf(&pages(vec![bomb(1 << 30)]), ""), "took more"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type".to_vec(), "cannot be read"),
        ("archive.pdf", b"PK\x03\x04 not a PDF".to_vec(), "ZIP"),
        ("large.pdf", [b"%PDF-1.4\n".to_vec(), vec![b' '; 17 << 20]].concat(), "bytes, which is the limit"),
    ] {
        let said = refused(name, &bytes);
        assert!(said.contains(reason), "{name}: {said}");
    }
    assert_eq!(kb(data.path(), &["list"]).1, json!([]), "nothing of them is kept");
}
