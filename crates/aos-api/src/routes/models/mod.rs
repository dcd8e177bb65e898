//! Language and embedding models: which one a tenant asks, within which budget, and what was used. A key is taken and never shown again.

mod problem;
mod usage;

pub use usage::*;

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_ai::models::{Ask, Dollars, KeyChange, ModelChoice, ModelError, Price, Provider};
use aos_core::policy::may;
use aos_core::vault::Secret;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const KEY_BYTES_MAX: usize = 4096;
/// The longest answer of a test, in tokens: models that think first need some for that.
const TEST_TOKENS_MAX: u32 = 256;

/// A provider that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelProvider, example = json!({ "provider": "open_ai", "public_url": "https://api.openai.com/v1", "needs_key": true, "embeddings": true }))]
pub struct ProviderOut {
    provider: Provider,
    /// Where it is found unless the settings say otherwise; null for those that have no address of their own.
    #[schema(required)]
    public_url: Option<&'static str>,
    needs_key: bool,
    /// Whether it has models that make vectors.
    embeddings: bool,
}

/// A model whose price is known, in US dollars per million tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PricedModel, example = json!({ "model": "open_ai/gpt-4.1-mini", "price": { "input": "0.40", "output": "1.60" } }))]
pub struct PricedOut {
    model: String,
    price: Price,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Models)]
pub struct ModelsOut {
    providers: Vec<ProviderOut>,
    /// Whether the tenant's model would be asked now.
    usable: bool,
    /// Why not, and what to do about it.
    #[schema(required)]
    why_not: Option<String>,
    /// The model that makes vectors; null when there is none.
    #[schema(required, example = "all-MiniLM-L6-v2")]
    embedding_model: Option<String>,
    priced: Vec<PricedOut>,
    /// The day on which the prices were copied.
    #[schema(example = "2025-10-15")]
    prices_as_of: String,
}

/// What a tenant chooses. What is left out is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "provider": "open_ai", "model": "gpt-4.1-mini", "api_key": "sk-…", "tokens_per_day_max": 200_000 }))]
pub struct ModelSettings {
    #[serde(default)]
    provider: Option<Provider>,
    /// Where the provider is found; its public address when left out.
    #[serde(default)]
    #[schema(max_length = 2000, format = "uri")]
    base_url: Option<String>,
    #[serde(default)]
    #[schema(max_length = 200)]
    model: Option<String>,
    #[serde(default)]
    #[schema(max_length = 200)]
    embedding_model: Option<String>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 8192)]
    embedding_dimensions: Option<u32>,
    #[serde(default)]
    tokens_per_day_max: Option<u64>,
    #[serde(default)]
    dollars_per_day_max: Option<Dollars>,
    #[serde(default)]
    price: Option<Price>,
    #[serde(default)]
    embedding_price: Option<Price>,
    /// Left out: the key stays, unless provider or address change. Empty: it is forgotten.
    #[serde(default)]
    #[schema(max_length = 4096, write_only)]
    api_key: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelSettingsShown)]
pub struct SettingsOut {
    #[schema(required)]
    provider: Option<Provider>,
    #[schema(required)]
    base_url: Option<String>,
    #[schema(required)]
    model: Option<String>,
    #[schema(required)]
    embedding_model: Option<String>,
    #[schema(required)]
    embedding_dimensions: Option<u32>,
    #[schema(required)]
    tokens_per_day_max: Option<u64>,
    #[schema(required)]
    dollars_per_day_max: Option<Dollars>,
    #[schema(required)]
    price: Option<Price>,
    #[schema(required)]
    embedding_price: Option<Price>,
    /// Whether a key is kept; it is never shown.
    has_key: bool,
    /// Whether no model is asked, whatever is chosen here.
    production_mode: bool,
}

/// How a test call went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelTest, example = json!({ "model": "open_ai/gpt-4.1-mini", "said": "ready", "duration_ms": 640, "first_words_ms": 410,
    "attempts": 1, "tokens_in": 31, "tokens_out": 2, "dollars": "0.000016" }))]
pub struct TestOut {
    model: String,
    said: String,
    duration_ms: u64,
    #[schema(required)]
    first_words_ms: Option<u64>,
    attempts: u32,
    /// As the provider says; null when it does not.
    #[schema(required)]
    tokens_in: Option<u64>,
    #[schema(required)]
    tokens_out: Option<u64>,
    /// Null when the price is not known.
    #[schema(required)]
    dollars: Option<Dollars>,
}

/// Lists providers and prices, and says whether a model would be asked now.
#[utoipa::path(get, path = "/models", tag = "models", responses((status = 200, body = ModelsOut), Problem))]
pub async fn list(tenant: Allowed<may::ReadModels>, State(app): State<App>) -> Result<axum::Json<ModelsOut>, Problem> {
    let provider = |provider: &Provider| ProviderOut {
        provider: *provider,
        public_url: provider.public_url(),
        needs_key: provider.needs_key(),
        embeddings: provider.has_embeddings(),
    };
    let ready = app.models.tenant(&tenant).ready().await;
    let why_not = match ready {
        Ok(()) => None,
        Err(ModelError::Store(error)) => return Err(error.into()),
        Err(error) => Some(error.to_string()),
    };
    let prices = &app.models.options().prices;
    let priced = prices.models().map(|known| PricedOut { model: known.name.to_owned(), price: known.price }).collect();
    Ok(axum::Json(ModelsOut {
        providers: Provider::ALL.iter().map(provider).collect(),
        usable: why_not.is_none(),
        why_not,
        embedding_model: app.embeddings.name(&tenant).await?,
        priced,
        prices_as_of: prices.as_of.clone(),
    }))
}

/// Returns what the tenant has chosen.
#[utoipa::path(get, path = "/models/settings", tag = "models", responses((status = 200, body = SettingsOut), Problem))]
pub async fn get_settings(
    tenant: Allowed<may::ReadModels>,
    State(app): State<App>,
) -> Result<axum::Json<SettingsOut>, Problem> {
    Ok(axum::Json(shown(&app, &tenant).await?))
}

/// Chooses provider, models, key and limits. Production mode has to be off for a model to be asked.
#[utoipa::path(put, path = "/models/settings", tag = "models", request_body = ModelSettings,
    responses((status = 200, body = SettingsOut), Problem))]
pub async fn put_settings(
    tenant: Allowed<may::ManageModels>,
    State(app): State<App>,
    Json(settings): Json<ModelSettings>,
) -> Result<axum::Json<SettingsOut>, Problem> {
    let key = match settings.api_key.as_deref().map(str::trim) {
        None => KeyChange::Keep,
        Some("") => KeyChange::Forget,
        Some(key) if key.len() > KEY_BYTES_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            let detail = "the key has characters that no provider's key has, or is too long";
            return Err(Problem::unprocessable("invalid_model_settings", detail, "copy the key again"));
        }
        Some(key) => KeyChange::Put(Secret::new(key)),
    };
    app.models.tenant(&tenant).choose(&settings.into(), key).await?;
    Ok(axum::Json(shown(&app, &tenant).await?))
}

/// Asks the model to say one word, and says how that went. It counts like any other call.
#[utoipa::path(post, path = "/models/test", tag = "models", responses((status = 200, body = TestOut), Problem))]
pub async fn test(tenant: Allowed<may::ManageModels>, State(app): State<App>) -> Result<axum::Json<TestOut>, Problem> {
    let ask = Ask::text("test", "You are asked whether you can be reached.", "Answer with the one word: ready");
    let ask = Ask { tokens_out_max: TEST_TOKENS_MAX, ..ask };
    let answer = app.models.tenant(&tenant).stream(ask, |_| {}).await?;
    let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Ok(axum::Json(TestOut {
        model: answer.model,
        said: answer.text,
        duration_ms: millis(answer.duration),
        first_words_ms: answer.first_words_after.map(millis),
        attempts: answer.attempts,
        tokens_in: answer.used.tokens_in,
        tokens_out: answer.used.tokens_out,
        dollars: answer.used.micros.map(|micros| Dollars { micros }),
    }))
}

async fn shown(app: &App, tenant: &aos_core::TenantScope) -> Result<SettingsOut, Problem> {
    let models = app.models.tenant(tenant);
    let choice = models.choice().await?;
    Ok(SettingsOut {
        provider: choice.provider,
        base_url: choice.base_url,
        model: choice.model,
        embedding_model: choice.embedding_model,
        embedding_dimensions: choice.embedding_dimensions,
        tokens_per_day_max: choice.tokens_per_day_max,
        dollars_per_day_max: choice.dollars_per_day_max,
        price: choice.price,
        embedding_price: choice.embedding_price,
        has_key: models.has_key().await?,
        production_mode: app.store.tenant(tenant).production_mode().await?,
    })
}

impl From<ModelSettings> for ModelChoice {
    fn from(settings: ModelSettings) -> Self {
        Self {
            provider: settings.provider,
            base_url: settings.base_url,
            model: settings.model,
            embedding_model: settings.embedding_model,
            embedding_dimensions: settings.embedding_dimensions,
            tokens_per_day_max: settings.tokens_per_day_max,
            dollars_per_day_max: settings.dollars_per_day_max,
            price: settings.price,
            embedding_price: settings.embedding_price,
        }
    }
}
