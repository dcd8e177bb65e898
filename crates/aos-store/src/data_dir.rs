//! The data directory: made for its owner only. With the embedded database one process at a time uses it; with a database
//! server several may, each with a cache of its own. What lies in it belongs to others.

use crate::error::{Error, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An open data directory. Its lock is held until this is dropped, by the operating system also when the process dies.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    cache: PathBuf,
    _lock: File,
}

/// Processes of one machine that may share a directory.
const SHARED_MAX: usize = 256;

impl DataDir {
    /// Creates the directory where needed and takes it for this process alone.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let failed = |source| Error::DataDir { path: path.clone(), source };
        for part in [path.clone(), path.join("lake"), path.join("cache")] {
            create_private(&part).map_err(failed)?;
        }
        match lock(&path.join("lock")).map_err(failed)? {
            Locked::Taken(lock) => Ok(Self { cache: path.join("cache"), path, _lock: lock }),
            Locked::Held { by } => Err(Error::DataDirInUse { pid: by, path }),
        }
    }

    /// Creates the directory where needed and shares it with other processes. The cache is this process's own: the first one
    /// that no other uses, so that a process that starts again finds what it had.
    pub fn open_shared(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let failed = |source| Error::DataDir { path: path.clone(), source };
        for part in [path.clone(), path.join("lake"), path.join("caches")] {
            create_private(&part).map_err(failed)?;
        }
        for number in 0..SHARED_MAX {
            let cache = path.join("caches").join(number.to_string());
            create_private(&cache).map_err(failed)?;
            if let Locked::Taken(lock) = lock(&cache.join("lock")).map_err(failed)? {
                return Ok(Self { path, cache: cache.join("engines"), _lock: lock });
            }
        }
        Err(Error::DataDirInUse { pid: None, path })
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
        self.cache.clone()
    }
}

enum Locked {
    Taken(File),
    Held { by: Option<u32> },
}

fn lock(path: &Path) -> std::io::Result<Locked> {
    let mut lock = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Locked::Held { by: holder(&mut lock) }),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // The number helps a person only; what counts is the lock.
    lock.set_len(0)?;
    write!(lock, "{}", std::process::id())?;
    Ok(Locked::Taken(lock))
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

    #[test]
    fn processes_that_share_a_directory_have_a_cache_each() {
        let root = tempfile::tempdir().unwrap();
        let first = DataDir::open_shared(root.path()).unwrap();
        let second = DataDir::open_shared(root.path()).unwrap();
        assert_eq!(first.lake(), second.lake());
        assert_ne!(first.cache(), second.cache());
        let freed = first.cache();
        drop(first);
        assert_eq!(DataDir::open_shared(root.path()).unwrap().cache(), freed);
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
