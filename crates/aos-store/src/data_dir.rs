//! The data directory: made for its owner only, used by one process at a time. What lies in it belongs to others.

use crate::error::{Error, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An open data directory. Its lock is held until this is dropped, by the operating system also when the process dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Creates the directory where needed and takes its lock.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let failed = |source| Error::DataDir { path: path.clone(), source };
        for part in [path.clone(), path.join("lake"), path.join("cache")] {
            create_private(&part).map_err(failed)?;
        }
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::DataDirInUse { pid: holder(&mut lock), path }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The number helps a person only; what counts is the lock.
        lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).map_err(failed)?;
        Ok(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the database file.
    pub fn store(&self) -> PathBuf {
        self.path.join("store.db")
    }

    /// Returns the directory of raw segments.
    pub fn lake(&self) -> PathBuf {
        self.path.join("lake")
    }

    /// Returns the directory of what can be rebuilt at any time.
    pub fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_in_use_names_the_process_that_holds_it() {
        let root = tempfile::tempdir().unwrap();
        let held = DataDir::open(root.path().join("data")).unwrap();
        let Err(Error::DataDirInUse { pid, .. }) = DataDir::open(held.path()) else {
            panic!("the lock was given twice")
        };
        assert_eq!(pid, Some(std::process::id()));
        let path = held.path().to_owned();
        drop(held);
        DataDir::open(path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_directory_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let data = DataDir::open(root.path().join("a/b")).unwrap();
        for path in [data.path(), &data.lake(), &data.cache()] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_path_that_is_a_file_is_told_with_the_next_step() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let error = DataDir::open(&file).unwrap_err();
        assert!(error.to_string().contains("choose another with --data"), "{error}");
    }
}
