//! Forms of characters: how a number of some kind is written, with what may stand between its parts.

/// What a form has read: how far it goes, and the characters without what separates them, letters in capitals.
pub(in crate::pii) struct Read {
    pub end: usize,
    compact: [u8; COMPACT_MAX],
    length: usize,
}

const COMPACT_MAX: usize = 40;

impl Read {
    pub fn compact(&self) -> &[u8] {
        &self.compact[..self.length]
    }
}

/// Reads a form at a place.
///
/// In the form, `9` is a digit, `A` an ASCII letter, `X` either, and a space is at most one separator (space, hyphen, full stop or no-break
/// space) or none, `_` is exactly one space; everything else stands for itself and is left out of what is compact.
pub(in crate::pii) fn read(bytes: &[u8], start: usize, form: &str) -> Option<Read> {
    let mut read = Read { end: start, compact: [0; COMPACT_MAX], length: 0 };
    for wanted in form.bytes() {
        let found = bytes.get(read.end).copied();
        match wanted {
            b'_' => {
                let is_space = matches!(&bytes[read.end.min(bytes.len())..], [b' ', ..] | [0xC2, 0xA0, ..]);
                read.end += if is_space { separator(&bytes[read.end..]) } else { return None };
                continue;
            }
            b' ' => {
                read.end += separator(&bytes[read.end.min(bytes.len())..]);
                continue;
            }
            b'9' if found.is_some_and(|byte| byte.is_ascii_digit()) => {}
            b'A' if found.is_some_and(|byte| byte.is_ascii_alphabetic()) => {}
            b'X' if found.is_some_and(|byte| byte.is_ascii_alphanumeric()) => {}
            b'9' | b'A' | b'X' => return None,
            other if found == Some(other) => {
                read.end += 1;
                continue;
            }
            _ => return None,
        }
        *read.compact.get_mut(read.length)? = found?.to_ascii_uppercase();
        read.length += 1;
        read.end += 1;
    }
    Some(read)
}

/// Returns how many bytes the separator at the beginning takes; none when there is none.
pub(in crate::pii) fn separator(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'-' | b'.', ..] => 1,
        // A no-break space, and a narrow one.
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0xAF | 0x89 | 0x91 | 0x93, ..] => 3,
        _ => 0,
    }
}

/// Returns the digits of ASCII text as numbers; a letter is none.
pub(in crate::pii) fn digits(compact: &[u8]) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + Clone + '_ {
    compact.iter().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_with_and_without_separators() {
        for text in ["65170839J003", "65 170839 J 003", "65-170839-j-003"] {
            let read = read(text.as_bytes(), 0, "99 999999 A 999").unwrap();
            assert_eq!((read.end, read.compact()), (text.len(), &b"65170839J003"[..]));
        }
        assert!(read(b"651708", 0, "99 999999").is_none());
    }
}
