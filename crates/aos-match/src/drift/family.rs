//! One rule behind many new names: another style of writing, a prefix that came or went. Found as a rule, so that 195 renamed
//! columns are one thing to look at.

use crate::lexicon::{Lexicon, Role};
use crate::words::split_words;
use aos_core::drift::{Widening, widening};
use aos_core::shape::StreamShape;
use std::collections::HashMap;

/// So many columns make a rule; a change of style alone is one with fewer.
const RULE_MIN: usize = 3;
const STYLE_MIN: usize = 2;
/// Words a rule may put in or take out.
const WORDS_MAX: usize = 3;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Family {
    /// (before, after) column indexes.
    pub pairs: Vec<(usize, usize)>,
    /// What the names have in common before and after, with `*` for what each has of its own.
    pub pattern: (String, String),
    pub says: String,
    pub confidence: f64,
    /// Why a person should look.
    pub held: Option<String>,
}

/// Where in a name words were put in or taken out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Rule {
    from_start: Option<usize>,
    pub(super) out: Vec<String>,
    pub(super) into: Vec<String>,
}

/// Finds the rules, those that account for most columns first; no column is accounted for twice.
pub(crate) fn families(before: &StreamShape, after: &StreamShape, gone: &[usize], come: &[usize]) -> Vec<Family> {
    let words = |shape: &StreamShape, at: usize| split_words(&shape.columns[at].path);
    let now: Vec<(usize, Vec<String>)> = come.iter().map(|at| (*at, words(after, *at))).collect();
    let mut found: HashMap<Rule, Vec<(usize, usize)>> = HashMap::new();
    let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, (_, words)) in now.iter().enumerate() {
        for word in [words.first(), words.last()].into_iter().flatten() {
            let places = ends.entry(word.as_str()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    for &b in gone {
        let then = words(before, b);
        let mut near: Vec<usize> = [then.first(), then.last()]
            .into_iter()
            .flatten()
            .filter_map(|word| ends.get(word.as_str()))
            .flatten()
            .copied()
            .collect();
        near.sort_unstable();
        near.dedup();
        for place in near {
            let (a, other) = &now[place];
            let kinds = (before.columns[b].kind, after.columns[*a].kind);
            if widening(kinds.0, kinds.1) == Some(Widening::Incompatible) {
                continue;
            }
            if let Some(rule) = rule(&then, other) {
                found.entry(rule).or_default().push((b, *a));
            }
        }
    }
    let mut rules: Vec<(Rule, Vec<(usize, usize)>)> = found.into_iter().collect();
    let is_style = |rule: &Rule| rule.out.is_empty() && rule.into.is_empty();
    rules.sort_by(|(x, of_x), (y, of_y)| {
        is_style(y).cmp(&is_style(x)).then(of_y.len().cmp(&of_x.len())).then_with(|| x.cmp(y))
    });
    let (mut taken_then, mut taken_now) = (vec![false; before.columns.len()], vec![false; after.columns.len()]);
    let mut families = Vec::new();
    for (rule, pairs) in rules {
        let style = is_style(&rule);
        let mut pairs = once_each(pairs);
        pairs.retain(|(b, a)| !taken_then[*b] && !taken_now[*a]);
        if !style {
            // Of two new names that both hold the old one, the rule cannot tell which it is.
            let mut free = taken_now.clone();
            pairs.iter().for_each(|(_, explained)| free[*explained] = true);
            free.iter_mut().for_each(|taken| *taken = !*taken);
            let others: Vec<&(usize, Vec<String>)> = now.iter().filter(|(other, _)| free[*other]).collect();
            let rival = |b: usize, a: usize| {
                let then = words(before, b);
                others.iter().any(|(other, name)| *other != a && then.iter().all(|word| name.contains(word)))
            };
            pairs = pairs.iter().copied().filter(|(b, a)| !rival(*b, *a)).collect();
        }
        if pairs.len() < if style { STYLE_MIN } else { RULE_MIN } {
            continue;
        }
        for (b, a) in &pairs {
            (taken_then[*b], taken_now[*a]) = (true, true);
        }
        families.push(describe(rule, pairs, before, after));
    }
    families
}

/// Two names of one version that a rule makes the same are not told apart by it.
fn once_each(pairs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let count = |at: fn(&(usize, usize)) -> usize| {
        pairs.iter().fold(HashMap::new(), |mut counts: HashMap<usize, usize>, pair| {
            *counts.entry(at(pair)).or_default() += 1;
            counts
        })
    };
    let (then, now) = (count(|pair| pair.0), count(|pair| pair.1));
    pairs.into_iter().filter(|(b, a)| then[b] == 1 && now[a] == 1).collect()
}

pub(super) fn rule(then: &[String], now: &[String]) -> Option<Rule> {
    let front = then.iter().zip(now).take_while(|(x, y)| x == y).count();
    let room = then.len().min(now.len()) - front;
    let back = then.iter().rev().zip(now.iter().rev()).take(room).take_while(|(x, y)| x == y).count();
    let (out, into) = (&then[front..then.len() - back], &now[front..now.len() - back]);
    let common = front + back;
    let small =
        out.len() <= WORDS_MAX && into.len() <= WORDS_MAX && common >= 1 && common >= out.len().max(into.len()).min(2);
    small.then(|| Rule {
        from_start: if out.is_empty() && into.is_empty() { Some(0) } else { (back > 0).then_some(front) },
        out: out.to_vec(),
        into: into.to_vec(),
    })
}

fn describe(rule: Rule, pairs: Vec<(usize, usize)>, before: &StreamShape, after: &StreamShape) -> Family {
    let then: Vec<&str> = pairs.iter().map(|(b, _)| before.columns[*b].path.as_str()).collect();
    let now: Vec<&str> = pairs.iter().map(|(_, a)| after.columns[*a].path.as_str()).collect();
    let pattern = (pattern(&then), pattern(&now));
    if rule.out.is_empty() && rule.into.is_empty() {
        // Where all are as deep as they were, the style is that of the members.
        let depth = |name: &str| name.matches('.').count();
        let (then, now): (Vec<&str>, Vec<&str>) = match then.iter().zip(&now).all(|(x, y)| depth(x) == depth(y)) {
            true => (then.iter().map(|name| leaf(name)).collect(), now.iter().map(|name| leaf(name)).collect()),
            false => (then, now),
        };
        let (from, to) = (style(&then), style(&now));
        let says = match from == to {
            true => "the same words, put together otherwise".to_owned(),
            false => format!("the same words in another style, {from} → {to}"),
        };
        return Family { pairs, pattern, says, confidence: 0.99, held: None };
    }
    let shown =
        |words: &[String]| if words.is_empty() { "nothing".to_owned() } else { format!("`{}`", words.join("_")) };
    let place = match rule.from_start {
        Some(0) => "in front",
        Some(_) => "inside",
        None => "at the end",
    };
    let says = format!("{} replaced by {} {place} of {} names", shown(&rule.out), shown(&rule.into), pairs.len());
    let share = pairs.len() as f64 / before.columns.len().max(1) as f64;
    let lexicon = Lexicon::get();
    // Words that most names share say what the table is about; on a few names they say what the value is.
    let about_value = |word: &String| {
        let word = crate::words::canonical(&[word.as_str()]).concat();
        let plain = matches!(lexicon.role(&word), Role::Noise | Role::Form)
            || word.len() <= 1
            || word.bytes().all(|b| b.is_ascii_digit());
        !plain && (lexicon.knows(&word) && share < 0.6)
    };
    let held = rule
        .out
        .iter()
        .chain(&rule.into)
        .find(|word| about_value(word))
        .map(|word| format!("`{word}` may change what the values mean"));
    let confidence = 1.0 - 1.0 / (pairs.len() as f64 * 4.0);
    Family { pairs, pattern, says, confidence: confidence.min(0.99), held }
}

fn leaf(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, leaf)| leaf)
}

fn pattern(names: &[&str]) -> String {
    let first = names.first().copied().unwrap_or_default();
    let front = names.iter().fold(first.len(), |length, name| {
        first.bytes().zip(name.bytes()).take(length).take_while(|(x, y)| x == y).count()
    });
    // A pattern ends where a word does.
    let end = first[..floor(first, front)].rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
    let end = ceil(first, end);
    format!("{}*", &first[..end])
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Names the style most of the names are written in.
fn style(names: &[&str]) -> &'static str {
    let most = |holds: &dyn Fn(&str) -> bool| names.iter().filter(|name| holds(name)).count() * 2 > names.len();
    let upper = |name: &str| name.chars().any(char::is_uppercase);
    let lower = |name: &str| name.chars().any(char::is_lowercase);
    match () {
        () if most(&|name| name.contains('/')) => "path/camelCase",
        () if most(&|name| name.contains('.')) => "nested.path",
        () if most(&|name| name.contains(' ')) => "words with spaces",
        () if most(&|name| name.contains('-')) => "kebab-case",
        () if most(&|name| upper(name) && !lower(name)) => "UPPER_CASE",
        () if most(&|name| name.starts_with(char::is_uppercase)) => "PascalCase",
        () if most(&|name| name.contains('_')) => "snake_case",
        () if most(&upper) => "camelCase",
        () => "lower case",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(then: &[&str], now: &[&str]) -> Vec<Family> {
        let (before, after) = (StreamShape::of_names("t", then.to_vec()), StreamShape::of_names("t", now.to_vec()));
        let all = |names: &[&str]| (0..names.len()).collect::<Vec<_>>();
        families(&before, &after, &all(then), &all(now))
    }

    #[test]
    fn a_change_of_style_is_one_rule() {
        let then = ["lineItem/UnblendedCost", "bill/PayerAccountId", "resourceTags/user:environment", "product/region"];
        let now =
            ["bill_payer_account_id", "line_item_unblended_cost", "product_region", "resource_tags_user_environment"];
        let families = found(&then, &now);
        assert_eq!(families.len(), 1);
        assert_eq!(families[0].pairs, vec![(0, 1), (1, 0), (2, 3), (3, 2)]);
        assert_eq!(families[0].held, None);
    }

    #[test]
    fn a_prefix_family_never_mixes_what_names_have_of_their_own() {
        let then = ["hs_date_entered_101", "hs_date_entered_102", "hs_date_entered_103", "hs_date_exited_101"];
        let now =
            ["hs_v2_date_entered_103", "hs_v2_date_entered_101", "hs_v2_date_exited_101", "hs_v2_date_entered_102"];
        let families = found(&then, &now);
        assert_eq!(families.len(), 1);
        assert_eq!(families[0].pairs, vec![(0, 1), (1, 3), (2, 0), (3, 2)]);
    }

    #[test]
    fn a_word_that_changes_the_meaning_is_held_for_review() {
        let families =
            found(&["city", "street", "zip", "a", "b", "c", "d"], &["billing_city", "billing_street", "billing_zip"]);
        assert!(families[0].held.as_deref().is_some_and(|held| held.contains("billing")));
    }
}
