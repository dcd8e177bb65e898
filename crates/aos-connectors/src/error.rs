//! Why a source cannot be read, and what to do about it. A single bad record is no error: see [`crate::Malformed`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("{} was not found; check the path for typing errors, or make it absolute", path.display())]
    NotFound { path: PathBuf },
    #[error("the source {source_name} has no stream {stream}; it has: {known}")]
    UnknownStream { source_name: String, stream: String, known: String },
    #[error("{} cannot be read; check that the file's permissions let this user read it", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: Arc<std::io::Error>,
    },
    #[error("{} is empty; export it again with at least its header line", path.display())]
    Empty { path: PathBuf },
    #[error("{} holds binary data where text was expected; export it as CSV, JSON or Parquet", path.display())]
    Binary { path: PathBuf },
    #[error("{} is in a format that is not read ({reason}); export it as CSV, TSV, JSON, NDJSON or Parquet", path.display())]
    UnsupportedFormat { path: PathBuf, reason: String },
    #[error("{} has an encoding that cannot be read ({reason}); save it as UTF-8", path.display())]
    Encoding { path: PathBuf, reason: String },
    #[error("{} is damaged ({reason}); export or copy it again", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{} lies outside the folders that may be read; move it there, or let the operator allow its folder", path.display())]
    OutsideAllowedRoot { path: PathBuf },
    #[error("{} holds more than {max} files; connect its sub-folders one by one, or raise the limit", path.display())]
    TooManyFiles { path: PathBuf, max: usize },
    #[error("{} holds no file that can be read; put CSV, TSV, JSON, NDJSON or Parquet files there", path.display())]
    NoFiles { path: PathBuf },
    #[error("the pattern {pattern} is not valid ({reason}); use * and ? as in a shell")]
    Pattern { pattern: String, reason: String },
    #[error("{} has more than {max} columns; split the table", path.display())]
    TooManyColumns { path: PathBuf, max: usize },
}

impl Error {
    /// Sorts an operating system error by what the reader of the message can do about it.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound { path },
            // What a decompressor says about a file that was cut or changed.
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => {
                Self::Damaged { path, reason: source.to_string() }
            }
            std::io::ErrorKind::Other if !path.is_dir() && source.raw_os_error().is_none() => {
                Self::Damaged { path, reason: source.to_string() }
            }
            _ => Self::Unreadable { path, source: Arc::new(source) },
        }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::UnknownStream { .. } => "unknown_stream",
            Self::Unreadable { .. } => "unreadable",
            Self::Empty { .. } => "empty",
            Self::Binary { .. } => "binary",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::Encoding { .. } => "encoding",
            Self::Damaged { .. } => "damaged",
            Self::OutsideAllowedRoot { .. } => "outside_allowed_root",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::NoFiles { .. } => "no_files",
            Self::Pattern { .. } => "pattern",
            Self::TooManyColumns { .. } => "too_many_columns",
        }
    }
}
