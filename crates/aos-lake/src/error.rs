//! Why the lake could not keep or give back a segment.

use crate::segment::SegmentId;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("segment {0} is not in the lake; read the stream again from its source")]
    NotFound(SegmentId),
    #[error("segment {id} is damaged ({reason}); delete it and read the stream again from its source")]
    Corrupt { id: SegmentId, reason: String },
    #[error("segment {id} was written by a newer version (format {version}); upgrade before reading it")]
    NewerFormat { id: SegmentId, version: u64 },
    #[error("a record at position {position} cannot be kept: {reason}")]
    InvalidRecord { position: u64, reason: String },
    #[error("two columns are called {0}; give them different names")]
    DuplicateColumn(String),
    #[error("the lake cannot use {}; check its permissions and the free space", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
