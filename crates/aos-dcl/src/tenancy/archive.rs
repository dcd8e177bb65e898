//! The archive's form: a tar file, compressed with zstd, of `rows/<table>.ndjson`, `segments/...` as they lie in the lake, and `manifest.json` at
//! the end, which counts and digests everything before it.

use aos_core::TenantId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

const FORMAT: &str = "autonomos tenant export 1";
const MANIFEST: &str = "manifest.json";
const LEVEL: i32 = 3;
const MANIFEST_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{} is there already; choose another name", .0.display())]
    Exists(PathBuf),
    #[error("the archive cannot be written or read; check its place and the room there")]
    Io(#[from] io::Error),
    #[error("the archive is not whole: {0}; export again")]
    NotWhole(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub program: String,
    pub tenant: TenantId,
    pub name: String,
    pub exported_at: DateTime<Utc>,
    pub tables: Vec<TableEntry>,
    pub segments: Vec<FileEntry>,
    pub left_out: Vec<LeftOutEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    pub table: String,
    pub rows: u64,
    #[serde(flatten)]
    pub file: FileEntry,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutEntry {
    pub what: String,
    pub why: String,
}

/// What an archive was found to hold, every byte of it read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub tables: u64,
    pub rows: u64,
    pub segments: u64,
    pub bytes: u64,
}

impl Manifest {
    pub(super) fn new(
        tenant: &aos_store::Tenant,
        exported_at: DateTime<Utc>,
        tables: Vec<TableEntry>,
        segments: Vec<FileEntry>,
        left_out: Vec<(String, String)>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            program: concat!("autonomos ", env!("CARGO_PKG_VERSION")).to_owned(),
            tenant: tenant.id,
            name: tenant.name.clone(),
            exported_at,
            tables,
            segments,
            left_out: left_out.into_iter().map(|(what, why)| LeftOutEntry { what, why }).collect(),
        }
    }
}

/// An archive that is being written, under another name than it will have.
pub(super) struct Archive {
    partial: Partial,
    tar: tar::Builder<zstd::Encoder<'static, BufWriter<File>>>,
}

/// A file that is removed when nobody kept it.
struct Partial {
    path: PathBuf,
    kept: bool,
}

/// The rows of one table, on their way into the archive: their size has to be known first.
pub(super) struct Spool {
    table: String,
    file: BufWriter<File>,
    hash: Sha256,
    rows: u64,
    bytes: u64,
}

impl Archive {
    pub(super) fn create(target: &Path) -> Result<Self, ArchiveError> {
        if target.exists() {
            return Err(ArchiveError::Exists(target.to_owned()));
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let partial = Partial { path: name.into(), kept: false };
        let file = private(&partial.path)?;
        let encoder = zstd::Encoder::new(BufWriter::new(file), LEVEL)?;
        Ok(Self { partial, tar: tar::Builder::new(encoder) })
    }

    /// Begins a table, in a file without a name beside the archive.
    pub(super) fn spool(&self, table: &str) -> io::Result<Spool> {
        let mut name = self.partial.path.as_os_str().to_owned();
        name.push(".rows");
        let path = PathBuf::from(name);
        let _ = std::fs::remove_file(&path);
        let file = private(&path)?;
        std::fs::remove_file(&path)?;
        Ok(Spool { table: table.to_owned(), file: BufWriter::new(file), hash: Sha256::new(), rows: 0, bytes: 0 })
    }

    pub(super) fn take(&mut self, spool: Spool) -> io::Result<TableEntry> {
        let Spool { table, file, hash, rows, bytes } = spool;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let name = format!("rows/{table}.ndjson");
        append(&mut self.tar, &name, bytes, &mut BufReader::new(file))?;
        Ok(TableEntry { table, rows, file: FileEntry { file: name, bytes, sha256: hex(hash) } })
    }

    /// Adds a file of the lake as it is.
    pub(super) fn file(&mut self, path: &Path, bytes: u64, file: File) -> io::Result<FileEntry> {
        // Without the folder that is named like the tenant: there is only one in an archive.
        let within: PathBuf = path.components().skip(1).collect();
        let name = format!("segments/{}", within.display());
        let mut hashed = Hashed { inner: BufReader::new(file).take(bytes), hash: Sha256::new() };
        append(&mut self.tar, &name, bytes, &mut hashed)?;
        Ok(FileEntry { file: name, bytes, sha256: hex(hashed.hash) })
    }

    /// Adds the manifest and closes the archive; returns where it lies.
    pub(super) fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, ArchiveError> {
        let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other)?;
        append(&mut self.tar, MANIFEST, text.len() as u64, &mut text.as_slice())?;
        let file = self.tar.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        self.partial.kept = true;
        Ok(self.partial.path.clone())
    }
}

impl Spool {
    pub(super) fn row(&mut self, row: &str) -> io::Result<()> {
        for part in [row.as_bytes(), b"\n"] {
            self.file.write_all(part)?;
            self.hash.update(part);
            self.bytes += part.len() as u64;
        }
        self.rows += 1;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Reads an archive to its end and compares all of it with its manifest, and the segments that its rows name with those it has.
pub fn verify(path: &Path) -> Result<Verified, ArchiveError> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(File::open(path)?)?);
    let mut found: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut manifest: Option<Manifest> = None;
    for entry in tar.entries()? {
        let entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        if name == MANIFEST {
            let read = serde_json::from_reader(entry.take(MANIFEST_BYTES_MAX));
            manifest =
                Some(read.map_err(|error| ArchiveError::NotWhole(format!("its manifest cannot be read: {error}")))?);
            continue;
        }
        let mut hashed = Hashed { inner: entry, hash: Sha256::new() };
        let (mut bytes, mut lines) = (0, 0);
        if name.starts_with("rows/") {
            let mut reader = BufReader::new(&mut hashed);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line)? > 0 {
                let unreadable =
                    |reason: String| ArchiveError::NotWhole(format!("line {} of {name}: {reason}", lines + 1));
                let text = std::str::from_utf8(&line).map_err(|error| unreadable(error.to_string()))?;
                let row = aos_core::json::read(text).map_err(|error| unreadable(error.to_string()))?;
                if name == "rows/segments.ndjson" {
                    named.extend(
                        row["path"]
                            .as_str()
                            .and_then(|path| path.split_once('/'))
                            .map(|(_, path)| format!("segments/{path}")),
                    );
                }
                bytes += line.len() as u64;
                lines += 1;
                line.clear();
            }
        } else {
            bytes = io::copy(&mut hashed, &mut io::sink())?;
        }
        found.insert(name, (bytes, lines, hex(hashed.hash)));
    }
    let manifest = manifest.ok_or_else(|| ArchiveError::NotWhole("it has no manifest".to_owned()))?;
    compare(&manifest, found, &named)
}

fn compare(
    manifest: &Manifest,
    mut found: BTreeMap<String, (u64, u64, String)>,
    named: &BTreeSet<String>,
) -> Result<Verified, ArchiveError> {
    let mut verified = Verified::default();
    let tables = manifest.tables.iter().map(|table| (&table.file, Some(table.rows)));
    let segments = manifest.segments.iter().map(|file| (file, None));
    for (file, rows) in tables.chain(segments) {
        let Some((bytes, lines, sha256)) = found.remove(&file.file) else {
            return Err(ArchiveError::NotWhole(format!("{} is missing", file.file)));
        };
        if (bytes, &sha256) != (file.bytes, &file.sha256) || rows.is_some_and(|rows| rows != lines) {
            return Err(ArchiveError::NotWhole(format!("{} is not what the manifest says", file.file)));
        }
        verified.bytes += bytes;
        match rows {
            Some(rows) => (verified.tables, verified.rows) = (verified.tables + 1, verified.rows + rows),
            None => verified.segments += 1,
        }
    }
    if let Some(name) = found.keys().next() {
        return Err(ArchiveError::NotWhole(format!("{name} is not in the manifest")));
    }
    let has: BTreeSet<&String> = manifest.segments.iter().map(|file| &file.file).collect();
    if let Some(missing) = named.iter().find(|name| !has.contains(name)) {
        return Err(ArchiveError::NotWhole(format!("a row names {missing}, which is missing")));
    }
    Ok(verified)
}

/// Digests what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: u64, data: &mut dyn Read) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    tar.append_data(&mut header, name, data)
}

/// Creates a file for its owner only: what comes into it is a tenant's.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
