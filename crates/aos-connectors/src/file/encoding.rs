//! Which encoding a text file has, decided on all of the sample, and reading it as UTF-8.

use encoding_rs::{CoderResult, Decoder};
use std::io::{self, Read};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    Utf8,
    Utf8WithBom,
    Utf16Le {
        bom: bool,
    },
    Utf16Be {
        bom: bool,
    },
    /// Also what ISO-8859-1 files are read as: it differs only in control characters.
    Windows1252,
}

impl TextEncoding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8WithBom => "UTF-8 with byte order mark",
            Self::Utf16Le { .. } => "UTF-16LE",
            Self::Utf16Be { .. } => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    pub(super) fn bom_length(self) -> u64 {
        match self {
            Self::Utf8WithBom => 3,
            Self::Utf16Le { bom: true } | Self::Utf16Be { bom: true } => 2,
            _ => 0,
        }
    }

    /// True when every line break is the byte `\n`, so that a reader may start in the middle.
    pub(super) fn is_bytewise(self) -> bool {
        matches!(self, Self::Utf8 | Self::Utf8WithBom | Self::Windows1252)
    }

    /// Returns what turns the encoding into UTF-8, or `None` when it already is.
    pub(super) fn decoder(self) -> Option<Decoder> {
        let encoding = match self {
            Self::Utf8 | Self::Utf8WithBom => return None,
            Self::Utf16Le { .. } => encoding_rs::UTF_16LE,
            Self::Utf16Be { .. } => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        };
        Some(encoding.new_decoder_without_bom_handling())
    }

    /// Decodes the beginning of a file; a character cut off at its end is dropped.
    pub(super) fn decode_head(self, head: &[u8]) -> String {
        let body = &head[(self.bom_length() as usize).min(head.len())..];
        let Some(mut decoder) = self.decoder() else {
            let whole = match std::str::from_utf8(body) {
                Err(error) if error.error_len().is_none() => &body[..error.valid_up_to()],
                _ => body,
            };
            return String::from_utf8_lossy(whole).into_owned();
        };
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(body.len()).unwrap_or(body.len() * 3));
        let _ = decoder.decode_to_string(body, &mut text, false);
        text
    }
}

/// Gathers what the bytes of a sample rule out.
#[derive(Debug, Default)]
pub(super) struct Detector {
    bom: Option<TextEncoding>,
    seen: u64,
    invalid: bool,
    /// NUL bytes at even and at odd offsets, of the first piece only.
    nuls: [u64; 2],
    first_piece: u64,
    nul_later: bool,
}

impl Detector {
    /// Looks at a piece of the file. A piece from the middle may begin and end inside a character.
    pub(super) fn look(&mut self, piece: &[u8]) {
        if self.seen == 0 {
            self.bom = bom(piece);
            self.first_piece = piece.len() as u64;
            for at in memchr::memchr_iter(0, piece) {
                self.nuls[at % 2] += 1;
            }
        } else {
            self.nul_later |= memchr::memchr(0, piece).is_some();
        }
        self.seen += piece.len() as u64;
        // Up to three continuation bytes at the front belong to a character that began before the piece.
        let front = piece.iter().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count();
        self.invalid |= match std::str::from_utf8(&piece[front..]) {
            Ok(_) => false,
            Err(error) => error.error_len().is_some(),
        };
    }

    /// Names the encoding; `None` when the bytes are no text.
    pub(super) fn decide(&self) -> Option<TextEncoding> {
        if let Some(marked @ (TextEncoding::Utf16Le { .. } | TextEncoding::Utf16Be { .. })) = self.bom {
            return Some(marked);
        }
        let [even, odd] = self.nuls;
        if even + odd > 0 {
            // Western text in UTF-16 has a NUL in nearly every second place, and always the same one.
            let half = self.first_piece / 2;
            return match () {
                () if odd * 10 > half * 7 && even * 20 < half => Some(TextEncoding::Utf16Le { bom: false }),
                () if even * 10 > half * 7 && odd * 20 < half => Some(TextEncoding::Utf16Be { bom: false }),
                () => None,
            };
        }
        if self.nul_later {
            return None;
        }
        Some(match (self.invalid, self.bom) {
            // A file that says it is UTF-8 is read so; where it is not, the record is malformed.
            (_, Some(marked)) => marked,
            (false, None) => TextEncoding::Utf8,
            (true, None) => TextEncoding::Windows1252,
        })
    }
}

fn bom(head: &[u8]) -> Option<TextEncoding> {
    match head {
        [0xef, 0xbb, 0xbf, ..] => Some(TextEncoding::Utf8WithBom),
        [0xff, 0xfe, ..] => Some(TextEncoding::Utf16Le { bom: true }),
        [0xfe, 0xff, ..] => Some(TextEncoding::Utf16Be { bom: true }),
        _ => None,
    }
}

/// Reads another encoding as UTF-8. What the encoding does not have becomes U+FFFD, as everywhere.
pub(super) struct Decoded {
    inner: Box<dyn Read + Send>,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    finished: bool,
}

impl Decoded {
    pub(super) fn new(inner: Box<dyn Read + Send>, decoder: Decoder) -> Self {
        Self { inner, decoder, raw: vec![0; 64 * 1024], start: 0, end: 0, ended: false, finished: false }
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.len() < 16 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the buffer is too small to decode into"));
        }
        while !self.finished {
            if self.start == self.end && !self.ended {
                self.start = 0;
                self.end = self.inner.read(&mut self.raw)?;
                self.ended = self.end == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.start..self.end], buffer, self.ended);
            self.start += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(bytes: &[u8]) -> Option<TextEncoding> {
        let mut detector = Detector::default();
        detector.look(bytes);
        detector.decide()
    }

    #[test]
    fn the_encoding_is_read_from_the_bytes() {
        assert_eq!(detect("id,name\n1,Müller".as_bytes()), Some(TextEncoding::Utf8));
        assert_eq!(detect(b"\xef\xbb\xbfid"), Some(TextEncoding::Utf8WithBom));
        assert_eq!(detect(b"id,name\n1,M\xfcller\n"), Some(TextEncoding::Windows1252));
        assert_eq!(detect(b"\xff\xfei\0d\0"), Some(TextEncoding::Utf16Le { bom: true }));
        assert_eq!(detect(b"i\0d\0,\0n\0a\0m\0e\0"), Some(TextEncoding::Utf16Le { bom: false }));
        assert_eq!(detect(b"\0i\0d\0,\0n\0a"), Some(TextEncoding::Utf16Be { bom: false }));
        assert_eq!(detect(b"\x7fELF\0\0\0\x01\x02"), None);
    }

    #[test]
    fn a_character_cut_at_the_end_of_a_piece_is_no_error() {
        assert_eq!(detect(&"Mü".as_bytes()[..2]), Some(TextEncoding::Utf8));
        assert_eq!(TextEncoding::Utf8.decode_head(&"Mü".as_bytes()[..2]), "M");
    }
}
