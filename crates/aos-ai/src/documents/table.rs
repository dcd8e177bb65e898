//! CSV and its relatives: a header and rows. Which sign divides the cells is read off the first line.

use super::{Body, Document, DocumentError};

const DIVIDERS: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn document(text: &str) -> Result<Document, DocumentError> {
    let first = text.lines().next().unwrap_or_default();
    let times = |divider: &u8| first.bytes().filter(|byte| byte == divider).count();
    // Of two that stand there as often, the one that is listed first.
    let divider = DIVIDERS.into_iter().rev().max_by_key(times).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(divider).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|_| DocumentError::Unsupported("a table that cannot be read"))?;
        if row.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(row.iter().map(|cell| cell.trim().to_owned()).collect());
        }
    }
    if rows.is_empty() {
        return Err(DocumentError::Empty);
    }
    let columns = rows.remove(0);
    Ok(Document { title: None, body: Body::Table { columns, rows } })
}
