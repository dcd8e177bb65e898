//! What kind of thing a column holds, when nobody says: its name, and where that is silent its values.

use crate::class::Class;

/// Values that are looked at.
const LOOKED_AT: usize = 500;
/// A column of fewer different values than this part of its rows is one of a few words.
const CATEGORY_MAX: f64 = 0.05;
/// A column with more different values than this part of its rows is none of a few words, whatever its name says.
const MANY_MIN: f64 = 0.5;
const MANY_VALUES_MIN: usize = 20;
/// Longer values on average, in words, are text.
const NAME_WORDS_MAX: f64 = 8.0;

/// Returns the column that is the key of its table: whose values are all there and all different, named as an id or the first of its table.
pub fn guess_key(names: &[String], rows: &[Vec<Option<String>>]) -> Option<usize> {
    let is_key = |at: usize| {
        let mut values: Vec<&str> = rows.iter().filter_map(|row| row.get(at)?.as_deref()).collect();
        values.sort_unstable();
        let present = values.len();
        values.dedup();
        present == rows.len() && values.len() == present && !rows.is_empty()
    };
    let named = |at: &usize| {
        let name = crate::fold::fold_name(&names[*at]);
        name.split(' ').any(|word| matches!(word, "id" | "key" | "uuid" | "guid" | "index" | "row" | "rowid"))
    };
    (0..names.len()).filter(named).chain([0]).find(|at| *at < names.len() && is_key(*at))
}

/// Returns the class of a column, or none when it says nothing about which thing a row is of: stamps of when a row was written, and what is the
/// same in all rows.
pub fn guess_class<'v>(name: &str, values: impl Iterator<Item = &'v str>) -> Option<Class> {
    let values: Vec<&str> = values.map(str::trim).filter(|value| !value.is_empty()).take(LOOKED_AT).collect();
    let folded = crate::fold::fold_name(name);
    if folded.split(' ').any(|word| matches!(word, "created" | "updated" | "modified" | "inserted" | "timestamp")) {
        return None;
    }
    let mut different = values.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < 2 {
        return None;
    }
    let share =
        |holds: fn(&str) -> bool| values.iter().filter(|value| holds(value)).count() as f64 / values.len() as f64;
    let words = values.iter().map(|value| value.split_whitespace().count()).sum::<usize>() as f64 / values.len() as f64;
    let few = (different.len() as f64) < CATEGORY_MAX * values.len() as f64;
    if share(|value| value.contains('@') && value.contains('.')) > 0.8 {
        return Some(Class::Email);
    }
    if share(is_date) > 0.8 {
        return Some(Class::Date);
    }
    let numeric = share(|value| {
        value.bytes().any(|b| b.is_ascii_digit())
            && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '$' | '€' | '£' | '%' | ' '))
    });
    match Class::of_name(name) {
        // A name that speaks of one thing while the values are of another.
        Some(Class::Email | Class::Date) => {}
        Some(Class::Person | Class::Organisation) if words > NAME_WORDS_MAX => return Some(Class::Text),
        // The title of a book or a product, not of a job.
        Some(Class::Category)
            if values.len() >= MANY_VALUES_MIN && different.len() as f64 > MANY_MIN * values.len() as f64 => {}
        // A number in front of a street, a level of a category.
        Some(Class::Organisation | Class::Person | Class::Text | Class::Place) if numeric > 0.9 => {}
        Some(class) => return Some(class),
        None => {}
    }
    if share(is_phone) > 0.8 {
        return Some(Class::Phone);
    }
    if share(|value| value.contains("://") || value.starts_with("www.")) > 0.8 {
        return Some(Class::Web);
    }
    if numeric > 0.9 {
        let measures = |word: &str| {
            matches!(
                word,
                "revenue" | "turnover" | "price" | "amount" | "cost" | "employees" | "latitude" | "longitude" | "abv"
            )
        };
        let amount = share(|value| value.contains('.')) > 0.2 || folded.split(' ').any(measures);
        let years = share(|value| value.len() == 4 && (value.starts_with("19") || value.starts_with("20"))) > 0.9;
        return Some(if amount || years { Class::Number } else { Class::Code });
    }
    if few {
        return Some(Class::Category);
    }
    let coded = share(|value| !value.contains(' ') && value.chars().any(|c| c.is_ascii_digit()));
    match words {
        _ if coded > 0.8 => Some(Class::Code),
        words if words > NAME_WORDS_MAX => Some(Class::Text),
        _ => Some(Class::Organisation),
    }
}

fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    let dashed = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit);
    let parts: Vec<&str> = value.split(['/', '.']).collect();
    let parted = parts.len() == 3
        && parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()));
    let packed = bytes.len() == 8
        && bytes.iter().all(u8::is_ascii_digit)
        && (value.starts_with("19") || value.starts_with("20"))
        && ("01"..="12").contains(&&value[4..6])
        && ("01"..="31").contains(&&value[6..]);
    dashed || parted || packed || is_date_in_words(value)
}

fn is_date_in_words(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (3..=6).contains(&digits) && value.len() <= 20 && crate::normal::date_in_words(value).is_some()
}

fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let parted = value.chars().any(|c| matches!(c, '-' | '/' | ' ' | '(' | '+' | '.'));
    // One point alone parts an amount from its cents.
    let amount = value.parse::<f64>().is_ok();
    (7..=15).contains(&digits)
        && parted
        && !amount
        && value.chars().all(|c| c.is_ascii_digit() || " +-/().".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_by_their_name_and_by_their_values() {
        let class = |name, values: &[&str]| guess_class(name, values.iter().copied());
        assert_eq!(class("given_name", &["ann", "bob"]), Some(Class::Person));
        assert_eq!(class("soc_sec_id", &["6988048", "7364009"]), Some(Class::Code));
        assert_eq!(class("x", &["310-475-3585", "310 479 2231"]), Some(Class::Phone));
        assert_eq!(class("x", &["a@b.de", "c@d.com"]), Some(Class::Email));
        assert_eq!(class("x", &["19990219", "19600210"]), Some(Class::Date));
        assert_eq!(class("price", &["10.50", "7.25"]), Some(Class::Number));
        assert_eq!(class("revenue", &["61223000.00", "191358000.00"]), Some(Class::Number));
        assert_eq!(class("annual_revenue", &["100", "250"]), Some(Class::Number));
        assert_eq!(class("abv", &["5.60 %", "4.2 %"]), Some(Class::Number));
        assert_eq!(class("createdAt", &["2024-01-01", "2024-01-02"]), None);
        assert_eq!(class("constant", &["x", "x"]), None);
    }

    #[test]
    fn the_key_of_a_table_is_the_id_that_no_two_rows_share() {
        let names = ["name", "customer_id", "row_id"].map(str::to_owned);
        let row = |name: &str, customer: &str, row: &str| {
            vec![Some(name.to_owned()), Some(customer.to_owned()), Some(row.to_owned())]
        };
        let rows = [row("a", "1", "r1"), row("b", "1", "r2")];
        assert_eq!(guess_key(&names, &rows), Some(2));
        assert_eq!(guess_key(&names[..2], &[row("a", "1", ""), row("a", "1", "")]), None);
    }
}
