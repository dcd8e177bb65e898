//! What a migration would take away, read from its text. Pure.

use super::words::{Word, statements};

/// Something that a statement would lose, whether or not there is any of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    Table(String),
    /// The rows of a table that stays, all or some.
    Rows(String),
    Column {
        table: String,
        column: String,
    },
    /// A column that gets another type.
    Retyped {
        table: String,
        column: String,
        to: String,
    },
    Schema(String),
    /// A block of code whose text speaks of such a thing; what it does is not known before it runs.
    Block(&'static str),
}

/// Lists what a script would lose, in its order.
pub(super) fn losses(sql: &str) -> Vec<Loss> {
    statements(sql).iter().flat_map(|statement| losses_of(statement)).collect()
}

fn losses_of(statement: &[Word]) -> Vec<Loss> {
    let mut words = Words(statement);
    if words.take("drop") {
        if words.take("table") {
            words.take_all(&["if", "exists"]);
            return words.names().into_iter().map(Loss::Table).collect();
        }
        if words.take("schema") {
            words.take_all(&["if", "exists"]);
            return words.names().into_iter().map(Loss::Schema).collect();
        }
    } else if words.take("truncate") {
        words.take_all(&["table"]);
        words.take_all(&["only"]);
        return words.names().into_iter().map(Loss::Rows).collect();
    } else if words.take("delete") {
        words.take_all(&["from"]);
        words.take_all(&["only"]);
        return words.name().map(Loss::Rows).into_iter().collect();
    } else if words.take("alter") && words.take("table") {
        words.take_all(&["if", "exists"]);
        words.take_all(&["only"]);
        let Some(table) = words.name() else { return Vec::new() };
        return words.actions().into_iter().filter_map(|action| altered(&table, Words(action))).collect();
    } else if words.take("do") {
        return block(statement);
    } else if words.take("with") {
        // A statement with parts in front may change rows in any of them.
        let deletes = statement.windows(2).find(|pair| pair[0].is("delete") && pair[1].is("from"));
        return deletes.map(|_| Loss::Block("deletes rows")).into_iter().collect();
    }
    Vec::new()
}

fn altered(table: &str, mut words: Words<'_>) -> Option<Loss> {
    let table = table.to_owned();
    if words.take("drop") {
        if words.take("constraint") {
            return None;
        }
        words.take_all(&["column"]);
        words.take_all(&["if", "exists"]);
        return words.name().map(|column| Loss::Column { table, column });
    }
    if !words.take("alter") {
        return None;
    }
    words.take_all(&["column"]);
    let column = words.name()?;
    words.take_all(&["set", "data"]);
    if !words.take("type") {
        return None;
    }
    let mut to = String::new();
    for word in words.0.iter().take_while(|word| !word.is("using") && !word.is("collate")) {
        match word {
            Word::Sign(sign) => to.push(*sign),
            Word::Plain(word) | Word::Quoted(word) | Word::Text(word) => {
                if !to.is_empty() && !to.ends_with('(') {
                    to.push(' ');
                }
                to.push_str(word);
            }
        }
    }
    Some(Loss::Retyped { table, column, to })
}

fn block(statement: &[Word]) -> Vec<Loss> {
    let bodies = statement.iter().filter_map(|word| if let Word::Text(body) = word { Some(body) } else { None });
    let said: String = bodies.flat_map(|body| [body.as_str(), "\n"]).collect();
    let said = said.to_lowercase();
    let said: Vec<&str> =
        said.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let speaks_of = |wanted: &[&str]| said.windows(wanted.len()).any(|words| words == wanted);
    let kinds: [(&[&str], &str); 5] = [
        (&["drop", "table"], "drops a table"),
        (&["drop", "column"], "drops a column"),
        (&["drop", "schema"], "drops a schema"),
        (&["truncate"], "empties a table"),
        (&["delete", "from"], "deletes rows"),
    ];
    kinds.into_iter().filter(|(wanted, _)| speaks_of(wanted)).map(|(_, what)| Loss::Block(what)).collect()
}

/// Words that are still to be read.
struct Words<'w>(&'w [Word]);

impl<'w> Words<'w> {
    fn take(&mut self, keyword: &str) -> bool {
        let found = self.0.first().is_some_and(|word| word.is(keyword));
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// Takes a run of keywords where it stands whole, else nothing.
    fn take_all(&mut self, keywords: &[&str]) {
        let whole =
            self.0.len() >= keywords.len() && keywords.iter().zip(self.0).all(|(keyword, word)| word.is(keyword));
        if whole {
            self.0 = &self.0[keywords.len()..];
        }
    }

    /// Takes a name, with its schema where it has one.
    fn name(&mut self) -> Option<String> {
        let mut name = self.0.first()?.name()?.to_owned();
        self.0 = &self.0[1..];
        while let [Word::Sign('.'), part, rest @ ..] = self.0 {
            name = format!("{name}.{}", part.name()?);
            self.0 = rest;
        }
        Some(name)
    }

    /// Takes names with commas between them.
    fn names(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            while let Some(Word::Sign('*')) = self.0.first() {
                self.0 = &self.0[1..];
            }
            match self.0.first() {
                Some(Word::Sign(',')) => self.0 = &self.0[1..],
                _ => break,
            }
        }
        names
    }

    /// Cuts the actions of ALTER TABLE at the commas outside parentheses.
    fn actions(&self) -> Vec<&'w [Word]> {
        let mut depth = 0;
        let outside = |word: &Word| {
            match word {
                Word::Sign('(') => depth += 1,
                Word::Sign(')') => depth -= 1,
                _ => {}
            }
            depth == 0 && *word == Word::Sign(',')
        };
        self.0.split(outside).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(table: &str, column: &str) -> Loss {
        Loss::Column { table: table.into(), column: column.into() }
    }

    #[test]
    fn every_statement_that_takes_something_away_is_seen() {
        let sql = r#"
            -- DROP TABLE in_a_comment;
            /* DROP TABLE in_another; /* nested */ */
            CREATE TABLE notes (text TEXT DEFAULT 'DROP TABLE in_a_string; --');
            DROP TABLE IF EXISTS Old_Notes, public."Odd;Name" CASCADE;
            TRUNCATE TABLE ONLY events;
            delete from users where name = ';';
            ALTER TABLE users DROP COLUMN IF EXISTS phone, ADD COLUMN a NUMERIC(10, 2), DROP fax CASCADE,
                              DROP CONSTRAINT users_check, ALTER COLUMN age SET DATA TYPE varchar(10) USING age::TEXT,
                              ALTER b DROP NOT NULL, ALTER c TYPE double precision;
            ALTER INDEX i RENAME TO j;
            DROP INDEX i; DROP VIEW v; DROP FUNCTION f(int);
            DROP SCHEMA old;
            WITH gone AS (DELETE FROM events RETURNING *) INSERT INTO archive SELECT * FROM gone;
            DO $body$ BEGIN EXECUTE 'Drop  Table ' || name; END $body$;
            CREATE FUNCTION f() RETURNS VOID LANGUAGE sql AS $$ DELETE FROM users $$;
        "#;
        let retyped =
            |column: &str, to: &str| Loss::Retyped { table: "users".into(), column: column.into(), to: to.into() };
        assert_eq!(
            losses(sql),
            [
                Loss::Table("old_notes".into()),
                Loss::Table("public.Odd;Name".into()),
                Loss::Rows("events".into()),
                Loss::Rows("users".into()),
                column("users", "phone"),
                column("users", "fax"),
                retyped("age", "varchar(10)"),
                retyped("c", "double precision"),
                Loss::Schema("old".into()),
                Loss::Block("deletes rows"),
                Loss::Block("drops a table"),
            ]
        );
    }

    #[test]
    fn what_only_adds_loses_nothing() {
        let sql = "CREATE TABLE a (b INT); ALTER TABLE a ADD COLUMN c TEXT; CREATE INDEX i ON a (b); INSERT INTO a VALUES (1);
                   DO $$ BEGIN PERFORM 1; END $$; ALTER TABLE a ALTER COLUMN b SET DEFAULT 1, ALTER COLUMN b DROP DEFAULT;
                   ALTER TABLE a FORCE ROW LEVEL SECURITY; UPDATE a SET b = 2;";
        assert_eq!(losses(sql), []);
    }
}
