//! What a look at a folder tells of its files, without opening one.

use super::{FileSource, sample};
use crate::error::Error;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// A file as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub stream: String,
    /// What the version of its stream begins with as long as nobody writes to it.
    pub version_begins: String,
    /// When it was last written to, moved here, or given another name or other rights, by the clock of its file system.
    pub changed_at: SystemTime,
}

impl FileSource {
    /// Looks at each file. One that goes away meanwhile is left out.
    ///
    /// # Errors
    /// [`Error::Io`] when a file is there and cannot be looked at.
    pub fn stamps(&self) -> Result<Vec<Stamp>, Error> {
        let mut stamps = Vec::with_capacity(self.files.len());
        for file in &self.files {
            let metadata = match std::fs::metadata(&file.path) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::io(&file.path, error)),
            };
            let version_begins = sample::stamp(&metadata).map_err(|error| Error::io(&file.path, error))?;
            stamps.push(Stamp { stream: file.name.clone(), version_begins, changed_at: changed_at(&metadata) });
        }
        Ok(stamps)
    }
}

/// The inode's own time: a file that is moved into the folder keeps when it was written, and this is when it came.
fn changed_at(metadata: &std::fs::Metadata) -> SystemTime {
    let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).unwrap_or(0));
    let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).unwrap_or(0));
    SystemTime::UNIX_EPOCH + seconds + rest
}
