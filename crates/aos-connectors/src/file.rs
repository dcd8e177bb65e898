//! Local files as a source: a folder, a pattern or some files, one stream per file. Reads only; files are never merged or changed.

mod delimited;
mod discover;
mod encoding;
mod input;
mod json;
mod listing;
mod names;
mod parquet;
mod sample;
mod samples;
mod sniff;
mod source;
mod watch;

pub use discover::{Discovered, SourceSpec, discover_sources};
pub use encoding::TextEncoding;
pub use listing::AllowedRoots;
pub use samples::{SAMPLE, Samples};
pub(crate) use source::DECLARATION;
pub use source::{FileSettings, NAME};
pub use watch::Stamp;

use crate::connector::{CheckReport, Skipped};
use crate::error::Error;
use crate::page::{ReadOptions, RecordPage};
use crate::stream::{Deletes, Stream};
use listing::{Listing, SourceFile};
use sniff::{Format, Sniffed, sniff};
use std::path::{Path, PathBuf};

/// What a file source may do.
#[derive(Debug, Clone)]
pub struct FileOptions {
    pub allowed_roots: AllowedRoots,
    /// How many files one folder or pattern may hold.
    pub files_max: usize,
    /// How many records from the start of each stream are looked at for its shape.
    pub sample_records: usize,
    /// What it means that a record is in a file no more: nothing, unless somebody says that the files are always whole.
    pub deletes: Deletes,
}

/// Pages of one file, from its start. After an `Err` there is nothing more.
pub type FilePages = Box<dyn Iterator<Item = Result<RecordPage, Error>> + Send>;

impl Default for FileOptions {
    fn default() -> Self {
        Self { allowed_roots: AllowedRoots::any(), files_max: 1_000, sample_records: 1_000, deletes: Deletes::Unknown }
    }
}

/// A file and what looking into it told.
type Looked<'f> = (&'f SourceFile, Result<Sniffed, Error>);

/// Some files under one name.
#[derive(Debug, Clone)]
pub struct FileSource {
    name: String,
    root: PathBuf,
    files: Vec<SourceFile>,
    skipped: Vec<Skipped>,
    options: FileOptions,
}

impl FileSource {
    /// Opens a folder (its own files, not its sub-folders'), a file, or a pattern such as `exports/*.csv`.
    pub fn open(name: impl Into<String>, path: impl AsRef<Path>, options: FileOptions) -> Result<Self, Error> {
        let listing = Listing::of(path.as_ref(), &options)?;
        Self::of_listing(name.into(), listing, options)
    }

    /// Opens exactly these files as one source.
    pub fn of_files(name: impl Into<String>, files: &[PathBuf], options: FileOptions) -> Result<Self, Error> {
        let listing = Listing::of_files(files, &options)?;
        Self::of_listing(name.into(), listing, options)
    }

    fn of_listing(name: String, listing: Listing, options: FileOptions) -> Result<Self, Error> {
        if listing.files.is_empty() {
            return Err(Error::NoFiles { path: listing.root });
        }
        let files = SourceFile::name_all(listing.files);
        Ok(Self { name, root: listing.root, files, skipped: listing.skipped, options })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn find(&self, stream: &str) -> Result<&SourceFile, Error> {
        self.files.iter().find(|file| file.name == stream).ok_or_else(|| Error::UnknownStream {
            source_name: self.name.clone(),
            stream: stream.to_owned(),
            known: self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Looks into each file, and tells streams from files that are none.
    fn sniff_all(&self) -> (Vec<Looked<'_>>, Vec<Skipped>) {
        let mut skipped = self.skipped.clone();
        let mut streams = Vec::new();
        for file in &self.files {
            let found = file.verify().and_then(|()| sniff(&file.path));
            match found {
                Err(error) if file.is_stray(&error) => {
                    skipped.push(Skipped { path: file.path.clone(), reason: error.to_string() });
                }
                found => streams.push((file, found)),
            }
        }
        (streams, skipped)
    }

    fn describe(&self, file: &SourceFile, sniffed: Result<Sniffed, Error>) -> Stream {
        let size_bytes = std::fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
        let assumed = sniffed.as_ref().map(Sniffed::assumed).unwrap_or_default();
        let looked = sniffed.and_then(|sniffed| {
            let shape = sample::shape(file, &sniffed, &self.name, self.options.sample_records)?;
            Ok((shape, sample::version(&file.path)?))
        });
        let (shape, version, problem) = match looked {
            Ok((shape, version)) => (shape, version, None),
            Err(problem) => (Stream::named(&file.name, &self.name).shape, String::new(), Some(problem)),
        };
        Stream {
            paths: vec![file.path.clone()],
            shape,
            size_bytes,
            version,
            assumed,
            problem,
            deletes: self.options.deletes,
            ..Stream::named(&file.name, &self.name)
        }
    }

    /// Looks whether the files can be read, without reading them whole.
    pub fn check(&self) -> Result<CheckReport, Error> {
        let (streams, skipped) = self.sniff_all();
        let mut report = CheckReport { skipped, ..CheckReport::default() };
        for (file, sniffed) in streams {
            report.streams += 1;
            report.size_bytes += std::fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
            report.problems.extend(sniffed.err().map(|error| (file.name.clone(), error)));
        }
        if report.streams == 0 {
            return Err(Error::NoFiles { path: self.root.clone() });
        }
        Ok(report)
    }

    /// Lists the streams with their shape, sampled. A file that cannot be read is listed with its problem.
    pub fn discover(&self) -> Result<Vec<Stream>, Error> {
        let (streams, _) = self.sniff_all();
        if streams.is_empty() {
            return Err(Error::NoFiles { path: self.root.clone() });
        }
        Ok(streams.into_iter().map(|(file, sniffed)| self.describe(file, sniffed)).collect())
    }

    /// Reads one stream from its start.
    pub fn read(&self, stream: &str, options: &ReadOptions) -> Result<FilePages, Error> {
        let file = self.find(stream)?;
        file.verify()?;
        let sniffed = sniff(&file.path)?;
        pages(&file.path, &sniffed, options)
    }
}

/// Opens the pages of a file, from its start.
fn pages(path: &Path, sniffed: &Sniffed, options: &ReadOptions) -> Result<FilePages, Error> {
    let path = path.to_owned();
    let options = &options.at_least_one();
    if sniffed.format == Format::Parquet {
        return Ok(Box::new(parquet::ParquetPages::start(path, options, parquet::Rows::default())?));
    }
    let (source, progress) = input::open_text(&path, 0, sniffed.encoding)?;
    let options = options.clone();
    Ok(match &sniffed.format {
        Format::Delimited(dialect) => {
            Box::new(delimited::DelimitedPages::start(path, source, progress, dialect.clone(), options)?)
        }
        Format::Json(layout) => Box::new(json::JsonPages::start(path, source, progress, layout.clone(), options)?),
        Format::Parquet => unreachable!("answered above"),
    })
}
