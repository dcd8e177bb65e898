//! Grows a column from a few example values: the same kind, the same way of writing, of the same size. What is grown is made up.

use crate::chance::Chance;
use crate::table::Field;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{ColumnShape, Pattern, Shaper, ValueKind};
use aos_core::value::Value;
use chrono::{Duration, NaiveDate, NaiveDateTime};

const FIRST: [&str; 24] = [
    "Ada", "Bela", "Chiara", "Dario", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Milo",
    "Nora", "Oskar", "Pia", "Rafael", "Sofia", "Tariq", "Uma", "Viktor", "Wanda", "Yusuf", "Zoe",
];
const LAST: [&str; 24] = [
    "Abel", "Brandt", "Castell", "Dorn", "Egger", "Falk", "Grau", "Holm", "Ivers", "Jansen", "Kessler", "Lindt",
    "Moreau", "Nagel", "Olsen", "Pereira", "Quast", "Rossi", "Sander", "Tamm", "Ulrich", "Varga", "Weiss", "Zorn",
];
const WORDS: [&str; 36] = [
    "annual", "basic", "cloud", "data", "extra", "field", "global", "harbor", "import", "joint", "kernel", "late",
    "market", "north", "open", "partner", "quick", "river", "stone", "team", "upper", "valley", "west", "yard",
    "amber", "bridge", "cedar", "delta", "ember", "forest", "garden", "hollow", "island", "jasper", "kite", "lumen",
];
const CHOICES: [&str; 10] =
    ["Standard", "Extended", "Internal", "Regional", "Seasonal", "Trial", "Priority", "Archive", "Online", "Retail"];
const DATE_FORMATS: [&str; 9] = [
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.3fZ",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S+00:00",
    "%Y-%m-%dT%H:%M:%S%.6f+00:00",
];

pub fn grow(field: &Field, count: usize, chance: &mut Chance) -> Vec<Option<String>> {
    let texts: Vec<String> = field.samples.iter().filter_map(text).collect();
    if texts.is_empty() {
        return vec![None; count];
    }
    let nulls = *chance.one(&[0.0, 0.0, 0.0, 0.08, 0.35]);
    let make = maker(&field.name, &texts, chance);
    (0..count).map(|at| (!chance.holds(nulls)).then(|| make(at, chance))).collect()
}

fn text(sample: &serde_json::Value) -> Option<String> {
    match sample {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

fn shape(texts: &[String]) -> ColumnShape {
    let records =
        texts.iter().enumerate().map(|(at, text)| Record { position: at as u64, cells: vec![Some(Value::text(text))] });
    let mut shaper = Shaper::new("", "");
    shaper.observe(&RecordBatch { columns: ["c".into()].into(), records: records.collect() });
    shaper.finish().columns.remove(0)
}

type Maker = Box<dyn Fn(usize, &mut Chance) -> String>;

fn maker(name: &str, texts: &[String], chance: &mut Chance) -> Maker {
    let seen = shape(texts);
    let lower = name.to_lowercase();
    let is_id = lower.ends_with("id")
        || lower.ends_with("id.value")
        || lower.ends_with("number")
        || lower.ends_with("key")
        || lower.ends_with("guid");
    let first = texts[0].clone();
    match seen.kind {
        ValueKind::Boolean => {
            let yes = 0.2 + 0.6 * chance.share();
            let (on, off) = if first.eq_ignore_ascii_case("yes") || first.eq_ignore_ascii_case("no") {
                ("Yes", "No")
            } else {
                ("true", "false")
            };
            Box::new(move |_, chance| if chance.holds(yes) { on } else { off }.to_owned())
        }
        ValueKind::Date | ValueKind::Datetime => {
            moments(&first, seen.date_format.as_deref()).unwrap_or_else(|| codes(first))
        }
        ValueKind::Integer if seen.follows(Pattern::Epoch) > 0.5 => {
            let unit = if first.len() > 11 { 1_000 } else { 1 };
            Box::new(move |_, chance| ((1_700_000_000 + (chance.share() * 5e7) as i64) * unit).to_string())
        }
        ValueKind::Integer | ValueKind::Decimal if is_id || first.len() > 9 => codes(first),
        ValueKind::Integer | ValueKind::Decimal => numbers(texts),
        _ if first.contains('@') => {
            let domain = first.split('@').nth(1).unwrap_or("mail.example").to_owned();
            Box::new(move |at, chance| {
                let (one, other) = (chance.one(&FIRST).to_lowercase(), chance.one(&LAST).to_lowercase());
                format!("{one}.{other}{}@{}{domain}", at % 97, chance.one(&WORDS))
            })
        }
        _ if first.chars().any(|c| c.is_ascii_digit()) || is_id => codes(first),
        _ => words(&lower, texts, chance),
    }
}

/// Random characters of the same classes in the same places.
fn codes(pattern: String) -> Maker {
    let fixed = pattern.find(['-', '_', '.', ':', '/']).filter(|at| *at <= 4).map_or(0, |at| at + 1);
    Box::new(move |_, chance| {
        pattern
            .chars()
            .enumerate()
            .map(|(at, c)| match c {
                _ if at < fixed => c,
                '0'..='9' if at == 0 => char::from(b'1' + chance.below(9) as u8),
                '0'..='9' => char::from(b'0' + chance.below(10) as u8),
                'a'..='f' => char::from(b'a' + chance.below(6) as u8),
                'g'..='z' => char::from(b'a' + chance.below(26) as u8),
                'A'..='Z' => char::from(b'A' + chance.below(26) as u8),
                other => other,
            })
            .collect()
    })
}

fn numbers(texts: &[String]) -> Maker {
    let values: Vec<f64> = texts.iter().filter_map(|text| text.replace(',', "").parse().ok()).collect();
    let size = values.iter().map(|value: &f64| value.abs()).fold(0.0, f64::max);
    let digits =
        texts.iter().filter_map(|text| text.split_once('.')).map(|(_, rest)| rest.len()).max().unwrap_or(0).min(6);
    let few = size <= 5.0 && digits == 0;
    if few {
        let top = size.max(1.0) as usize;
        return Box::new(move |_, chance| chance.below(top + 1).to_string());
    }
    let percent = size <= 100.0;
    Box::new(move |_, chance| {
        let value = if percent { size * chance.share() } else { size * 0.5 * (0.8 * chance.normal()).exp() };
        format!("{value:.digits$}")
    })
}

fn moments(example: &str, found: Option<&str>) -> Option<Maker> {
    let reads = |format: &&str| {
        NaiveDateTime::parse_from_str(example, format).is_ok() || NaiveDate::parse_from_str(example, format).is_ok()
    };
    let format = found.or_else(|| DATE_FORMATS.iter().copied().find(reads))?.to_owned();
    let begin = NaiveDate::from_ymd_opt(2024, 1, 1)?.and_hms_opt(0, 0, 0)?;
    Some(Box::new(move |_, chance| {
        let day = chance.below(700) as i64;
        // People work by day.
        let second = ((13.0 + 2.6 * chance.normal()).clamp(0.0, 23.9) * 3_600.0) as i64 + chance.below(3_600) as i64;
        let at = begin + Duration::days(day) + Duration::seconds(second.min(86_399));
        at.format(&format).to_string()
    }))
}

fn words(name: &str, texts: &[String], chance: &mut Chance) -> Maker {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let long = texts.iter().any(|text| text.split_whitespace().count() >= 4);
    let capital = texts[0].starts_with(char::is_uppercase);
    match () {
        () if has(&["first", "given", "vorname"]) => Box::new(|_, chance| (*chance.one(&FIRST)).to_owned()),
        () if has(&["last", "family", "surname", "nachname"]) => Box::new(|_, chance| (*chance.one(&LAST)).to_owned()),
        () if long || has(&["description", "notes", "comment", "subject", "body", "summary"]) => {
            Box::new(|_, chance| {
                let count = 4 + chance.below(9);
                (0..count).map(|_| *chance.one(&WORDS)).collect::<Vec<_>>().join(" ")
            })
        }
        () if has(&["name", "title", "company", "owner", "contact", "person", "street", "address", "customer"]) => {
            let people = has(&["owner", "contact", "person", "user", "assign", "full"]);
            Box::new(move |_, chance| match people {
                true => format!("{} {}", chance.one(&FIRST), chance.one(&LAST)),
                false => (0..3).map(|_| capitalized(chance)).collect::<Vec<_>>().join(" "),
            })
        }
        () => {
            let mut choices: Vec<String> = texts.to_vec();
            choices.dedup();
            for _ in 0..(2 + chance.below(4)) {
                let more = *chance.one(&CHOICES);
                let more = if capital { more.to_owned() } else { more.to_lowercase() };
                if !choices.contains(&more) {
                    choices.push(more);
                }
            }
            let lean = 0.5 + 2.0 * chance.share();
            Box::new(move |_, chance| {
                let at = (chance.share().powf(lean) * choices.len() as f64) as usize;
                choices[at.min(choices.len() - 1)].clone()
            })
        }
    }
}

fn capitalized(chance: &mut Chance) -> String {
    let word = *chance.one(&WORDS);
    word[..1].to_uppercase() + &word[1..]
}
