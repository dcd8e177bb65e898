//! Tokens: what stands in the place of a value and leads back to it, for those who may ask.
//!
//! A token holds the value itself, sealed: nothing is kept anywhere else, and without the key it is noise. The nonce is a keyed digest of
//! class and value (a synthetic nonce, as in RFC 5297), so that the same value gives the same token and texts can still be joined and
//! counted by it. Whoever holds two tokens of one tenant therefore sees whether they stand for the same, and from the length how long it is.

use super::{Class, Error};
use aos_core::vault::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::ops::Range;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const MARK: &str = ":tok_";

/// What makes and opens the tokens of one tenant.
#[derive(Clone)]
pub struct TokenKey {
    seal: Secret,
    nonce: Secret,
}

/// A text whose tokens were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revealed {
    pub text: String,
    /// Tokens that were opened.
    pub opened: usize,
    /// Tokens that do not open with this key and stand in the text as they were: of another tenant, or touched.
    pub unopened: usize,
}

impl TokenKey {
    /// Derives what seals and what makes nonces from a tenant's secret of 32 bytes.
    ///
    /// # Errors
    /// [`Error::KeyLength`] when it has another length.
    pub fn new(secret: &Secret) -> Result<Self, Error> {
        let bytes = secret.expose();
        if bytes.len() != KEY_BYTES {
            return Err(Error::KeyLength(bytes.len()));
        }
        let derived = |purpose: &[u8]| Secret::new(digest(bytes, &[purpose]).to_vec());
        Ok(Self { seal: derived(b"autonomos pii token seal 1"), nonce: derived(b"autonomos pii token nonce 1") })
    }

    /// Returns the token of a value, such as `<EMAIL:tok_…>`.
    pub fn token(&self, class: Class, value: &str) -> String {
        let label = class.label();
        let digest = digest(self.nonce.expose(), &[label.as_bytes(), b"\0", value.as_bytes()]);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&digest[..NONCE_BYTES]);
        let payload = Payload { msg: value.as_bytes(), aad: label.as_bytes() };
        match self.cipher().encrypt(&Nonce::from(nonce), payload) {
            Ok(sealed) => format!("<{label}{MARK}{}>", URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())),
            // Only a value of more than 256 GiB is not sealed; its place is taken by the label all the same.
            Err(_) => format!("<{label}>"),
        }
    }

    /// Puts the values back in the place of their tokens.
    pub fn reveal(&self, text: &str) -> Revealed {
        let mut revealed = Revealed { text: String::with_capacity(text.len()), opened: 0, unopened: 0 };
        let mut copied = 0;
        for mark in marks(text).into_iter().filter(|mark| mark.sealed.is_some()) {
            revealed.text.push_str(&text[copied..mark.bytes.start]);
            copied = mark.bytes.end;
            match mark.sealed.and_then(|sealed| self.open(mark.class, sealed)) {
                Some(value) => {
                    revealed.text.push_str(&value);
                    revealed.opened += 1;
                }
                None => {
                    revealed.text.push_str(&text[mark.bytes]);
                    revealed.unopened += 1;
                }
            }
        }
        revealed.text.push_str(&text[copied..]);
        revealed
    }

    fn open(&self, class: Class, sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: class.label().as_bytes() };
        String::from_utf8(self.cipher().decrypt(&Nonce::from(nonce), payload).ok()?).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        let mut key = Key::default();
        key.copy_from_slice(self.seal.expose());
        ChaCha20Poly1305::new(&key)
    }
}

/// A label or a token that stands in a text already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark<'t> {
    pub class: Class,
    pub bytes: Range<usize>,
    /// What the token holds; none for a label.
    pub sealed: Option<&'t str>,
}

/// Finds the labels and tokens of a text that was redacted before, in their order.
pub(super) fn marks(text: &str) -> Vec<Mark<'_>> {
    text.match_indices('<').filter_map(|(start, _)| mark(text, start)).collect()
}

fn mark(text: &str, start: usize) -> Option<Mark<'_>> {
    let inner = &text[start + 1..];
    let length = inner.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').count();
    let class = Class::of_label(&inner[..length])?;
    let rest = &inner[length..];
    if rest.starts_with('>') {
        return Some(Mark { class, bytes: start..start + length + 2, sealed: None });
    }
    let rest = rest.strip_prefix(MARK)?;
    let sealed = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    rest[sealed..].starts_with('>').then(|| Mark {
        class,
        bytes: start..start + 1 + length + MARK.len() + sealed + 1,
        sealed: Some(&rest[..sealed]),
    })
}

fn digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a key of any length is taken");
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> TokenKey {
        TokenKey::new(&Secret::new(vec![seed; KEY_BYTES])).unwrap()
    }

    #[test]
    fn the_same_value_of_the_same_tenant_is_the_same_token_and_another_tenants_is_not() {
        let token = key(1).token(Class::Email, "jane@example.org");
        assert_eq!(token, key(1).token(Class::Email, "jane@example.org"));
        assert_ne!(token, key(2).token(Class::Email, "jane@example.org"));
        assert_ne!(token, key(1).token(Class::Email, "jane@example.net"));
    }

    #[test]
    fn a_token_opens_with_its_own_key_only_and_only_untouched() {
        let token = key(1).token(Class::Phone, "+44 20 7946 0958");
        let text = format!("Call {token} or {token}.");
        let revealed = key(1).reveal(&text);
        assert_eq!((revealed.text.as_str(), revealed.opened), ("Call +44 20 7946 0958 or +44 20 7946 0958.", 2));
        assert_eq!(key(2).reveal(&text), Revealed { text: text.clone(), opened: 0, unopened: 2 });
        let moved = token.replace("<PHONE", "<EMAIL");
        assert_eq!(key(1).reveal(&moved).unopened, 1, "a token of one class is none of another");
        let cut = token.replace(">", "A>");
        assert_eq!(key(1).reveal(&cut).unopened, 1);
    }

    #[test]
    fn what_only_looks_like_a_token_stays_as_it_is() {
        for text in ["<EMAIL>", "<EMAIL:tok_", "<EMAIL:tok_>", "<b>tok_</b>", "a < b > c", "<EMAIL:tok_ü>"] {
            assert_eq!(key(1).reveal(text).text, text);
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(matches!(TokenKey::new(&Secret::new("short")), Err(Error::KeyLength(5))));
    }
}
