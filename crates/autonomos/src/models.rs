//! The models that tenants ask, and those on this machine, which make vectors, find names and order passages, as the settings say.

use crate::settings::Settings;
use anyhow::Context;
use aos_ai::embeddings::{Embedder, Embeddings};
use aos_ai::models::{Dollars, ModelOptions, Models, PriceTable};
use aos_ai::pii::Names;
use aos_ai::retrieval::Reranker;
use aos_store::{ModelBudget, Store};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Returns what asks the models of providers.
pub fn models(settings: &Settings, store: &Store, net: &aos_net::Client, names: &Names) -> anyhow::Result<Models> {
    let section = &settings.models;
    let prices = match section.prices_file.as_os_str().is_empty() {
        true => PriceTable::default(),
        false => prices(&section.prices_file)?,
    };
    let dollars = match section.dollars_per_day_max.trim() {
        "" => None,
        text => {
            let amount = serde_json::from_value::<Dollars>(text.into());
            Some(amount.with_context(|| format!("models.dollars_per_day_max: `{text}` is no amount such as 2.50"))?)
        }
    };
    let options = ModelOptions {
        total_timeout: Duration::from_secs(section.total_timeout_s.max(1)),
        attempts_max: section.attempts_max.max(1),
        tokens_out_max: section.tokens_out_max.max(1),
        question_bytes_max: section.question_bytes_max,
        budget: ModelBudget {
            tokens: Some(section.tokens_per_day_max).filter(|tokens| *tokens > 0),
            micros: dollars.map(|dollars| dollars.micros),
        },
        prices,
        names: names.clone(),
    };
    Ok(Models::new(store.clone(), net.clone(), options))
}

/// Returns what makes vectors, with the model on this machine where one is named. It is read here, so that a wrong folder is told at start.
pub fn embeddings(settings: &Settings, models: &Models) -> anyhow::Result<Embeddings> {
    let folder = &settings.embeddings.directory;
    let local = if folder.as_os_str().is_empty() { None } else { Some(local(folder)?) };
    Ok(Embeddings::new(models.clone(), local))
}

/// Returns what finds names beside the rules, where a model is named. It is read here, so that a wrong folder is told at start.
pub fn names(settings: &Settings) -> anyhow::Result<Names> {
    let folder = &settings.pii.names_model;
    if folder.as_os_str().is_empty() { Ok(Names::default()) } else { tagger(folder) }
}

/// Returns what orders passages, where a model is named.
pub fn reranker(settings: &Settings) -> anyhow::Result<Option<Arc<dyn Reranker>>> {
    let folder = &settings.knowledge.reranker;
    if folder.as_os_str().is_empty() { Ok(None) } else { passages(folder).map(Some) }
}

#[cfg(feature = "local-embeddings")]
fn local(folder: &Path) -> anyhow::Result<Arc<dyn Embedder>> {
    let model = aos_ai::embeddings::LocalModel::load(folder).context("embeddings.directory")?;
    tracing::info!(model = model.model().name, "the embedding model {} is read", model.model().name);
    Ok(Arc::new(model))
}

#[cfg(feature = "local-embeddings")]
fn tagger(folder: &Path) -> anyhow::Result<Names> {
    let names = Names::by(Arc::new(aos_ai::local::TagModel::load(folder).context("pii.names_model")?));
    let model = names.model().unwrap_or_default();
    tracing::info!(model, "the model {model}, which finds names, is read");
    Ok(names)
}

#[cfg(feature = "local-embeddings")]
fn passages(folder: &Path) -> anyhow::Result<Arc<dyn Reranker>> {
    let model = aos_ai::local::PassageModel::load(folder).context("knowledge.reranker")?;
    tracing::info!(model = model.name(), "the model {}, which orders passages, is read", model.name());
    Ok(Arc::new(model))
}

#[cfg(not(feature = "local-embeddings"))]
fn local(folder: &Path) -> anyhow::Result<Arc<dyn Embedder>> {
    Err(not_built_in("embeddings.directory", folder))
}

#[cfg(not(feature = "local-embeddings"))]
fn tagger(folder: &Path) -> anyhow::Result<Names> {
    Err(not_built_in("pii.names_model", folder))
}

#[cfg(not(feature = "local-embeddings"))]
fn passages(folder: &Path) -> anyhow::Result<Arc<dyn Reranker>> {
    Err(not_built_in("knowledge.reranker", folder))
}

#[cfg(not(feature = "local-embeddings"))]
fn not_built_in(setting: &str, folder: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{setting} names {}, but this binary was built without local-embeddings; build it with that feature, or leave the setting out",
        folder.display()
    )
}

fn prices(file: &Path) -> anyhow::Result<PriceTable> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("models.prices_file: {} cannot be read", file.display()))?;
    PriceTable::parse(&text)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("models.prices_file: {} is no table of prices", file.display()))
}
