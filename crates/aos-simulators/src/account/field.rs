//! The fields of a stream: what each is called, what it holds, and how its cell of any row comes about.

use super::draw::Draw;

/// What a field holds, in words that every vendor translates into its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text {
        chars_max: u32,
    },
    LongText,
    Email,
    Phone,
    Url,
    Integer,
    /// A number with a fixed count of digits before and after the point.
    Decimal {
        precision: u8,
        scale: u8,
        money: bool,
    },
    Boolean,
    Date,
    Time,
    Choice {
        options: Vec<Choice>,
        multiple: bool,
    },
    /// A row of another stream, or of the same one.
    Link {
        to: &'static str,
    },
    /// The record's own id.
    Key,
    Object(Vec<Field>),
}

/// One option of a choice: `code` is what is stored, `label` what a person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub code: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What the vendor's API calls it; a custom field's name is what the vendor makes of its label.
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub custom: bool,
    pub formula: Formula,
}

/// How a cell comes about: drawn from the seed, or made of what other fields hold. Drift rewrites formulas and touches no record.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// The slot is the name the field was born with: changes to a record are kept under it, whatever the field is called later.
    Drawn {
        slot: String,
        draw: Draw,
        null_percent: u8,
    },
    /// The same, written as text.
    Text(Box<Field>),
    /// The same number, times a power of ten.
    Scaled {
        of: Box<Field>,
        power: i8,
    },
    /// One part of a text: its first word, or what comes after it.
    Part {
        of: Box<Field>,
        first: bool,
    },
    Joined {
        of: Vec<Field>,
        with: String,
    },
    Cut {
        of: Box<Field>,
        chars: u32,
    },
    /// The same choice, where one option has become several; which one a row has is drawn.
    Split {
        of: Box<Field>,
        option: usize,
        into: Vec<usize>,
    },
    Members(Vec<Field>),
}

impl Field {
    pub fn new(name: &str, label: &str, kind: Kind, draw: Draw) -> Self {
        let formula = Formula::Drawn { slot: name.to_owned(), draw, null_percent: 0 };
        Self { name: name.to_owned(), label: label.to_owned(), kind, custom: false, formula }
    }

    /// Leaves it empty in so many of a hundred records.
    pub fn nulls(mut self, percent: u8) -> Self {
        if let Formula::Drawn { null_percent, .. } = &mut self.formula {
            *null_percent = percent;
        }
        self
    }

    /// Marks it as one that the account's owner has added.
    pub fn custom(mut self) -> Self {
        self.custom = true;
        self
    }

    /// Returns where changes to its cells are kept; none when they are made of other fields' cells.
    pub fn slot(&self) -> Option<&str> {
        match &self.formula {
            Formula::Drawn { slot, .. } => Some(slot),
            _ => None,
        }
    }
}

pub fn text(chars_max: u32) -> Kind {
    Kind::Text { chars_max }
}

/// A choice whose codes are their own labels.
pub fn choice(options: &[&str]) -> Kind {
    let options = options.iter().map(|option| Choice { code: (*option).to_owned(), label: (*option).to_owned() });
    Kind::Choice { options: options.collect(), multiple: false }
}

/// A choice with codes of its own.
pub fn coded(options: &[(&str, &str)]) -> Kind {
    let options = options.iter().map(|(code, label)| Choice { code: (*code).to_owned(), label: (*label).to_owned() });
    Kind::Choice { options: options.collect(), multiple: false }
}

/// A choice of which a record may have several.
pub fn several(kind: Kind) -> Kind {
    match kind {
        Kind::Choice { options, .. } => Kind::Choice { options, multiple: true },
        other => other,
    }
}

pub fn money() -> Kind {
    Kind::Decimal { precision: 18, scale: 2, money: true }
}

pub fn decimal(precision: u8, scale: u8) -> Kind {
    Kind::Decimal { precision, scale, money: false }
}
