//! What a tenant chooses: provider, address, models, limits. The key is no part of it; it lies in the vault.

use super::error::ModelError;
use super::price::{Dollars, Price};
use aos_core::vault::Secret;
use serde::{Deserialize, Serialize};

const NAME_BYTES_MAX: usize = 200;
const URL_BYTES_MAX: usize = 2_000;
const DIMENSIONS_MAX: u32 = 8_192;

/// Who runs the model, which decides the form of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ModelProviderKind))]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    OpenAi,
    Gemini,
    Anthropic,
    /// Anything that speaks OpenAI's chat completions: Ollama, vLLM, llama.cpp, LiteLLM, Azure's and many others.
    Compatible,
}

/// A tenant's choice. Nothing chosen: no model is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelChoice {
    pub provider: Option<Provider>,
    /// Where the provider is found, e.g. `https://models.example.com/v1`; its public address when left out.
    pub base_url: Option<String>,
    /// The model that is asked, by the provider's name for it.
    pub model: Option<String>,
    /// The model that makes vectors; without one the house's own does, where there is one.
    pub embedding_model: Option<String>,
    /// How long its vectors are to be, for models that can cut them.
    pub embedding_dimensions: Option<u32>,
    pub tokens_per_day_max: Option<u64>,
    pub dollars_per_day_max: Option<Dollars>,
    /// What the chosen model costs here; goes before the price table.
    pub price: Option<Price>,
    pub embedding_price: Option<Price>,
}

/// What becomes of the key when a choice is made.
#[derive(Clone)]
pub enum KeyChange {
    /// It stays, unless provider or address change: a key is never sent to where it was not given for.
    Keep,
    Forget,
    Put(Secret),
}

impl Provider {
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Gemini, Self::Anthropic, Self::Compatible];

    /// Returns the name in settings, usage and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "open_ai",
            Self::Gemini => "gemini",
            Self::Anthropic => "anthropic",
            Self::Compatible => "compatible",
        }
    }

    /// Returns where the provider is found unless one says otherwise.
    pub fn public_url(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com/v1beta"),
            Self::Anthropic => Some("https://api.anthropic.com/v1"),
            Self::Compatible => None,
        }
    }

    /// Whether calls without a key make sense.
    pub fn needs_key(self) -> bool {
        self != Self::Compatible
    }

    pub fn has_embeddings(self) -> bool {
        self != Self::Anthropic
    }
}

impl ModelChoice {
    /// # Errors
    /// [`ModelError::Invalid`] with what is wrong and what to do.
    pub fn check(&self) -> Result<(), ModelError> {
        let invalid = |why: &str| Err(ModelError::Invalid(why.to_owned()));
        for name in [&self.model, &self.embedding_model].into_iter().flatten() {
            if !is_model_name(name) {
                return invalid("a model's name has letters, digits and . _ - : / @ only; copy it from the provider");
            }
        }
        if self.base_url.as_deref().is_some_and(|url| url.len() > URL_BYTES_MAX) {
            return invalid("the address is too long; give scheme, host and path");
        }
        match self.provider {
            None if *self
                != Self {
                    tokens_per_day_max: self.tokens_per_day_max,
                    dollars_per_day_max: self.dollars_per_day_max,
                    ..Self::default()
                } =>
            {
                invalid("no provider is named; name one of open_ai, gemini, anthropic, compatible")
            }
            Some(Provider::Compatible) if self.base_url.is_none() => invalid(
                "a compatible provider has no public address; give its base_url, e.g. http://127.0.0.1:11434/v1",
            ),
            Some(provider) if !provider.has_embeddings() && self.embedding_model.is_some() => {
                invalid("this provider has no embedding models; leave embedding_model out, or choose another provider")
            }
            _ if self.embedding_dimensions.is_some_and(|count| count == 0 || count > DIMENSIONS_MAX) => {
                invalid("embedding_dimensions is between 1 and 8192; leave it out for the model's own")
            }
            _ => Ok(()),
        }
    }

    /// Whether a key that was given for `self` may be sent to where `other` leads.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        self.provider == other.provider && self.base_url == other.base_url
    }
}

pub(super) fn is_model_name(name: &str) -> bool {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"._-:/@".contains(&letter);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(allowed) && !name.contains("..")
}
