//! Which sources lie behind the paths a person names. Every file is either in a source or skipped with a reason.

use super::listing::{Kind, Listing, stem};
use super::sniff::sniff;
use super::{FileOptions, FileSource};
use crate::connector::Skipped;
use crate::error::Error;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Some files that make up one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    pub name: String,
    pub root: PathBuf,
    pub files: Vec<PathBuf>,
}

impl SourceSpec {
    pub fn open(&self, options: FileOptions) -> Result<FileSource, Error> {
        FileSource::of_files(&self.name, &self.files, options)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    pub sources: Vec<SourceSpec>,
    pub skipped: Vec<Skipped>,
}

/// Finds the sources behind the paths: each sub-folder of a folder, a folder's own files together, a file alone, and the
/// files of a pattern together.
pub fn discover_sources(paths: &[PathBuf], options: &FileOptions) -> Result<Discovered, Error> {
    let mut discovered = Discovered::default();
    for path in paths {
        let listing = Listing::of(path, options)?;
        let root = listing.root.clone();
        let name = match () {
            () if path.is_file() => stem(&listing.files[0].0),
            () => folder_name(&root),
        };
        let folders = if path.is_dir() { sub_folders(&root, options)? } else { Vec::new() };
        discovered.add(name, listing, &folders);
        for folder in folders {
            let listing = Listing::of(&folder, options)?;
            discovered.add(folder_name(&folder), listing, &[]);
        }
    }
    if discovered.sources.is_empty() {
        return Err(Error::NoFiles { path: paths.first().cloned().unwrap_or_default() });
    }
    discovered.tell_apart();
    Ok(discovered)
}

impl Discovered {
    /// Adds the data files of a listing as one source; `opened` are folders that are looked into by themselves.
    fn add(&mut self, name: String, listing: Listing, opened: &[PathBuf]) {
        let kept = |skipped: &Skipped| !skipped.path.canonicalize().is_ok_and(|path| opened.contains(&path));
        self.skipped.extend(listing.skipped.into_iter().filter(kept));
        let mut files = Vec::new();
        for (path, named) in listing.files {
            // A name that promises data is taken at its word: what is wrong with the file is then its stream's problem.
            match sniff(&path) {
                Err(error) if !named && Kind::of(&path).is_none() => {
                    self.skipped.push(Skipped { path, reason: error.to_string() });
                }
                _ => files.push(path),
            }
        }
        if !files.is_empty() {
            self.sources.push(SourceSpec { name, root: listing.root, files });
        }
    }

    /// Numbers the second source of a name.
    fn tell_apart(&mut self) {
        let mut used: HashSet<String> = HashSet::new();
        for source in &mut self.sources {
            let name = source.name.clone();
            let mut number = 2;
            while !used.insert(source.name.clone()) {
                source.name = format!("{name}_{number}");
                number += 1;
            }
        }
    }
}

fn folder_name(path: &Path) -> String {
    path.file_name().map_or_else(|| "files".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Lists the folders inside a folder that are not hidden and no links out of it, in order of name.
fn sub_folders(root: &Path, options: &FileOptions) -> Result<Vec<PathBuf>, Error> {
    let fail = |error| Error::io(root, error);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || !entry.path().is_dir() {
            continue;
        }
        if let Ok(folder) = options.allowed_roots.admit(&entry.path())
            && folder.starts_with(root)
        {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}
