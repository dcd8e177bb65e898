//! Draws the cell of a field for any row, from the seed alone.

use super::cell::Cell;
use super::field::Kind;
use super::words::{
    CITIES, COMPANY_FORMS, COMPANY_STEMS, COMPANY_TRADES, COUNTRIES, FIRST_NAMES, LAST_NAMES, SENTENCES, STREETS,
    SUBJECTS, TITLES,
};
use crate::random::Random;

/// What a drawn field is about. What is not a text follows from the field's kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// The record's own id, its times, and whether it is deleted: not drawn, but what the table knows.
    Key,
    Created,
    Modified,
    Deleted,
    /// The key of another row, or any option, or a truth.
    Any,
    Company,
    FirstName,
    LastName,
    FullName,
    Email,
    Phone,
    Url,
    Title,
    Street,
    City,
    Country,
    Subject,
    Sentences,
    /// A text of letters and digits behind a prefix.
    Code(&'static str),
    /// A whole number, or units of the last digit of a decimal, between the two.
    Between(i64, i64),
    /// A day between the two, counted from 1970-01-01.
    Days(i32, i32),
    /// The same in every record.
    Same(&'static str),
}

/// Draws a cell; `rows` is how many rows a linked stream was born with.
pub fn cell(random: &mut Random, draw: &Draw, kind: &Kind, rows: u64) -> Cell {
    match (draw, kind) {
        (_, Kind::Choice { options, multiple }) => chosen(random, options.len(), *multiple),
        (_, Kind::Boolean) => Cell::Boolean(random.next() & 1 == 1),
        (_, Kind::Link { .. }) if rows == 0 => Cell::Null,
        (_, Kind::Link { .. }) => Cell::Row(random.below(rows)),
        (Draw::Between(low, high), Kind::Integer) => Cell::Integer(between(random, *low, *high)),
        (Draw::Between(low, high), Kind::Decimal { scale, .. }) => {
            Cell::Decimal { units: i128::from(between(random, *low, *high)), scale: *scale }
        }
        (_, Kind::Decimal { precision, scale, .. }) => {
            let limit = 10_u128.pow(u32::from((*precision).min(36)));
            let units = ((u128::from(random.next()) << 64) | u128::from(random.next())) % limit;
            Cell::Decimal { units: units as i128, scale: *scale }
        }
        (_, Kind::Integer) => Cell::Integer(between(random, 0, 100)),
        (Draw::Days(low, high), Kind::Date) => Cell::Date(between(random, i64::from(*low), i64::from(*high)) as i32),
        (Draw::Days(low, high), Kind::Time) => {
            Cell::Time(between(random, i64::from(*low) * 86_400, i64::from(*high) * 86_400) * 1000)
        }
        (draw, _) => Cell::Text(words(random, draw)),
    }
}

fn chosen(random: &mut Random, options: usize, multiple: bool) -> Cell {
    let first = random.below(options as u64) as usize;
    if !multiple {
        return Cell::Chosen(vec![first]);
    }
    let mut chosen = vec![first];
    for option in 0..options {
        if option != first && random.below(4) == 0 {
            chosen.push(option);
        }
    }
    chosen.sort_unstable();
    Cell::Chosen(chosen)
}

fn between(random: &mut Random, low: i64, high: i64) -> i64 {
    low.wrapping_add(random.below((high.wrapping_sub(low) as u64).wrapping_add(1)) as i64)
}

fn words(random: &mut Random, draw: &Draw) -> String {
    match draw {
        Draw::Company => {
            let (stem, trade) = (*random.pick(COMPANY_STEMS), *random.pick(COMPANY_TRADES));
            format!("{stem} {trade} {}", random.pick(COMPANY_FORMS))
        }
        Draw::FirstName => (*random.pick(FIRST_NAMES)).to_owned(),
        Draw::LastName => (*random.pick(LAST_NAMES)).to_owned(),
        Draw::FullName => format!("{} {}", random.pick(FIRST_NAMES), random.pick(LAST_NAMES)),
        Draw::Email => format!("user{:07x}@example.com", random.below(1 << 28)),
        Draw::Phone => {
            format!("+{} {} {:07}", random.between(1, 99), random.between(10, 999), random.below(10_000_000))
        }
        Draw::Url => format!("https://www.example-{:05x}.com/{}", random.below(1 << 20), random.pick(COUNTRIES)),
        Draw::Title => (*random.pick(TITLES)).to_owned(),
        Draw::Street => format!("{} {}\nFloor {}", random.between(1, 999), random.pick(STREETS), random.between(0, 40)),
        Draw::City => (*random.pick(CITIES)).to_owned(),
        Draw::Country => (*random.pick(COUNTRIES)).to_owned(),
        Draw::Subject => (*random.pick(SUBJECTS)).to_owned(),
        Draw::Sentences => {
            let count = random.between(1, 4);
            (0..count).map(|_| *random.pick(SENTENCES)).collect::<Vec<_>>().join(" ")
        }
        Draw::Code(prefix) => format!("{prefix}{:010X}", random.below(1 << 40)),
        Draw::Same(text) => (*text).to_owned(),
        Draw::Between(low, high) => between(random, *low, *high).to_string(),
        Draw::Key | Draw::Created | Draw::Modified | Draw::Deleted | Draw::Any | Draw::Days(..) => String::new(),
    }
}
