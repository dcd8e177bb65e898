//! Drift as it happens to sources: each kind changes a table and says what was done, so that what is found can be judged.

use crate::chance::Chance;
use crate::facts::{Facts, facts, far_apart, is_by_day, is_code, most_often, nothing_in_common};
use crate::names::Names;
use crate::table::Table;
use aos_core::drift::ChangeKind;
use aos_core::mapping::Transform;
use aos_core::parse;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// What happened to one path, and what would make it right again.
#[derive(Debug, Clone)]
pub struct Truth {
    pub path: String,
    /// Any of these says it.
    pub kinds: Vec<ChangeKind>,
    pub cure: Cure,
}

#[derive(Debug, Clone)]
pub enum Cure {
    /// Read these paths, with these steps. No steps: whatever a cast does.
    Read { sources: Vec<String>, steps: Vec<Transform> },
    /// The values are gone.
    Dropped,
    /// No rule can make it right: a person must see it.
    Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Synonym,
    Abbreviation,
    Style,
    StyleOfAll,
    PrefixOfAll,
    Opaque,
    Nesting,
    Removal,
    /// A column goes and another comes in its place that is called alike and means something else.
    Replacement,
    Retype,
    DateFormat,
    Scale,
    Currency,
    Sign,
    TimeZone,
    ChoiceStyle,
    ChoiceCodes,
    ChoiceSplit,
    Split,
    Merge,
    Swap,
    IdReuse,
    Truncation,
    Nulls,
}

impl Kind {
    pub const ALL: [Self; 24] = [
        Self::Synonym,
        Self::Abbreviation,
        Self::Style,
        Self::StyleOfAll,
        Self::PrefixOfAll,
        Self::Opaque,
        Self::Nesting,
        Self::Removal,
        Self::Replacement,
        Self::Retype,
        Self::DateFormat,
        Self::Scale,
        Self::Currency,
        Self::Sign,
        Self::TimeZone,
        Self::ChoiceStyle,
        Self::ChoiceCodes,
        Self::ChoiceSplit,
        Self::Split,
        Self::Merge,
        Self::Swap,
        Self::IdReuse,
        Self::Truncation,
        Self::Nulls,
    ];

    /// Whether names and types alone show it.
    pub fn shows_in_names(self) -> bool {
        use Kind as K;
        matches!(
            self,
            K::Synonym
                | K::Abbreviation
                | K::Style
                | K::StyleOfAll
                | K::PrefixOfAll
                | K::Nesting
                | K::Removal
                | K::Replacement
        )
    }

    /// Whether it shows only where the same records are in both versions.
    pub fn needs_same_rows(self) -> bool {
        matches!(self, Self::Currency | Self::IdReuse | Self::Replacement)
    }
}

fn read(path: &str, to: &str, kinds: &[ChangeKind], steps: Vec<Transform>) -> Truth {
    Truth { path: path.to_owned(), kinds: kinds.to_vec(), cure: Cure::Read { sources: vec![to.to_owned()], steps } }
}

fn person(path: &str, kinds: &[ChangeKind]) -> Truth {
    Truth { path: path.to_owned(), kinds: kinds.to_vec(), cure: Cure::Person }
}

const MOVED: [ChangeKind; 5] =
    [ChangeKind::Renamed, ChangeKind::Removed, ChangeKind::Nested, ChangeKind::Flattened, ChangeKind::KeyChanged];

/// Applies the change to the version after, to columns that nothing has happened to yet; `None` where it can happen to none.
pub fn apply(
    kind: Kind,
    same_rows: bool,
    table: &mut Table,
    free: &mut Vec<usize>,
    names: &Names,
    chance: &mut Chance,
) -> Option<Vec<Truth>> {
    use Kind as K;
    if free.is_empty() {
        return None;
    }
    let all = facts(table, free);
    let rows = table.rows.len();
    let some = |chance: &mut Chance, holds: &dyn Fn(&Facts) -> bool| -> Option<usize> {
        let fit: Vec<usize> =
            all.iter().filter(|facts| facts.present * 2 >= rows && holds(facts)).map(|facts| facts.at).collect();
        (!fit.is_empty()).then(|| *chance.one(&fit))
    };
    let amount = |facts: &Facts| {
        let name = table.columns[facts.at].to_lowercase();
        facts.numbers * 5 >= facts.present * 4
            && facts.distinct >= 12
            && ![
                "id", "code", "zip", "postal", "phone", "number", "account", "key", "nr", "nummer", "plz", "year",
                "period",
            ]
            .iter()
            .any(|word| name.contains(word))
            && facts.times == 0
            && table
                .values(facts.at)
                .all(|text| text.len() <= 11 && !text.starts_with('0') || text.contains('.') || text.len() == 1)
            && !is_code(table, facts.at)
    };
    let choice = |facts: &Facts| {
        (2..=9).contains(&facts.distinct)
            && facts.distinct * 8 <= facts.present
            && facts.numbers == 0
            && !(kind == K::ChoiceStyle && table.values(facts.at).all(|text| parse::boolean(text).is_some()))
    };
    let text = |facts: &Facts| facts.distinct * 2 > facts.present && facts.numbers == 0 && facts.times == 0;
    let truths = match kind {
        K::Synonym | K::Abbreviation | K::Style | K::Opaque | K::Nesting => {
            let mut fit: Vec<usize> =
                all.iter().filter(|facts| kind != K::Opaque || facts.distinct >= 12).map(|facts| facts.at).collect();
            chance.shuffle(&mut fit);
            let renamed = |at: usize, chance: &mut Chance| -> Option<String> {
                let path = &table.columns[at];
                match kind {
                    K::Synonym => names.synonym(path, chance),
                    K::Abbreviation => names.abbreviated(path),
                    K::Style => names.restyled(path, chance),
                    K::Nesting => {
                        Some(format!("{}.{path}", chance.one(&["details", "info", "attributes", "metadata"])))
                    }
                    _ => Some(format!("field_{}", 100 + chance.below(900))),
                }
            };
            let (at, to) = fit.into_iter().find_map(|at| Some((at, renamed(at, chance)?)))?;
            let path = rename(table, at, to)?;
            free.retain(|own| *own != at);
            vec![read(&path, &table.columns[at], &MOVED, Vec::new())]
        }
        K::StyleOfAll | K::PrefixOfAll => {
            let prefix = chance.one(&["crm", "src", "x", "raw", "tbl"]).to_string();
            let style = chance.below(4);
            let named: Vec<String> = table
                .columns
                .iter()
                .map(
                    |path| if kind == K::StyleOfAll { names.in_style(path, style) } else { format!("{prefix}_{path}") },
                )
                .collect();
            let mut unique = named.clone();
            unique.sort_unstable();
            unique.dedup();
            let changed: Vec<usize> = free.iter().copied().filter(|at| named[*at] != table.columns[*at]).collect();
            if unique.len() < named.len() || changed.len() < 4 {
                return None;
            }
            let mut truths = Vec::new();
            for at in changed {
                let path = rename(table, at, named[at].clone())?;
                truths.push(read(&path, &table.columns[at], &MOVED, Vec::new()));
                free.retain(|own| *own != at);
            }
            truths
        }
        K::Removal => {
            let at = *chance.one(free);
            let path = table.columns.remove(at);
            table.rows.iter_mut().for_each(|row| _ = row.remove(at));
            free.retain(|own| *own != at);
            free.iter_mut().filter(|own| **own > at).for_each(|own| *own -= 1);
            vec![Truth { path, kinds: vec![ChangeKind::Removed], cure: Cure::Dropped }]
        }
        K::Replacement => {
            let mut fit = free.clone();
            chance.shuffle(&mut fit);
            let telling = |at: usize| {
                !same_rows || all.iter().any(|facts| facts.at == at && facts.distinct >= 8 && facts.present * 2 >= rows)
            };
            let (at, to) = fit
                .into_iter()
                .filter(|at| telling(*at))
                .find_map(|at| Some((at, names.other(&table.columns[at], chance)?)))?;
            let path = rename(table, at, to)?;
            let mut values: Vec<Option<String>> = table.rows.iter().map(|row| row[at].clone()).collect();
            chance.shuffle(&mut values);
            table.rows.iter_mut().zip(values).for_each(|(row, value)| row[at] = value);
            free.retain(|own| *own != at);
            vec![Truth { path, kinds: MOVED.to_vec(), cure: Cure::Dropped }]
        }
        K::Retype => {
            let at = some(chance, &|facts| amount(facts) && table.values(facts.at).any(|text| text.contains('.')))?;
            each(table, at, |text| parse::decimal(text).map(|number| format!("{} pcs", number.normalize())));
            let steps = vec![Transform::Expression { expression: "value[:-4]".to_owned() }];
            vec![read(&table.columns[at], &table.columns[at], &[ChangeKind::Retyped, ChangeKind::FormatChanged], steps)]
        }
        K::DateFormat => {
            let at = some(chance, &|facts| facts.times == facts.present && facts.distinct >= 12)?;
            let timed = table.values(at).any(|text| text.len() > 10);
            let format = *chance.one(if timed {
                &["epoch_s", "epoch_ms", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"][..]
            } else {
                &["%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y"][..]
            });
            each(table, at, |text| {
                let at = parse::datetime(text)?;
                Some(match format {
                    "epoch_s" => at.timestamp().to_string(),
                    "epoch_ms" => at.timestamp_millis().to_string(),
                    format => at.format(format).to_string(),
                })
            });
            let steps = vec![Transform::DateFormat { format: format.to_owned() }];
            vec![read(&table.columns[at], &table.columns[at], &[ChangeKind::FormatChanged, ChangeKind::Retyped], steps)]
        }
        K::Scale | K::Currency | K::Sign => {
            let wide = kind == K::Scale;
            let at = some(chance, &|facts| amount(facts) && (!wide || facts.numbers >= 30))?;
            let factor = match kind {
                K::Scale => {
                    *chance.one(&[Decimal::from(1000), Decimal::new(1, 3), Decimal::from(100), Decimal::new(1, 2)])
                }
                K::Currency => Decimal::new(10_837, 4),
                _ => Decimal::NEGATIVE_ONE,
            };
            let digits = if kind == K::Currency { Some(4) } else { None };
            each(table, at, |text| {
                let scaled = parse::decimal(text)?.checked_mul(factor)?;
                Some(digits.map_or(scaled, |digits| scaled.round_dp(digits)).normalize().to_string())
            });
            let kinds = [ChangeKind::ScaleChanged, ChangeKind::CurrencyChanged, ChangeKind::SignChanged];
            let path = table.columns[at].clone();
            match kind {
                K::Currency => vec![person(&path, &kinds)],
                _ => vec![read(&path, &path, &kinds, vec![Transform::Scale { factor: Decimal::ONE / factor }])],
            }
        }
        K::TimeZone => {
            let timed = |facts: &Facts| {
                facts.times == facts.present
                    && facts.present >= 100
                    && facts.distinct >= 40
                    && is_by_day(table, facts.at)
            };
            let at = some(chance, &timed)?;
            let hours = *chance.one(&[-8, -5, 5, 6, 9]);
            each(table, at, |text| {
                let moved = parse::datetime(text)? + chrono::Duration::hours(hours);
                let tail: String = text.chars().skip(19).collect();
                let between = if text.contains('T') { "T" } else { " " };
                Some(format!("{}{}", moved.format(&format!("%Y-%m-%d{between}%H:%M:%S")), tail))
            });
            vec![person(&table.columns[at], &[ChangeKind::TimeZoneChanged])]
        }
        K::ChoiceStyle | K::ChoiceCodes | K::ChoiceSplit => {
            let at = some(chance, &|facts| choice(facts) && most_often(table, facts.at).1 * 10 >= facts.present * 2)?;
            let path = table.columns[at].clone();
            let mut values: Vec<String> = table.values(at).map(str::to_owned).collect();
            values.sort_unstable();
            values.dedup();
            let most = most_often(table, at).0;
            let mut new: HashMap<String, Vec<String>> = HashMap::new();
            for (number, value) in values.iter().enumerate() {
                let names = match kind {
                    K::ChoiceStyle => {
                        vec![names.in_style(value, if value.contains(' ') || value.contains('_') { 1 } else { 3 })]
                    }
                    K::ChoiceCodes => vec![format!("C{}", (number + 1) * 10)],
                    _ if *value == most => vec![format!("{value} A"), format!("{value} B")],
                    _ => vec![value.clone()],
                };
                new.insert(value.clone(), names);
            }
            if new.iter().all(|(value, names)| names.as_slice() == std::slice::from_ref(value))
                || new.values().flatten().collect::<std::collections::HashSet<_>>().len() < new.len()
            {
                return None;
            }
            let mut turn = 0;
            each(table, at, |text| {
                turn += 1;
                let names = &new[text];
                Some(names[turn % names.len()].clone())
            });
            let table_of =
                new.iter().flat_map(|(value, names)| names.iter().map(|name| (name.clone(), value.clone()))).collect();
            let steps = vec![Transform::ValueTable { table: table_of, closed: false }];
            let kinds =
                [ChangeKind::EnumChanged, ChangeKind::FormatChanged, ChangeKind::Retyped, ChangeKind::CurrencyChanged];
            // What a code stands for is told by rows alone.
            if kind == K::ChoiceCodes && !same_rows {
                vec![person(&path, &kinds)]
            } else {
                vec![read(&path, &path, &kinds, steps)]
            }
        }
        K::Split => {
            let two_words = |facts: &Facts| {
                text(facts)
                    && table.values(facts.at).all(|text| {
                        (2..=3).contains(&text.split(' ').count())
                            && text.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
                    })
            };
            let at = some(chance, &two_words)?;
            let path = table.columns[at].clone();
            let (one, other) = names.parts(&path);
            if table.at(&one).is_some() || table.at(&other).is_some() {
                return None;
            }
            table.columns[at].clone_from(&one);
            table.columns.push(other.clone());
            for row in &mut table.rows {
                let cut =
                    row[at].as_deref().and_then(|text| text.split_once(' ')).map(|(x, y)| (x.to_owned(), y.to_owned()));
                row[at] = cut.as_ref().map(|cut| cut.0.clone());
                row.push(cut.map(|cut| cut.1));
            }
            free.retain(|own| *own != at);
            let steps = vec![Transform::Concat { separator: " ".to_owned() }];
            vec![Truth { path, kinds: vec![ChangeKind::Split], cure: Cure::Read { sources: vec![one, other], steps } }]
        }
        K::Merge => {
            let word = |facts: &Facts| {
                facts.distinct >= 8
                    && facts.numbers == 0
                    && table.values(facts.at).all(|text| {
                        !text.contains([' ', ','])
                            && text.len() <= 20
                            && text.is_ascii()
                            && text.chars().all(char::is_alphabetic)
                    })
            };
            let one = some(chance, &word)?;
            let other = some(chance, &|facts| facts.at != one && word(facts))?;
            let paths = (table.columns[one].clone(), table.columns[other].clone());
            let (one, other, paths) = if one < other { (one, other, paths) } else { (other, one, (paths.1, paths.0)) };
            table.columns[one] = "combined".to_owned();
            for row in &mut table.rows {
                row[one] = match (row[one].take(), row[other].take()) {
                    (Some(x), Some(y)) => Some(format!("{x} {y}")),
                    (x, y) => x.or(y),
                };
                row.remove(other);
            }
            table.columns.remove(other);
            free.retain(|own| *own != one && *own != other);
            free.iter_mut().filter(|own| **own > other).for_each(|own| *own -= 1);
            let step = |index| vec![Transform::Split { separator: " ".to_owned(), index }];
            vec![
                read(&paths.0, "combined", &[ChangeKind::Merged], step(0)),
                read(&paths.1, "combined", &[ChangeKind::Merged], step(-1)),
            ]
        }
        K::Swap => {
            let one = some(chance, &|facts| amount(facts) || choice(facts))?;
            let kin = |facts: &Facts| {
                facts.at != one
                    && (amount(facts) && far_apart(table, one, facts.at)
                        || choice(facts) && nothing_in_common(table, one, facts.at))
            };
            let other = some(chance, &kin)?;
            table.rows.iter_mut().for_each(|row| row.swap(one, other));
            free.retain(|own| *own != other && *own != one);
            let (x, y) = (table.columns[one].clone(), table.columns[other].clone());
            let kinds =
                [ChangeKind::Swapped, ChangeKind::EnumChanged, ChangeKind::ScaleChanged, ChangeKind::MeaningChanged];
            vec![read(&x, &y, &kinds, Vec::new()), read(&y, &x, &kinds, Vec::new())]
        }
        K::IdReuse => {
            let at = *free.first()?;
            let unique = all.first().is_some_and(|facts| facts.distinct == rows && facts.present == rows);
            let counts = table.values(at).all(|text| text.len() < 6 && text.parse::<u32>().is_ok());
            if at != 0 || !unique || counts || table.columns.len() < 6 {
                return None;
            }
            let mut ids: Vec<Option<String>> = table.rows.iter().map(|row| row[at].clone()).collect();
            let third = ids.len() / 3;
            ids[..third].rotate_left(1);
            table.rows.iter_mut().zip(ids).for_each(|(row, id)| row[at] = id);
            vec![person(&table.columns[at], &[ChangeKind::IdReused])]
        }
        K::Truncation => {
            let at = some(chance, &|facts| text(facts) && table.columns[facts.at].to_lowercase() != "id")?;
            let mut lengths: Vec<usize> = table.values(at).map(|text| text.chars().count()).collect();
            lengths.sort_unstable();
            let end = lengths[lengths.len() / 2];
            let cut = lengths.iter().filter(|length| **length > end).count();
            if end < 4 || cut * 5 < lengths.len() {
                return None;
            }
            each(table, at, |text| Some(text.chars().take(end).collect()));
            vec![person(&table.columns[at], &[ChangeKind::Truncated, ChangeKind::FormatChanged])]
        }
        K::Nulls => {
            let at = some(chance, &|facts| facts.present * 10 >= rows * 8)?;
            let share = *chance.one(&[0.6, 1.0]);
            table.rows.iter_mut().filter(|_| chance.holds(share)).for_each(|row| row[at] = None);
            vec![person(&table.columns[at], &[ChangeKind::NullRateChanged])]
        }
    };
    let touched: Vec<&str> = truths.iter().map(|truth| truth.path.as_str()).collect();
    free.retain(|at| !touched.contains(&table.columns[*at].as_str()));
    Some(truths)
}

/// Renames a column and returns its old name; `None` when the new one is taken.
fn rename(table: &mut Table, at: usize, to: String) -> Option<String> {
    if table.columns.contains(&to) {
        return None;
    }
    Some(std::mem::replace(&mut table.columns[at], to))
}

fn each(table: &mut Table, at: usize, mut change: impl FnMut(&str) -> Option<String>) {
    for row in &mut table.rows {
        if let Some(text) = row[at].take() {
            row[at] = change(&text).or(Some(text));
        }
    }
}
