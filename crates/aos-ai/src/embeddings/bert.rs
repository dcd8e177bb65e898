//! The encoder of BERT (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2019, with the layout of weights of
//! Hugging Face's `BertModel`): what MiniLM, E5, BGE and GTE models are made of. One text at a time, so nothing is padded or masked.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis, Zip, s};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

/// What `config.json` says of the model.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BertConfig {
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
}

/// The weights.
pub(super) struct Bert {
    words: Array2<f32>,
    positions: Array2<f32>,
    /// Of the first of the two segments; there is one text only.
    segment: Array1<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
}

struct Layer {
    query: Dense,
    key: Dense,
    value: Dense,
    attended: Dense,
    attended_norm: Norm,
    wide: Dense,
    narrow: Dense,
    norm: Norm,
}

struct Dense {
    /// Outputs by inputs.
    weight: Array2<f32>,
    bias: Array1<f32>,
}

struct Norm {
    scale: Array1<f32>,
    shift: Array1<f32>,
    epsilon: f32,
}

fn absolute() -> String {
    "absolute".into()
}

impl BertConfig {
    /// # Errors
    /// What of the model is not built in.
    pub fn check(&self) -> Result<(), String> {
        let unknown =
            |what: &str, is: &str, only: &str| Err(format!("its {what} is `{is}`, and only `{only}` is built in"));
        match self {
            config if config.model_type != "bert" => unknown("model_type", &config.model_type, "bert"),
            config if config.hidden_act != "gelu" => unknown("hidden_act", &config.hidden_act, "gelu"),
            config if config.position_embedding_type != "absolute" => {
                unknown("position_embedding_type", &config.position_embedding_type, "absolute")
            }
            config if config.num_attention_heads == 0 || config.hidden_size % config.num_attention_heads != 0 => {
                Err("its hidden_size cannot be shared among its attention heads".into())
            }
            _ => Ok(()),
        }
    }
}

impl Bert {
    /// Takes the weights out of a `model.safetensors`.
    ///
    /// # Errors
    /// What is missing or has another shape than `config` says.
    pub fn load(config: &BertConfig, file: &[u8]) -> Result<Self, String> {
        let tensors = SafeTensors::deserialize(file).map_err(|error| format!("its weights cannot be read: {error}"))?;
        let weights = Weights { tensors, epsilon: config.layer_norm_eps };
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let layer = |index: usize| -> Result<Layer, String> {
            let at = |part: &str| format!("encoder.layer.{index}.{part}");
            Ok(Layer {
                query: weights.dense(&at("attention.self.query"), hidden, hidden)?,
                key: weights.dense(&at("attention.self.key"), hidden, hidden)?,
                value: weights.dense(&at("attention.self.value"), hidden, hidden)?,
                attended: weights.dense(&at("attention.output.dense"), hidden, hidden)?,
                attended_norm: weights.norm(&at("attention.output.LayerNorm"), hidden)?,
                wide: weights.dense(&at("intermediate.dense"), wide, hidden)?,
                narrow: weights.dense(&at("output.dense"), hidden, wide)?,
                norm: weights.norm(&at("output.LayerNorm"), hidden)?,
            })
        };
        let segments = weights.matrix("embeddings.token_type_embeddings.weight", None, hidden)?;
        Ok(Self {
            words: weights.matrix("embeddings.word_embeddings.weight", Some(config.vocab_size), hidden)?,
            positions: weights.matrix(
                "embeddings.position_embeddings.weight",
                Some(config.max_position_embeddings),
                hidden,
            )?,
            segment: segments.outer_iter().next().ok_or("it has no segments")?.to_owned(),
            norm: weights.norm("embeddings.LayerNorm", hidden)?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_, _>>()?,
            heads: config.num_attention_heads,
        })
    }

    /// Returns a row for each token.
    ///
    /// # Errors
    /// A token that the model does not know, or more tokens than it has places for.
    pub fn encode(&self, tokens: &[u32]) -> Result<Array2<f32>, String> {
        if tokens.len() > self.positions.nrows() {
            return Err(format!("{} tokens are more than its {} places", tokens.len(), self.positions.nrows()));
        }
        let mut rows = Array2::zeros((tokens.len(), self.words.ncols()));
        for (place, (token, mut row)) in tokens.iter().zip(rows.outer_iter_mut()).enumerate() {
            let known = usize::try_from(*token).ok().filter(|token| *token < self.words.nrows());
            let token = known.ok_or_else(|| format!("its tokenizer gives the token {token}, which has no weights"))?;
            row += &self.words.row(token);
            row += &self.positions.row(place);
            row += &self.segment;
        }
        self.norm.apply(&mut rows);
        Ok(self.layers.iter().fold(rows, |rows, layer| layer.apply(rows, self.heads)))
    }
}

impl Layer {
    fn apply(&self, rows: Array2<f32>, heads: usize) -> Array2<f32> {
        let mut attended = self.attended.apply(&self.attend(&rows, heads));
        attended += &rows;
        self.attended_norm.apply(&mut attended);
        let mut wide = self.wide.apply(&attended);
        wide.mapv_inplace(gelu);
        let mut out = self.narrow.apply(&wide);
        out += &attended;
        self.norm.apply(&mut out);
        out
    }

    fn attend(&self, rows: &Array2<f32>, heads: usize) -> Array2<f32> {
        let (query, key, value) = (self.query.apply(rows), self.key.apply(rows), self.value.apply(rows));
        let size = rows.ncols() / heads;
        let scale = 1.0 / (size as f32).sqrt();
        let mut attended = Array2::zeros(rows.dim());
        for head in 0..heads {
            let part = s![.., head * size..(head + 1) * size];
            let mut scores = query.slice(part).dot(&key.slice(part).t());
            scores.mapv_inplace(|score| score * scale);
            scores.outer_iter_mut().for_each(softmax);
            attended.slice_mut(part).assign(&scores.dot(&value.slice(part)));
        }
        attended
    }
}

impl Dense {
    fn apply(&self, rows: &Array2<f32>) -> Array2<f32> {
        rows.dot(&self.weight.t()) + &self.bias
    }
}

impl Norm {
    fn apply(&self, rows: &mut Array2<f32>) {
        let count = rows.ncols() as f32;
        for mut row in rows.axis_iter_mut(Axis(0)) {
            let mean = row.sum() / count;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
            let by = 1.0 / (variance + self.epsilon).sqrt();
            Zip::from(&mut row)
                .and(&self.scale)
                .and(&self.shift)
                .for_each(|value, scale, shift| *value = (*value - mean) * by * scale + shift);
        }
    }
}

fn softmax(mut row: ArrayViewMut1<'_, f32>) {
    let top = row.fold(f32::NEG_INFINITY, |top, value| top.max(*value));
    row.mapv_inplace(|value| (value - top).exp());
    let sum = row.sum();
    row.mapv_inplace(|value| value / sum);
}

fn gelu(value: f32) -> f32 {
    0.5 * value * (1.0 + erf(value * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function to 1.5e-7 (Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26).
fn erf(value: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * value.abs());
    let series = [1.061_405_4, -1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let sum = series.iter().fold(0.0_f32, |sum, factor| (sum + factor) * t);
    (1.0 - sum * (-value * value).exp()).copysign(value)
}

struct Weights<'f> {
    tensors: SafeTensors<'f>,
    epsilon: f32,
}

impl Weights<'_> {
    fn find(&self, name: &str) -> Result<TensorView<'_>, String> {
        // Models that were trained for something else keep the encoder under a name.
        let found = self.tensors.tensor(name).or_else(|_| self.tensors.tensor(&format!("bert.{name}")));
        let tensor = found.map_err(|_| format!("its weights lack `{name}`"))?;
        if tensor.dtype() != Dtype::F32 {
            return Err(format!("its weights are {:?}, and only F32 is built in; convert them", tensor.dtype()));
        }
        Ok(tensor)
    }

    fn matrix(&self, name: &str, rows: Option<usize>, columns: usize) -> Result<Array2<f32>, String> {
        let tensor = self.find(name)?;
        let wrong =
            || format!("its weights `{name}` have the shape {:?}, which config.json does not say", tensor.shape());
        let &[have, wide] = tensor.shape() else { return Err(wrong()) };
        if wide != columns || rows.is_some_and(|rows| rows != have) {
            return Err(wrong());
        }
        let values = numbers(tensor.data());
        Array2::from_shape_vec((have, wide), values).map_err(|_| wrong())
    }

    fn vector(&self, name: &str, length: usize) -> Result<Array1<f32>, String> {
        let values = numbers(self.find(name)?.data());
        if values.len() == length {
            Ok(values.into())
        } else {
            Err(format!("its weights `{name}` have another length"))
        }
    }

    fn dense(&self, name: &str, outputs: usize, inputs: usize) -> Result<Dense, String> {
        let weight = self.matrix(&format!("{name}.weight"), Some(outputs), inputs)?;
        Ok(Dense { weight, bias: self.vector(&format!("{name}.bias"), outputs)? })
    }

    fn norm(&self, name: &str, length: usize) -> Result<Norm, String> {
        let scale = self.vector(&format!("{name}.weight"), length)?;
        Ok(Norm { scale, shift: self.vector(&format!("{name}.bias"), length)?, epsilon: self.epsilon })
    }
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|part| f32::from_le_bytes([part[0], part[1], part[2], part[3]])).collect()
}

/// Returns the mean of the rows.
pub(super) fn mean(rows: ArrayView2<'_, f32>) -> Vec<f32> {
    rows.mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default()
}

/// Returns the first row, which stands for the whole text in models that were trained so.
pub(super) fn first(rows: ArrayView2<'_, f32>) -> Vec<f32> {
    rows.outer_iter().next().map(|row: ArrayView1<'_, f32>| row.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_what_tables_say() {
        for (value, expected) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-2.0, -0.995_322_3)] {
            assert!((erf(value) - expected).abs() < 1e-6, "erf({value}) is {}", erf(value));
        }
    }

    #[test]
    fn attention_shares_sum_to_one_also_for_large_scores() {
        let mut row = ndarray::array![1000.0, 1001.0, -1000.0];
        softmax(row.view_mut());
        assert!((row.sum() - 1.0).abs() < 1e-6);
        assert!(row[1] > row[0] && row[2] < 1e-6);
    }
}
