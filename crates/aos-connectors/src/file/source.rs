//! Files as a connector: its settings, and the blocking reads on threads that may block.

use super::{FileOptions, FileSource, SAMPLE, samples};
use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::stream::{Deletes, Stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

pub const NAME: &str = "file";

/// The settings of a connection to files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSettings {
    /// A folder, a pattern or a single file on the machine the server runs on.
    pub path: PathBuf,
    /// Only these files of the folder; all of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<PathBuf>>,
    /// `sweep` when each file is always the whole table: what is in it no more is then deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletes: Option<Deletes>,
    /// Whether a worker looks at the files again and again, and reads those that are new or have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<bool>,
}

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Files",
    about: "Reads exports as CSV, TSV, JSON, NDJSON and Parquet, also compressed; one stream per file.",
    settings: &[
        Setting {
            name: "path",
            title: "Folder or file",
            kind: SettingKind::Text,
            required: true,
            help: "a folder, a pattern such as exports/*.csv, or a file on the machine the server runs on",
        },
        Setting {
            name: "files",
            title: "Files",
            kind: SettingKind::List,
            required: false,
            help: "only these files of the folder; all of them when left out",
        },
        Setting {
            name: "deletes",
            title: "Deletes",
            kind: SettingKind::Choice(&["sweep", "unknown"]),
            required: false,
            help: "sweep when each file is always the whole table, so that what is in it no more is deleted; unknown by default",
        },
        Setting {
            name: "watch",
            title: "Watch",
            kind: SettingKind::Boolean,
            required: false,
            help: "true to read files soon after they come or change, without being asked; false by default",
        },
    ],
    auth: &[AuthKind::None],
    documentation: "docs/guides/connect-your-files.md",
    open,
    consent: None,
};

/// Opens the files that a connection names. Whether its path may be read was judged when the connection was made; links out of it are not
/// followed. A connection to a sample names no path.
fn open(system: &str, settings: &Settings, operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    if let Some(name) = settings.get(SAMPLE).and_then(Value::as_str) {
        let known = operator.samples.as_ref().ok_or_else(|| samples::gone(name))?;
        return Ok(Arc::new(known.open(name, system)?));
    }
    let settings: FileSettings = serde_json::from_value(settings.clone().into())
        .map_err(|error| Error::Config { field: "path".to_owned(), reason: error.to_string() })?;
    Ok(Arc::new(settings.open(system)?))
}

impl FileSettings {
    pub fn open(&self, system: &str) -> Result<FileSource, Error> {
        let options = FileOptions { deletes: self.deletes.unwrap_or_default(), ..FileOptions::default() };
        match &self.files {
            Some(files) => FileSource::of_files(system, files, options),
            None => FileSource::open(system, &self.path, options),
        }
    }
}

impl Connector for FileSource {
    fn system(&self) -> &str {
        &self.name
    }

    fn check<'a>(&'a self, _context: &'a Context) -> Answer<'a, CheckReport> {
        let source = self.clone();
        Box::pin(async move { blocking(move || source.check()).await })
    }

    fn discover<'a>(&'a self, _context: &'a Context) -> Answer<'a, Vec<Stream>> {
        let source = self.clone();
        Box::pin(async move { blocking(move || source.discover()).await })
    }

    /// Files have no cursors: each read begins at the start, and what is known already is found to be.
    fn read<'a>(&'a self, request: ReadRequest, _context: &'a Context) -> Answer<'a, Pages> {
        let source = self.clone();
        Box::pin(
            async move { blocking(move || source.read(&request.stream, &request.options).map(Pages::Blocking)).await },
        )
    }
}

/// Runs work that waits for a disk where that holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Canceled)?
}
