//! Looking for personal data in texts.

use super::column::Column;
use super::finding::{Found, place, resolve};
use super::names::{self, Name, Names};
use super::table::{self, Cell};
use super::text::Text;
use super::{Class, Error, Finding, Policy, recognize, token};

/// The largest text that is searched at once, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How sure it is that a whole value is what the ontology says of its field.
const BY_ONTOLOGY: f32 = 1.0;
/// The same when only the name of the column says so, and the value looks like it.
const BY_COLUMN: f32 = 0.8;

/// Finds personal data and secrets.
///
/// The same text gives the same findings. It takes time in proportion to the length of the text; with a model for names, about a thousand
/// times as long.
#[derive(Debug, Clone)]
pub struct Detector {
    score_min: f32,
    names: Names,
}

impl Detector {
    /// Finds what is more likely than not, by rules.
    pub fn standard() -> Self {
        Self { score_min: Policy::SCORE_MIN, names: Names::default() }
    }

    /// Finds what the policy counts as found, of all classes.
    pub fn of(policy: &Policy) -> Self {
        Self { score_min: policy.score_min, names: policy.names.clone() }
    }

    /// Finds what a text holds, in its order; no two findings overlap.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a text of more than [`TEXT_BYTES_MAX`], and [`Error::Names`] when the model for names cannot be used.
    pub fn find(&self, text: &str) -> Result<Vec<Finding>, Error> {
        self.find_in(text, &Column::default())
    }

    /// The same for a value of a column: its name is read like a word in front of the value, and where the ontology says what the field
    /// holds, the whole value is that.
    ///
    /// # Errors
    /// As for [`Self::find`].
    pub fn find_in(&self, text: &str, column: &Column<'_>) -> Result<Vec<Finding>, Error> {
        Ok(self.find_each(&[(text, *column)])?.pop().unwrap_or_default())
    }

    /// The same for several values, which a model for names reads together.
    ///
    /// # Errors
    /// As for [`Self::find`]; nothing of any of them was found then.
    pub fn find_each(&self, values: &[(&str, Column<'_>)]) -> Result<Vec<Vec<Finding>>, Error> {
        if let Some((text, _)) = values.iter().find(|(text, _)| text.len() > TEXT_BYTES_MAX) {
            return Err(Error::TooLarge { size: text.len(), limit: TEXT_BYTES_MAX });
        }
        let open = |column: &Column<'_>| column.pii.is_none_or(|pii| Class::of_field(pii).is_none());
        let read: Vec<&str> = values.iter().filter(|(_, column)| open(column)).map(|(text, _)| *text).collect();
        let mut named = self.names.find(&read)?.into_iter();
        let found = values.iter().map(|(text, column)| {
            let names = if open(column) { named.next().unwrap_or_default() } else { Vec::new() };
            self.one(text, column, names)
        });
        Ok(found.collect())
    }

    fn one(&self, text: &str, column: &Column<'_>, names: Vec<Name>) -> Vec<Finding> {
        let mut found = Vec::new();
        match column.pii.map(Class::of_field) {
            Some(Some(class)) => found.extend(whole(text, class, BY_ONTOLOGY, "ontology")),
            _ => match column.name.is_empty().then(|| table::cells(text)).flatten() {
                Some(cells) => found.extend(cells.iter().flat_map(|cell| in_cell(text, cell))),
                None => found.extend(searched(text, column)),
            },
        }
        let is_sure = |finding: &Found| finding.score >= self.score_min && !finding.bytes.is_empty();
        // What is not sure enough to be told must not keep a name from being told either.
        found.retain(is_sure);
        names::add(&mut found, names);
        found.retain(is_sure);
        let marks = token::marks(text);
        if !marks.is_empty() {
            // What was taken out before is not taken out again.
            found.retain(|found| {
                !marks.iter().any(|mark| mark.bytes.start < found.bytes.end && found.bytes.start < mark.bytes.end)
            });
        }
        place(text, resolve(found))
    }
}

/// What the rules find in a value of a column.
fn searched(text: &str, column: &Column<'_>) -> Vec<Found> {
    let read = Text::new(text, column.words());
    let mut found = Vec::new();
    recognize::all(&read, &mut found);
    let named = column.class().filter(|class| looks_like(&read, *class));
    found.extend(named.and_then(|class| whole(text, class, BY_COLUMN, "column")));
    found
}

/// The same for a cell of a table in a text; the places are those in the text.
fn in_cell(text: &str, cell: &Cell<'_>) -> Vec<Found> {
    let mut found = searched(&text[cell.bytes.clone()], &Column::named(cell.column));
    for finding in &mut found {
        finding.bytes = finding.bytes.start + cell.bytes.start..finding.bytes.end + cell.bytes.start;
    }
    found
}

/// The whole value, without space around it.
fn whole(text: &str, class: Class, score: f32, because: &'static str) -> Option<Found> {
    let start = text.len() - text.trim_start().len();
    let end = start + text.trim().len();
    (end > start).then(|| Found { class, kind: class.as_str(), bytes: start..end, score, because: vec![because] })
}

/// Whether a value can be what the name of its column says.
fn looks_like(text: &Text<'_>, class: Class) -> bool {
    let (words, letters) = (text.words.len(), text.text.chars().any(char::is_alphabetic));
    let digits = text.text.bytes().any(|byte| byte.is_ascii_digit());
    match class {
        Class::PersonName => (1..=6).contains(&words) && letters && !digits && !text.text.contains(['@', '/', '<']),
        Class::Address => (2..=16).contains(&words) && letters && !text.text.contains(['@', '<']),
        Class::Organization => (1..=10).contains(&words) && letters && !text.text.contains('@'),
        _ => false,
    }
}
