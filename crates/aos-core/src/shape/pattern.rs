//! Value patterns recognised at sight. Each says what a text looks like, never what its column means.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    Email,
    Url,
    Domain,
    Phone,
    Uuid,
    /// 15 or 18 letters and digits that begin with an object prefix, as Salesforce writes ids.
    SalesforceId,
    CurrencyCode,
    AwsRegion,
    AwsAvailabilityZone,
    AwsArn,
    AwsInstanceType,
    /// `i-0ab…`, `vol-…`, `db-…`: the identifier of a cloud resource.
    AwsResourceId,
    IpAddress,
    /// Capitalised words: names of people, companies, titles.
    CapitalizedWords,
    /// Three words or more.
    Sentence,
    /// Upper-case letters, digits and separators with at least one digit: codes and numbers.
    Code,
    /// Digits only, with a leading zero.
    PaddedDigits,
    /// A whole number between 2000-01-01 and 2100-01-01 in seconds or milliseconds since the epoch.
    Epoch,
    JsonText,
}

impl Pattern {
    pub const ALL: [Self; 19] = [
        Self::Email,
        Self::Url,
        Self::Domain,
        Self::Phone,
        Self::Uuid,
        Self::SalesforceId,
        Self::CurrencyCode,
        Self::AwsRegion,
        Self::AwsAvailabilityZone,
        Self::AwsArn,
        Self::AwsInstanceType,
        Self::AwsResourceId,
        Self::IpAddress,
        Self::CapitalizedWords,
        Self::Sentence,
        Self::Code,
        Self::PaddedDigits,
        Self::Epoch,
        Self::JsonText,
    ];

    /// Tells whether the text follows the pattern.
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::Email => is_email(text),
            Self::Url => {
                text.starts_with("http://")
                    || text.starts_with("https://")
                    || (text.starts_with("www.") && is_domain(text))
            }
            Self::Domain => is_domain(text),
            Self::Phone => is_phone(text),
            Self::Uuid => is_uuid(text),
            Self::SalesforceId => is_salesforce_id(text),
            Self::CurrencyCode => text.len() == 3 && CURRENCIES.contains(&text),
            Self::AwsRegion => is_region(text),
            Self::AwsAvailabilityZone => {
                text.len() > 1 && text.ends_with(|c: char| c.is_ascii_lowercase()) && is_region(&text[..text.len() - 1])
            }
            Self::AwsArn => text.starts_with("arn:aws"),
            Self::AwsInstanceType => is_instance_type(text),
            Self::AwsResourceId => is_resource_id(text),
            Self::IpAddress => text.parse::<std::net::IpAddr>().is_ok(),
            Self::CapitalizedWords => is_capitalized(text),
            Self::Sentence => {
                text.split_whitespace().take(3).count() == 3 && text.chars().any(|c| c.is_ascii_lowercase())
            }
            Self::Code => is_code(text),
            Self::PaddedDigits => {
                text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Epoch => is_epoch(text),
            Self::JsonText => {
                (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
            }
        }
    }
}

const CURRENCIES: [&str; 40] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN",
    "TRY", "ILS", "AED", "SAR", "INR", "CNY", "HKD", "SGD", "KRW", "TWD", "THB", "IDR", "MYR", "PHP", "VND", "ZAR",
    "KES", "NGN", "EGP", "BRL", "MXN", "ARS", "CLP", "COP",
];

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty() && !local.contains(char::is_whitespace) && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && text.len() <= 253
        && (2..=24).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && labels
            .iter()
            .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let allowed = text.chars().all(|c| c.is_ascii_digit() || " +-().x/".contains(c));
    let separated = text.starts_with('+') || text.chars().any(|c| " -()".contains(c));
    (7..=16).contains(&digits) && allowed && separated && !text.contains(':') && crate::parse::date(text).is_none()
}

fn is_uuid(text: &str) -> bool {
    let text = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

fn is_salesforce_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 15 | 18)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && (bytes[0] == b'0' || bytes[0] == b'5' || bytes[0] == b'a')
        && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3
        && bytes.iter().any(u8::is_ascii_alphabetic)
}

fn is_region(text: &str) -> bool {
    let mut parts = text.rsplitn(2, '-');
    let (Some(number), Some(rest)) = (parts.next(), parts.next()) else { return false };
    let area = ["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "cn-", "mx-"]
        .iter()
        .any(|area| rest.starts_with(area));
    number.len() == 1
        && number.as_bytes()[0].is_ascii_digit()
        && area
        && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

fn is_instance_type(text: &str) -> bool {
    let text = text.strip_prefix("db.").or_else(|| text.strip_prefix("cache.")).unwrap_or(text);
    let Some((family, size)) = text.split_once('.') else { return false };
    let sizes = ["nano", "micro", "small", "medium", "large", "metal"];
    (2..=8).contains(&family.len())
        && family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.bytes().any(|byte| byte.is_ascii_digit())
        && sizes.iter().any(|known| size == *known || size.ends_with("large"))
}

fn is_resource_id(text: &str) -> bool {
    let Some((kind, id)) = text.split_once('-') else { return false };
    (1..=8).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
        && id.len() >= 8
        && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_capitalized(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    words.peek().is_some()
        && text.chars().any(char::is_lowercase)
        && !text.contains(['@', '_', '/'])
        && text.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count() * 2
            > text.split_whitespace().count()
}

fn is_code(text: &str) -> bool {
    (3..=64).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'/' | b'.' | b'#')
        })
}

fn is_epoch(text: &str) -> bool {
    let Ok(number) = text.parse::<i64>() else { return false };
    (946_684_800..4_102_444_800).contains(&number) || (946_684_800_000..4_102_444_800_000).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_their_own_and_not_their_neighbours() {
        for (pattern, yes, no) in [
            (Pattern::Email, "a.b@acme.co.uk", "a b@acme"),
            (Pattern::Domain, "acme.io", "1.5"),
            (Pattern::Phone, "+49 (30) 123-4567", "2026-05-01"),
            (Pattern::Uuid, "5e6c0a4e-95a9-4d10-8c46-5d3a3f5d2b11", "5e6c0a4e95a9"),
            (Pattern::SalesforceId, "001Dn00000A1b2CIAR", "ABCDEFGHIJKLMNO"),
            (Pattern::AwsRegion, "eu-central-1", "eu-central"),
            (Pattern::AwsAvailabilityZone, "us-east-1a", "us-east-1"),
            (Pattern::AwsInstanceType, "m5.2xlarge", "acme.com"),
            (Pattern::AwsResourceId, "i-0abcdef1234567890", "well-known"),
            (Pattern::CurrencyCode, "EUR", "ACME"),
            (Pattern::PaddedDigits, "0093545", "93545"),
            (Pattern::Code, "INV-2024-001", "invoice"),
        ] {
            assert!(pattern.matches(yes), "{pattern:?} {yes}");
            assert!(!pattern.matches(no), "{pattern:?} {no}");
        }
    }
}
