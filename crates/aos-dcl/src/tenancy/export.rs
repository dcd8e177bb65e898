//! One archive with everything a tenant has: its rows as of one moment, its raw segments as they lie in the lake, and a manifest.

use super::archive::{Archive, ArchiveError, FileEntry, Manifest, TableEntry, Verified, verify};
use crate::Result;
use crate::service::TenantDcl;
use aos_store::Exported;
use serde::Serialize;
use std::path::Path;

/// What was exported, and what reading it back said.
#[derive(Debug, Clone, Serialize)]
pub struct ExportReport {
    pub manifest: Manifest,
    pub verified: Verified,
}

impl TenantDcl {
    /// Writes the tenant's archive to a file that is not there yet, and reads it back. Other work goes on meanwhile.
    ///
    /// # Errors
    /// Leaves no file under that name unless all of it was written and read back.
    pub async fn export(&self, target: &Path) -> Result<ExportReport> {
        let tenant = self.store().tenant().await?;
        let mut archive = Archive::create(target)?;
        let mut tables: Vec<TableEntry> = Vec::new();
        let left_out = {
            let mut spool: Option<super::archive::Spool> = None;
            let mut visit = |piece: Exported<'_>| -> std::io::Result<()> {
                match piece {
                    Exported::Table(table) => {
                        if let Some(done) = spool.replace(archive.spool(table)?) {
                            tables.push(archive.take(done)?);
                        }
                    }
                    Exported::Row(row) => {
                        if let Some(spool) = spool.as_mut() {
                            spool.row(row)?;
                        }
                    }
                }
                Ok(())
            };
            let left_out = self.store().export(&mut visit).await?;
            if let Some(done) = spool {
                tables.push(archive.take(done).map_err(ArchiveError::Io)?);
            }
            left_out
        };
        // After the rows: every segment they name is there, and perhaps some that a later row names.
        let mut segments: Vec<FileEntry> = Vec::new();
        let lake = self.inner.lake.tenant(&self.scope);
        let mut vanished = Vec::new();
        for (path, bytes) in lake.files()? {
            match lake.open_file(&path) {
                Ok(file) => segments.push(archive.file(&path, bytes, file).map_err(ArchiveError::Io)?),
                Err(_) => vanished.push(path.display().to_string()),
            }
        }
        let mut left_out: Vec<(String, String)> =
            left_out.into_iter().map(|left| (left.what, left.why.to_owned())).collect();
        left_out.extend(vanished.into_iter().map(|path| (path, "removed during the export".to_owned())));
        let manifest = Manifest::new(&tenant, self.inner.clock.now(), tables, segments, left_out);
        let partial = archive.finish(&manifest)?;
        let verified = verify(&partial).inspect_err(|_| {
            let _ = std::fs::remove_file(&partial);
        })?;
        std::fs::rename(&partial, target).map_err(ArchiveError::Io)?;
        Ok(ExportReport { manifest, verified })
    }
}
