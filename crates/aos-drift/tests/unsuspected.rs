//! What rows say where no column by itself has changed, through `judge` alone.

use aos_core::drift::ChangeKind;
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping};
use aos_core::record::{Record, RecordBatch};
use aos_core::value::Value;
use aos_drift::{Contract, Judged, Sample, Seen, judge};

const COLUMNS: [&str; 5] = ["deal_id", "deal_name", "amount", "stage", "close_date"];
const STAGES: [&str; 4] = ["Prospecting", "Qualification", "Negotiation", "Closed Won"];
const DEALS: usize = 240;

type Row = [String; 5];

fn deal(at: usize) -> Row {
    [
        format!("D-{:05}", at + 1),
        format!("Deal with company {at}"),
        format!("{}.50", 1_000 + at * 37),
        STAGES[at % 4].to_owned(),
        format!("2026-{:02}-{:02}", at % 12 + 1, at % 28 + 1),
    ]
}

fn mapping() -> StreamMapping {
    let rule = |source: &&str| FieldRule {
        target: (*source).to_owned(),
        sources: vec![(*source).to_owned()],
        transforms: Vec::new(),
        confidence: 1.0,
        evidence: Vec::new(),
        origin: Origin::Reviewed,
    };
    let entity =
        EntityMapping { entity: "opportunity".into(), fields: COLUMNS.iter().map(rule).collect(), pivot: None };
    StreamMapping { version: 1, stream: "deals".into(), entities: vec![entity] }
}

fn sample(row: impl Fn(usize) -> Row) -> Sample {
    sample_of(DEALS, row)
}

fn sample_of(count: usize, row: impl Fn(usize) -> Row) -> Sample {
    let record = |at: usize| Record {
        position: at as u64 + 1,
        cells: row(at).iter().map(|text| Some(Value::text(text))).collect(),
    };
    let columns: Vec<_> = COLUMNS.iter().map(|name| (*name).into()).collect();
    let mut sample = Sample::every(1);
    sample.take(&RecordBatch { columns: columns.into(), records: (0..count).map(record).collect() }, &mapping());
    sample
}

fn judged(before: impl Fn(usize) -> Row, after: impl Fn(usize) -> Row, whole: bool) -> Judged {
    let (then, now, mapping) = (sample(before), sample(after), mapping());
    let accepted = then.shape("deals", "crm");
    let contract = Contract::default();
    let seen = Seen {
        accepted: &accepted,
        sample: &now,
        mapping: &mapping,
        contract: &contract,
        declared: None,
        key: Some("deal_id"),
        whole,
    };
    judge(&seen, |shape, key, rows_max| then.rows(shape, key, rows_max))
}

/// What is found between the deals and these, path by path.
fn found(after: impl Fn(usize) -> Row, whole: bool) -> Vec<(String, ChangeKind)> {
    let judged = judged(deal, after, whole);
    judged.findings.into_iter().map(|finding| (finding.path, finding.changes[0].kind)).collect()
}

fn with(at: usize, column: usize, value: String) -> Row {
    let mut row = deal(at);
    row[column] = value;
    row
}

#[test]
fn keys_that_name_other_records_are_found_in_whole_reads_and_in_large_ones() {
    for whole in [true, false] {
        let said = found(|at| with(at, 0, deal((at + 7) % DEALS)[0].clone()), whole);
        assert_eq!(said, [("deal_id".to_owned(), ChangeKind::IdReused)]);
    }
}

#[test]
fn choices_that_were_exchanged_are_found_and_freeze_the_stream_since_no_value_looks_wrong() {
    let exchanged = |at: usize| with(at, 3, STAGES[[3, 1, 2, 0][at % 4]].to_owned());
    for whole in [true, false] {
        assert_eq!(found(exchanged, whole), [("stage".to_owned(), ChangeKind::EnumChanged)]);
        let judged = judged(deal, exchanged, whole);
        assert!(judged.freezes() && judged.quarantine.is_empty(), "{judged:#?}");
        assert_eq!(judged.findings[0].candidates[0].held.is_some(), !whole, "who edited them may have meant it");
    }
}

#[test]
fn amounts_in_another_currency_are_found_in_whole_reads_and_in_large_ones() {
    let converted = |at: usize| with(at, 2, format!("{:.2}", (1_000.5 + at as f64 * 37.0) * 1.0857));
    for whole in [true, false] {
        assert_eq!(found(converted, whole), [("amount".to_owned(), ChangeKind::CurrencyChanged)]);
    }
}

#[test]
fn a_sign_and_a_unit_of_all_amounts_are_found_in_whole_reads_and_in_large_ones() {
    let amount = |at: usize| 1_000.5 + at as f64 * 37.0;
    for whole in [true, false] {
        assert_eq!(found(|at| with(at, 2, format!("{:.2}", -amount(at))), whole)[0].1, ChangeKind::SignChanged);
        assert_eq!(found(|at| with(at, 2, format!("{:.0}", amount(at) * 100.0)), whole)[0].1, ChangeKind::ScaleChanged);
    }
}

#[test]
fn amounts_that_are_converted_anew_for_every_read_are_quiet() {
    let revalued = |at: usize| with(at, 2, format!("{:.2}", (1_000.5 + at as f64 * 37.0) * 1.0131));
    for whole in [true, false] {
        assert_eq!(found(revalued, whole), []);
    }
}

#[test]
fn some_keys_that_name_each_others_records_are_found() {
    let dealt_out_anew = |at: usize| match at.is_multiple_of(6) {
        true => with((at + 6) % DEALS, 0, deal(at)[0].clone()),
        false => deal(at),
    };
    assert_eq!(found(dealt_out_anew, true), [("deal_id".to_owned(), ChangeKind::IdReused)]);
}

#[test]
fn records_that_go_on_all_together_are_quiet() {
    // Days that are counted, and a shift that rotates: all of them are others at the next read.
    let week = |turn: usize| {
        move |at: usize| {
            let mut row = with(at, 1, format!("{}", at % 40 + turn));
            row[3] = ["early", "late", "night"][(at + turn) % 3].to_owned();
            row
        }
    };
    for whole in [true, false] {
        let judged = judged(week(0), week(1), whole);
        assert!(judged.findings.is_empty(), "{:#?}", judged.findings);
    }
}

#[test]
fn records_that_were_changed_in_all_they_have_are_quiet() {
    let changed = |at: usize| {
        if !at.is_multiple_of(5) {
            return deal(at);
        }
        let mut row = with(at, 1, format!("Another company {at}"));
        (row[2], row[3]) = (format!("{}.25", 1_010 + at * 37), STAGES[(at + 1) % 4].to_owned());
        row[4] = format!("2026-{:02}-{:02}", (at + 3) % 12 + 1, (at + 5) % 28 + 1);
        row
    };
    for whole in [true, false] {
        assert_eq!(found(changed, whole), []);
    }
}

#[test]
fn a_few_records_that_were_changed_say_nothing_of_the_others() {
    let converted = |at: usize| {
        let mut row = deal(at * 12);
        row[2] = format!("{:.2}", (1_000.5 + at as f64 * 12.0 * 37.0) * 1.0857);
        row
    };
    let (then, now, mapping) = (sample(deal), sample_of(20, converted), mapping());
    let (accepted, contract) = (then.shape("deals", "crm"), Contract::default());
    let seen = Seen {
        accepted: &accepted,
        sample: &now,
        mapping: &mapping,
        contract: &contract,
        declared: None,
        key: Some("deal_id"),
        whole: false,
    };
    let judged = judge(&seen, |_, _, _| panic!("so few are not compared where nothing speaks for it"));
    assert!(judged.findings.is_empty(), "{:#?}", judged.findings);
}

#[test]
fn ordinary_edits_are_quiet() {
    for turn in 1..5 {
        let edited = |at: usize| {
            if !(at + turn).is_multiple_of(7) {
                return deal(at);
            }
            let mut row = with(at, 3, STAGES[(at + 1) % 4].to_owned());
            (row[2], row[4]) = (format!("{}.00", 900 + at * 41), format!("2026-11-{:02}", at % 28 + 1));
            row
        };
        for whole in [true, false] {
            assert_eq!(found(edited, whole), []);
        }
    }
}

#[test]
fn new_records_that_all_went_on_a_stage_are_quiet() {
    assert_eq!(found(|at| with(at, 3, STAGES[(at + 1) % 4].to_owned()), false), []);
}

#[test]
fn measurements_that_are_others_at_every_read_are_quiet() {
    let drawn = |at: usize, turn: usize| (at * 7_919 + turn * 104_729 + 13) * 31_337 % 1_000_003;
    let measured = |turn: usize| {
        move |at: usize| {
            let number = drawn(at, turn);
            let mut row = with(at, 1, format!("Reading {number}"));
            (row[2], row[3]) = (format!("{}.5", number % 9_000), STAGES[number % 3].to_owned());
            row[4] = format!("2026-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
            row
        }
    };
    for whole in [true, false] {
        let judged = judged(measured(0), measured(1), whole);
        assert!(judged.findings.is_empty(), "{:#?}", judged.findings);
    }
}
