//! Column names as a table needs them: each one filled and different from the others.

use compact_str::{CompactString, format_compact};
use std::collections::HashSet;
use std::sync::Arc;

/// Takes away what surrounds a header name: blanks, and a byte order mark left by joining files.
pub(super) fn clean(name: &str) -> CompactString {
    CompactString::new(name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'))
}

/// Names the nameless `column_3` after their place, and the second of a name `name_2`.
pub(super) fn unique(names: Vec<CompactString>) -> Arc<[CompactString]> {
    let given: HashSet<CompactString> = names.iter().cloned().collect();
    let mut used: HashSet<CompactString> = HashSet::with_capacity(names.len());
    let mut result = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let wanted = if name.is_empty() { format_compact!("column_{}", index + 1) } else { name.clone() };
        // A made-up name gives way to one that stands in the header.
        let free =
            |candidate: &CompactString| !used.contains(candidate) && (*candidate == name || !given.contains(candidate));
        let chosen = if free(&wanted) {
            wanted
        } else {
            let mut numbered = (2..).map(|number| format_compact!("{wanted}_{number}"));
            numbered.find(free).expect("numbers do not end")
        };
        used.insert(chosen.clone());
        result.push(chosen);
    }
    result.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        let names = ["id", "", "name", "name", "name_2", "name"].map(CompactString::from).to_vec();
        assert_eq!(unique(names).to_vec(), ["id", "column_2", "name", "name_3", "name_2", "name_4"]);
    }
}
