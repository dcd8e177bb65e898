//! What stands in one field of one record, before a vendor writes it in its own way.

use super::field::Kind;
use super::time;

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Integer(i64),
    /// `units` times ten to the minus `scale`.
    Decimal {
        units: i128,
        scale: u8,
    },
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01 UTC.
    Time(i64),
    /// Positions among the field's options.
    Chosen(Vec<usize>),
    /// A row of the stream that the field links to.
    Row(u64),
    Members(Vec<(String, Kind, Cell)>),
}

impl Cell {
    /// Writes a number with all its digits, without an exponent.
    pub fn number(units: i128, scale: u8) -> String {
        let scale = usize::from(scale);
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        let sign = if units < 0 { "-" } else { "" };
        if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }

    /// Writes a number like [`Cell::number`], without zeros at the end of what stands behind the point.
    pub fn short_number(units: i128, scale: u8) -> String {
        let number = Self::number(units, scale);
        if scale == 0 { number } else { number.trim_end_matches('0').trim_end_matches('.').to_owned() }
    }

    /// Writes it as plain text, as a person would; empty for null.
    pub fn plain(&self, kind: &Kind) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal { units, scale } => Self::number(*units, *scale),
            Self::Boolean(truth) => truth.to_string(),
            Self::Date(days) => time::date(*days),
            Self::Time(ms) => time::zulu(*ms),
            Self::Chosen(chosen) => {
                let Kind::Choice { options, .. } = kind else { return String::new() };
                let codes = chosen.iter().filter_map(|at| options.get(*at)).map(|option| option.code.as_str());
                codes.collect::<Vec<_>>().join(";")
            }
            Self::Row(row) => row.to_string(),
            Self::Members(members) => {
                members.iter().map(|(_, kind, cell)| cell.plain(kind)).collect::<Vec<_>>().join(" ")
            }
        }
    }
}
