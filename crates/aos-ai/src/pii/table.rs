//! Tables that stand in a text: a header and rows with as many cells, so that each cell can be read with the name of its column.

use super::text::listed;
use super::{Class, Column};
use std::ops::Range;

/// What stands between cells.
const DELIMITERS: [char; 4] = ['\t', ';', '|', ','];
/// Bytes and words of the name of a column at most.
const NAME_BYTES_MAX: usize = 40;
const NAME_WORDS_MAX: usize = 4;
/// Columns at least where commas part them: two words with a comma between them are a line of a letter.
const COMMAS_MIN: usize = 3;
/// Words of names of columns that say something about their values.
const TELLING: &[&str] = &[
    "name*",
    "*姓名",
    "mail",
    "email*",
    "phone*",
    "tel*",
    "mobile",
    "mobil",
    "cell",
    "fax",
    "address*",
    "street*",
    "ssn",
    "dob",
    "birth*",
    "iban",
    "card*",
    "passport*",
    "customer*",
    "contact*",
    "employee*",
    "owner",
    "manager",
    "ip",
    "mac",
    "password",
    "adresse",
    "anschrift",
    "geburt*",
    "kunde",
    "kundin",
    "nom",
    "naissance",
    "nombre",
    "correo",
    "dirección",
    "nacimiento",
    "nome",
    "indirizzo",
    "nascita",
    "naam",
    "adres",
    "bsn",
    "pesel",
    "cpf",
    "dni",
    "nif",
];

/// A cell without space and quotation marks around it, and the name of its column.
#[derive(Debug, PartialEq)]
pub(super) struct Cell<'t> {
    pub bytes: Range<usize>,
    pub column: &'t str,
}

/// Returns the cells of a text that is a table, those of its header too; none when it is no table, or one whose columns say nothing.
pub(super) fn cells(text: &str) -> Option<Vec<Cell<'_>>> {
    let mut lines = lines(text);
    let first = lines.next()?;
    let header_line = &text[first.clone()];
    let delimiter = DELIMITERS.into_iter().max_by_key(|sign| header_line.matches(*sign).count())?;
    let header = split(text, first, delimiter);
    let is_wide = header.len() >= if delimiter == ',' { COMMAS_MIN } else { 2 };
    if !is_wide || !header.iter().all(|name| is_name(&text[name.clone()], delimiter)) || !is_telling(text, &header) {
        return None;
    }
    let mut cells: Vec<Cell<'_>> = header.iter().map(|name| Cell { bytes: name.clone(), column: "" }).collect();
    for line in lines {
        // The line under the header of a table in Markdown.
        if delimiter == '|' && text[line.clone()].chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
            continue;
        }
        let row = split(text, line, delimiter);
        if row.len() != header.len() {
            return None;
        }
        cells.extend(row.into_iter().zip(&header).map(|(bytes, name)| Cell { bytes, column: &text[name.clone()] }));
    }
    (cells.len() > header.len()).then_some(cells)
}

/// The lines that are not empty, without what ends them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut reached = 0;
    let placed = text.split_inclusive('\n').map(move |line| {
        let start = reached;
        reached += line.len();
        start..start + line.trim_end_matches(['\r', '\n']).len()
    });
    placed.filter(|line| !text[line.clone()].trim().is_empty())
}

/// Splits a line into cells; a delimiter between quotation marks is none.
fn split(text: &str, line: Range<usize>, delimiter: char) -> Vec<Range<usize>> {
    let (mut cells, mut begun, mut is_quoted) = (Vec::new(), line.start, false);
    for (at, character) in text[line.clone()].char_indices() {
        let at = line.start + at;
        if character == '"' {
            is_quoted = !is_quoted;
        } else if character == delimiter && !is_quoted {
            cells.push(trimmed(text, begun..at));
            begun = at + delimiter.len_utf8();
        }
    }
    cells.push(trimmed(text, begun..line.end));
    cells
}

fn trimmed(text: &str, cell: Range<usize>) -> Range<usize> {
    let outer = &text[cell.clone()];
    let is_around = |c: char| c.is_whitespace() || c == '"';
    let start = cell.start + (outer.len() - outer.trim_start_matches(is_around).len());
    start..start + text[start..cell.end].trim_end_matches(is_around).len()
}

/// Whether a cell can be the name of a column: some words, and no sentence or value.
fn is_name(cell: &str, delimiter: char) -> bool {
    if cell.is_empty() {
        // Outside the first and the last bar of a table in Markdown.
        return delimiter == '|';
    }
    cell.len() <= NAME_BYTES_MAX
        && cell.starts_with(char::is_alphabetic)
        && cell.split_whitespace().count() <= NAME_WORDS_MAX
        && !cell.contains(['.', '!', '?', ':', '@', '<', '{', '"'])
}

fn is_telling(text: &str, header: &[Range<usize>]) -> bool {
    header.iter().map(|name| Column::named(&text[name.clone()])).any(|column| {
        column.class() == Some(Class::PersonName) || column.words().iter().any(|word| listed(word, TELLING))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        cells(text).unwrap_or_default().into_iter().map(|cell| (cell.column, &text[cell.bytes])).collect()
    }

    #[test]
    fn a_cell_knows_its_column_and_its_place() {
        let csv = "id,full name,phone\n1,\"Quarn, Xul\",555\n\n2, Orriso ,\n";
        let wanted = [
            ("", "id"),
            ("", "full name"),
            ("", "phone"),
            ("id", "1"),
            ("full name", "Quarn, Xul"),
            ("phone", "555"),
            ("id", "2"),
            ("full name", "Orriso"),
            ("phone", ""),
        ];
        assert_eq!(read(csv), wanted);
        assert_eq!(
            read("| Name | Phone |\n|---|:--|\n| Xul | 555 |").len(),
            8,
            "a table in Markdown has bars around it"
        );
    }

    #[test]
    fn what_is_no_table_is_read_as_prose() {
        for text in [
            "name, phone and mail are needed",
            "Dear Jane,\nthe name, phone, and mail arrived\nyesterday, all of them, thanks",
            "a;b;c\n1;2;3",
            "name;phone\nXul;555\nand a last line",
            "name: Xul; phone: 555\nname: Quarn; phone: 556",
        ] {
            assert_eq!(cells(text), None, "{text}");
        }
    }
}
