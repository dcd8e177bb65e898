//! The lake: what sources said, raw, in immutable compressed segments, before anything is mapped.
//!
//! A segment is a file of its own under `<tenant>/<connection>/`; which segments there are is the store's knowledge, so a
//! [`Segment`] is a value one keeps. Today the lake is a directory. Every touch of the file system is in `directory.rs`, which is
//! where an object store will be added; nothing else here would change.

mod directory;
mod encode;
mod error;
mod parse;
mod reader;
mod segment;
mod writer;

pub use error::Error;
pub use reader::{SegmentPage, SegmentReader};
pub use segment::{Malformed, Segment, SegmentId};
pub use writer::{SegmentLimits, SegmentWriter};

use aos_core::{ConnectionId, TenantId, TenantScope};
use directory::Directory;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// All tenants' segments. Only asked for one tenant's.
#[derive(Debug, Clone)]
pub struct Lake {
    directory: Directory,
}

impl Lake {
    /// Opens the lake in this directory, which is created when it is not there.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(Self { directory: Directory::open(directory.as_ref())? })
    }

    pub fn tenant(&self, scope: &TenantScope) -> TenantLake {
        TenantLake { directory: self.directory.clone(), tenant: scope.tenant_id() }
    }

    /// Removes everything that a deleted tenant has in the lake: segments, and what was not finished. Returns how many files there were.
    pub fn erase(&self, tenant: TenantId) -> Result<u64, Error> {
        let files = self.directory.files(tenant)?.len() as u64;
        self.directory.erase(tenant)?;
        Ok(files)
    }

    /// Counts the files that a deleted tenant still has in the lake.
    pub fn left(&self, tenant: TenantId) -> Result<u64, Error> {
        Ok(self.directory.files(tenant)?.len() as u64)
    }

    /// Removes what crashed writers left behind: unfinished files last written before `before`. Returns how many.
    pub fn sweep(&self, before: SystemTime) -> Result<usize, Error> {
        self.directory.sweep(before)
    }
}

/// One tenant's segments.
#[derive(Debug, Clone)]
pub struct TenantLake {
    directory: Directory,
    tenant: TenantId,
}

impl TenantLake {
    /// Begins a segment of one stream. It does not exist before it is finished.
    pub fn writer(&self, connection: ConnectionId, stream: &str) -> Result<SegmentWriter, Error> {
        SegmentWriter::begin(&self.directory, self.tenant, connection, stream, SegmentLimits::default())
    }

    /// Begins a segment that is full at other limits than the usual ones.
    pub fn writer_with(
        &self,
        connection: ConnectionId,
        stream: &str,
        limits: SegmentLimits,
    ) -> Result<SegmentWriter, Error> {
        SegmentWriter::begin(&self.directory, self.tenant, connection, stream, limits)
    }

    /// Reads a segment, after its checksum was compared. Another tenant's segment is not found.
    pub fn read(&self, segment: &Segment) -> Result<SegmentReader, Error> {
        SegmentReader::open(&self.directory, self.tenant, segment)
    }

    /// Lists the segments a connection has in the lake, oldest first: also those that the store never heard of.
    pub fn list(&self, connection: ConnectionId) -> Result<Vec<SegmentId>, Error> {
        self.directory.list(self.tenant, connection)
    }

    /// Lists the files of all segments, finished ones only: the path within the lake, and its bytes.
    pub fn files(&self) -> Result<Vec<(PathBuf, u64)>, Error> {
        let mut files = self.directory.files(self.tenant)?;
        files.retain(|(path, _)| directory::is_finished(path));
        Ok(files)
    }

    /// Opens one of [`TenantLake::files`] to be copied as it is.
    pub fn open_file(&self, path: &Path) -> Result<File, Error> {
        if !path.starts_with(self.tenant.to_string()) || path.components().any(|part| part == Component::ParentDir) {
            return Err(Error::io(path)(ErrorKind::NotFound.into()));
        }
        self.directory.read(path)
    }

    /// Removes a segment. Removing what is gone already is fine.
    pub fn delete(&self, connection: ConnectionId, segment: SegmentId) -> Result<(), Error> {
        self.directory.delete(self.tenant, connection, segment)
    }
}
