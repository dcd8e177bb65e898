//! An export that was tampered with in any way is found out.

use super::*;
use std::borrow::Cow;

const CHAIN: Uuid = Uuid::from_u128(7);

fn signer() -> Signer {
    Signer::of_seed(&[9; 32])
}

/// An export of so many entries.
fn export(entries: u64) -> Vec<String> {
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let mut lines = vec![to_line(&Begin { format: FORMAT.to_owned(), chain: CHAIN })];
    let mut link = BEGINNING;
    for seq in 1..=entries {
        let entry = Entry {
            id: Uuid::from_u128(u128::from(seq)),
            at,
            principal: "local".into(),
            action: "connection.create".into(),
            resource: format!("c{seq}"),
            detail: json!({ "name": "crm", "count": seq }),
            trace_id: None,
        };
        link = link.next(seq, entry.digest(CHAIN));
        lines.push(to_line(&ExportedEntry { seq, entry, link }));
    }
    lines.push(to_line(&json!({ "head": signer().sign(Head { chain: CHAIN, seq: entries, link, at }) })));
    lines
}

fn to_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn check(lines: &[String], earlier: Option<&Head>) -> Result<Verified, Broken> {
    verify(lines.iter().map(|line| Ok(Cow::Borrowed(line.as_str()))), Some(&signer().verifier()), earlier)
}

#[test]
fn a_whole_export_is_sound() {
    assert_eq!(check(&export(5), None).unwrap().head.seq, 5);
    assert_eq!(check(&export(0), None).unwrap().head.link, BEGINNING);
}

#[test]
fn a_changed_entry_is_found_whatever_was_changed() {
    for (from, to) in [
        ("\"c3\"", "\"c4\""),
        ("\"local\"", "\"user\""),
        ("\"count\":3", "\"count\":4"),
        ("connection.create", "connection.delete"),
        ("2027", "2028"),
        ("\"trace_id\":null", "\"trace_id\":\"x\""),
    ] {
        let mut lines = export(5);
        assert!(lines[3].contains(from), "{from}");
        lines[3] = lines[3].replace(from, to);
        assert!(matches!(check(&lines, None), Err(Broken::Changed { seq: 3, line: 4 })), "{from}");
    }
}

#[test]
fn a_removed_a_moved_and_an_added_entry_are_found() {
    let mut lines = export(5);
    lines.remove(3);
    assert!(matches!(check(&lines, None), Err(Broken::OutOfOrder { expected: 3, found: 4, .. })));
    let mut lines = export(5);
    lines.swap(2, 3);
    assert!(matches!(check(&lines, None), Err(Broken::OutOfOrder { .. })));
    let mut lines = export(5);
    lines.insert(3, lines[3].clone());
    assert!(matches!(check(&lines, None), Err(Broken::OutOfOrder { .. })));
}

#[test]
fn a_cut_before_the_signed_head_is_found() {
    let mut lines = export(5);
    lines.remove(5);
    assert!(matches!(check(&lines, None), Err(Broken::Cut { seq: 5, found: 4, .. })));
    let mut lines = export(5);
    lines.pop();
    assert!(matches!(check(&lines, None), Err(Broken::NoHead)));
    assert!(matches!(check(&[], None), Err(Broken::NoHead)));
}

#[test]
fn a_chain_that_was_written_anew_needs_the_signing_key() {
    let mut lines = export(5);
    let other = Signer::of_seed(&[1; 32]);
    let head = check(&lines, None).unwrap().head;
    lines[6] = to_line(&json!({ "head": other.sign(head.clone()) }));
    assert!(matches!(check(&lines, None), Err(Broken::OtherKey { .. })));
    let forged = SignedHead { key: signer().verifier().to_string(), ..other.sign(head) };
    lines[6] = to_line(&json!({ "head": forged }));
    assert!(matches!(check(&lines, None), Err(Broken::Unsigned { .. })));
}

#[test]
fn a_head_of_before_finds_what_the_holder_of_the_key_changed_since() {
    let before = check(&export(3), None).unwrap().head;
    assert!(check(&export(5), Some(&before)).is_ok());
    assert!(matches!(check(&export(2), Some(&before)), Err(Broken::Shorter { seq: 3, found: 2 })));
    let other = Head { link: BEGINNING, ..before };
    assert!(matches!(check(&export(5), Some(&other)), Err(Broken::NotTheSame { seq: 3 })));
}

#[test]
fn an_entry_of_one_chain_is_none_of_another() {
    let other = export(3).into_iter().map(|line| line.replace(&CHAIN.to_string(), &Uuid::from_u128(8).to_string()));
    assert!(matches!(check(&other.collect::<Vec<_>>(), None), Err(Broken::Changed { seq: 1, .. })));
}

#[test]
fn a_line_that_says_more_than_is_signed_is_found() {
    let whole = export(5);
    let said = |at: usize, from: &str, to: &str| {
        let mut lines = whole.clone();
        assert!(lines[at].contains(from), "{from} is not in {}", lines[at]);
        lines[at] = lines[at].replacen(from, to, 1);
        check(&lines, None)
    };
    for (at, from, to) in [
        (0, "{", r#"{"note":1,"#),
        (3, "{", r#"{"action":"nothing.happened","#),
        (3, "\"detail\":{", r#""detail":{"$serde_json::private::RawValue":"1","#),
        (3, ":", ": "),
        (6, r#"{"head":{"#, r#"{"head":{"seq":999,"#),
        (6, "}}", r#"},"seq":999}"#),
    ] {
        assert!(matches!(said(at, from, to), Err(Broken::Unreadable { .. })), "line {at}: {to}");
    }
}
