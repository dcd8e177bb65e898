//! Whether a cell is plainly a typed value rather than a name: just enough to tell a header from a row of data.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Class {
    Number,
    Date,
    Email,
    Identifier,
}

/// Returns the class of one cell; `None` for plain text and for nothing.
pub(super) fn class(cell: &str) -> Option<Class> {
    let cell = cell.trim();
    let bytes = cell.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && !cell.contains('@') {
        return None;
    }
    let separators = |set: &[u8]| bytes.iter().filter(|byte| set.contains(byte)).count();
    if bytes.len() >= 8 && digits >= 6 && bytes[0].is_ascii_digit() && separators(b"-/.") == 2 && is_date_like(cell) {
        return Some(Class::Date);
    }
    if bytes.iter().all(|byte| byte.is_ascii_digit() || b"+-.,$% ".contains(byte)) {
        return Some(Class::Number);
    }
    if let Some((user, host)) = cell.split_once('@') {
        let plain = !cell.contains(char::is_whitespace) && !user.is_empty();
        return (plain && host.contains('.') && !host.contains('@')).then_some(Class::Email);
    }
    // Long keys of letters and digits, such as UUIDs and record ids.
    let key =
        bytes.len() >= 15 && digits >= 3 && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    key.then_some(Class::Identifier)
}

fn is_date_like(cell: &str) -> bool {
    let day = cell.split(['T', ' ']).next().unwrap_or(cell);
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    parts.len() == 3
        && parts.iter().all(|part| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns the class that nearly all filled cells of a column share.
pub(super) fn class_of<'c>(cells: impl Iterator<Item = &'c str>) -> Option<Class> {
    let mut filled = 0;
    let mut counts = [(Class::Number, 0), (Class::Date, 0), (Class::Email, 0), (Class::Identifier, 0)];
    for cell in cells.filter(|cell| !cell.trim().is_empty()) {
        filled += 1;
        if let Some(found) = class(cell) {
            counts.iter_mut().filter(|(class, _)| *class == found).for_each(|(_, count)| *count += 1);
        }
    }
    let (class, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (filled > 0 && count * 10 >= filled * 9).then_some(class)
}

/// True for typed cells that people also write above a column: a year, a small number.
pub(super) fn is_like_heading(cell: &str) -> bool {
    let cell = cell.trim();
    cell.parse::<u32>().is_ok_and(|number| number < 100 || (1900..=2100).contains(&number))
}

/// True when all numbers of the row count upwards by one, as in `region,1,2,3`.
pub(super) fn is_running(row: &[String]) -> bool {
    let numbers: Vec<i64> = row.iter().filter_map(|cell| cell.trim().parse().ok()).collect();
    numbers.len() > 2 && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
}
