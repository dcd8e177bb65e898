//! Which files belong to a source, and what their streams are called. Nothing here looks into a file.

use super::FileOptions;
use crate::connector::Skipped;
use crate::error::Error;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Folders outside of which nothing is read. Links are followed before they are compared.
#[derive(Debug, Clone, Default)]
pub struct AllowedRoots(Option<Vec<PathBuf>>);

impl AllowedRoots {
    /// Allows every file this process may read: for a person at the command line.
    pub fn any() -> Self {
        Self(None)
    }

    /// Allows only what lies in these folders; with none, nothing is allowed.
    pub fn only(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(Some(roots.into_iter().collect()))
    }

    /// Returns the path with its links resolved, when it may be read.
    pub fn admit(&self, path: &Path) -> Result<PathBuf, Error> {
        let Some(roots) = &self.0 else {
            return path.canonicalize().map_err(|error| Error::io(path, error));
        };
        let outside = || Error::OutsideAllowedRoot { path: path.to_owned() };
        // Refused before the file system is asked, so that an answer never tells what exists elsewhere.
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(outside());
        }
        let absolute = std::path::absolute(path).map_err(|error| Error::io(path, error))?;
        let roots: Vec<PathBuf> =
            roots.iter().filter_map(|root| root.canonicalize().ok()).chain(roots.iter().cloned()).collect();
        if !roots.iter().any(|root| absolute.starts_with(root)) {
            return Err(outside());
        }
        let resolved = path.canonicalize().map_err(|error| Error::io(path, error))?;
        if roots.iter().any(|root| resolved.starts_with(root)) { Ok(resolved) } else { Err(outside()) }
    }
}

/// What a file's name says about its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) extension: &'static str,
    pub(super) delimiter: Option<u8>,
}

const KINDS: [Kind; 9] = [
    Kind { extension: "csv", delimiter: None },
    Kind { extension: "tsv", delimiter: Some(b'\t') },
    Kind { extension: "tab", delimiter: Some(b'\t') },
    Kind { extension: "psv", delimiter: Some(b'|') },
    Kind { extension: "json", delimiter: None },
    Kind { extension: "ndjson", delimiter: None },
    Kind { extension: "jsonl", delimiter: None },
    Kind { extension: "parquet", delimiter: None },
    Kind { extension: "pq", delimiter: None },
];

impl Kind {
    pub(super) fn of(path: &Path) -> Option<&'static Self> {
        let name = uncompressed_name(path);
        let (_, extension) = name.rsplit_once('.')?;
        KINDS.iter().find(|kind| kind.extension.eq_ignore_ascii_case(extension))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn uncompressed_name(path: &Path) -> String {
    let name = file_name(path);
    match name.rsplit_once('.') {
        Some((rest, "gz" | "gzip" | "zst" | "zstd" | "GZ" | "ZST")) => rest.to_owned(),
        _ => name,
    }
}

/// Returns the file's name without what says how it is written.
pub(super) fn stem(path: &Path) -> String {
    let name = uncompressed_name(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name,
    }
}

/// One file of a source, and the stream it is.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    pub(super) name: String,
    /// With all links resolved.
    pub(super) path: PathBuf,
    /// True when the file was named itself, and not found in a folder.
    named: bool,
}

impl SourceFile {
    /// Names each file's stream after its stem; files that share one keep their extension, and then their folder.
    pub(super) fn name_all(found: Vec<(PathBuf, bool)>) -> Vec<Self> {
        let parent = |path: &Path| path.parent().map(file_name).unwrap_or_default();
        let ways: [&dyn Fn(&Path) -> String; 3] =
            [&stem, &file_name, &|path| format!("{}/{}", parent(path), file_name(path))];
        let mut counts: [HashMap<String, usize>; 3] = Default::default();
        for (path, _) in &found {
            for (way, count) in ways.iter().zip(&mut counts) {
                *count.entry(way(path)).or_default() += 1;
            }
        }
        let name = |path: &Path| {
            let mut alone = ways.iter().zip(&counts).map(|(way, count)| (way(path), count));
            let found = alone.find(|(name, count)| count[name] == 1).map(|(name, _)| name);
            found.unwrap_or_else(|| path.display().to_string())
        };
        found.into_iter().map(|(path, named)| Self { name: name(&path), path, named }).collect()
    }

    /// Makes sure that the file was not exchanged for a link since it was listed.
    pub(super) fn verify(&self) -> Result<(), Error> {
        let now = self.path.canonicalize().map_err(|error| Error::io(&self.path, error))?;
        if now == self.path { Ok(()) } else { Err(Error::OutsideAllowedRoot { path: self.path.clone() }) }
    }

    /// Says whether the file merely lies beside the tables, so that failing to read it is no problem of the source.
    pub(super) fn is_stray(&self, error: &Error) -> bool {
        let foreign = matches!(error, Error::UnsupportedFormat { .. } | Error::Binary { .. } | Error::Empty { .. });
        !self.named && foreign && Kind::of(&self.path).is_none()
    }
}

/// The files found behind a path.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) root: PathBuf,
    /// Resolved paths, in order of name, and whether the file was named itself.
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) skipped: Vec<Skipped>,
}

impl Listing {
    pub(super) fn of(path: &Path, options: &FileOptions) -> Result<Self, Error> {
        let pattern = path.to_string_lossy();
        if pattern.contains(['*', '?', '[']) && !path.exists() {
            return Self::of_pattern(&pattern, options);
        }
        let root = options.allowed_roots.admit(path)?;
        if root.is_dir() { Self::of_folder(root, options) } else { Self::of_files(&[path.to_owned()], options) }
    }

    pub(super) fn of_files(paths: &[PathBuf], options: &FileOptions) -> Result<Self, Error> {
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let path = options.allowed_roots.admit(path)?;
            if !files.contains(&(path.clone(), true)) {
                files.push((path, true));
            }
        }
        let root = files.first().and_then(|(path, _)| path.parent()).unwrap_or(Path::new("")).to_owned();
        if files.len() > options.files_max {
            return Err(Error::TooManyFiles { path: root, max: options.files_max });
        }
        Ok(Self { root, files, skipped: Vec::new() })
    }

    fn of_folder(root: PathBuf, options: &FileOptions) -> Result<Self, Error> {
        let fail = |error| Error::io(&root, error);
        let mut listing = Self { root: root.clone(), files: Vec::new(), skipped: Vec::new() };
        for entry in std::fs::read_dir(&root).map_err(fail)? {
            listing.add(&entry.map_err(fail)?.path(), options)?;
        }
        listing.files.sort();
        Ok(listing)
    }

    fn of_pattern(pattern: &str, options: &FileOptions) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Pattern { pattern: pattern.to_owned(), reason };
        if pattern.contains("**") {
            return Err(refuse("it would walk through all sub-folders".to_owned()));
        }
        let is_plain = |part: &Component| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
        let plain: PathBuf = Path::new(pattern).components().take_while(is_plain).collect();
        let root = options.allowed_roots.admit(if plain.as_os_str().is_empty() { Path::new(".") } else { &plain })?;
        if Path::new(pattern).components().skip_while(is_plain).any(|part| part == Component::ParentDir) {
            return Err(refuse("it leads out of its folder".to_owned()));
        }
        let matching = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let found = glob::glob_with(pattern, matching).map_err(|error| refuse(error.to_string()))?;
        let mut listing = Self { root, files: Vec::new(), skipped: Vec::new() };
        for path in found {
            let path = path.map_err(|error| {
                let folder = error.path().to_owned();
                Error::io(&folder, error.into())
            })?;
            listing.add(&path, options)?;
        }
        listing.files.sort();
        listing.files.dedup();
        Ok(listing)
    }

    /// Adds what a folder holds: files that stay inside it, and never hidden ones.
    fn add(&mut self, path: &Path, options: &FileOptions) -> Result<(), Error> {
        if file_name(path).starts_with('.') {
            return Ok(());
        }
        let mut skip = |reason: &str| self.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned() });
        let Ok(resolved) = path.canonicalize() else {
            skip("it is a link that leads nowhere");
            return Ok(());
        };
        if !resolved.starts_with(&self.root) || options.allowed_roots.admit(&resolved).is_err() {
            skip("it is a link that leads out of the folder");
        } else if resolved.is_dir() {
            skip("it is a folder; connect it as a source of its own");
        } else if !resolved.is_file() {
            skip("it is not a regular file");
        } else {
            self.files.push((resolved, false));
        }
        // Skipped entries count as well: they are held too.
        if self.files.len() + self.skipped.len() > options.files_max {
            return Err(Error::TooManyFiles { path: self.root.clone(), max: options.files_max });
        }
        Ok(())
    }
}
