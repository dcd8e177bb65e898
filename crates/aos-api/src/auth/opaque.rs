//! Tokens that say nothing and are looked up: API keys, refresh tokens, invitations, password resets. Kept is a digest, so that whoever reads the store
//! cannot use what is in it; 192 random bits need no salt and no slow hash.
//!
//! `<prefix><tenant><secret><check>` in hexadecimal digits: 16, 24 and 4 bytes. The prefix and the check (of SHA-256 over all before it)
//! let scanners of code and logs find a leaked one without asking anybody, and a mistyped one be refused without a look at the store.

use aos_core::TenantId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const SECRET_BYTES: usize = 24;
const CHECK_DIGITS: usize = 8;
const TENANT_DIGITS: usize = 32;
const DIGITS: usize = TENANT_DIGITS + 2 * SECRET_BYTES + CHECK_DIGITS;
const ENDING_DIGITS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ApiKey,
    Refresh,
    Invitation,
    PasswordReset,
    /// What a vendor sends back with an owner who gave leave.
    Consent,
    /// What a program exchanges that somebody lets act for them.
    ProgramCode,
    /// A program's; of no use where a person's is taken.
    ProgramRefresh,
}

/// A token as it is found: whose it is, by its own word, and the digest it is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    pub tenant: TenantId,
    pub digest: String,
}

/// A token that was just made. Its text is shown once.
pub struct Issued {
    pub text: String,
    pub digest: String,
}

impl Kind {
    pub fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "aos_",
            Self::Refresh => "aosr_",
            Self::Invitation => "aosi_",
            Self::PasswordReset => "aosp_",
            Self::Consent => "aosc_",
            Self::ProgramCode => "aosg_",
            Self::ProgramRefresh => "aosn_",
        }
    }

    /// Makes a new token for a tenant.
    pub fn issue(self, tenant: TenantId) -> Issued {
        let mut secret = [0; SECRET_BYTES];
        rand::fill(&mut secret);
        let mut text = format!("{}{}{}", self.prefix(), tenant.0.simple(), hex(&secret));
        text.push_str(&check(&text));
        Issued { digest: hex(&Sha256::digest(text.as_bytes())), text }
    }

    /// Reads a token; none for what cannot be one of this kind.
    pub fn parse(self, text: &str) -> Option<Reference> {
        let digits = text.strip_prefix(self.prefix())?;
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != DIGITS || !digits.bytes().all(lower_hex) {
            return None;
        }
        let (body, sum) = text.split_at(text.len() - CHECK_DIGITS);
        let tenant = TenantId(Uuid::try_parse(&digits[..TENANT_DIGITS]).ok()?);
        (check(body) == sum).then(|| Reference { tenant, digest: hex(&Sha256::digest(text.as_bytes())) })
    }
}

impl Issued {
    /// Returns the last characters, by which people tell tokens apart.
    pub fn ending(&self) -> &str {
        &self.text[self.text.len() - ENDING_DIGITS..]
    }
}

/// Returns the digest under which a secret text is kept.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes())[..CHECK_DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_digest_and_names_its_tenant() {
        let tenant = TenantId::new();
        let people = [Kind::ApiKey, Kind::Refresh, Kind::Invitation, Kind::PasswordReset, Kind::Consent];
        for kind in people.into_iter().chain([Kind::ProgramCode, Kind::ProgramRefresh]) {
            let issued = kind.issue(tenant);
            let found = kind.parse(&issued.text).unwrap();
            assert_eq!((found.tenant, &found.digest), (tenant, &issued.digest));
            assert_ne!(kind.issue(tenant).digest, issued.digest);
        }
    }

    #[test]
    fn what_was_mistyped_or_is_of_another_kind_is_no_token() {
        let key = Kind::ApiKey.issue(TenantId::new()).text;
        assert_eq!(Kind::Refresh.parse(&key), None);
        for at in [4, 40, key.len() - 1] {
            let mut wrong = key.clone().into_bytes();
            wrong[at] = if wrong[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(Kind::ApiKey.parse(&String::from_utf8(wrong).unwrap()), None, "changed at {at}");
        }
        for wrong in ["", "aos_", &key[..key.len() - 1], &format!("{key}0"), &key.to_uppercase(), "aos_é"] {
            assert_eq!(Kind::ApiKey.parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn scanners_find_an_api_key_by_its_look() {
        let key = Kind::ApiKey.issue(TenantId::new()).text;
        assert!(key.starts_with("aos_") && key.len() == 92 && key[4..].bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
