//! One version of a source: recognised by what its files hold, and read in bounded memory however long they are.

use super::{catalog, ddl, listing, messages};
use anyhow::{Context, bail};
use aos_connectors::file::{FileOptions, FileSource};
use aos_connectors::{Connector, ReadOptions};
use aos_core::drift::{Declared, RowSample, RowSampler, Snapshot};
use aos_core::record::RecordBatch;
use aos_core::shape::Shaper;
use aos_match::drift::{Partners, common_key};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many rows of each version are compared cell by cell.
const ROWS_MAX: usize = 1_000;
/// A schema larger than this is none.
const SCHEMA_BYTES_MAX: u64 = 64 << 20;

pub struct Version {
    pub snapshots: Vec<Snapshot>,
    /// What the path was taken for, in words.
    pub form: &'static str,
    /// What people should know: files skipped, records that cannot be read.
    pub notes: Vec<String>,
    rows: Rows,
}

/// Where the rows of each snapshot come from.
enum Rows {
    /// A schema has none.
    Nowhere,
    Files(FileSource),
    Messages(PathBuf),
}

impl Version {
    /// Recognises the path and reads its shapes. A folder of schemas is one version with a stream for each.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Err(aos_connectors::Error::NotFound { path: path.to_owned() }.into());
        }
        if path.is_file() {
            return Self::of_file(path);
        }
        if let Some(version) = Self::of_schemas(path)? {
            return Ok(version);
        }
        Self::of_rows(path)
    }

    fn of_file(path: &Path) -> anyhow::Result<Self> {
        if messages::is_messages(path)? {
            return Self::of_messages(path);
        }
        match schema(path)? {
            Some((form, snapshots)) => Ok(Self { snapshots, form, notes: Vec::new(), rows: Rows::Nowhere }),
            None => Self::of_rows(path),
        }
    }

    /// A folder whose JSON files are all schemas.
    fn of_schemas(folder: &Path) -> anyhow::Result<Option<Self>> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.retain(|path| {
            path.is_file() && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        });
        files.sort();
        let (mut form, mut snapshots) = (None, Vec::new());
        for path in &files {
            let Some((own, streams)) = schema(path)? else { return Ok(None) };
            form = Some(own);
            snapshots.extend(streams);
        }
        Ok(form.map(|form| Self { snapshots, form, notes: Vec::new(), rows: Rows::Nowhere }))
    }

    fn of_rows(path: &Path) -> anyhow::Result<Self> {
        let source = FileSource::open(stem(path), path, FileOptions::default())?;
        let mut notes: Vec<String> = source
            .check()?
            .skipped
            .iter()
            .map(|skipped| format!("{} is skipped: {}", skipped.path.display(), skipped.reason))
            .collect();
        let mut snapshots = Vec::new();
        let streams = source.discover()?;
        if let [only] = streams.as_slice()
            && only.problem.is_none()
            && let Some(tables) = listing::of_source(&source, &only.name)?
        {
            return Ok(Self { snapshots: tables, form: "list of columns", notes, rows: Rows::Nowhere });
        }
        for stream in streams {
            if let Some(problem) = stream.problem {
                return Err(problem.into());
            }
            let mut shaper = Shaper::new(&stream.name, source.system()).with_sketches();
            let mut malformed = 0;
            for page in source.read(&stream.name, &ReadOptions::default())? {
                let page = page?;
                malformed += page.malformed.len();
                shaper.observe(&page.batch);
            }
            if malformed > 0 {
                notes.push(format!("{}: {malformed} records cannot be read and are not compared", stream.name));
            }
            snapshots.push(Snapshot::of_shape(shaper.finish()));
        }
        Ok(Self { snapshots, form: "records", notes, rows: Rows::Files(source) })
    }

    fn of_messages(path: &Path) -> anyhow::Result<Self> {
        let mut shapers: Vec<(String, Shaper)> = Vec::new();
        let declared = messages::read(path, |stream, batch| {
            let at = shapers.iter().position(|(name, _)| name == stream).unwrap_or_else(|| {
                shapers.push((stream.to_owned(), Shaper::new(stream, "").with_sketches()));
                shapers.len() - 1
            });
            shapers[at].1.observe(batch);
        })?;
        if shapers.is_empty() {
            return Ok(Self {
                snapshots: declared,
                form: "catalog in messages",
                notes: Vec::new(),
                rows: Rows::Nowhere,
            });
        }
        let snapshots = shapers
            .into_iter()
            .map(|(name, shaper)| {
                let said = declared.iter().find(|one| one.shape.stream == name).map(|one| one.declared.clone());
                Snapshot { declared: said.unwrap_or_default(), ..Snapshot::of_shape(shaper.finish()) }
            })
            .collect();
        Ok(Self { snapshots, form: "records in messages", notes: Vec::new(), rows: Rows::Messages(path.to_owned()) })
    }

    fn declared(&mut self) -> impl Iterator<Item = &mut Declared> {
        self.snapshots.iter_mut().flat_map(|snapshot| snapshot.declared.values_mut())
    }

    fn rows_of(&self, at: usize, key: &[String]) -> anyhow::Result<RowSample> {
        let shape = &self.snapshots[at].shape;
        let paths = shape.columns.iter().map(|column| column.path.clone()).collect();
        let mut sampler = RowSampler::new(paths, key, ROWS_MAX);
        match &self.rows {
            Rows::Nowhere => return Ok(RowSample::default()),
            Rows::Files(source) => {
                for page in source.read(&shape.stream, &ReadOptions::default())? {
                    sampler.observe(&page?.batch);
                }
            }
            Rows::Messages(path) => {
                messages::read(path, |stream, batch: &RecordBatch| {
                    if stream == shape.stream {
                        sampler.observe(batch);
                    }
                })?;
            }
        }
        Ok(sampler.finish())
    }
}

/// Leaves open what one form of schema has to say and another leaves unsaid: whether values may be missing, and what the key is.
pub fn leave_open(before: &mut Version, after: &mut Version) {
    let keys = [&mut *before, &mut *after].map(|version| version.declared().any(|said| said.key));
    for said in before.declared().chain(after.declared()) {
        (said.nullable, said.required) = (None, None);
        said.key &= keys == [true, true];
    }
}

/// Samples the same records of the streams that both versions hold.
pub fn sample_rows(before: &mut Version, after: &mut Version) -> anyhow::Result<()> {
    for (then, now, _) in Partners::of(&before.snapshots, &after.snapshots).pairs {
        let key = common_key(&before.snapshots[then].shape, &after.snapshots[now].shape);
        let rows = (before.rows_of(then, &key.before)?, after.rows_of(now, &key.after)?);
        (before.snapshots[then].rows, after.snapshots[now].rows) = rows;
    }
    Ok(())
}

/// Reads a file as a schema; `None` when it is records.
fn schema(path: &Path) -> anyhow::Result<Option<(&'static str, Vec<Snapshot>)>> {
    let ends_with = |endings: &[&str]| {
        path.extension().is_some_and(|own| endings.iter().any(|ending| own.eq_ignore_ascii_case(ending)))
    };
    let (json, sql) = (ends_with(&["json", "avsc"]), ends_with(&["sql", "ddl"]));
    let file = std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if !json && !sql || file.metadata()?.len() > SCHEMA_BYTES_MAX {
        return Ok(None);
    }
    let mut text = String::new();
    // Bytes that are no UTF-8, and JSON that does not parse, are the reader of records' business.
    if file.take(SCHEMA_BYTES_MAX).read_to_string(&mut text).is_err() {
        return Ok(None);
    }
    if sql {
        let tables = ddl::tables(text.trim_start_matches('\u{feff}'));
        if tables.is_empty() {
            bail!(
                "{} defines no table; give the statements that create the tables, or an export of their rows",
                path.display()
            );
        }
        return Ok(Some(("table definitions", tables)));
    }
    let Ok(value) = aos_core::Value::parse_json(text.trim_start_matches('\u{feff}')) else { return Ok(None) };
    let value = value.to_json();
    Ok(catalog::recognise(&value, &stem(path)))
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}
