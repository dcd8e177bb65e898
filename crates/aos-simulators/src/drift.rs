//! The drift dial: what a vendor, or whoever administers the account, changes about a stream without telling anybody.
//!
//! Each drift rewrites formulas of fields. No record is touched and no time of change moves, so only who compares shapes or values
//! notices. Drifts compose in the order they are applied, and every vendor writes the result in its own way.

use crate::account::{Account, Choice, Field, Formula, Kind};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "drift", rename_all = "snake_case", deny_unknown_fields)]
pub enum Drift {
    Rename {
        stream: String,
        field: String,
        to: String,
    },
    /// Writes the same values as another type: numbers, choices and times as text.
    Retype {
        stream: String,
        field: String,
    },
    /// Counts in another unit: `power` 2 makes cents of euros, -3 thousands of ones. The field's name says nothing about it.
    Unit {
        stream: String,
        field: String,
        power: i8,
    },
    /// One option of a choice becomes several.
    SplitOption {
        stream: String,
        field: String,
        option: String,
        into: Vec<String>,
    },
    /// A text becomes two fields: its first word and what comes after it.
    Split {
        stream: String,
        field: String,
        into: [String; 2],
    },
    /// Several fields become one text.
    Merge {
        stream: String,
        fields: Vec<String>,
        into: String,
        with: String,
    },
    /// Several fields become members of one object.
    Nest {
        stream: String,
        fields: Vec<String>,
        under: String,
    },
    Remove {
        stream: String,
        field: String,
    },
    RemoveStream {
        stream: String,
    },
    /// A field that is gone comes back under its old name with what another one holds.
    Reuse {
        stream: String,
        field: String,
        holds: String,
    },
    /// Texts end after so many characters from now on.
    Truncate {
        stream: String,
        field: String,
        chars: u32,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    #[error("there is no stream {0}")]
    NoStream(String),
    #[error("{stream} has no field {field}")]
    NoField { stream: String, field: String },
    #[error("{field} is not a choice with the option {option}")]
    NoOption { field: String, option: String },
    #[error("{field} holds no number, so it has no unit")]
    NoNumber { field: String },
    #[error("{stream} has a field {field} already")]
    Taken { stream: String, field: String },
}

impl Drift {
    fn stream(&self) -> &str {
        match self {
            Self::Rename { stream, .. }
            | Self::Retype { stream, .. }
            | Self::Unit { stream, .. }
            | Self::SplitOption { stream, .. }
            | Self::Split { stream, .. }
            | Self::Merge { stream, .. }
            | Self::Nest { stream, .. }
            | Self::Remove { stream, .. }
            | Self::RemoveStream { stream }
            | Self::Reuse { stream, .. }
            | Self::Truncate { stream, .. } => stream,
        }
    }

    /// Applies the drift to an account; one that does not fit leaves it as it was.
    pub fn apply(&self, account: &mut Account) -> Result<(), DriftError> {
        let stream = self.stream();
        let no_stream = || DriftError::NoStream(stream.to_owned());
        if let Self::RemoveStream { .. } = self {
            return if account.drop_stream(stream) { Ok(()) } else { Err(no_stream()) };
        }
        let fields = account.fields_mut(stream).ok_or_else(no_stream)?;
        let mut drifted = Shape { stream, fields: fields.clone() };
        drifted.drift(self)?;
        *fields = drifted.fields;
        Ok(())
    }
}

struct Shape<'a> {
    stream: &'a str,
    fields: Vec<Field>,
}

impl Shape<'_> {
    fn drift(&mut self, drift: &Drift) -> Result<(), DriftError> {
        match drift {
            Drift::Rename { field, to, .. } => {
                self.is_free(to)?;
                let renamed = self.field(field)?;
                (renamed.label, renamed.name) = (to.clone(), to.clone());
            }
            Drift::Retype { field, .. } => {
                self.derive(field, |of| (Kind::Text { chars_max: 255 }, Formula::Text(of)))?
            }
            Drift::Unit { field, power, .. } => self.scale(field, *power)?,
            Drift::SplitOption { field, option, into, .. } => self.split_option(field, option, into)?,
            Drift::Split { field, into: [head, tail], .. } => {
                let (at, whole) = self.take(field)?;
                for (name, first) in [(tail, false), (head, true)] {
                    self.is_free(name)?;
                    let formula = Formula::Part { of: Box::new(whole.clone()), first };
                    self.fields.insert(at, made(name, &whole, Kind::Text { chars_max: 255 }, formula));
                }
            }
            Drift::Merge { fields, into, with, .. } => {
                let (at, parts) = self.take_all(fields)?;
                self.is_free(into)?;
                if let Some(like) = parts.first().cloned() {
                    let formula = Formula::Joined { of: parts, with: with.clone() };
                    self.fields.insert(at, made(into, &like, Kind::Text { chars_max: 255 }, formula));
                }
            }
            Drift::Nest { fields, under, .. } => {
                let (at, members) = self.take_all(fields)?;
                self.is_free(under)?;
                if let Some(like) = members.first().cloned() {
                    let formula = Formula::Members(members.clone());
                    self.fields.insert(at, made(under, &like, Kind::Object(members), formula));
                }
            }
            Drift::Remove { field, .. } => drop(self.take(field)?),
            Drift::RemoveStream { .. } => {}
            Drift::Reuse { field, holds, .. } => {
                let held = self.field(holds)?.clone();
                let reused = self.field(field)?;
                (reused.kind, reused.formula) = (held.kind, held.formula);
            }
            Drift::Truncate { field, chars, .. } => {
                let chars = *chars;
                self.derive(field, |of| (of.kind.clone(), Formula::Cut { of, chars }))?;
            }
        }
        Ok(())
    }

    fn field(&mut self, name: &str) -> Result<&mut Field, DriftError> {
        let no_field = || DriftError::NoField { stream: self.stream.to_owned(), field: name.to_owned() };
        self.fields.iter_mut().find(|field| field.name == name).ok_or_else(no_field)
    }

    fn is_free(&self, name: &str) -> Result<(), DriftError> {
        let taken = self.fields.iter().any(|field| field.name == name);
        let error = || DriftError::Taken { stream: self.stream.to_owned(), field: name.to_owned() };
        if taken { Err(error()) } else { Ok(()) }
    }

    fn take(&mut self, name: &str) -> Result<(usize, Field), DriftError> {
        let no_field = || DriftError::NoField { stream: self.stream.to_owned(), field: name.to_owned() };
        let at = self.fields.iter().position(|field| field.name == name).ok_or_else(no_field)?;
        Ok((at, self.fields.remove(at)))
    }

    /// Takes fields out; the place is the first one's.
    fn take_all(&mut self, names: &[String]) -> Result<(usize, Vec<Field>), DriftError> {
        let taken = names.iter().map(|name| self.take(name)).collect::<Result<Vec<_>, _>>()?;
        let at = taken.first().map_or(0, |(at, _)| (*at).min(self.fields.len()));
        Ok((at, taken.into_iter().map(|(_, field)| field).collect()))
    }

    /// Puts a field in the place of one, under the same name, made of what that one holds.
    fn derive(&mut self, name: &str, make: impl FnOnce(Box<Field>) -> (Kind, Formula)) -> Result<(), DriftError> {
        let field = self.field(name)?;
        let (kind, formula) = make(Box::new(field.clone()));
        (field.kind, field.formula) = (kind, formula);
        Ok(())
    }

    fn scale(&mut self, name: &str, power: i8) -> Result<(), DriftError> {
        let kind = match self.field(name)?.kind.clone() {
            Kind::Decimal { precision, scale, money } => {
                let scale = u8::try_from(i16::from(scale) - i16::from(power)).unwrap_or(0);
                Kind::Decimal { precision, scale, money }
            }
            Kind::Integer if power >= 0 => Kind::Integer,
            Kind::Integer => Kind::Decimal { precision: 18, scale: power.unsigned_abs(), money: false },
            _ => return Err(DriftError::NoNumber { field: name.to_owned() }),
        };
        self.derive(name, |of| (kind, Formula::Scaled { of, power }))
    }

    fn split_option(&mut self, name: &str, option: &str, into: &[String]) -> Result<(), DriftError> {
        let no_option = || DriftError::NoOption { field: name.to_owned(), option: option.to_owned() };
        let Kind::Choice { mut options, multiple } = self.field(name)?.kind.clone() else { return Err(no_option()) };
        let at = options.iter().position(|found| found.code == option).ok_or_else(no_option)?;
        let first = options.len();
        options.extend(into.iter().map(|name| Choice { code: name.clone(), label: name.clone() }));
        let into = (first..options.len()).collect();
        self.derive(name, |of| (Kind::Choice { options, multiple }, Formula::Split { of, option: at, into }))
    }
}

/// A field of another name, as standard or custom as the one it is made of.
fn made(name: &str, like: &Field, kind: Kind, formula: Formula) -> Field {
    Field { name: name.to_owned(), label: name.to_owned(), kind, custom: like.custom, formula }
}
