//! How a JSON file holds its records: a list, a list inside an envelope, one per line, one after another, or only one.

use super::cursor::Cursor;
use super::scan::Scanner;
use aos_core::value::Value;
use std::io;

/// Names of the list in what APIs answer with, the likelier first.
const LIST_NAMES: [&str; 17] = [
    "value",
    "results",
    "records",
    "data",
    "items",
    "rows",
    "entries",
    "result",
    "list",
    "objects",
    "values",
    "elements",
    "documents",
    "content",
    "hits",
    "d",
    "response",
];
/// Parts of the names that stand beside the list, and never beside the fields of a record.
const ENVELOPE_WORDS: [&str; 30] = [
    "total",
    "size",
    "done",
    "count",
    "next",
    "prev",
    "page",
    "paging",
    "pagination",
    "limit",
    "offset",
    "more",
    "cursor",
    "token",
    "meta",
    "link",
    "success",
    "status",
    "odata",
    "query",
    "took",
    "generated",
    "exported",
    "timestamp",
    "error",
    "response",
    "request",
    "additional",
    "related",
    "version",
];
/// How many members of an object, and lines of a text, are looked at.
const MEMBERS_MAX: usize = 200;
const LINES_MAX: usize = 20;
const LINE_DEPTH_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One record per line.
    Lines,
    /// Records one after another, or a single one.
    Sequence,
    /// A list of records behind this path of member names; the file itself when the path is empty.
    List(Vec<String>),
}

/// What a look at the beginning tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FirstLook {
    Known(Layout),
    /// One object: only its members tell whether it is a record or an envelope.
    Object,
    NotJson,
}

impl Layout {
    pub(crate) fn first_look(head: &str, complete: bool, by_lines: bool) -> FirstLook {
        let head = head.trim_start();
        match head.as_bytes().first() {
            Some(b'[') => return FirstLook::Known(Self::List(Vec::new())),
            Some(b'{') => {}
            _ if by_lines && lines_are_objects(head, complete, by_lines) => return FirstLook::Known(Self::Lines),
            _ => return FirstLook::NotJson,
        }
        if lines_are_objects(head, complete, by_lines) {
            return FirstLook::Known(Self::Lines);
        }
        let end = Scanner::default().feed(head.as_bytes());
        match end.map(|end| head[end..].trim_start().as_bytes().first()) {
            Some(Some(b'{')) => FirstLook::Known(Self::Sequence),
            _ => FirstLook::Object,
        }
    }

    /// Looks through the members of the object for the list of records; `stem` is the file's name.
    pub(super) fn of_object(cursor: &mut Cursor, stem: &str) -> io::Result<Self> {
        if !cursor.accept(b'{')? {
            return Ok(Self::Sequence);
        }
        let members = outline(cursor, 2)?;
        Ok(list_path(&members, stem).map_or(Self::Sequence, Self::List))
    }
}

/// Says whether most of the first lines are each a whole object; one is enough where the file's name promises lines.
fn lines_are_objects(head: &str, complete: bool, promised: bool) -> bool {
    let mut lines: Vec<&str> = head.split('\n').collect();
    if !complete {
        lines.pop();
    }
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.trim().is_empty()).take(LINES_MAX).collect();
    let whole = lines.iter().filter(|line| is_object(line.trim())).count();
    if promised { whole > 0 } else { lines.len() >= 2 && whole > 0 && whole * 2 >= lines.len() }
}

fn is_object(line: &str) -> bool {
    let mut scanner = Scanner::default();
    line.starts_with('{')
        && scanner.feed(line.as_bytes()) == Some(line.len())
        && scanner.deepest() <= LINE_DEPTH_MAX
        && Value::parse_json(line).is_ok()
}

struct Member {
    name: String,
    kind: Kind,
}

enum Kind {
    Object(Vec<Member>),
    /// A list of objects, or an empty one.
    Records {
        empty: bool,
    },
    Other,
}

/// Lists the members of the object that was entered, without holding any value.
fn outline(cursor: &mut Cursor, levels: usize) -> io::Result<Vec<Member>> {
    let mut members = Vec::new();
    while members.len() < MEMBERS_MAX {
        let Some(name) = cursor.member()? else { break };
        let kind = match cursor.peek()? {
            Some(b'{') if levels > 1 => {
                cursor.accept(b'{')?;
                let inner = outline(cursor, levels - 1)?;
                if !cursor.accept(b'}')? {
                    members.push(Member { name, kind: Kind::Object(inner) });
                    break;
                }
                Kind::Object(inner)
            }
            Some(b'[') => {
                cursor.accept(b'[')?;
                match cursor.peek()? {
                    Some(first @ (b'{' | b']')) => {
                        let records = Kind::Records { empty: first == b']' };
                        if is_list_name(&name) && first == b'{' {
                            // Nothing behind the list can change the choice, and the list may be most of the file.
                            members.push(Member { name, kind: records });
                            break;
                        }
                        skip_list(cursor)?;
                        records
                    }
                    _ => {
                        skip_list(cursor)?;
                        Kind::Other
                    }
                }
            }
            Some(_) => {
                cursor.skip()?;
                Kind::Other
            }
            None => break,
        };
        members.push(Member { name, kind });
    }
    Ok(members)
}

fn skip_list(cursor: &mut Cursor) -> io::Result<()> {
    loop {
        match cursor.peek()? {
            Some(b',') => cursor.window.consume(1),
            Some(b']') => {
                cursor.window.consume(1);
                return Ok(());
            }
            Some(_) if cursor.skip()? => {}
            _ => return Ok(()),
        }
    }
}

fn is_list_name(name: &str) -> bool {
    LIST_NAMES[..10].contains(&name.to_ascii_lowercase().as_str())
}

fn list_path(members: &[Member], stem: &str) -> Option<Vec<String>> {
    let named = |wanted: &str| {
        members.iter().find(|member| {
            member.name.eq_ignore_ascii_case(wanted) && matches!(member.kind, Kind::Records { .. } | Kind::Object(_))
        })
    };
    let is_envelope = |list: &Member| members.iter().all(|m| m.name == list.name || is_envelope_word(&m.name));
    for wanted in [stem].into_iter().chain(LIST_NAMES) {
        match named(wanted) {
            Some(Member { name, kind: Kind::Records { .. } }) => return Some(vec![name.clone()]),
            Some(Member { name, kind: Kind::Object(inner) }) => {
                if let Some(path) = list_path(inner, stem) {
                    return Some([name.clone()].into_iter().chain(path).collect());
                }
            }
            _ => {}
        }
    }
    let mut lists = members.iter().filter(|member| matches!(member.kind, Kind::Records { empty: false }));
    match (lists.next(), lists.next()) {
        (Some(list), None) if is_envelope(list) => Some(vec![list.name.clone()]),
        _ => None,
    }
}

fn is_envelope_word(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENVELOPE_WORDS.iter().any(|word| name.contains(word))
}
