//! More than two columns that are one put together: an address of street, postal code and city. Proved with the same rows at hand.

use super::align::Column;
use super::parts::{EXACT_MIN, Joined, held, is_separator};
use super::relation::ROWS_FEW;

/// So many columns at most are tried as parts of one, and so many are in one.
const TRIED_MAX: usize = 16;
const PARTS_MAX: usize = 6;

/// A column that is found within the whole, and where in it on average (0 at its beginning, 1 at its end).
struct Within<'c, 's> {
    at: usize,
    cells: &'c Column<'s>,
    place: f64,
}

/// Finds three or more columns that give the whole with the same texts between them; `columns` are cells of the whole beside those of a part.
pub(super) fn several(whole_at: usize, columns: &[(usize, Column<'_>)]) -> Option<Joined> {
    let mut parts: Vec<Within<'_, '_>> = columns.iter().filter_map(|(at, cells)| within(*at, cells)).collect();
    if parts.len() > TRIED_MAX {
        return None;
    }
    parts.sort_by(|x, y| x.place.total_cmp(&y.place).then(x.at.cmp(&y.at)));
    if !(3..=PARTS_MAX).contains(&parts.len()) {
        return None;
    }
    let mut between: Vec<Vec<&str>> = Vec::new();
    let mut rows = 0;
    for row in 0..parts[0].cells.len() {
        let Some(whole) = parts[0].cells[row].0 else { continue };
        let Some(values) = parts.iter().map(|part| part.cells[row].1).collect::<Option<Vec<&str>>>() else { continue };
        rows += 1;
        between.extend(texts_between(whole, &values));
    }
    between.sort_unstable();
    let usual = between.chunk_by(|x, y| x == y).max_by_key(|same| same.len())?;
    let agree = usual.len() as f64 / rows.max(1) as f64;
    if rows < ROWS_FEW || agree < EXACT_MIN || !usual[0].iter().all(|text| is_separator(text)) {
        return None;
    }
    let separators: Vec<String> = usual[0].iter().map(|text| (*text).to_owned()).collect();
    let wholes = parts[0].cells.iter().filter_map(|cell| cell.0);
    let cut_well = held(wholes, &separators[0], separators.len());
    let parts = parts.iter().map(|part| part.at).collect();
    Some(Joined { whole: whole_at, parts, separators, agree, cut_well, rows, proved: true })
}

fn within<'c, 's>(at: usize, cells: &'c Column<'s>) -> Option<Within<'c, 's>> {
    let both = || cells.iter().filter_map(|(whole, part)| Some(((*whole)?, (*part)?)));
    let all = both().count();
    let places: Vec<f64> = both()
        .filter(|(whole, part)| part.len() < whole.len())
        .filter_map(|(whole, part)| Some((whole.find(part)? as f64 + part.len() as f64 / 2.0) / whole.len() as f64))
        .collect();
    let is_within = all >= ROWS_FEW && places.len() as f64 >= EXACT_MIN * all as f64;
    is_within.then(|| Within { at, cells, place: places.iter().sum::<f64>() / places.len() as f64 })
}

/// The texts between values that follow each other from the first to the last letter of the whole.
fn texts_between<'w>(whole: &'w str, values: &[&str]) -> Option<Vec<&'w str>> {
    let (first, others) = values.split_first()?;
    let mut rest = whole.strip_prefix(first)?;
    let mut between = Vec::with_capacity(others.len());
    for (number, value) in others.iter().enumerate() {
        // The last one ends where the whole does.
        let at = if number + 1 == others.len() { rest.strip_suffix(value)?.len() } else { rest.find(value)? };
        between.push(&rest[..at]);
        rest = &rest[at + value.len()..];
    }
    Some(between)
}

#[cfg(test)]
mod tests {
    use super::texts_between;

    #[test]
    fn the_texts_between_parts_are_those_that_no_part_explains() {
        assert_eq!(
            texts_between("1 Main St, 02139 Cambridge", &["1 Main St", "02139", "Cambridge"]),
            Some(vec![", ", " "])
        );
        assert_eq!(texts_between("a-b-a", &["a", "b", "a"]), Some(vec!["-", "-"]));
        assert_eq!(texts_between("a-b-c-d", &["a", "b", "c"]), None);
    }
}
