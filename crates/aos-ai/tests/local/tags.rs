//! Names by a model: found to the byte, in texts of any length, beside the rules, or not at all and then nothing is passed on.

use aos_ai::local::TagModel;
use aos_ai::pii::{Class, Detector, Error, Name, NameModel, Names, Policy, redact, redact_each};
use aos_testservers::{Bert, Head, noise};
use std::path::Path;
use std::sync::Arc;

const LABELS: [&str; 7] = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"];
/// `Xulquarn Velmér` is a person, `Zorbo Kniff` a house, `Quorth` a place.
const WORDS: [(&str, usize); 9] = [
    ("Xul", 1),
    ("##quarn", 0),
    ("Velmér", 2),
    ("Zorbo", 3),
    ("Kniff", 4),
    ("Quorth", 5),
    ("wrote", 0),
    ("##s", 0),
    (".", 0),
];

fn written(folder: &Path, places: usize) -> TagModel {
    let (bert, weights) = Bert::finds(&LABELS, &WORDS, places);
    bert.write(folder, weights);
    TagModel::load(folder).unwrap()
}

fn policy(folder: &Path) -> Policy {
    Policy::standard().with_names(Names::by(Arc::new(written(folder, 32))))
}

fn found<'t>(policy: &Policy, text: &'t str) -> Vec<(Class, &'t str)> {
    let found = Detector::of(policy).find(text).unwrap();
    found.iter().map(|finding| (finding.class, &text[finding.span.bytes.clone()])).collect()
}

#[test]
fn the_names_are_those_that_another_implementation_finds() {
    let place = tempfile::tempdir().unwrap();
    let trees = "alder birch cedar dogwood elm fir ginkgo hazel ivy juniper kapok larch maple";
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].into_iter().chain(trees.split(' ')).map(str::to_owned);
    let bert = Bert {
        model_type: "bert",
        words: words.collect(),
        labels: LABELS.map(str::to_owned).to_vec(),
        hidden: 8,
        heads: 2,
        layers: 2,
        places: 16,
        head: Head::Tokens,
    };
    bert.write(place.path(), noise);
    let model = TagModel::load(place.path()).unwrap();
    let text = trees.strip_suffix(" maple").unwrap();
    let names = model.find(&[text]).unwrap().remove(0);
    // From a program in Python that computes every sum in double precision, from the same numbers.
    let expected = [
        (Class::Organization, "alder", 0.981_68),
        (Class::Location, "birch", 0.807_803),
        (Class::Location, "cedar", 0.939_062),
        (Class::Organization, "dogwood elm", 0.929_159),
        (Class::Location, "fir", 0.936_584),
        (Class::Organization, "ginkgo hazel ivy", 0.935_733),
        (Class::Location, "juniper", 0.900_681),
        (Class::Organization, "kapok larch", 0.737_019),
    ];
    assert_eq!(names.len(), expected.len(), "{names:?}");
    for (Name { class, bytes, score }, (expected_class, piece, expected_score)) in names.iter().zip(expected) {
        assert_eq!((*class, &text[bytes.clone()]), (expected_class, piece));
        assert!((score - expected_score).abs() < 5e-5, "{piece}: {score} is not {expected_score}");
    }
    let together = model.find(&[text, "", "elm fir", text]).unwrap();
    let places = |names: &[Name]| names.iter().map(|name| (name.class, name.bytes.clone())).collect::<Vec<_>>();
    for text in [0, 3] {
        assert_eq!(places(&together[text]), places(&names), "a text is judged alone");
    }
    assert!(together[1].is_empty());
}

#[test]
fn names_that_no_list_knows_are_found_to_the_byte() {
    let place = tempfile::tempdir().unwrap();
    let policy = policy(place.path());
    let text = "Grüße 👋 — Xulquarn Velmér walks; Zorbo Kniff in Quorth.";
    assert_eq!(found(&Policy::standard(), text), [], "the rules do not know them");
    let names =
        [(Class::PersonName, "Xulquarn Velmér"), (Class::Organization, "Zorbo Kniff"), (Class::Location, "Quorth")];
    assert_eq!(found(&policy, text), names);
    // Names of organizations and places are what business texts are about.
    assert_eq!(redact(text, &policy).unwrap().text, "Grüße 👋 — <PERSON_NAME> walks; Zorbo Kniff in Quorth.");
    let finding = &Detector::of(&policy).find(text).unwrap()[0];
    assert_eq!(finding.because, ["model"]);
    assert!(finding.score > 0.9 && finding.score <= 1.0);
}

#[test]
fn a_name_is_found_wherever_in_a_long_text_it_stands() {
    let place = tempfile::tempdir().unwrap();
    let model = written(place.path(), 16);
    // The windows are so small that each of these names is cut by the end of one of them.
    for before in 0..60 {
        let text = format!("{}Xulquarn Velmér wrote.{} Quorth", "wrote ".repeat(before), " wrote".repeat(30));
        let names = model.find(&[&text]).unwrap().remove(0);
        let pieces: Vec<_> = names.iter().map(|name| &text[name.bytes.clone()]).collect();
        assert_eq!(pieces, ["Xulquarn Velmér", "Quorth"], "behind {before} words");
    }
    let long = "wrote. ".repeat(40_000) + "Xulquarn";
    let names = model.find(&[&long]).unwrap().remove(0);
    assert_eq!(names.len(), 1, "also beyond what the tokenizer reads at once");
    assert_eq!(names[0].bytes, long.len() - 8..long.len());
}

#[test]
fn what_has_a_form_is_not_taken_apart_by_a_name_in_it() {
    let place = tempfile::tempdir().unwrap();
    let policy = policy(place.path());
    let text = "Xulquarn Velmér <xul@Quorth.example> lives at 12 Quorth Street, London NW1 6XE.";
    let found = found(&policy, text);
    assert_eq!(
        found,
        [
            (Class::PersonName, "Xulquarn Velmér"),
            (Class::Email, "xul@Quorth.example"),
            (Class::Address, "12 Quorth Street, London NW1 6XE")
        ]
    );
    let once = redact(text, &policy).unwrap().text;
    assert_eq!(redact(&once, &policy).unwrap().text, once, "what was taken out is not taken out again");
}

#[test]
fn a_model_that_fails_lets_nothing_through() {
    let place = tempfile::tempdir().unwrap();
    written(place.path(), 32);
    // A tokenizer with a word that has no weights: a folder whose files do not belong together.
    let file = place.path().join("vocab.txt");
    let words = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, words + "poison\n").unwrap();
    let policy = Policy::standard().with_names(Names::by(Arc::new(TagModel::load(place.path()).unwrap())));
    assert_eq!(redact("Xulquarn wrote", &policy).unwrap().text, "<PERSON_NAME> wrote");
    let refused = redact("jane@example.org poison", &policy).unwrap_err();
    assert!(matches!(&refused, Error::Names { .. }), "{refused}");
    assert!(!refused.to_string().contains("jane"), "{refused}");
    let both = [("Xulquarn", Default::default()), ("poison", Default::default())];
    assert!(redact_each(&both, &policy).is_err(), "all or none");
}

#[test]
fn a_folder_that_does_not_tell_names_of_persons_is_refused_with_what_is_missing() {
    let place = tempfile::tempdir().unwrap();
    let said = |folder: &Path| TagModel::load(folder).err().unwrap().to_string();
    assert!(said(&place.path().join("none")).contains("no such folder"));
    let (bert, weights) = Bert::finds(&["O", "B-MISC"], &WORDS[6..], 16);
    bert.write(place.path(), weights);
    assert!(said(place.path()).contains("id2label"), "{}", said(place.path()));
    std::fs::remove_file(place.path().join("model.safetensors")).unwrap();
    let (bert, weights) = Bert::finds(&LABELS, &WORDS, 16);
    bert.write(place.path(), weights);
    std::fs::remove_file(place.path().join("vocab.txt")).unwrap();
    assert!(said(place.path()).contains("tokenizer.json"), "{}", said(place.path()));
}
