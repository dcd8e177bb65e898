//! Models of the BERT family that a test writes itself, in the files that real ones have: small, with weights of which the right answer is known
//! or can be computed elsewhere.

use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;

/// The tensors of a model, by name and shape, in the order in which they are made.
type Tensors = Vec<(String, Vec<usize>)>;

/// A model before its weights.
#[derive(Debug, Clone)]
pub struct Bert {
    /// `bert`, or `xlm-roberta`, whose first two places stand for padding.
    pub model_type: &'static str,
    /// The vocabulary, whose place is the number of the token. Of BERT it begins with `[PAD] [UNK] [CLS] [SEP]`, of RoBERTa with `<s> <pad> </s> <unk>`.
    pub words: Vec<String>,
    pub labels: Vec<String>,
    pub hidden: usize,
    pub heads: usize,
    pub layers: usize,
    /// Tokens that it reads at most.
    pub places: usize,
    /// What is put upon the encoder.
    pub head: Head,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// One output a label for each token.
    Tokens,
    /// One output for the whole.
    Sequence,
}

impl Bert {
    /// A model that finds these words and no others: `labels` begins with `O`, and each word stands beside the number of its label. Whatever else
    /// stands in the text changes nothing.
    pub fn finds(
        labels: &[&str],
        words: &[(&str, usize)],
        places: usize,
    ) -> (Self, impl Fn(&str, &[usize]) -> Vec<f32>) {
        let known: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
            .into_iter()
            .chain(words.iter().map(|(word, _)| *word))
            .map(str::to_owned)
            .collect();
        let hidden = labels.len().max(4);
        let rows: Vec<usize> = [0; 4].into_iter().chain(words.iter().map(|(_, label)| *label)).collect();
        let bert = Self {
            model_type: "bert",
            words: known,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            hidden,
            heads: 1,
            layers: 1,
            places,
            head: Head::Tokens,
        };
        let weights = move |name: &str, shape: &[usize]| {
            let size = shape.iter().product();
            let mut values = vec![0.0; size];
            match name {
                "bert.embeddings.word_embeddings.weight" => {
                    rows.iter().enumerate().for_each(|(row, label)| values[row * hidden + label] = 1.0);
                }
                "classifier.weight" => (0..shape[0]).for_each(|label| values[label * hidden + label] = 10.0),
                name if name.ends_with("LayerNorm.weight") => values.fill(1.0),
                _ => {}
            }
            values
        };
        (bert, weights)
    }

    /// Writes the folder. `weights` gives the numbers of each tensor by its name and shape.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn write(&self, folder: &Path, weights: impl Fn(&str, &[usize]) -> Vec<f32>) {
        let write =
            |file: &str, bytes: &[u8]| std::fs::write(folder.join(file), bytes).expect("a folder that can be written");
        std::fs::create_dir_all(folder).expect("a folder that can be made");
        write("config.json", self.config().to_string().as_bytes());
        if self.is_roberta() {
            write("tokenizer.json", self.tokenizer().to_string().as_bytes());
        } else {
            write("vocab.txt", (self.words.join("\n") + "\n").as_bytes());
            write("tokenizer_config.json", json!({ "do_lower_case": false }).to_string().as_bytes());
        }
        let (mut header, mut bytes) = (Map::new(), Vec::new());
        for (name, shape) in self.tensors() {
            let start = bytes.len();
            let values = weights(&name, &shape);
            assert_eq!(values.len(), shape.iter().product::<usize>(), "{name}");
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, bytes.len()] }));
        }
        let header = Value::Object(header).to_string();
        let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes].concat();
        write("model.safetensors", &file);
    }

    fn is_roberta(&self) -> bool {
        self.model_type != "bert"
    }

    fn config(&self) -> Value {
        let labels: HashMap<String, &String> =
            self.labels.iter().enumerate().map(|(id, label)| (id.to_string(), label)).collect();
        json!({
            "model_type": self.model_type, "hidden_size": self.hidden, "intermediate_size": 2 * self.hidden,
            "num_hidden_layers": self.layers, "num_attention_heads": self.heads, "vocab_size": self.words.len(),
            "max_position_embeddings": self.places + if self.is_roberta() { 2 } else { 0 }, "layer_norm_eps": 1e-12,
            "hidden_act": "gelu", "pad_token_id": usize::from(self.is_roberta()), "id2label": labels,
        })
    }

    /// A tokenizer of whole words, put together as RoBERTa has it.
    fn tokenizer(&self) -> Value {
        let vocabulary: HashMap<&String, usize> = self.words.iter().enumerate().map(|(id, word)| (word, id)).collect();
        json!({
            "version": "1.0", "added_tokens": [],
            "pre_tokenizer": { "type": "Whitespace" },
            "post_processor": {
                "type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false,
            },
            "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>" },
        })
    }

    fn tensors(&self) -> Tensors {
        let (hidden, wide) = (self.hidden, 2 * self.hidden);
        let places = self.places + if self.is_roberta() { 2 } else { 0 };
        let encoder = if self.is_roberta() { "roberta" } else { "bert" };
        let mut tensors: Tensors = Vec::new();
        let mut add = |name: String, shape: &[usize]| tensors.push((name, shape.to_vec()));
        let dense = |add: &mut dyn FnMut(String, &[usize]), name: String, out: usize, into: usize| {
            add(format!("{name}.weight"), &[out, into]);
            add(format!("{name}.bias"), &[out]);
        };
        let norm = |add: &mut dyn FnMut(String, &[usize]), name: String| {
            add(format!("{name}.weight"), &[hidden]);
            add(format!("{name}.bias"), &[hidden]);
        };
        let embeddings = format!("{encoder}.embeddings");
        add(format!("{embeddings}.word_embeddings.weight"), &[self.words.len(), hidden]);
        add(format!("{embeddings}.position_embeddings.weight"), &[places, hidden]);
        add(format!("{embeddings}.token_type_embeddings.weight"), &[if self.is_roberta() { 1 } else { 2 }, hidden]);
        norm(&mut add, format!("{embeddings}.LayerNorm"));
        for layer in 0..self.layers {
            let at = |part: &str| format!("{encoder}.encoder.layer.{layer}.{part}");
            for part in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
            {
                dense(&mut add, at(part), hidden, hidden);
            }
            norm(&mut add, at("attention.output.LayerNorm"));
            dense(&mut add, at("intermediate.dense"), wide, hidden);
            dense(&mut add, at("output.dense"), hidden, wide);
            norm(&mut add, at("output.LayerNorm"));
        }
        match (self.head, self.is_roberta()) {
            (Head::Tokens, _) => dense(&mut add, "classifier".into(), self.labels.len(), hidden),
            (Head::Sequence, false) => {
                dense(&mut add, "bert.pooler.dense".into(), hidden, hidden);
                dense(&mut add, "classifier".into(), 1, hidden);
            }
            (Head::Sequence, true) => {
                dense(&mut add, "classifier.dense".into(), hidden, hidden);
                dense(&mut add, "classifier.out_proj".into(), 1, hidden);
            }
        }
        tensors
    }
}

/// Returns numbers that look like chance and are the same everywhere: from a digest of the tensor's name (FNV-1a) and the place in it.
pub fn noise(name: &str, shape: &[usize]) -> Vec<f32> {
    let seed = name.bytes().fold(2_166_136_261_u32, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(16_777_619));
    let number = |at: u32| {
        let mut mixed = seed ^ at.wrapping_mul(2_654_435_761);
        mixed = (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519);
        mixed ^= mixed >> 13;
        let share = (f64::from(mixed) / f64::from(u32::MAX) - 0.5) as f32;
        match name {
            name if name.ends_with("LayerNorm.weight") => 1.0 + share,
            // Words that differ much, so that what is made of them does.
            name if name.contains("word_embeddings") => 8.0 * share,
            name if name.ends_with(".bias") => 0.5 * share,
            name if name.starts_with("classifier") => 4.0 * share,
            _ => 1.5 * share,
        }
    };
    (0..shape.iter().product::<usize>() as u32).map(number).collect()
}
