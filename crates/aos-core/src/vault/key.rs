//! A key, the place that something is sealed for, and the two functions that seal and unseal.

use super::{Error, Secret};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use uuid::Uuid;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The first byte of everything that is sealed: version 1 of the form, a nonce and the ciphertext with its tag.
const FORM: u8 = 1;

/// A key of 256 bits, wiped when it is dropped. Like a [`Secret`], it cannot be printed.
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

/// Where something is sealed for. Its parts are authenticated with what is sealed, which opens in no other place.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose it is; nil for what belongs to the installation.
    pub tenant: Uuid,
    pub purpose: &'a str,
    pub name: &'a str,
    pub version: u64,
}

impl Key {
    /// Makes a new random key.
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(&mut bytes[..]);
        Self(bytes)
    }

    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Wraps this key with another one.
    pub fn wrap(&self, with: &Key, place: &Place<'_>) -> Vec<u8> {
        seal(with, place, &Secret::new(&self.0[..]))
    }

    /// Unwraps a key that was wrapped for this place.
    pub fn unwrap(wrapped: &[u8], with: &Key, place: &Place<'_>) -> Result<Self, Error> {
        let bytes = unseal(with, place, wrapped)?;
        let bytes: [u8; KEY_BYTES] = bytes.expose().try_into().map_err(|_| Error::Unopened)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl Place<'_> {
    /// Writes the place so that no two places read the same: every part with its length before it.
    fn associated(&self) -> Vec<u8> {
        let mut bytes = b"autonomos sealed 1".to_vec();
        bytes.extend_from_slice(self.tenant.as_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        for part in [self.purpose, self.name] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Seals a secret for a place.
pub fn seal(key: &Key, place: &Place<'_>, secret: &Secret) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    rand::fill(&mut nonce);
    let payload = Payload { msg: secret.expose(), aad: &place.associated() };
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .expect("only a secret of more than 256 GiB cannot be sealed, and none comes near");
    [&[FORM][..], &nonce, &sealed].concat()
}

/// Opens what was sealed for a place.
///
/// # Errors
/// [`Error::Unopened`] for another key, another place or a changed byte; which of them cannot be told.
pub fn unseal(key: &Key, place: &Place<'_>, sealed: &[u8]) -> Result<Secret, Error> {
    let (form, rest) = sealed.split_first().ok_or(Error::Unopened)?;
    if *form != FORM {
        return Err(Error::UnknownForm(*form));
    }
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Unopened)?;
    let payload = Payload { msg: ciphertext, aad: &place.associated() };
    let opened = cipher(key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| Error::Unopened)?;
    Ok(Secret::new(opened))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(tenant: u128, purpose: &'static str, name: &'static str, version: u64) -> Place<'static> {
        Place { tenant: Uuid::from_u128(tenant), purpose, name, version }
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_with_its_key() {
        let (key, home) = (Key::random(), place(1, "slack", "webhook", 3));
        let sealed = seal(&key, &home, &Secret::new("hush"));
        assert_eq!(unseal(&key, &home, &sealed).map(|secret| secret.expose().to_vec()), Ok(b"hush".to_vec()));
        for other in [
            place(2, "slack", "webhook", 3),
            place(1, "callback", "webhook", 3),
            place(1, "slack", "webhook2", 3),
            place(1, "slack", "webhook", 4),
            // The same letters, cut elsewhere.
            place(1, "slackw", "ebhook", 3),
        ] {
            assert_eq!(unseal(&key, &other, &sealed).err(), Some(Error::Unopened), "{other:?}");
        }
        assert_eq!(unseal(&Key::random(), &home, &sealed).err(), Some(Error::Unopened));
    }

    #[test]
    fn the_same_secret_sealed_twice_looks_different() {
        let (key, home) = (Key::random(), place(1, "a", "b", 1));
        assert_ne!(seal(&key, &home, &Secret::new("x")), seal(&key, &home, &Secret::new("x")));
    }

    #[test]
    fn a_wrapped_key_opens_what_the_key_sealed() {
        let (master, key, home) = (Key::random(), Key::random(), place(1, "tenant-key", "", 1));
        let sealed = seal(&key, &home, &Secret::new("hush"));
        let unwrapped = Key::unwrap(&key.wrap(&master, &home), &master, &home);
        assert!(unwrapped.is_ok_and(|key| unseal(&key, &home, &sealed).is_ok()));
    }

    proptest! {
        #[test]
        fn no_changed_byte_goes_unnoticed(secret in prop::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let (key, home) = (Key::random(), place(1, "a", "b", 1));
            let mut sealed = seal(&key, &home, &Secret::new(secret));
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(unseal(&key, &home, &sealed).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(unseal(&Key::random(), &place(1, "a", "b", 1), &bytes).is_err());
        }
    }
}
