//! The messages of PostgreSQL's own logical decoding, `pgoutput`, version 1, with values as text.
//! <https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html>

/// A message, as far as it concerns the reader of one table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The columns of a table, as they are from here on.
    Relation {
        oid: u32,
        columns: Vec<String>,
    },
    Insert {
        oid: u32,
        new: Vec<Cell>,
    },
    /// With the old key when it changed, or the whole old row where the table says so.
    Update {
        oid: u32,
        old: Option<Vec<Cell>>,
        new: Vec<Cell>,
    },
    Delete {
        oid: u32,
        old: Vec<Cell>,
    },
    Truncate {
        oids: Vec<u32>,
    },
    /// Begins and ends of transactions, types, origins, messages.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Cell {
    Null,
    /// A long value that did not change, and was therefore not written down.
    Unchanged,
    Text(String),
    /// Text that is no UTF-8.
    Damaged,
}

impl Change {
    /// Reads a message; `None` when it is cut short or of another format.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(match reader.byte()? {
            b'R' => {
                let oid = reader.u32()?;
                // Its schema, its name, and what it takes for a key.
                reader.string()?;
                reader.string()?;
                reader.byte()?;
                let count = reader.u16()?;
                let columns = (0..count).map(|_| {
                    reader.byte()?;
                    let name = reader.string()?;
                    reader.take(8)?;
                    Some(name)
                });
                let columns = columns.collect::<Option<_>>()?;
                Self::Relation { oid, columns }
            }
            b'I' => {
                let oid = reader.u32()?;
                (reader.byte()? == b'N').then_some(())?;
                Self::Insert { oid, new: reader.row()? }
            }
            b'U' => {
                let oid = reader.u32()?;
                let (old, next) = match reader.byte()? {
                    b'K' | b'O' => (Some(reader.row()?), reader.byte()?),
                    next => (None, next),
                };
                (next == b'N').then_some(())?;
                Self::Update { oid, old, new: reader.row()? }
            }
            b'D' => {
                let oid = reader.u32()?;
                matches!(reader.byte()?, b'K' | b'O').then_some(())?;
                Self::Delete { oid, old: reader.row()? }
            }
            b'T' => {
                let count = reader.u32()?;
                reader.byte()?;
                Self::Truncate { oids: (0..count).map(|_| reader.u32()).collect::<Option<_>>()? }
            }
            _ => Self::Other,
        })
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<String> {
        let end = memchr::memchr(0, self.0)?;
        let text = String::from_utf8(self.take(end)?.to_vec()).ok()?;
        self.byte()?;
        Some(text)
    }

    fn row(&mut self) -> Option<Vec<Cell>> {
        let count = self.u16()?;
        let cell = |reader: &mut Self| {
            Some(match reader.byte()? {
                b'n' => Cell::Null,
                b'u' => Cell::Unchanged,
                b't' => {
                    let length = reader.u32()?;
                    let bytes = reader.take(usize::try_from(length).ok()?)?;
                    String::from_utf8(bytes.to_vec()).map_or(Cell::Damaged, Cell::Text)
                }
                _ => return None,
            })
        };
        (0..count).map(|_| cell(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_short_is_no_message() {
        let mut whole = vec![b'I', 0, 0, 0, 7, b'N', 0, 3, b'n', b'u', b't', 0, 0, 0, 2];
        whole.extend(b"ab");
        let new = vec![Cell::Null, Cell::Unchanged, Cell::Text("ab".into())];
        assert_eq!(Change::parse(&whole), Some(Change::Insert { oid: 7, new }));
        for end in 0..whole.len() {
            assert_eq!(Change::parse(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(Change::parse(b"B12345678"), Some(Change::Other));
    }
}
