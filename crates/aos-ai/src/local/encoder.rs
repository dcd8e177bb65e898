//! The encoder of BERT (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2019, with the layout of weights of
//! Hugging Face's `BertModel`): what MiniLM, E5, BGE and GTE models are made of, and models that find names or judge passages. Several texts are
//! computed one above the other, so nothing is padded or masked.

use super::config::BertConfig;
use super::weights::{Dense, Norm, Weights};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, s};
use std::ops::Range;

/// The weights.
pub(crate) struct Bert {
    words: Array2<f32>,
    positions: Array2<f32>,
    /// Of the first and the second text of a pair. RoBERTa has one for both.
    segments: Array2<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
    first_place: usize,
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

/// A text, or a pair of texts, as a tokenizer gives it.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'t> {
    pub ids: &'t [u32],
    /// For each token whether it is of the first or the second text.
    pub segments: &'t [u32],
}

impl Bert {
    /// Takes the weights out of a `model.safetensors`.
    ///
    /// # Errors
    /// What is missing or has another shape than `config` says.
    pub(super) fn load(config: &BertConfig, weights: &Weights<'_>) -> Result<Self, String> {
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
        if segments.nrows() == 0 {
            return Err("it has no segments".into());
        }
        Ok(Self {
            words: weights.matrix("embeddings.word_embeddings.weight", Some(config.vocab_size), hidden)?,
            positions: weights.matrix(
                "embeddings.position_embeddings.weight",
                Some(config.max_position_embeddings),
                hidden,
            )?,
            segments,
            norm: weights.norm("embeddings.LayerNorm", hidden)?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_, _>>()?,
            heads: config.num_attention_heads,
            first_place: config.first_place(),
        })
    }

    /// Returns a row for each token of each text.
    ///
    /// # Errors
    /// A token that the model does not know, or more tokens than it has places for.
    pub fn encode(&self, texts: &[Tokens<'_>]) -> Result<Vec<Array2<f32>>, String> {
        let mut bounds = Vec::with_capacity(texts.len());
        let mut end = 0;
        for text in texts {
            bounds.push(end..end + text.ids.len());
            end += text.ids.len();
        }
        let mut rows = Array2::zeros((end, self.words.ncols()));
        for (text, bound) in texts.iter().zip(&bounds) {
            self.embed(*text, rows.slice_mut(s![bound.clone(), ..]))?;
        }
        self.norm.apply(&mut rows);
        let rows = self.layers.iter().fold(rows, |rows, layer| layer.apply(rows, self.heads, &bounds));
        Ok(bounds.into_iter().map(|bound| rows.slice(s![bound, ..]).to_owned()).collect())
    }

    fn embed(&self, text: Tokens<'_>, mut rows: ndarray::ArrayViewMut2<'_, f32>) -> Result<(), String> {
        let places = self.positions.nrows().saturating_sub(self.first_place);
        if text.ids.len() > places {
            return Err(format!("{} tokens are more than its {places} places", text.ids.len()));
        }
        for (at, mut row) in rows.outer_iter_mut().enumerate() {
            let token = text.ids[at];
            let known = usize::try_from(token).ok().filter(|token| *token < self.words.nrows());
            let token = known.ok_or_else(|| format!("its tokenizer gives the token {token}, which has no weights"))?;
            let segment = text.segments.get(at).map_or(0, |segment| *segment as usize);
            row += &self.words.row(token);
            row += &self.positions.row(self.first_place + at);
            row += &self.segments.row(segment.min(self.segments.nrows() - 1));
        }
        Ok(())
    }
}

impl Layer {
    fn apply(&self, rows: Array2<f32>, heads: usize, bounds: &[Range<usize>]) -> Array2<f32> {
        let mut attended = self.attended.apply(&self.attend(&rows, heads, bounds));
        attended += &rows;
        self.attended_norm.apply(&mut attended);
        let mut wide = self.wide.apply(&attended);
        wide.mapv_inplace(gelu);
        let mut out = self.narrow.apply(&wide);
        out += &attended;
        self.norm.apply(&mut out);
        out
    }

    /// The tokens of a text look at those of the same text only.
    fn attend(&self, rows: &Array2<f32>, heads: usize, bounds: &[Range<usize>]) -> Array2<f32> {
        let (query, key, value) = (self.query.apply(rows), self.key.apply(rows), self.value.apply(rows));
        let size = rows.ncols() / heads;
        let scale = 1.0 / (size as f32).sqrt();
        let mut attended = Array2::zeros(rows.dim());
        for bound in bounds {
            for head in 0..heads {
                let part = s![bound.clone(), head * size..(head + 1) * size];
                let mut scores = query.slice(part).dot(&key.slice(part).t());
                scores.mapv_inplace(|score| score * scale);
                scores.outer_iter_mut().for_each(softmax);
                attended.slice_mut(part).assign(&scores.dot(&value.slice(part)));
            }
        }
        attended
    }
}

/// Makes shares of scores, which sum to one.
pub(super) fn softmax(mut row: ArrayViewMut1<'_, f32>) {
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

/// Returns the mean of the rows.
pub(crate) fn mean(rows: ArrayView2<'_, f32>) -> Vec<f32> {
    rows.mean_axis(ndarray::Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default()
}

/// Returns the first row, which stands for the whole text in models that were trained so.
pub(crate) fn first(rows: ArrayView2<'_, f32>) -> Vec<f32> {
    rows.outer_iter().next().map(|row| row.to_vec()).unwrap_or_default()
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
