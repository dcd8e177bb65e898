//! Sources to try with, which travel inside the program: a folder of files for each, written where files are read from when one is opened.

use super::{FileOptions, FileSource};
use crate::error::Error;
use std::path::{Path, PathBuf};

/// The setting by which a connection names its sample. It is in no declaration: the program gives it to connections that it makes itself, and
/// nobody else can.
pub const SAMPLE: &str = "sample";

/// Makes sure that the files of one sample are in a folder: their names and bytes as they travel in the program.
type Unpack = fn(sample: &str, into: &Path) -> std::io::Result<()>;

/// The samples that there are, and where each process keeps its copy of them.
#[derive(Debug, Clone)]
pub struct Samples {
    folder: PathBuf,
    names: Vec<String>,
    unpack: Unpack,
}

impl Samples {
    pub fn new(folder: PathBuf, names: Vec<String>, unpack: Unpack) -> Self {
        Self { folder, names, unpack }
    }

    /// Their names, which are those of the systems they could come from.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a file or folder is this sample's, by its path: connections of an older program name their sample so.
    pub fn is_at(&self, name: &str, path: &Path) -> bool {
        path == self.folder.join(name)
    }

    /// Opens a sample as a source of files. It may wait for the disk.
    pub(super) fn open(&self, name: &str, system: &str) -> Result<FileSource, Error> {
        if !self.names.iter().any(|known| known == name) {
            return Err(gone(name));
        }
        let folder = self.folder.join(name);
        (self.unpack)(name, &folder).map_err(|error| Error::io(&folder, error))?;
        FileSource::open(system, folder, FileOptions::default())
    }
}

/// Says of a connection to a sample that it has nothing to read.
pub(super) fn gone(name: &str) -> Error {
    let reason = format!(
        "the sample `{name}` is not offered by this installation; remove the samples, or let the operator set [sources] samples = true"
    );
    Error::Config { field: SAMPLE.to_owned(), reason }
}
