//! The numbers of a model, out of its `model.safetensors`, and what they are used for: matrices with a bias, and norms of layers.

use super::config::BertConfig;
use ndarray::{Array1, Array2, Axis, Zip};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

pub(crate) struct Weights<'f> {
    tensors: SafeTensors<'f>,
    encoder: &'static str,
    epsilon: f32,
}

pub(crate) struct Dense {
    /// Outputs by inputs.
    weight: Array2<f32>,
    bias: Array1<f32>,
}

pub(crate) struct Norm {
    scale: Array1<f32>,
    shift: Array1<f32>,
    epsilon: f32,
}

impl<'f> Weights<'f> {
    pub fn of(config: &BertConfig, file: &'f [u8]) -> Result<Self, String> {
        let tensors = SafeTensors::deserialize(file).map_err(|error| format!("its weights cannot be read: {error}"))?;
        Ok(Self { tensors, encoder: config.encoder_name(), epsilon: config.layer_norm_eps })
    }

    fn find(&self, name: &str) -> Result<TensorView<'_>, String> {
        // Models that were trained for something else keep the encoder under a name.
        let found = self.tensors.tensor(name).or_else(|_| self.tensors.tensor(&format!("{}.{name}", self.encoder)));
        let tensor = found.map_err(|_| format!("its weights lack `{name}`"))?;
        if tensor.dtype() != Dtype::F32 {
            return Err(format!("its weights are {:?}, and only F32 is built in; convert them", tensor.dtype()));
        }
        Ok(tensor)
    }

    pub fn matrix(&self, name: &str, rows: Option<usize>, columns: usize) -> Result<Array2<f32>, String> {
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

    pub fn dense(&self, name: &str, outputs: usize, inputs: usize) -> Result<Dense, String> {
        let weight = self.matrix(&format!("{name}.weight"), Some(outputs), inputs)?;
        Ok(Dense { weight, bias: self.vector(&format!("{name}.bias"), outputs)? })
    }

    pub fn norm(&self, name: &str, length: usize) -> Result<Norm, String> {
        let scale = self.vector(&format!("{name}.weight"), length)?;
        Ok(Norm { scale, shift: self.vector(&format!("{name}.bias"), length)?, epsilon: self.epsilon })
    }
}

impl Dense {
    pub fn apply(&self, rows: &Array2<f32>) -> Array2<f32> {
        rows.dot(&self.weight.t()) + &self.bias
    }
}

impl Norm {
    pub fn apply(&self, rows: &mut Array2<f32>) {
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

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|part| f32::from_le_bytes(*part)).collect()
}
