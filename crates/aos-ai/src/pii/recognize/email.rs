//! E-mail addresses: RFC 5321 as people write it, with letters of any script (RFC 6531), and the spellings that hide from machines.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;
use crate::pii::words::COMMON;

/// Words for the sign in parentheses or between spaces, in lower case, and those for the full stop.
const AT: [&str; 6] = ["at", "@", "ät", "arroba", "chiocciola", "arobase"];
const DOT: [&str; 6] = ["dot", ".", "punkt", "point", "punto", "ponto"];
/// Ends of domains that people spell out.
const TOPS: [&str; 33] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "eu", "de", "fr", "es", "nl", "uk", "ch", "pl", "pt", "br", "se",
    "dk", "fi", "ie", "ca", "mx", "ar", "jp", "cn", "au", "nz", "za", "io", "ai", "dev", "app",
];
/// Words that stand in front of `at` and are nobody's name: `look at example dot com`.
const NO_NAMES: [&str; 16] = [
    "look",
    "arrive",
    "meet",
    "shop",
    "available",
    "us",
    "me",
    "it",
    "them",
    "site",
    "online",
    "page",
    "website",
    "store",
    "order",
    "register",
];
/// Endings of files that look like a domain behind an `@`: pictures at twice their size, packages.
const NO_DOMAINS: &[&str] =
    &["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "css", "html", "json", "md", "txt", "pdf"];
const LOCAL_BYTES_MAX: usize = 64 * 4;
const DOMAIN_BYTES_MAX: usize = 255;
/// How far in front of a name an address of a machine may begin.
const ADDRESS_BYTES_MAX: usize = 128;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    found.extend(text.text.match_indices('@').filter_map(|(at, _)| address(text.text, at, "@")));
    // In the query of an address of the web.
    found.extend(text.text.match_indices("%40").filter_map(|(at, sign)| address(text.text, at, sign)));
    found.extend(text.text.match_indices("\"@").filter_map(|(at, _)| quoted(text.text, at)));
    for (at, opens) in text.text.match_indices(['[', '(', '{', '<']) {
        let length = enclosed(&text.text[at..], opens, &AT);
        let spaces = |rest: &str| rest.len() - rest.trim_start_matches(' ').len();
        let Some(end) = length.map(|length| at + length) else { continue };
        let end = end + spaces(&text.text[end..]).min(1);
        let start = at - usize::from(text.text[..at].ends_with(' '));
        found.extend(address(text.text, start, &text.text[start..end]));
    }
    found.extend((1..text.words.len()).filter_map(|at| spoken(text, at)));
}

/// `"jane miller"@example.org`: a name in quotation marks (RFC 5321, section 4.1.2). Here `closes` is the place of the second mark.
fn quoted(text: &str, closes: usize) -> Option<Found> {
    let line = &text[text.floor_char_boundary(closes.saturating_sub(LOCAL_BYTES_MAX))..closes];
    let opens = closes - (line.len() - line.rfind(['"', '\n'])?);
    let is_quoted = text[opens..].strip_prefix('"')?.starts_with(char::is_alphanumeric)
        && opens + 1 < closes
        && !text[..opens].ends_with(char::is_alphanumeric);
    let begins = closes + 2;
    let end = begins + domain(&text[begins..], false)?;
    let bytes = opens..end;
    is_quoted.then_some(Found { class: Class::Email, kind: "email", bytes, score: 0.9, because: vec!["form"] })
}

/// Returns how long one of these words in parentheses at the beginning is.
fn enclosed(text: &str, opens: &str, words: &[&str]) -> Option<usize> {
    let closes = match opens {
        "[" => ']',
        "(" => ')',
        "{" => '}',
        _ => '>',
    };
    let inner = &text[opens.len()..text.floor_char_boundary(opens.len() + 14)];
    let end = inner.find(closes)?;
    words.contains(&inner[..end].trim().to_lowercase().as_str()).then_some(opens.len() + end + 1)
}

/// `jane dot miller at example dot com`: words for both signs, with spaces between them. Here `at` is the number of the word for the first.
fn spoken(text: &Text<'_>, at: usize) -> Option<Found> {
    let between = |at: usize| &text.text[text.words[at - 1].end()..text.words[at].start];
    let is_one = |at: usize, words: &[&str]| {
        text.words.get(at).is_some_and(|word| words.contains(&word.lower())) && between(at) == " "
    };
    let is_label = |at: usize| text.words.get(at).is_some_and(|word| word.text.is_ascii()) && between(at) == " ";
    if !is_one(at, &AT) || !is_label(at + 1) || !is_one(at + 2, &DOT) || !is_label(at + 3) {
        return None;
    }
    let mut last = at + 3;
    while is_one(last + 1, &DOT) && text.words.get(last + 2).is_some() && is_label(last + 2) {
        last += 2;
    }
    let mut first = at - 1;
    while first >= 2 && is_one(first - 1, &DOT) && between(first) == " " {
        first -= 2;
    }
    let (name, top) = (&text.words[first], &text.words[last]);
    // `at this point in time` is no address.
    let is_top = TOPS.contains(&top.lower());
    let is_name = first < at - 1 || !(COMMON.contains(name.lower()) || NO_NAMES.contains(&name.lower()));
    (is_top && is_name && name.text.is_ascii()).then(|| Found {
        class: Class::Email,
        kind: "email",
        bytes: name.start..top.end(),
        score: 0.7,
        because: vec!["form"],
    })
}

fn address(text: &str, at: usize, sign: &str) -> Option<Found> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local = text[..at].char_indices().rev().take_while(|(_, c)| is_local(*c)).last().map_or(at, |(start, _)| start);
    let local = local.max(at.saturating_sub(LOCAL_BYTES_MAX));
    let local = (local..at).find(|start| text.is_char_boundary(*start))?;
    // What opens a quotation, a key or a path is no part of the name.
    let name = text[local..at].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let name = name.rsplit(['=', '|', '`', '/', '?']).next().unwrap_or(name);
    // `scheme://user:password@host` is an address of a machine, and a secret.
    let before = &text[text.floor_char_boundary(local.saturating_sub(ADDRESS_BYTES_MAX))..local];
    let word = before.rsplit(char::is_whitespace).next().unwrap_or(before);
    if before.ends_with(':') && word.contains("://") {
        return None;
    }
    if name.is_empty() || name.ends_with('.') || name.contains("..") {
        return None;
    }
    let begins = at + sign.len();
    let domain = domain(&text[begins..], !matches!(sign, "@" | "%40"))?;
    let end = begins + domain;
    // `git@host.com:owner/repository` is a place of code.
    let is_place =
        text[end..].starts_with(':') && text[end + 1..].starts_with(|c: char| c.is_alphanumeric()) && name == "git";
    let score = if matches!(sign, "@" | "%40") { 0.97 } else { 0.8 };
    (!is_place).then(|| Found {
        class: Class::Email,
        kind: "email",
        bytes: at - name.len()..end,
        score,
        because: vec!["form"],
    })
}

/// Returns how many bytes of a domain stand at the beginning; none when it has no top-level domain of letters.
fn domain(text: &str, is_spelled: bool) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    let mut end =
        text.char_indices().find(|(_, c)| !is_part(*c)).map_or(text.len(), |(end, _)| end).min(DOMAIN_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    loop {
        if !is_spelled {
            break;
        }
        let rest = &text[end..];
        let spaced = rest.strip_prefix(' ').unwrap_or(rest);
        let Some(length) = spaced
            .get(..1)
            .and_then(|opens| matches!(opens, "[" | "(" | "{" | "<").then(|| enclosed(spaced, opens, &DOT)).flatten())
        else {
            break;
        };
        let behind = &spaced[length..];
        let behind = behind.strip_prefix(' ').unwrap_or(behind);
        let next = text.len() - behind.len();
        let more = behind.char_indices().find(|(_, c)| !is_part(*c)).map_or(behind.len(), |(more, _)| more);
        if more == 0 {
            break;
        }
        end = next + more;
    }
    let whole = text[..end].trim_end_matches(['.', '-']);
    let top = whole.rsplit(['.', ']', ')', '}', '>']).next()?.trim_start();
    let is_top = top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"))
        && !(top.chars().skip(1).any(char::is_uppercase) && top.chars().any(char::is_lowercase))
        && !NO_DOMAINS.contains(&top.to_ascii_lowercase().as_str());
    let labels_are_whole =
        whole.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    let has_dot = top.len() < whole.len();
    (is_top && labels_are_whole && has_dot && whole.starts_with(char::is_alphanumeric)).then_some(whole.len())
}
