//! What `config.json` says of a model, and which of it is built in.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A model of the BERT family: `bert`, or `roberta` and `xlm-roberta`, which are the same network and count places differently.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BertConfig {
    pub model_type: String,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub max_position_embeddings: usize,
    pub vocab_size: usize,
    pub layer_norm_eps: f32,
    pub hidden_act: String,
    #[serde(default = "absolute")]
    pub position_embedding_type: String,
    #[serde(default = "padding")]
    pub pad_token_id: usize,
    /// What the outputs of a classifier stand for, by their number.
    #[serde(default)]
    pub id2label: BTreeMap<usize, String>,
}

fn absolute() -> String {
    "absolute".into()
}

fn padding() -> usize {
    1
}

impl BertConfig {
    /// # Errors
    /// What of the model is not built in.
    pub fn check(&self) -> Result<(), String> {
        let unknown =
            |what: &str, is: &str, only: &str| Err(format!("its {what} is `{is}`, and only `{only}` is built in"));
        match self {
            config if !matches!(&*config.model_type, "bert" | "roberta" | "xlm-roberta") => {
                unknown("model_type", &config.model_type, "bert` or `xlm-roberta")
            }
            config if config.hidden_act != "gelu" => unknown("hidden_act", &config.hidden_act, "gelu"),
            config if config.position_embedding_type != "absolute" => {
                unknown("position_embedding_type", &config.position_embedding_type, "absolute")
            }
            config if config.num_attention_heads == 0 || config.hidden_size % config.num_attention_heads != 0 => {
                Err("its hidden_size cannot be shared among its attention heads".into())
            }
            config if config.max_position_embeddings <= config.first_place() => {
                Err("it has no places for tokens".into())
            }
            _ => Ok(()),
        }
    }

    /// The place of the first token. RoBERTa keeps the places up to that of padding for itself.
    pub fn first_place(&self) -> usize {
        if self.is_roberta() { self.pad_token_id.saturating_add(1) } else { 0 }
    }

    /// Tokens that it reads at most.
    pub fn tokens_max(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_place())
    }

    pub fn is_roberta(&self) -> bool {
        self.model_type != "bert"
    }

    /// The name under which models that were trained for something keep the encoder.
    pub fn encoder_name(&self) -> &'static str {
        if self.is_roberta() { "roberta" } else { "bert" }
    }
}
