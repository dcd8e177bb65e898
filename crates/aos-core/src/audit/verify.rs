//! Checks an export line by line, without the system it is from.

use super::{BEGINNING, Begin, ExportedEntry, FORMAT, Head, Link, SignedHead, Verifier};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a sound export turned out to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    pub head: Head,
    /// Who signed it: to be compared with the installation's key, unless that was given.
    pub key: String,
    /// How many signed heads stand in it, the last among them.
    pub heads: u64,
}

/// The first thing that is wrong. `line` counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("line {line} cannot be read: {reason}")]
    Unreadable { line: u64, reason: String },
    #[error("line {line}: entry {found} stands where entry {expected} belongs: one was removed, added, or moved")]
    OutOfOrder { line: u64, expected: u64, found: u64 },
    #[error("line {line}: entry {seq} was changed, or one before it: its link is not what its words give")]
    Changed { line: u64, seq: u64 },
    #[error("line {line}: the signed head names another chain, {found}")]
    OtherChain { line: u64, found: uuid::Uuid },
    #[error(
        "line {line}: the signed head says that entry {seq} was the last, but entry {found} is before it: entries were removed or added"
    )]
    Cut { line: u64, seq: u64, found: u64 },
    #[error("line {line}: the signed head stands for other entries than those before it: the chain was written anew")]
    Rewritten { line: u64 },
    #[error("line {line}: the signature of the head is not valid for the key {key}")]
    Unsigned { line: u64, key: String },
    #[error("the head was signed with the key {found}, not with the one that was given")]
    OtherKey { found: String },
    #[error("the export does not end with a signed head: its end was cut off")]
    NoHead,
    #[error("the earlier head of entry {seq} stands for other entries than these: the chain was written anew since")]
    NotTheSame { seq: u64 },
    #[error("the chain ends at entry {found}, before the earlier head of entry {seq}: its end was cut off since")]
    Shorter { seq: u64, found: u64 },
}

/// A line after the first: an entry, or a signed head.
enum Line {
    Head(SignedHead),
    Entry(ExportedEntry),
}

/// Checks every line of an export: that no entry was changed, removed, added or moved, and that its end is there.
///
/// `key`, when it is given, must have signed the last head. `earlier`, a head that someone kept from before, must still be part of the
/// chain; with it even someone who holds the signing key cannot change what was before.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify<'l>(
    lines: impl IntoIterator<Item = std::io::Result<std::borrow::Cow<'l, str>>>,
    key: Option<&Verifier>,
    earlier: Option<&Head>,
) -> Result<Verified, Broken> {
    let mut numbered = (1u64..).zip(lines);
    let Some((line, begin)) = numbered.next() else { return Err(Broken::NoHead) };
    let begin: Begin = exact(line, &text_of(line, begin)?)?;
    if begin.format != FORMAT {
        return Err(Broken::Unreadable { line, reason: format!("the format is {}, not {FORMAT}", begin.format) });
    }
    let (mut seq, mut link) = (0, BEGINNING);
    let mut last: Option<SignedHead> = None;
    let mut heads = 0;
    check_earlier(earlier, seq, link)?;
    for (line, text) in numbered {
        match Line::of(line, &text_of(line, text)?)? {
            Line::Entry(found) => {
                seq += 1;
                link = follow(line, seq, link, begin.chain, &found)?;
                check_earlier(earlier, seq, link)?;
                last = None;
            }
            Line::Head(head) => {
                check_head(line, &head, (begin.chain, seq, link))?;
                heads += 1;
                last = Some(head);
            }
        }
    }
    let SignedHead { head, key: found, .. } = last.ok_or(Broken::NoHead)?;
    if key.is_some_and(|key| key.to_string() != found) {
        return Err(Broken::OtherKey { found });
    }
    match earlier.filter(|earlier| earlier.seq > seq) {
        Some(earlier) => Err(Broken::Shorter { seq: earlier.seq, found: seq }),
        None => Ok(Verified { head, key: found, heads }),
    }
}

impl Line {
    fn of(line: u64, text: &str) -> Result<Self, Broken> {
        #[derive(Serialize, Deserialize)]
        struct HeadLine {
            head: SignedHead,
        }
        if text.starts_with("{\"head\":") {
            return exact(line, text).map(|HeadLine { head }| Self::Head(head));
        }
        exact(line, text).map(Self::Entry)
    }
}

fn follow(line: u64, seq: u64, before: Link, chain: uuid::Uuid, found: &ExportedEntry) -> Result<Link, Broken> {
    if found.seq != seq {
        return Err(Broken::OutOfOrder { line, expected: seq, found: found.seq });
    }
    let link = before.next(seq, found.entry.digest(chain));
    if link == found.link { Ok(link) } else { Err(Broken::Changed { line, seq }) }
}

fn check_head(line: u64, signed: &SignedHead, (chain, seq, link): (uuid::Uuid, u64, Link)) -> Result<(), Broken> {
    let SignedHead { head, key, .. } = signed;
    if !key.parse().is_ok_and(|own: Verifier| own.signed(signed)) {
        return Err(Broken::Unsigned { line, key: key.clone() });
    }
    if head.chain != chain {
        return Err(Broken::OtherChain { line, found: head.chain });
    }
    if head.seq != seq {
        return Err(Broken::Cut { line, seq: head.seq, found: seq });
    }
    if head.link == link { Ok(()) } else { Err(Broken::Rewritten { line }) }
}

fn check_earlier(earlier: Option<&Head>, seq: u64, link: Link) -> Result<(), Broken> {
    match earlier {
        Some(earlier) if earlier.seq == seq && earlier.link != link => Err(Broken::NotTheSame { seq }),
        _ => Ok(()),
    }
}

fn text_of(line: u64, text: std::io::Result<std::borrow::Cow<'_, str>>) -> Result<String, Broken> {
    let text = text.map_err(|error| Broken::Unreadable { line, reason: error.to_string() })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads a line that says what it says in exactly one way: what is read, written again, is the line. Otherwise a line could say more than
/// its links and signatures stand for.
fn exact<T: DeserializeOwned + Serialize>(line: u64, text: &str) -> Result<T, Broken> {
    let unreadable = |reason: String| Broken::Unreadable { line, reason };
    crate::json::check(text).map_err(|unsound| unreadable(unsound.to_string()))?;
    let read: T = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    match serde_json::to_string(&read) {
        Ok(again) if again == text => Ok(read),
        _ => Err(unreadable("it says something that no export says, or says it in another way".to_owned())),
    }
}
