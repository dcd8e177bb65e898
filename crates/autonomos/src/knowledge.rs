//! The knowledge base as the settings say, and this program as the reader of its PDFs.

use crate::settings::Settings;
use anyhow::Context;
use aos_ai::documents::PdfProgram;
use aos_ai::embeddings::Embeddings;
use aos_ai::knowledge::{KnowledgeBase, KnowledgeParts};
use aos_ai::pii::Names;
use aos_store::Store;
use std::process::ExitCode;
use std::time::Duration;

/// The command by which this program starts itself to read a PDF.
const READ_PDF: &str = "read-pdf";

pub fn base(
    settings: &Settings,
    store: &Store,
    net: &aos_net::Client,
    embeddings: &Embeddings,
    names: Names,
) -> anyhow::Result<KnowledgeBase> {
    let section = &settings.knowledge;
    let program = PdfProgram::this_program(READ_PDF).context("this program does not know where it is itself")?;
    let total = Duration::from_secs(section.pdf_timeout_s.max(1));
    let pdf = PdfProgram { memory_mb: section.pdf_memory_mb.max(64), cpu_s: total.as_secs(), total, ..program };
    Ok(KnowledgeBase::new(KnowledgeParts {
        store: store.clone(),
        net: net.clone(),
        embeddings: embeddings.clone(),
        pdf: Some(pdf),
        names,
        reranker: crate::models::reranker(settings)?,
        document_bytes_max: section.document_bytes_max,
    }))
}

/// Reads a PDF from standard input. It needs no settings and no data directory, and has none.
pub fn read_pdf() -> ExitCode {
    match aos_ai::documents::read_from_standard_input() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
