//! A change that was found in a column, with the repair that would undo it.

use aos_core::drift::{ChangeKind, Evidence, Retyping, Signal};
use aos_core::mapping::Transform;
use serde::Serialize;

/// What a proposal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Read the value where it is now.
    Rename,
    /// Read the value where it is now, inside an object or list.
    Nest,
    /// Read the value where it is now, no longer inside an object.
    Flatten,
    Cast,
    Rescale,
    ValueTable,
    DateFormat,
    Concat,
    Split,
    /// Read the first item of a list.
    Unwrap,
    Expression,
    /// Read the two columns crosswise.
    Swap,
    /// Nothing has to change: what is read today stays right.
    Keep,
    /// The source has dropped it; no column holds it.
    None,
    /// The stream goes by another name.
    RenameStream,
    /// The source has dropped the stream; what was read is kept.
    RetireStream,
    /// A person must decide; no rule is known.
    Review,
}

impl Repair {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Nest => "nest",
            Self::Flatten => "flatten",
            Self::Cast => "cast",
            Self::Rescale => "rescale",
            Self::ValueTable => "value_table",
            Self::DateFormat => "date_format",
            Self::Concat => "concat",
            Self::Split => "split",
            Self::Unwrap => "unwrap",
            Self::Expression => "expression",
            Self::Swap => "swap",
            Self::Keep => "keep",
            Self::None => "none",
            Self::RenameStream => "rename_stream",
            Self::RetireStream => "retire_stream",
            Self::Review => "review",
        }
    }
}

/// What a confidence rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    Names,
    Distribution,
    Rows,
}

impl Proof {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Distribution => "distribution",
            Self::Rows => "rows",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub kind: ChangeKind,
    pub retyping: Option<Retyping>,
    /// Every value seen can be read as before.
    pub conforms: bool,
    /// What was known before is gone or means something else.
    pub loses: bool,
    pub evidence: Vec<Evidence>,
    pub fix: Option<Fix>,
}

#[derive(Debug, Clone)]
pub(crate) struct Fix {
    pub repair: Repair,
    pub transforms: Vec<Transform>,
    pub confidence: f64,
    pub proof: Proof,
    pub held: Option<String>,
}

impl Finding {
    pub fn new(kind: ChangeKind, evidence: Vec<Evidence>) -> Self {
        Self { kind, retyping: None, conforms: false, loses: false, evidence, fix: None }
    }

    pub fn loses(self) -> Self {
        Self { loses: true, ..self }
    }

    pub fn repaired(self, repair: Repair, transforms: Vec<Transform>, confidence: f64, proof: Proof) -> Self {
        Self { fix: Some(Fix { repair, transforms, confidence, proof, held: None }), ..self }
    }

    pub fn because(mut self, says: &str) -> Self {
        self.evidence.push(Evidence::new(Signal::Type, says));
        self
    }

    /// Leaves the repair to a person, whatever its confidence.
    pub fn held(mut self, why: &str) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.held = Some(why.to_owned());
        }
        self
    }
}
