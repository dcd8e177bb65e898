//! One tenant's door to its model: who is asked, and as whom. What a call may use is looked after in `tenant/meter.rs`.

mod meter;

pub(super) use meter::{Counted, Meter};

use super::ask::{Answer, Ask, Message, Output, Speaker, Used};
use super::attempt::Caller;
use super::choice::{KeyChange, ModelChoice, is_model_name};
use super::error::ModelError;
use super::options::ModelOptions;
use super::schema::Schema;
use super::wire::{End, Endpoint, Reply};
use crate::pii;
use aos_core::TenantScope;
use aos_net::Url;
use aos_store::{ModelBudget, Store, TenantStore};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

const SETTING: &str = "models";
/// Purpose and name under which the vault keeps the provider's key.
const KEY: (&str, &str) = ("model", "provider");
/// What a question is taken for before the provider has counted it: two bytes a token, which is more than nearly every text has, and what
/// providers put around it.
const BYTES_PER_TOKEN: u64 = 2;
const TOKENS_AROUND: u64 = 200;

/// The models of all tenants. Cloning it is cheap and gives the same.
#[derive(Clone)]
pub struct Models(Arc<Shared>);

struct Shared {
    store: Store,
    net: aos_net::Client,
    options: ModelOptions,
    /// How long the vectors of models are, by fingerprint, as seen since the start.
    dimensions: Mutex<HashMap<String, usize>>,
}

/// One tenant's part.
#[derive(Clone)]
pub struct TenantModels {
    models: Models,
    scope: TenantScope,
}

/// Who would be asked now.
pub(super) struct Chosen {
    pub choice: ModelChoice,
    pub endpoint: Endpoint,
}

impl Models {
    pub fn new(store: Store, net: aos_net::Client, options: ModelOptions) -> Self {
        Self(Arc::new(Shared { store, net, options, dimensions: Mutex::default() }))
    }

    /// Opens one tenant's models: the only door to them.
    pub fn tenant(&self, scope: &TenantScope) -> TenantModels {
        TenantModels { models: self.clone(), scope: scope.clone() }
    }

    pub fn options(&self) -> &ModelOptions {
        &self.0.options
    }
}

impl TenantModels {
    fn store(&self) -> TenantStore<'_> {
        self.models.0.store.tenant(&self.scope)
    }

    pub(super) fn net(&self) -> aos_net::Client {
        self.models.0.net.tenant(&self.scope)
    }

    pub(super) fn options(&self) -> &ModelOptions {
        self.models.options()
    }

    pub(super) fn known_dimensions(&self) -> &Mutex<HashMap<String, usize>> {
        &self.models.0.dimensions
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.options().total_timeout
    }

    /// Returns what the tenant has chosen.
    pub async fn choice(&self) -> Result<ModelChoice, ModelError> {
        let Some(stored) = self.store().setting(SETTING).await? else { return Ok(ModelChoice::default()) };
        let invalid = || ModelError::Invalid("the stored choice of models cannot be read; make it again".into());
        serde_json::from_value(stored).map_err(|_| invalid())
    }

    /// Whether a key of the provider is kept.
    pub async fn has_key(&self) -> Result<bool, ModelError> {
        let kept = self.store().list_secrets().await?;
        Ok(kept.iter().any(|entry| (entry.purpose.as_str(), entry.name.as_str()) == KEY))
    }

    /// Chooses provider, models and limits. A key that is not given anew goes when the provider or its address changes.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] and [`ModelError::Net`], when the address may not be reached.
    pub async fn choose(&self, choice: &ModelChoice, key: KeyChange) -> Result<(), ModelError> {
        choice.check()?;
        if let Some(base) = &choice.base_url {
            let parsed = Url::parse(base);
            let url = parsed
                .map_err(|_| ModelError::Invalid("base_url cannot be read; give scheme, host and path".into()))?;
            self.models.0.net.guard().check_url(&url).map_err(ModelError::Net)?;
        }
        let present = self.choice().await.unwrap_or_default();
        let (purpose, name) = KEY;
        match key {
            KeyChange::Put(secret) => {
                self.store().put_secret(purpose, name, &secret).await?;
            }
            KeyChange::Keep if present.same_place(choice) => {}
            KeyChange::Keep | KeyChange::Forget => {
                self.store().delete_secret(purpose, name).await?;
            }
        }
        Ok(self.store().put_setting(SETTING, &json!(choice)).await?)
    }

    /// Asks the tenant's model. In a unit of work (a request with an idempotency key) nothing may have been written before, since the budget is
    /// kept apart from it.
    ///
    /// # Errors
    /// Any. Nothing was sent when it is about production mode, settings, budget or personal data.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, ModelError> {
        let schema = schema_of(&ask)?;
        let (chosen, mut ask, model) = self.prepared(ask).await?;
        let (started, deadline) = (Instant::now(), self.deadline());
        let first = self.once(&chosen, &model, &ask, deadline, None).await?;
        let Some(schema) = schema else { return Ok(answer(&chosen, &model, first, started)) };
        let why = match read(&schema, &first) {
            Ok(value) => return Ok(Answer { value: Some(value), ..answer(&chosen, &model, first, started) }),
            // More of the same would be as long.
            Err(why) if first.reply.end == Some(End::Cut) => return Err(ModelError::NotInSchema(why)),
            Err(why) => why,
        };
        let again =
            format!("That does not fit: {why}. Give the whole answer again, as one JSON value and nothing else.");
        ask.messages.push(Message {
            from: Speaker::Model,
            text: pii::redact_aside(first.reply.text, &self.personal()).await?.text,
        });
        ask.messages.push(Message { from: Speaker::User, text: again });
        let second = self.once(&chosen, &model, &ask, deadline, None).await?;
        let value = read(&schema, &second).map_err(ModelError::NotInSchema)?;
        let (used, attempts) = (first.used.and(second.used), first.attempts + second.attempts);
        let repaired = answer(&chosen, &model, second, started);
        Ok(Answer { value: Some(value), used, attempts, repaired: true, ..repaired })
    }

    /// Asks for text and gives its words as they come. The answer is stopped when it has gone on for longer than it may.
    ///
    /// # Errors
    /// As `ask`, and [`ModelError::Invalid`] for a question that asks for a value in a schema.
    pub async fn stream(&self, ask: Ask, mut on_words: impl FnMut(&str) + Send) -> Result<Answer, ModelError> {
        if matches!(ask.output, Output::Json { .. }) {
            return Err(ModelError::Invalid("a value in a schema is not streamed; ask for it as a whole".into()));
        }
        let (chosen, ask, model) = self.prepared(ask).await?;
        let started = Instant::now();
        let mut first = None;
        let mut note = |words: &str| {
            if !words.is_empty() {
                first.get_or_insert_with(|| started.elapsed());
                on_words(words);
            }
        };
        let done = self.once(&chosen, &model, &ask, self.deadline(), Some(&mut note)).await?;
        Ok(Answer { first_words_after: first, ..answer(&chosen, &model, done, started) })
    }

    /// Looks whether a model would be asked now.
    ///
    /// # Errors
    /// Why not.
    pub async fn ready(&self) -> Result<(), ModelError> {
        let chosen = self.chosen().await?;
        chosen.choice.model.map(|_| ()).ok_or(ModelError::NotConfigured)
    }

    /// Counts a call that was not needed, where the model would have been asked otherwise.
    ///
    /// # Errors
    /// [`ModelError::Store`] when it cannot be counted.
    pub async fn note_spared(&self) -> Result<(), ModelError> {
        match self.ready().await {
            Ok(()) => Ok(self.store().save_model_calls(1).await?),
            Err(ModelError::Store(error)) => Err(error.into()),
            Err(_) => Ok(()),
        }
    }

    /// Returns what a day may use: the lower of the operator's and the tenant's limits.
    pub async fn budget(&self) -> Result<ModelBudget, ModelError> {
        Ok(self.budget_of(&self.choice().await?))
    }

    /// Returns who would be asked now.
    pub(super) async fn chosen(&self) -> Result<Chosen, ModelError> {
        if self.store().production_mode().await? {
            return Err(ModelError::ProductionMode);
        }
        let choice = self.choice().await?;
        let provider = choice.provider.ok_or(ModelError::NotConfigured)?;
        let (purpose, name) = KEY;
        let key = self.store().reveal(purpose, name).await?;
        if key.is_none() && provider.needs_key() {
            return Err(ModelError::NoKey(provider.as_str()));
        }
        let base = choice.base_url.as_deref().or(provider.public_url()).ok_or(ModelError::NotConfigured)?;
        let endpoint = Endpoint { provider, base: base.trim_end_matches('/').to_owned(), key };
        Ok(Chosen { choice, endpoint })
    }

    /// What is taken out of every text that a provider is shown.
    pub(super) fn personal(&self) -> pii::Policy {
        pii::Policy::standard().with_names(self.options().names.clone())
    }

    /// Looks whether the question may be asked, and takes out of it what must not leave.
    async fn prepared(&self, mut ask: Ask) -> Result<(Chosen, Ask, String), ModelError> {
        let chosen = self.chosen().await?;
        let model = ask.model.clone().or_else(|| chosen.choice.model.clone()).ok_or(ModelError::NotConfigured)?;
        if !is_model_name(&model) {
            return Err(ModelError::Invalid(format!("`{model}` is no name of a model; copy it from the provider")));
        }
        let policy = self.personal();
        ask.system = pii::redact_aside(std::mem::take(&mut ask.system), &policy).await?.text;
        for message in &mut ask.messages {
            message.text = pii::redact_aside(std::mem::take(&mut message.text), &policy).await?.text;
        }
        ask.tokens_out_max = ask.tokens_out_max.clamp(1, self.options().tokens_out_max);
        let (size, limit) = (question_bytes(&ask), self.options().question_bytes_max);
        if size > limit {
            return Err(ModelError::TooLong { size, limit });
        }
        Ok((chosen, ask, model))
    }

    /// Asks once, metered.
    async fn once(
        &self,
        chosen: &Chosen,
        model: &str,
        ask: &Ask,
        deadline: Instant,
        on_words: Option<&mut (dyn FnMut(&str) + Send)>,
    ) -> Result<Done, ModelError> {
        let name = chosen.name(model);
        let stated = chosen.choice.price.filter(|_| chosen.choice.model.as_deref() == Some(model));
        let agents = ask.payer.as_ref().map(|payer| format!("agent:{}", payer.agent));
        let meter = Meter {
            feature: agents.as_deref().unwrap_or(ask.feature),
            payer: ask.payer.as_ref(),
            model: &name,
            price: stated.or_else(|| self.options().prices.of(&name)),
            budget: self.budget_of(&chosen.choice),
            tokens_in: question_bytes(ask) as u64 / BYTES_PER_TOKEN + TOKENS_AROUND,
            tokens_out: u64::from(ask.tokens_out_max),
        };
        let net = self.net();
        let attempts_max = self.options().attempts_max;
        let caller = Caller { net: &net, endpoint: &chosen.endpoint, deadline, attempts_max };
        let call = async {
            match on_words {
                Some(on_words) => caller.stream(model, ask, on_words).await,
                None => caller.ask(model, ask).await,
            }
        };
        let (reply, used, attempts) = self.metered(&meter, call, counted).await?;
        match reply.end {
            Some(End::Declined(why)) => Err(ModelError::Declined(why)),
            _ => Ok(Done { reply, used, attempts }),
        }
    }
}

impl Chosen {
    /// Returns provider and model, as usage and prices name them.
    pub fn name(&self, model: &str) -> String {
        format!("{}/{model}", self.endpoint.provider.as_str())
    }
}

struct Done {
    reply: Reply,
    used: Used,
    attempts: u32,
}

fn counted(reply: &Reply) -> Counted {
    let word = match reply.end {
        Some(End::Declined(_)) => "declined",
        _ => "ok",
    };
    Counted { tokens_in: reply.tokens_in, tokens_out: reply.tokens_out, word }
}

fn answer(chosen: &Chosen, model: &str, done: Done, started: Instant) -> Answer {
    Answer {
        cut: done.reply.end == Some(End::Cut),
        text: done.reply.text,
        value: None,
        model: chosen.name(model),
        used: done.used,
        attempts: done.attempts,
        repaired: false,
        duration: started.elapsed(),
        first_words_after: None,
    }
}

fn schema_of(ask: &Ask) -> Result<Option<Schema>, ModelError> {
    let Output::Json { schema, .. } = &ask.output else { return Ok(None) };
    Schema::new(schema).map(Some).map_err(|why| ModelError::Invalid(format!("the schema cannot be used: {why}")))
}

fn read(schema: &Schema, done: &Done) -> Result<serde_json::Value, String> {
    let cut = done.reply.end == Some(End::Cut);
    schema.read(&done.reply.text).map_err(|why| if cut { format!("it was cut off at its limit ({why})") } else { why })
}

fn question_bytes(ask: &Ask) -> usize {
    let schema = match &ask.output {
        Output::Text => 0,
        Output::Json { schema, .. } => schema.to_string().len(),
    };
    ask.system.len() + schema + ask.messages.iter().map(|message| message.text.len()).sum::<usize>()
}
