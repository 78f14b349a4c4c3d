//! Reading from a device: the one place where results leave it. It is asynchronous, because a graphics card in a
//! browser cannot be read otherwise.

use burn::tensor::Tensor;

use crate::{Error, Result};

/// A tensor's only number.
///
/// # Errors
/// [`Error::Readback`] when the device does not answer.
pub async fn read_scalar(tensor: Tensor<1>) -> Result<f64> {
    let values = read(tensor).await?;
    values
        .first()
        .map(|value| f64::from(*value))
        .ok_or_else(|| Error::Readback { problem: "no number".into() })
}

/// A tensor's numbers, the last dimension running fastest.
///
/// # Errors
/// [`Error::Readback`] when the device does not answer.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data =
        tensor.into_data_async().await.map_err(|error| Error::Readback { problem: error.to_string() })?;
    data.try_to_vec::<f32>().map_err(|error| Error::Readback { problem: format!("{error:?}") })
}
