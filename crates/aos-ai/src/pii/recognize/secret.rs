//! What lets somebody in: keys and tokens by the marks that their issuers give them, private keys, and what is assigned to a name of a
//! secret. The marks are those that the issuers document for secret scanning.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use std::ops::Range;

/// Kind, how it begins, and how many characters (letters, digits, `-`, `_`) follow at least and at most.
const MARKS: &[(&str, &str, usize, usize)] = &[
    ("aws_access_key", "AKIA", 16, 16),
    ("aws_access_key", "ASIA", 16, 16),
    ("github_token", "ghp_", 36, 255),
    ("github_token", "gho_", 36, 255),
    ("github_token", "ghu_", 36, 255),
    ("github_token", "ghs_", 36, 255),
    ("github_token", "ghr_", 36, 255),
    ("github_token", "github_pat_", 36, 255),
    ("gitlab_token", "glpat-", 20, 64),
    ("slack_token", "xoxb-", 20, 255),
    ("slack_token", "xoxp-", 20, 255),
    ("slack_token", "xoxa-", 20, 255),
    ("slack_token", "xoxr-", 20, 255),
    ("slack_token", "xapp-", 20, 255),
    ("stripe_key", "sk_live_", 16, 255),
    ("stripe_key", "sk_test_", 16, 255),
    ("stripe_key", "rk_live_", 16, 255),
    ("stripe_key", "whsec_", 24, 255),
    ("anthropic_key", "sk-ant-", 24, 255),
    ("openai_key", "sk-proj-", 24, 255),
    ("openai_key", "sk-", 32, 255),
    ("google_key", "AIza", 35, 35),
    ("google_token", "ya29.", 24, 1024),
    ("google_key", "GOCSPX-", 24, 64),
    ("npm_token", "npm_", 36, 36),
    ("pypi_token", "pypi-", 40, 255),
    ("hugging_face_token", "hf_", 30, 64),
    ("digitalocean_token", "dop_v1_", 64, 64),
    ("shopify_token", "shpat_", 32, 32),
    ("twilio_key", "SK", 32, 32),
    ("databricks_token", "dapi", 32, 40),
    ("linear_key", "lin_api_", 32, 64),
    ("telegram_token", "bot", 44, 48),
];
/// Names whose value is a secret.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passwort",
    "kennwort",
    "secret",
    "apikey",
    "token",
    "contraseña",
    "wachtwoord",
    "hasło",
    "senha",
    "bearer",
    "passcode",
    "pw",
    "passe",
    "clave",
    "lösenord",
    "пароль",
    "密码",
    "パスワード",
    "비밀번호",
];
/// Words between such a name and its value.
const SPOKEN: &[&str] = &["is ", "was ", "ist ", "lautet ", "est ", "es ", "è "];
/// A key of 16,384 bits, with room.
const PRIVATE_KEY_BYTES_MAX: usize = 16 * 1024;
/// Bytes between the name of a secret and the value that is told at most.
const TOLD_BYTES_MAX: usize = 48;
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 6..=512;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    let whole = text.text;
    for (kind, begin, least, most) in MARKS {
        found.extend(whole.match_indices(begin).filter_map(|(at, _)| marked(whole, kind, at, begin, *least, *most)));
    }
    found.extend(whole.match_indices("eyJ").filter_map(|(at, _)| web_token(whole, at)));
    found.extend(whole.match_indices("SG.").filter_map(|(at, _)| dotted(whole, at)));
    found.extend(whole.match_indices("-----BEGIN ").filter_map(|(at, _)| private_key(whole, at)));
    found.extend(whole.match_indices("://").filter_map(|(at, _)| in_address(whole, at)));
    found.extend(assigned(text));
    if text.column.iter().any(|word| NAMES.contains(&word.as_str())) && VALUE_BYTES.contains(&whole.trim().len()) {
        let because = vec!["column"];
        found.push(Found { class: Class::Secret, kind: "assigned_secret", bytes: 0..whole.len(), score: 0.8, because });
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn run(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().take_while(|byte| is_part(**byte)).count()
}

fn begins(text: &str, at: usize) -> bool {
    at == 0 || !is_part(text.as_bytes()[at - 1])
}

fn made(kind: &'static str, bytes: Range<usize>, score: f32, because: &'static str) -> Found {
    Found { class: Class::Secret, kind, bytes, score, because: vec![because] }
}

fn marked(text: &str, kind: &'static str, at: usize, begin: &str, least: usize, most: usize) -> Option<Found> {
    let from = at + begin.len();
    // Looked at first, so that a run of beginnings is not walked through from each of them.
    if !begins(text, at) {
        return None;
    }
    let length = run(text, from);
    let value = &text[from..from + length];
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    // Marks that are no words need no digit behind them.
    let mixed = (digits > 0 && digits < length)
        || !matches!(begin, "sk-" | "SK" | "dapi" | "bot" | "hf_" | "pypi-" | "npm_" | "ya29.");
    let holds = (least..=most).contains(&length) && mixed;
    // These two begin like words do: what follows has to be of one case.
    let is_hexadecimal = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let holds = holds && (!matches!(begin, "SK" | "dapi") || is_hexadecimal);
    let holds =
        holds && (!begin.starts_with('A') || begin == "AIza" || value.bytes().all(|byte| !byte.is_ascii_lowercase()));
    holds.then(|| made(kind, at..from + length, 0.97, "form"))
}

/// RFC 7519: three parts in base64url, the first two of them objects, which begin with `{"`.
fn web_token(text: &str, at: usize) -> Option<Found> {
    if !begins(text, at) {
        return None;
    }
    let header = run(text, at);
    let claims = at + header + 1;
    let is_next = |at: usize, begin: &str| text.get(at..).is_some_and(|rest| rest.starts_with(begin));
    if header < 10 || !is_next(claims - 1, ".eyJ") {
        return None;
    }
    let mut end = claims + run(text, claims);
    if is_next(end, ".") {
        end += 1 + run(text, end + 1);
    }
    Some(made("jwt", at..end, 0.98, "form"))
}

/// SendGrid: two parts behind the mark.
fn dotted(text: &str, at: usize) -> Option<Found> {
    if !begins(text, at) {
        return None;
    }
    let id = run(text, at + 3);
    let from = at + 3 + id + 1;
    let secret = text.get(from..).map(|_| run(text, from))?;
    (id == 22 && text[from - 1..].starts_with('.') && secret == 43)
        .then(|| made("sendgrid_key", at..from + secret, 0.97, "form"))
}

/// RFC 7468, also without its end.
fn private_key(text: &str, at: usize) -> Option<Found> {
    let line = text[at..].lines().next()?;
    if !line.contains("PRIVATE KEY") {
        return None;
    }
    const END: &str = "PRIVATE KEY-----";
    let behind = at + line.len();
    let rest = &text[behind..text.floor_char_boundary(text.len().min(behind + PRIVATE_KEY_BYTES_MAX))];
    let end = rest.find("-----END ").and_then(|end| rest[end..].find(END).map(|more| end + more + END.len()));
    Some(made("private_key", at..behind + end.unwrap_or(rest.len()), 0.98, "form"))
}

/// The password in `postgres://user:password@host`.
fn in_address(text: &str, at: usize) -> Option<Found> {
    let authority = &text[at + 3..text.floor_char_boundary(at + 3 + VALUE_BYTES.end())];
    let authority = &authority[..authority
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>'))
        .unwrap_or(authority.len())];
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let start = at + 3 + name.len() + 1;
    (!password.is_empty() && !is_placeholder(password))
        .then(|| made("password_in_url", start..start + password.len(), 0.9, "form"))
}

/// The value in `password = …`, `"api_key": "…"`, `Authorization: Bearer …`.
fn assigned(text: &Text<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for word in &text.words {
        // Underscores part words here, so that the last word of a name is enough: `DB_PASSWORD`, `client_secret`, `api_key`.
        let lower = word.lower();
        let is_key = matches!(lower, "key") && {
            let before = text.text[..word.start].trim_end_matches(['_', '-', ' ']).to_ascii_lowercase();
            ["api", "access", "secret", "private", "account", "signing", "encryption"]
                .iter()
                .any(|begin| before.ends_with(begin))
        };
        if !is_key && !NAMES.contains(&lower) {
            continue;
        }
        let rest = &text.text[word.end()..];
        let sign = rest.trim_start_matches(['"', '\'', ' ', '`']);
        let is_bearer = lower == "bearer" && rest.starts_with(' ');
        let value = if is_bearer {
            rest.trim_start()
        } else {
            let spoken = || SPOKEN.iter().find_map(|word| sign.strip_prefix(word));
            let Some(value) = sign.strip_prefix([':', '=']).or_else(spoken) else {
                found.extend(told(text.text, word.end()));
                continue;
            };
            value.strip_prefix('>').unwrap_or(value).trim_start_matches(' ')
        };
        let place = assigned_value(text.text, text.text.len() - value.len(), sign.starts_with('='));
        let value = &text.text[place.clone()];
        if VALUE_BYTES.contains(&value.len())
            && !is_placeholder(value)
            && (is_varied(value) || (!is_bearer && sign.starts_with([':', '=']) && lower.starts_with("pass")))
        {
            found.push(made("assigned_secret", place, 0.8, "context"));
        }
    }
    found
}

/// `the password for user rsmith is Gr33nApple#77`: some words between, so that the value has to look like nothing else.
fn told(text: &str, from: usize) -> Option<Found> {
    let rest = &text[from..text.floor_char_boundary(from + TOLD_BYTES_MAX)];
    let rest = &rest[..rest.find(['.', ',', ';', ':', '\n', '?']).unwrap_or(rest.len())];
    let at = rest.strip_prefix(' ')?.find(" is ")? + 1 + " is ".len();
    let place = assigned_value(text, from + at, false);
    let value = &text[place.clone()];
    let has = |kind: fn(char) -> bool| value.contains(kind);
    let is_strong = value.len() >= 8
        && has(|c| c.is_ascii_digit())
        && has(char::is_alphabetic)
        && has(|c| !c.is_alphanumeric() && c != '-');
    (is_strong && !is_placeholder(value)).then(|| made("assigned_secret", place, 0.7, "context"))
}

/// Returns the place of the value that begins here: between quotation marks all of it, otherwise up to what cannot stand in one. Behind `=`
/// the next member of a query ends it too.
fn assigned_value(text: &str, from: usize, is_query: bool) -> Range<usize> {
    let value = &text[from..text.floor_char_boundary(from + VALUE_BYTES.end() + 2)];
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inner = &value[1..];
        if let Some(length) = inner.find([quote, '\n']).filter(|length| inner[*length..].starts_with(quote)) {
            return from + 1..from + 1 + length;
        }
    }
    let is_mark = |c: char| matches!(c, '"' | '\'' | '`' | ' ');
    let inner = value.trim_start_matches(is_mark);
    let start = from + (value.len() - inner.len());
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '<' | '>' | ')' | '}') || (is_query && c == '&')
    };
    let length = inner.find(ends).unwrap_or(inner.len());
    // A password may end with `!`; a full stop ends the sentence.
    start..start + inner[..length].trim_end_matches('.').len()
}

/// Whether a value only shows where a secret would stand.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    if NAMES.contains(&lower.as_str()) || value.contains('…') || value.starts_with('/') {
        return true;
    }
    let shown = [
        "xxx", "***", "...", "<", "${", "{{", "your", "example", "redacted", "masked", "none", "null", "true", "false",
        "required", "tok_", "string",
    ];
    shown.iter().any(|shown| lower.starts_with(shown))
        || lower.starts_with('$')
        || lower.starts_with('%')
        || lower.contains("(")
}

/// Whether a value is none of the words of a language: letters with digits or signs among them.
fn is_varied(value: &str) -> bool {
    let kinds: [fn(char) -> bool; 3] =
        [|c| c.is_ascii_digit(), char::is_alphabetic, |c| !c.is_alphanumeric() && c != '-' && c != '.'];
    kinds.iter().filter(|kind| value.chars().any(kind)).count() >= 2
}
