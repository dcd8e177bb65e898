//! The models that tenants ask, and the one on this machine that makes vectors, as the settings say.

use crate::settings::Settings;
use anyhow::Context;
use aos_ai::embeddings::{Embedder, Embeddings};
use aos_ai::models::{Dollars, ModelOptions, Models, PriceTable};
use aos_store::{ModelBudget, Store};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Returns what asks the models of providers.
pub fn models(settings: &Settings, store: &Store, net: &aos_net::Client) -> anyhow::Result<Models> {
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
    };
    Ok(Models::new(store.clone(), net.clone(), options))
}

/// Returns what makes vectors, with the model on this machine where one is named. It is read here, so that a wrong folder is told at start.
pub fn embeddings(settings: &Settings, models: &Models) -> anyhow::Result<Embeddings> {
    let folder = &settings.embeddings.directory;
    let local = if folder.as_os_str().is_empty() { None } else { Some(local(folder)?) };
    Ok(Embeddings::new(models.clone(), local))
}

#[cfg(feature = "local-embeddings")]
fn local(folder: &Path) -> anyhow::Result<Arc<dyn Embedder>> {
    let model = aos_ai::embeddings::LocalModel::load(folder).context("embeddings.directory")?;
    tracing::info!(model = model.model().name, "the embedding model {} is read", model.model().name);
    Ok(Arc::new(model))
}

#[cfg(not(feature = "local-embeddings"))]
fn local(folder: &Path) -> anyhow::Result<Arc<dyn Embedder>> {
    anyhow::bail!(
        "embeddings.directory names {}, but this binary was built without local-embeddings; build it with that feature, or leave the setting out",
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
