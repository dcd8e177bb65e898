//! How a delimited file is written: delimiter, quoting, header. Read from a sample, conservatively; nothing here reads a file.

use super::split::{Cell, Split, split};
use super::typed;

/// Delimiters that are tried, the likelier first.
const CANDIDATES: [u8; 5] = [b',', b'\t', b';', b'|', b':'];
/// How many records of the sample are looked at.
const LOOK_MAX: usize = 400;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quoting: bool,
    /// The byte that escapes a quote inside quotes, where it is not a second quote.
    pub(super) escape: Option<u8>,
    /// A blank may stand between a delimiter and an opening quote.
    pub(super) spaced: bool,
    /// False when the first record is already data.
    pub(super) header: bool,
    /// Every record ends with a delimiter that the header does not have.
    pub(super) trailing_delimiter: bool,
    /// The first line is `sep=…`, as spreadsheets write it.
    pub(super) separator_line: bool,
    /// Lines end with a lone carriage return.
    pub(super) carriage_returns: bool,
    /// How many cells most records have.
    pub(crate) columns: usize,
    /// How sure it is that this is a table at all: share of records with that many cells.
    pub(crate) agreement: f64,
    /// How many records of the sample were looked at.
    pub(crate) looked_at: usize,
}

impl Dialect {
    fn new(delimiter: u8, escape: Option<u8>, spaced: bool) -> Self {
        Self {
            delimiter,
            quoting: true,
            escape,
            spaced,
            header: true,
            trailing_delimiter: false,
            separator_line: false,
            carriage_returns: false,
            columns: 0,
            agreement: 0.0,
            looked_at: 0,
        }
    }

    /// Reads the dialect from the beginning of a file; `complete` says that the sample is the whole file.
    pub(crate) fn sniff(sample: &str, complete: bool, preferred: Option<u8>) -> Self {
        let carriage_returns = sample.contains('\r') && !sample.contains('\n');
        let sample = if carriage_returns { sample.replace('\r', "\n") } else { sample.to_owned() };
        let (announced, body) = separator_line(&sample);
        let candidates = match announced {
            Some(delimiter) => vec![delimiter],
            None => CANDIDATES.to_vec(),
        };
        let mut best: Option<(f64, Dialect, Vec<Vec<String>>)> = None;
        for delimiter in candidates {
            let blank_before_quote = format!("{} \"", char::from(delimiter));
            for (escape, spaced) in [(None, false), (Some(b'\\'), false), (None, true)] {
                // Rarer ways to quote are tried where their sign is seen, and win only by explaining more.
                let seen =
                    (escape.is_none() || body.contains("\\\"")) && (!spaced || body.contains(&blank_before_quote));
                if !seen {
                    continue;
                }
                let mut dialect = Self::new(delimiter, escape, spaced);
                let rows = rows(body, &dialect, complete);
                let score = dialect.judge(&rows) + if preferred == Some(delimiter) { 0.25 } else { 0.0 };
                if best.as_ref().is_none_or(|(known, ..)| score > *known) {
                    best = Some((score, dialect, rows));
                }
            }
        }
        let (_, mut dialect, rows) = best.expect("there is at least one candidate");
        dialect.separator_line = announced.is_some();
        dialect.carriage_returns = carriage_returns;
        dialect.header = !first_row_is_data(&rows);
        dialect
    }

    /// Says in words what was assumed.
    pub(crate) fn assumed(&self) -> Vec<String> {
        let delimiter = match self.delimiter {
            b'\t' => "tabs".to_owned(),
            other => format!("\"{}\"", char::from(other)),
        };
        let mut assumed = vec![format!("cells parted by {delimiter}")];
        if !self.header {
            assumed.push("no header: the columns are named column_1, column_2 and so on".to_owned());
        }
        if self.escape.is_some() {
            assumed.push("quotes escaped with a backslash".to_owned());
        }
        assumed
    }

    /// Scores how well the delimiter explains the rows. The header has to be cut by it too.
    fn judge(&mut self, rows: &[Vec<String>]) -> f64 {
        let Some(header) = rows.first().map(Vec::len) else { return 0.0 };
        let rest = &rows[1..];
        let widths: Vec<usize> = rest.iter().map(Vec::len).collect();
        let common = mode(&widths).unwrap_or(header);
        let agreeing = |width: usize| widths.iter().filter(|known| **known == width).count();
        self.trailing_delimiter = common == header + 1
            && rest.iter().filter(|row| row.len() == common).all(|row| row.last().is_some_and(String::is_empty));
        self.columns = header;
        self.looked_at = rows.len();
        let width = if self.trailing_delimiter { common } else { header };
        self.agreement = if widths.is_empty() { 1.0 } else { agreeing(width) as f64 / widths.len() as f64 };
        if header < 2 {
            // One column explains anything; it wins only where no delimiter cuts the header, and best where none cuts the rows.
            return 0.2 + 0.05 * self.agreement;
        }
        // A colon is in every time of day, so it has to explain every row.
        if self.delimiter == b':' && self.agreement < 1.0 {
            return 0.1;
        }
        let base = 0.3 + 0.7 * self.agreement * self.agreement;
        let rank = CANDIDATES.iter().position(|known| *known == self.delimiter).unwrap_or(0);
        base + (header.min(100) as f64) * 0.002 - rank as f64 * 0.001
    }
}

fn separator_line(sample: &str) -> (Option<u8>, &str) {
    let Some((first, rest)) = sample.split_once('\n') else { return (None, sample) };
    match first.trim_end().as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => (Some(*delimiter), rest),
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] if first.contains('\t') => (Some(b'\t'), rest),
        _ => (None, sample),
    }
}

/// Splits the sample into rows; a last row that may be cut off is left out.
fn rows(sample: &str, dialect: &Dialect, complete: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut cells: Vec<Cell> = Vec::new();
    let mut rest = sample;
    while rows.len() < LOOK_MAX && !rest.is_empty() {
        match split(rest.as_bytes(), dialect, complete, &mut cells) {
            Split::Record { consumed, .. } => {
                rows.push(cells.iter().map(|cell| cell.text(rest, dialect).0.into_owned()).collect());
                rest = &rest[consumed..];
            }
            Split::Blank { consumed } | Split::Unclosed { consumed } => rest = &rest[consumed..],
            Split::Partial => break,
        }
    }
    if rows.is_empty() && !rest.is_empty() {
        // A first line longer than the sample: cut what there is.
        split(rest.as_bytes(), &Dialect { quoting: false, ..dialect.clone() }, true, &mut cells);
        rows.push(cells.iter().map(|cell| cell.text(rest, dialect).0.into_owned()).collect());
    }
    rows
}

fn mode(widths: &[usize]) -> Option<usize> {
    let mut sorted = widths.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).max_by_key(|group| group.len()).map(|group| group[0])
}

/// Says whether the first row is data like the others: every column that is typed below is typed alike in the first row, and
/// at least half of the columns are. A header of years or of running numbers stays a header.
fn first_row_is_data(rows: &[Vec<String>]) -> bool {
    let [first, others @ ..] = rows else { return false };
    if others.len() < 2 {
        return false;
    }
    let mut typed_alike = 0;
    let mut telling = 0;
    for (column, cell) in first.iter().enumerate() {
        let below = others.iter().filter_map(|row| row.get(column)).map(String::as_str);
        let Some(class) = typed::class_of(below) else { continue };
        match typed::class(cell) {
            Some(found) if found == class => typed_alike += 1,
            None if cell.trim().is_empty() => continue,
            _ => return false,
        }
        telling += usize::from(!typed::is_like_heading(cell));
    }
    telling > 0 && typed_alike * 2 >= first.len() && !typed::is_running(first)
}
