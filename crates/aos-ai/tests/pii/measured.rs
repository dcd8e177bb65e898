//! The texts that were marked by hand for `bench/pii`: what is found of each class in them does not fall below what it was.

use aos_ai::pii::{Class, Detector};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// A text without its marks, and the places of what was marked, in bytes.
struct Marked {
    /// Its language and kind.
    head: String,
    text: String,
    spans: Vec<(Class, std::ops::Range<usize>)>,
}

/// What was found of a class, what was not, and what else was taken for it.
#[derive(Default)]
struct Tally {
    right: usize,
    missed: usize,
    wrong: usize,
}

impl Tally {
    fn recall(&self) -> f64 {
        share(self.right, self.missed)
    }

    fn precision(&self) -> f64 {
        share(self.right, self.wrong)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some hundreds at most")]
fn share(part: usize, rest: usize) -> f64 {
    if part + rest == 0 { 1.0 } else { part as f64 / (part + rest) as f64 }
}

/// Classes whose values have a form or a label.
const STRUCTURED: [Class; 9] = [
    Class::Email,
    Class::Phone,
    Class::Iban,
    Class::CreditCard,
    Class::NationalId,
    Class::IpAddress,
    Class::MacAddress,
    Class::BirthDate,
    Class::Secret,
];

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/pii").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Reads `[[class|value]]` in the texts of a file, which lines of `===` part.
fn marked(file: &str) -> Vec<Marked> {
    let lines: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
    let whole = lines.join("\n");
    let parts = whole.split("\n===").skip(1).filter_map(|part| part.split_once('\n'));
    parts.map(|(head, text)| unmarked(head, text.trim_matches('\n'))).collect()
}

fn unmarked(head: &str, text: &str) -> Marked {
    let mut marked = Marked { head: head.trim().to_owned(), text: String::new(), spans: Vec::new() };
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("[[") {
        let (mark, behind) = inner.split_once("]]").unwrap();
        let (class, value) = mark.split_once('|').unwrap();
        marked.text.push_str(before);
        let start = marked.text.len();
        marked.text.push_str(value);
        marked.spans.push((class.parse().unwrap(), start..marked.text.len()));
        rest = behind;
    }
    marked.text.push_str(rest);
    marked
}

/// Counts what is found in the texts, and says what was missed and what was wrong.
fn judged<'m>(
    texts: impl IntoIterator<Item = &'m Marked>,
    judges: impl Fn(Class) -> bool,
) -> (BTreeMap<Class, Tally>, String) {
    let (mut tallies, mut said) = (BTreeMap::<Class, Tally>::new(), String::new());
    for Marked { text, spans, .. } in texts {
        let findings = Detector::standard().find(text).unwrap();
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.class, finding.span.bytes.clone()))
            .filter(|(class, _)| judges(*class))
            .collect();
        let meets = |(class, a): &(Class, std::ops::Range<usize>), (other, b): &(Class, std::ops::Range<usize>)| {
            class == other && a.start < b.end && b.start < a.end
        };
        for span in spans.iter().filter(|(class, _)| judges(*class)) {
            let tally = tallies.entry(span.0).or_default();
            if found.iter().any(|finding| meets(span, finding)) {
                tally.right += 1;
            } else {
                tally.missed += 1;
                writeln!(said, "missed {:?} {:?} in {text:?}", span.0, &text[span.1.clone()]).unwrap();
            }
        }
        for finding in found.iter().filter(|finding| !spans.iter().any(|span| meets(span, finding))) {
            tallies.entry(finding.0).or_default().wrong += 1;
            writeln!(said, "wrong {:?} {:?} in {text:?}", finding.0, &text[finding.1.clone()]).unwrap();
        }
    }
    for (class, tally) in &tallies {
        let (recall, precision) = (tally.recall(), tally.precision());
        writeln!(
            said,
            "{class:?}: recall {recall:.3} ({} missed), precision {precision:.3} ({} wrong)",
            tally.missed, tally.wrong
        )
        .unwrap();
    }
    (tallies, said)
}

#[test]
fn everyday_texts_of_seven_languages_give_up_what_is_marked_in_them_and_little_else() {
    let texts = marked(&file("everyday.txt"));
    assert!(texts.len() > 100, "the file has {} texts", texts.len());
    let (_, second) = judged(texts.iter().filter(|text| text.head.contains("second")), |_| true);
    println!("of those that were written afterwards:\n{second}");
    let (tallies, said) = judged(&texts, |_| true);
    println!("of all:\n{said}");
    let of = |classes: &[Class]| {
        let mut sum = Tally::default();
        for tally in classes.iter().filter_map(|class| tallies.get(class)) {
            sum.right += tally.right;
            sum.missed += tally.missed;
            sum.wrong += tally.wrong;
        }
        sum
    };
    let structured = of(&STRUCTURED);
    assert!(structured.recall() >= 0.97 && structured.precision() >= 0.95, "{said}");
    for (class, recall, precision) in
        [(Class::PersonName, 0.95, 0.97), (Class::Organization, 0.7, 0.95), (Class::Address, 0.95, 0.95)]
    {
        let tally = of(&[class]);
        assert!(tally.recall() >= recall && tally.precision() >= precision, "{said}");
    }
}

#[test]
fn letters_minutes_and_chats_give_up_their_persons() {
    let (tallies, said) = judged(&marked(&file("letters.txt")), |class| class != Class::Organization);
    println!("{said}");
    let persons = &tallies[&Class::PersonName];
    assert!(persons.recall() >= 0.97 && persons.precision() >= 0.97, "{said}");
}
