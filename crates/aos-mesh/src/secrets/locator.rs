//! Locators: texts that say where a secret is kept, and are none themselves.
//!
//! Two stand for one secret and may be a setting's value: `env:NAME` and `vault:PATH#FIELD`. Those two, `consent:` and `sp:NAME` may also say
//! where the credentials of a whole connection are.

/// Where a secret, or the credentials of a connection, are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Locator {
    /// A variable of the server's environment.
    Env { name: String },
    /// A secret of a HashiCorp Vault, and which of its fields; all of them when it names none.
    Vault { path: String, field: Option<String> },
    /// What the account's owner gave us leave for, on this connection or on the one that is named.
    Consent { connection: Option<String> },
    /// A service principal of the tenant.
    ServicePrincipal { name: String },
    /// In our own vault, under the connection and the setting.
    Kept,
}

/// Stands in the settings for a secret that is in our own vault.
pub const KEPT: &str = "kept:";

/// How long the word before the colon is at most.
const SCHEME_CHARS: std::ops::RangeInclusive<usize> = 2..=16;
const PART_CHARS_MAX: usize = 200;

/// Why a text is no locator. Repeats nothing of it but its first word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocatorError {
    #[error("`{scheme}:` is no place that secrets are kept in; write env:NAME, vault:PATH#FIELD, consent: or sp:NAME")]
    UnknownScheme { scheme: String },
    #[error("it names no place where secrets are kept; write env:NAME, vault:PATH#FIELD, consent: or sp:NAME")]
    NoScheme,
    #[error("`{scheme}:` is followed by what cannot be {what}; use letters, digits, - and _")]
    BadName { scheme: &'static str, what: &'static str },
}

impl Locator {
    /// # Errors
    /// [`LocatorError`] by what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        let scheme = scheme(text).ok_or(LocatorError::NoScheme)?;
        let rest = &text[scheme.len() + 1..];
        match scheme {
            "env" if is_variable(rest) => Ok(Self::Env { name: rest.to_owned() }),
            "env" => Err(LocatorError::BadName { scheme: "env", what: "the name of a variable" }),
            "vault" => {
                let (path, field) = rest.split_once('#').map_or((rest, None), |(path, field)| (path, Some(field)));
                let path = path.trim_matches('/');
                if path.is_empty() || !path.split('/').all(is_part) || !field.is_none_or(is_part) {
                    return Err(LocatorError::BadName { scheme: "vault", what: "a path, or a path with #FIELD" });
                }
                Ok(Self::Vault { path: path.to_owned(), field: field.map(str::to_owned) })
            }
            // A connection's name may hold almost anything.
            "consent" => {
                Ok(Self::Consent { connection: Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned) })
            }
            "sp" if is_part(rest) => Ok(Self::ServicePrincipal { name: rest.to_owned() }),
            "sp" => Err(LocatorError::BadName { scheme: "sp", what: "the name of a service principal" }),
            "kept" if rest.is_empty() => Ok(Self::Kept),
            other => Err(LocatorError::UnknownScheme { scheme: other.to_owned() }),
        }
    }

    /// Whether it stands for one secret, so that a setting may carry it.
    pub fn is_of_one_secret(&self) -> bool {
        matches!(self, Self::Env { .. } | Self::Kept | Self::Vault { field: Some(_), .. })
    }
}

/// Whether a text is written like a locator: a word, a colon, and no address. A secret that happens to be written like that is given as
/// `{"secret": "…"}`, so that no slip of the pen is ever taken for a secret.
pub fn is_like_a_locator(text: &str) -> bool {
    scheme(text).is_some()
}

fn scheme(text: &str) -> Option<&str> {
    let (word, rest) = text.split_once(':')?;
    let is_word = SCHEME_CHARS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_word && !rest.starts_with("//")).then_some(word)
}

fn is_variable(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=PART_CHARS_MAX).contains(&name.len()) && name.bytes().all(letter)
}

/// Whether it is one part of a path, which leads neither up nor elsewhere.
fn is_part(part: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@');
    (1..=PART_CHARS_MAX).contains(&part.len()) && part != "." && part != ".." && part.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_read_from_its_text() {
        let vault =
            |path: &str, field: Option<&str>| Locator::Vault { path: path.into(), field: field.map(Into::into) };
        for (text, expected) in [
            ("env:CRM_TOKEN", Locator::Env { name: "CRM_TOKEN".into() }),
            ("vault:crm/salesforce", vault("crm/salesforce", None)),
            ("vault:/crm/salesforce/#token", vault("crm/salesforce", Some("token"))),
            ("consent:", Locator::Consent { connection: None }),
            ("consent:our crm", Locator::Consent { connection: Some("our crm".into()) }),
            ("sp:reader", Locator::ServicePrincipal { name: "reader".into() }),
            ("kept:", Locator::Kept),
        ] {
            assert_eq!(Locator::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_path_leads_neither_up_nor_elsewhere() {
        for text in [
            "vault:",
            "vault:../other",
            "vault:a/../b",
            "vault:a//b",
            "vault:a b",
            "vault:a?x",
            "vault:a%2f..",
            "env:",
            "env:A B",
            "sp:a/b",
            "kept:x",
        ] {
            assert!(Locator::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_no_secret_and_an_address_is_no_locator() {
        assert!(is_like_a_locator("valut:crm") && is_like_a_locator("env:NAME"));
        for secret in
            ["hush", "postgres://u:p@host/db", "-----BEGIN PRIVATE KEY-----", "{\"a\":\"b\"}", "00D5g:token", "a:b"]
        {
            assert!(!is_like_a_locator(secret), "{secret}");
        }
        let said = Locator::parse("valut:crm/hush").unwrap_err().to_string();
        assert!(said.contains("valut") && said.contains("vault:PATH") && !said.contains("hush"), "{said}");
    }
}
