//! Master keys: the one that wraps, and those it replaced, which still open what they wrapped until it is wrapped anew.

use super::{Error, Key};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use zeroize::Zeroizing;

/// A master key with the name it goes by, which is derived from it and reveals nothing of it.
pub struct MasterKey {
    id: String,
    key: Key,
}

/// The master keys of an installation; there is at least one.
pub struct MasterKeys {
    current: MasterKey,
    earlier: Vec<MasterKey>,
}

impl MasterKey {
    pub fn new(key: Key) -> Self {
        let digest = Sha256::digest([b"autonomos master key".as_slice(), key.bytes()].concat());
        let id = digest[..8].iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        });
        Self { id, key }
    }

    /// Returns the name of the key: 16 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Writes the key as [`MasterKeys::parse`] reads it.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.key.bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl MasterKeys {
    /// Reads keys, one a line: the first is the current one, the others are those it replaced. Empty lines and those that begin with `#`
    /// do not count.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                keys.push(MasterKey::new(read(line).ok_or(Error::NoMasterKey { line: at + 1 })?));
            }
        }
        if keys.is_empty() {
            return Err(Error::Empty);
        }
        let current = keys.remove(0);
        Ok(Self { current, earlier: keys })
    }

    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    pub fn find(&self, id: &str) -> Option<&MasterKey> {
        std::iter::once(&self.current).chain(&self.earlier).find(|key| key.id == id)
    }
}

fn read(text: &str) -> Option<Key> {
    let bytes = Zeroizing::new(from_hex(text).or_else(|| from_base64(text))?);
    Some(Key::from_bytes(bytes.as_slice().try_into().ok()?))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..64).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].iter().find_map(|form| form.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_every_usual_form_and_has_one_name() {
        let key = MasterKey::new(Key::from_bytes([0xfb; 32]));
        let hex = key.to_text();
        for text in
            [hex.as_str(), &hex.to_uppercase(), &STANDARD.encode([0xfb; 32]), &URL_SAFE_NO_PAD.encode([0xfb; 32])]
        {
            let read = MasterKeys::parse(&format!("# the master key\n\n  {text}\n")).map(|keys| keys.current.id);
            assert_eq!(read.as_deref(), Ok(key.id()), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line_and_nothing_of_it() {
        let Err(error) = MasterKeys::parse("# x\npassword1") else { panic!("it was taken") };
        assert_eq!(error, Error::NoMasterKey { line: 2 });
        assert!(!error.to_string().contains("password1"));
        assert!(matches!(MasterKeys::parse("\n# nothing\n"), Err(Error::Empty)));
        assert!(matches!(MasterKeys::parse("00ff"), Err(Error::NoMasterKey { line: 1 })));
    }

    #[test]
    fn earlier_keys_are_found_by_their_names() {
        let [new, old] = [1, 2].map(|byte| MasterKey::new(Key::from_bytes([byte; 32])));
        let keys = MasterKeys::parse(&format!("{}\n{}\n", *new.to_text(), *old.to_text()));
        assert!(keys.is_ok_and(|keys| keys.current().id() == new.id() && keys.find(old.id()).is_some()));
    }
}
