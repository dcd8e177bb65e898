//! The lake as files: `<tenant>/<connection>/<segment>.ndjson.zst`. The only place that knows paths, and none of them holds a name
//! from outside: tenants, connections and segments are UUIDs.

use crate::error::Error;
use crate::segment::SegmentId;
use aos_core::barrier::{Guard, stands};
use aos_core::{ConnectionId, TenantId};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

const SUFFIX: &str = ".ndjson.zst";
const UNFINISHED: &str = ".unfinished-";

#[derive(Debug, Clone)]
pub(crate) struct Directory {
    root: Arc<Path>,
}

/// A file being written; gone when dropped before it was finished.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) file: File,
    path: PathBuf,
    target: PathBuf,
    finished: bool,
}

impl Directory {
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::io(root))?;
        let root = root.canonicalize().map_err(Error::io(root))?;
        Ok(Self { root: root.into() })
    }

    fn folder(&self, tenant: TenantId, connection: ConnectionId) -> PathBuf {
        if !stands(Guard::LakePath) {
            return self.root.join(connection.to_string());
        }
        self.root.join(tenant.to_string()).join(connection.to_string())
    }

    fn path(&self, tenant: TenantId, connection: ConnectionId, segment: SegmentId) -> PathBuf {
        self.folder(tenant, connection).join(format!("{segment}{SUFFIX}"))
    }

    /// Returns the segment's path as it is told to people.
    pub(crate) fn relative_path(tenant: TenantId, connection: ConnectionId, segment: SegmentId) -> String {
        format!("{tenant}/{connection}/{segment}{SUFFIX}")
    }

    pub(crate) fn create(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        segment: SegmentId,
    ) -> Result<Unfinished, Error> {
        let folder = self.folder(tenant, connection);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
            // The new folders have to outlive a crash as well as the files in them.
            for parent in folder.ancestors().skip(1).take(2) {
                sync(parent)?;
            }
        }
        let path = folder.join(format!("{UNFINISHED}{segment}"));
        let file = File::create_new(&path).map_err(Error::io(&path))?;
        let target = self.path(tenant, connection, segment);
        Ok(Unfinished { file, path, target, finished: false })
    }

    pub(crate) fn open_segment(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        segment: SegmentId,
    ) -> Result<File, Error> {
        let path = self.path(tenant, connection, segment);
        match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::NotFound(segment)),
            opened => opened.map_err(Error::io(&path)),
        }
    }

    pub(crate) fn delete(&self, tenant: TenantId, connection: ConnectionId, segment: SegmentId) -> Result<(), Error> {
        let path = self.path(tenant, connection, segment);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(&path)(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn list(&self, tenant: TenantId, connection: ConnectionId) -> Result<Vec<SegmentId>, Error> {
        let mut segments: Vec<SegmentId> = entries(&self.folder(tenant, connection))?
            .iter()
            .filter_map(|path| path.file_name()?.to_str()?.strip_suffix(SUFFIX)?.parse().ok().map(SegmentId))
            .collect();
        segments.sort_unstable();
        Ok(segments)
    }

    /// Lists everything that lies in a tenant's folder, whoever wrote it, relative to the lake and with its size in bytes.
    pub(crate) fn files(&self, tenant: TenantId) -> Result<Vec<(PathBuf, u64)>, Error> {
        let mut files = Vec::new();
        for connection in entries(&self.root.join(tenant.to_string()))? {
            for path in entries(&connection)? {
                let bytes = fs::metadata(&path).map_err(Error::io(&path))?.len();
                let relative = path.strip_prefix(&self.root).unwrap_or(&path).to_owned();
                files.push((relative, bytes));
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    pub(crate) fn read(&self, relative: &Path) -> Result<File, Error> {
        let path = self.root.join(relative);
        File::open(&path).map_err(Error::io(&path))
    }

    /// Removes a tenant's folder. What a writer puts there meanwhile is removed in another try.
    pub(crate) fn erase(&self, tenant: TenantId) -> Result<(), Error> {
        const TRIES: usize = 5;
        let folder = self.root.join(tenant.to_string());
        for _ in 1..TRIES {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
                Err(error) => return Err(Error::io(&folder)(error)),
                Ok(()) => return sync(&self.root),
            }
        }
        fs::remove_dir_all(&folder).map_err(Error::io(&folder))
    }

    pub(crate) fn sweep(&self, before: SystemTime) -> Result<usize, Error> {
        let mut swept = 0;
        for tenant in entries(&self.root)? {
            for connection in entries(&tenant)? {
                for path in entries(&connection)? {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let written = fs::metadata(&path).and_then(|metadata| metadata.modified());
                    if name.starts_with(UNFINISHED) && written.is_ok_and(|written| written < before) {
                        fs::remove_file(&path).map_err(Error::io(&path))?;
                        swept += 1;
                    }
                }
            }
        }
        Ok(swept)
    }
}

impl Unfinished {
    pub(crate) fn fail(&self) -> impl FnOnce(std::io::Error) -> Error + use<> {
        Error::io(&self.path)
    }

    /// Makes the file a segment: on disk first, then under its name, then the name on disk.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.file.sync_all().map_err(self.fail())?;
        aos_core::fault::point("lake.segment.before");
        fs::rename(&self.path, &self.target).map_err(Error::io(&self.target))?;
        self.finished = true;
        self.target.parent().map_or(Ok(()), sync)?;
        aos_core::fault::point("lake.segment.after");
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is swept later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Tells whether a path is that of a segment, and not of one that is being written.
pub(crate) fn is_finished(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.ends_with(SUFFIX) && !name.starts_with(UNFINISHED))
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io(folder))
}

/// Lists a folder; one that is not there, or is no folder, has no entries.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(Error::io(folder)(error)),
        Ok(found) => found.map(|entry| entry.map(|entry| entry.path()).map_err(Error::io(folder))).collect(),
    }
}
