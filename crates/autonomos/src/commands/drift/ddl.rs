//! Tables as SQL defines them: `CREATE TABLE` of any usual dialect, and the keys that `ALTER TABLE` adds. What a dump holds besides is
//! passed over; names, types, lengths, choices and primary keys are read.

use super::catalog::{add_typed, declare};
use aos_core::drift::Snapshot;
use aos_core::shape::{ColumnShape, StreamShape, ValueKind};

/// Words that begin a clause about the whole table.
const OF_TABLE: [&str; 14] = [
    "constraint",
    "primary",
    "unique",
    "foreign",
    "key",
    "index",
    "check",
    "exclude",
    "fulltext",
    "spatial",
    "like",
    "period",
    "partition",
    "cluster",
];
/// Words that end the type of a column.
const AFTER_TYPE: [&str; 20] = [
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "references",
    "check",
    "collate",
    "generated",
    "comment",
    "auto_increment",
    "autoincrement",
    "identity",
    "encode",
    "constraint",
    "on",
    "as",
    "options",
    "distkey",
    "sortkey",
];
/// Words between `CREATE` and `TABLE`, and between `TABLE` and the name.
const BEFORE_NAME: [&str; 14] = [
    "or",
    "replace",
    "global",
    "local",
    "temp",
    "temporary",
    "unlogged",
    "transient",
    "external",
    "if",
    "not",
    "exists",
    "foreign",
    "only",
];

/// One piece of SQL.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// A word or number, as written.
    Word(String),
    /// A quoted name: `"a"`, `` `a` ``, `[a]`.
    Name(String),
    /// A quoted text.
    Text(String),
    Sign(char),
}

/// Returns the tables that the text defines; none where it defines no table.
pub fn tables(sql: &str) -> Vec<Snapshot> {
    let mut tables: Vec<Snapshot> = Vec::new();
    let pieces = pieces(sql);
    for statement in pieces.split(|piece| *piece == Piece::Sign(';')) {
        match statement.first().and_then(word) {
            Some(first) if first == "create" => tables.extend(created(statement)),
            Some(first) if first == "alter" => keyed(statement, &mut tables),
            _ => {}
        }
    }
    tables
}

fn created(statement: &[Piece]) -> Option<Snapshot> {
    let at = statement.iter().take(8).position(|piece| word(piece).as_deref() == Some("table"))?;
    if !statement[1..at].iter().all(is_before_name) {
        return None;
    }
    let (name, rest) = named(&statement[at + 1..])?;
    let body = within_brackets(rest).filter(|_| rest.first() == Some(&Piece::Sign('(')))?;
    let mut snapshot = Snapshot::of_shape(StreamShape::of_names(name, [""; 0]));
    let clauses: Vec<&[Piece]> = clauses(body);
    clauses.iter().for_each(|clause| add_column(&mut snapshot, clause));
    clauses.iter().for_each(|clause| declare_key(&mut snapshot, clause));
    (!snapshot.shape.columns.is_empty()).then_some(snapshot)
}

/// Reads `ALTER TABLE … ADD … PRIMARY KEY (…)`, as dumps write it.
fn keyed(statement: &[Piece], tables: &mut [Snapshot]) {
    let Some((name, rest)) = statement.get(2..).and_then(named) else { return };
    if let Some(table) = tables.iter_mut().find(|table| table.shape.stream == name) {
        declare_key(table, rest);
    }
}

fn is_before_name(piece: &Piece) -> bool {
    word(piece).is_some_and(|word| BEFORE_NAME.contains(&word.as_str()))
}

/// The last part of the name that begins here, and what follows it.
fn named(pieces: &[Piece]) -> Option<(String, &[Piece])> {
    let begin = pieces.iter().position(|piece| !is_before_name(piece))?;
    let (mut name, mut at) = (text(pieces.get(begin)?)?, begin + 1);
    while pieces.get(at) == Some(&Piece::Sign('.')) {
        name = text(pieces.get(at + 1)?)?;
        at += 2;
    }
    Some((name, &pieces[at..]))
}

/// What stands between the brackets that open here.
fn within_brackets(pieces: &[Piece]) -> Option<&[Piece]> {
    let begin = pieces.iter().position(|piece| *piece == Piece::Sign('('))?;
    let mut depth = 0usize;
    for (at, piece) in pieces.iter().enumerate().skip(begin) {
        match piece {
            Piece::Sign('(') => depth += 1,
            Piece::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(&pieces[begin + 1..at]);
        }
    }
    None
}

/// The definitions in the brackets of a table; a comma within brackets, round or pointed, divides none.
fn clauses(body: &[Piece]) -> Vec<&[Piece]> {
    let mut depth = 0usize;
    body.split(|piece| {
        match piece {
            Piece::Sign('(' | '<') => depth += 1,
            Piece::Sign(')' | '>') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *piece == Piece::Sign(',')
    })
    .collect()
}

fn add_column(snapshot: &mut Snapshot, clause: &[Piece]) {
    let Some((first, rest)) = clause.split_first() else { return };
    if word(first).is_some_and(|word| OF_TABLE.contains(&word.as_str()) && !is_type_next(rest)) {
        return;
    }
    let Some(name) = text(first) else { return };
    let after = |piece: &Piece| word(piece).is_some_and(|word| AFTER_TYPE.contains(&word.as_str()));
    let end = rest.iter().position(after).unwrap_or(rest.len());
    let (kind, others) = rest.split_at(end);
    let is_list = kind.windows(2).any(|pair| pair == [Piece::Sign('['), Piece::Sign(']')])
        || kind.iter().any(|piece| word(piece).as_deref() == Some("array"));
    let kind = if is_list { "array".to_owned() } else { written(kind) };
    add_typed(snapshot, ColumnShape::unseen(name.clone()), &kind);
    let is_key = others.windows(2).any(is_primary_key);
    let not_null = others.windows(2).any(|pair| are_words(pair, ["not", "null"]));
    declare(snapshot, name, |said| {
        said.key |= is_key;
        said.nullable = Some(!is_key && !not_null);
    });
}

/// Whether a column is called like a clause: `key text`, `index integer`.
fn is_type_next(rest: &[Piece]) -> bool {
    rest.first().is_some_and(|next| {
        matches!(next, Piece::Word(kind) if aos_core::drift::DeclaredType::read(kind).kind != ValueKind::Unknown)
    })
}

fn is_primary_key(pieces: &[Piece]) -> bool {
    are_words(pieces, ["primary", "key"])
}

fn are_words(pieces: &[Piece], words: [&str; 2]) -> bool {
    pieces.len() >= 2 && pieces.iter().zip(words).all(|(piece, wanted)| word(piece).as_deref() == Some(wanted))
}

/// Marks the columns that `PRIMARY KEY (a, b)` names.
fn declare_key(snapshot: &mut Snapshot, clause: &[Piece]) {
    let begins_table_clause =
        clause.first().and_then(word).is_some_and(|word| ["constraint", "primary", "add"].contains(&word.as_str()));
    let Some(at) = clause.windows(2).position(is_primary_key).filter(|_| begins_table_clause) else { return };
    let columns = within_brackets(&clause[at..]).unwrap_or_default();
    for name in columns.iter().filter_map(text) {
        declare(snapshot, name, |said| {
            said.key = true;
            said.nullable = Some(false);
        });
    }
}

/// A type as one text, the names of the standard in their short form.
fn written(kind: &[Piece]) -> String {
    let parts: Vec<String> = kind
        .iter()
        .map(|piece| match piece {
            Piece::Word(word) | Piece::Name(word) => format!("{word} "),
            Piece::Text(text) => format!("'{text}'"),
            Piece::Sign(sign) => sign.to_string(),
        })
        .collect();
    let all = parts.concat().replace(" (", "(").trim().to_owned();
    let lower = all.to_lowercase();
    let short =
        [("character varying", "varchar"), ("national character varying", "varchar"), ("double precision", "double")];
    match short.iter().find(|(long, _)| lower.starts_with(long)) {
        Some((long, short)) => format!("{short}{}", &all[long.len()..]),
        None => all,
    }
}

/// An unquoted word in small letters.
fn word(piece: &Piece) -> Option<String> {
    match piece {
        Piece::Word(word) => Some(word.to_lowercase()),
        _ => None,
    }
}

/// A name, quoted or not.
fn text(piece: &Piece) -> Option<String> {
    match piece {
        Piece::Word(name) | Piece::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// Takes SQL apart; comments are left out, and a text that does not end goes to the end.
fn pieces(sql: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            _ if rest.starts_with("--") || first == '#' => after.split_once('\n').map_or("", |(_, next)| next),
            _ if rest.starts_with("/*") => after.split_once("*/").map_or("", |(_, next)| next),
            '\'' => quoted(after, '\'', &mut pieces, Piece::Text),
            '"' => quoted(after, '"', &mut pieces, Piece::Name),
            '`' => quoted(after, '`', &mut pieces, Piece::Name),
            // `[name]` of one dialect, and `text[]` of another.
            '[' if after.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                quoted(after, ']', &mut pieces, Piece::Name)
            }
            c if c.is_whitespace() => after,
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
                pieces.push(Piece::Word(rest[..end].to_owned()));
                &rest[end..]
            }
            sign => {
                pieces.push(Piece::Sign(sign));
                after
            }
        };
    }
    pieces
}

/// Takes a text to its closing mark, which is doubled where it is part of the text.
fn quoted<'s>(rest: &'s str, mark: char, pieces: &mut Vec<Piece>, make: fn(String) -> Piece) -> &'s str {
    let mut text = String::new();
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != mark {
            text.push(letter);
        } else if letters.peek().is_some_and(|(_, next)| *next == mark) {
            text.push(mark);
            letters.next();
        } else {
            pieces.push(make(text));
            return &rest[at + mark.len_utf8()..];
        }
    }
    pieces.push(make(text));
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_several_dialects_are_read() {
        let sql = r#"
            -- a dump
            SET client_encoding = 'UTF8';
            CREATE TABLE public.deals (
                id bigint NOT NULL, "Name" character varying(80) DEFAULT 'a, (b)', amount numeric(12,2),
                tags text[], stage ENUM('open', 'won') NOT NULL, closed_at timestamp with time zone,
                key text, CONSTRAINT deals_owner FOREIGN KEY (owner_id) REFERENCES users (id)
            );
            ALTER TABLE ONLY public.deals ADD CONSTRAINT deals_pkey PRIMARY KEY (id);
            CREATE TABLE IF NOT EXISTS `lines` (`deal` INT UNSIGNED AUTO_INCREMENT, `no` INT, PRIMARY KEY (`deal`, `no`)) ENGINE=InnoDB;
            CREATE INDEX lines_no ON lines (no);
            create or replace TABLE raw.[Items] ([Id] int primary key, payload STRUCT<a STRING, b INT64>, at DATETIME2 /* local */);
        "#;
        let tables = tables(sql);
        let shown = |table: &Snapshot| {
            let kinds = table.shape.columns.iter().map(|column| (column.path.clone(), column.kind)).collect::<Vec<_>>();
            let keys =
                table.declared.iter().filter(|(_, said)| said.key).map(|(path, _)| path.clone()).collect::<Vec<_>>();
            (table.shape.stream.clone(), kinds, keys)
        };
        use ValueKind::{Datetime, Decimal, Integer, List, Object, String as Text};
        let columns = |list: &[(&str, ValueKind)]| {
            list.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect::<Vec<_>>()
        };
        let expected = [
            (
                "deals",
                columns(&[
                    ("id", Integer),
                    ("Name", Text),
                    ("amount", Decimal),
                    ("tags", List),
                    ("stage", Text),
                    ("closed_at", Datetime),
                    ("key", Text),
                ]),
                vec!["id"],
            ),
            ("lines", columns(&[("deal", Integer), ("no", Integer)]), vec!["deal", "no"]),
            ("Items", columns(&[("Id", Integer), ("payload", Object), ("at", Datetime)]), vec!["Id"]),
        ];
        assert_eq!(tables.len(), 3);
        for (table, (name, columns, keys)) in tables.iter().zip(expected) {
            assert_eq!(
                shown(table),
                (name.to_owned(), columns, keys.into_iter().map(str::to_owned).collect::<Vec<_>>())
            );
        }
        assert_eq!(tables[0].declared["Name"].length, Some(80));
        assert_eq!(tables[0].declared["stage"].choices, ["open", "won"]);
        assert!(super::tables("SELECT * FROM deals; INSERT INTO t VALUES ('CREATE TABLE x (a int)')").is_empty());
    }
}
