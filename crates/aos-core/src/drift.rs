//! Drift: what changed between two versions of a stream, said path by path. Here is what a change *is*, how bad it is, and what is
//! known of a version (its shape, what it declares, some of its rows). Finding changes of meaning and proposing repairs is the
//! matcher's business.

mod change;
mod declared;
mod mapping_file;
mod paths;
mod rows;
mod severity;
mod snapshot;

pub use change::{Change, ChangeKind, Evidence, Pair, Retyping, Signal, Widening};
pub use declared::DeclaredType;
pub use mapping_file::{MappingFileError, read_mappings};
pub use paths::{PathDiff, widening};
pub use rows::{RowSample, RowSampler, SampledRow, same_key};
pub use severity::{ContractAction, Severity, Stake, default_action, severity};
pub use snapshot::{Declared, Snapshot};
