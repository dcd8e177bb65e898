//! E-mail addresses: RFC 5321 as people write it, with letters of any script (RFC 6531), and the spellings that hide from machines.

use crate::pii::Class;
use crate::pii::finding::Found;
use crate::pii::text::Text;

/// What stands in the place of the sign, longest first.
const SIGNS: [&str; 5] = ["@", " [at] ", " (at) ", "[at]", "(at)"];
/// Endings of files that look like a domain behind an `@`: pictures at twice their size, packages.
const NO_DOMAINS: &[&str] =
    &["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "ts", "css", "html", "json", "md", "txt", "pdf"];
const LOCAL_BYTES_MAX: usize = 64 * 4;
const DOMAIN_BYTES_MAX: usize = 255;
/// How far in front of a name an address of a machine may begin.
const ADDRESS_BYTES_MAX: usize = 128;

pub(super) fn find(text: &Text<'_>, found: &mut Vec<Found>) {
    for sign in SIGNS {
        found.extend(text.text.match_indices(sign).filter_map(|(at, _)| address(text.text, at, sign)));
    }
}

fn address(text: &str, at: usize, sign: &str) -> Option<Found> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local = text[..at].char_indices().rev().take_while(|(_, c)| is_local(*c)).last().map_or(at, |(start, _)| start);
    let local = local.max(at.saturating_sub(LOCAL_BYTES_MAX));
    let local = (local..at).find(|start| text.is_char_boundary(*start))?;
    // What opens a quotation, a key or a path is no part of the name.
    let name = text[local..at].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let name = name.rsplit(['=', '|', '`']).next().unwrap_or(name);
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
    let domain = domain(&text[begins..], sign.len() > 1)?;
    let end = begins + domain;
    // `git@host.com:owner/repository` is a place of code.
    let is_place =
        text[end..].starts_with(':') && text[end + 1..].starts_with(|c: char| c.is_alphanumeric()) && name == "git";
    let score = if sign == "@" { 0.97 } else { 0.8 };
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
    let dots: &[&str] = if is_spelled { &[" [dot] ", " (dot) ", "[dot]", "(dot)"] } else { &[] };
    while let Some(rest) = dots.iter().find(|dot| text[end..].starts_with(**dot)) {
        let next = end + rest.len();
        let more = text[next..].char_indices().find(|(_, c)| !is_part(*c)).map_or(text.len() - next, |(more, _)| more);
        if more == 0 {
            break;
        }
        end = next + more;
    }
    let whole = text[..end].trim_end_matches(['.', '-']);
    let top = whole.rsplit(['.', ']', ')']).next()?.trim_start();
    let is_top = top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"))
        && !(top.chars().skip(1).any(char::is_uppercase) && top.chars().any(char::is_lowercase))
        && !NO_DOMAINS.contains(&top.to_ascii_lowercase().as_str());
    let labels_are_whole =
        whole.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    let has_dot = top.len() < whole.len();
    (is_top && labels_are_whole && has_dot && whole.starts_with(char::is_alphanumeric)).then_some(whole.len())
}
