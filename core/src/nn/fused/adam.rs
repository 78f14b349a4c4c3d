//! Adam as one pass over a parameter, its gradient and its two moments.
//!
//! The same update and the same saved state as burn's Adam without weight decay, so optimiser records of one can be
//! read by the other. It decides nothing about learning rates or which parameters take part.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch};
use burn::optim::{AdamState, AdaptiveMomentumState, LearningRate, ModuleOptimizer, Optimizer};
use burn::prelude::*;

use super::backends::{dispatched, portable};
#[cfg(feature = "flex")]
use super::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// Adam (Kingma and Ba, 2015), algorithm 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Memory of the first moment (`beta_1`).
    pub beta_1: f32,
    /// Memory of the second moment (`beta_2`).
    pub beta_2: f32,
    /// What is added to the root of the second moment.
    pub epsilon: f32,
}

impl Adam {
    /// An optimiser for whole modules.
    pub fn init(self) -> ModuleOptimizer {
        ModuleOptimizer::from(self)
    }
}

/// The numbers of one update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamUpdate {
    /// The memories.
    pub betas: [f32; 2],
    /// The learning rate times both bias corrections.
    pub rate: f32,
    /// Epsilon times the second bias correction.
    pub epsilon: f32,
    /// The factor on the parameter before the change: 1 without weight decay.
    pub keep: f32,
}

/// Three tensors of one shape: the parameter and its two moments.
pub type Updated<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

dispatched! {
    /// The dispatched operation; use [`Adam`]. Only for tensors without a gradient tape.
    pub trait AdamOperation: Backend {
        /// The parameter and its moments after one update.
        fn fused_adam(
            parameter: FloatTensor<Self>,
            gradient: FloatTensor<Self>,
            first: FloatTensor<Self>,
            second: FloatTensor<Self>,
            update: AdamUpdate,
        ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    }
}

fn portable<B: Backend>(
    parameter: FloatTensor<B>,
    gradient: FloatTensor<B>,
    [first, second]: [FloatTensor<B>; 2],
    update: AdamUpdate,
) -> Updated<B> {
    let blend = |old: FloatTensor<B>, new: FloatTensor<B>, beta: f32| {
        let old = B::float_mul_scalar(old, beta.into());
        B::float_add(old, B::float_mul_scalar(new, (1.0 - beta).into()))
    };
    let first = blend(first, gradient.clone(), update.betas[0]);
    let second = blend(second, B::float_mul(gradient.clone(), gradient), update.betas[1]);
    let root = B::float_add_scalar(B::float_sqrt(second.clone()), update.epsilon.into());
    let change = B::float_mul_scalar(B::float_div(first.clone(), root), update.rate.into());
    let parameter =
        if update.keep == 1.0 { parameter } else { B::float_mul_scalar(parameter, update.keep.into()) };
    (B::float_sub(parameter, change), first, second)
}

#[cfg(feature = "flex")]
impl AdamOperation for Flex {
    fn fused_adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        update: AdamUpdate,
    ) -> Updated<Self> {
        if ![&parameter, &gradient, &first, &second].into_iter().all(flat::is_single) {
            return portable::<Self>(parameter, gradient, [first, second], update);
        }
        let gradient = flat::ordered(gradient);
        let gradient = flat::numbers(&gradient);
        let [beta_1, beta_2] = update.betas;
        let first = flat::change(first, |first| rows::blend(first, gradient, beta_1));
        let second = flat::change(second, |second| rows::blend_squares(second, gradient, beta_2));
        let moments = [flat::numbers(&first), flat::numbers(&second)];
        let numbers = [update.rate, update.epsilon, update.keep];
        let parameter = flat::change(parameter, |row| rows::descend(row, moments, numbers));
        (parameter, first, second)
    }
}

portable! {
    impl AdamOperation {
        fn fused_adam(
            parameter: FloatTensor<Self>,
            gradient: FloatTensor<Self>,
            first: FloatTensor<Self>,
            second: FloatTensor<Self>,
            update: AdamUpdate,
        ) -> Updated<Self> {
            portable::<Self>(parameter, gradient, [first, second], update)
        }
    }
}

impl Adam {
    /// One update of `tensor * keep`.
    pub(super) fn update<const D: usize>(
        &self,
        [rate, keep]: [f64; 2],
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let (time, first, second) = match state {
            Some(AdamState { momentum }) => (momentum.time + 1, momentum.moment_1, momentum.moment_2),
            None => (1, gradient.zeros_like(), gradient.zeros_like()),
        };
        let steps = i32::try_from(time).unwrap_or(i32::MAX);
        let second_correction = (1.0 - self.beta_2.powi(steps)).sqrt();
        let update = AdamUpdate {
            betas: [self.beta_1, self.beta_2],
            rate: rate as f32 * second_correction / (1.0 - self.beta_1.powi(steps)),
            epsilon: self.epsilon * second_correction,
            keep: keep as f32,
        };
        let (parameter, first, second) = <Dispatch as AdamOperation>::fused_adam(
            tensor.into_dispatch(),
            gradient.into_dispatch(),
            first.into_dispatch(),
            second.into_dispatch(),
            update,
        );
        let [first, second] = [first, second].map(Tensor::from_dispatch);
        let state = AdamState::new(AdaptiveMomentumState::new(time, first, second));
        (Tensor::from_dispatch(parameter), Some(state))
    }
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        self.update([rate, 1.0], tensor, gradient, state)
    }

    fn to_device<const D: usize>(mut state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::nn::fused::Activation;
    use crate::nn::fused::checks::{assert_near, plain};
    use crate::rng::Streams;
    use burn::optim::{AdamConfig, GradientsParams};
    use burn::tensor::DType;

    fn train(mut optimiser: ModuleOptimizer, steps: usize) -> (ElasticLinear, ModuleOptimizer) {
        let device = Device::flex().autodiff();
        let mut layer = ElasticLinear::new([5, 19], &mut Streams::new(1).stream("init"), &device);
        for step in 0..steps {
            let (x, weight) = (plain(&format!("x{step}"), [7, 5]), plain("w", [7, 19]));
            let loss = (layer.forward(x, 19, Activation::Relu) * weight).sum();
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            layer = optimiser.step(0.01, layer, gradients);
        }
        (layer, optimiser)
    }

    #[test]
    fn twenty_steps_agree_with_burns_adam() {
        let (ours, _) = train(Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 }.init(), 20);
        let theirs = AdamConfig::new().with_beta_1(0.9).with_beta_2(0.98).with_epsilon(1e-8).init();
        let (theirs, _) = train(theirs, 20);
        assert_near(&ours.weight.val(), &theirs.weight.val(), 2e-5);
        assert_near(&ours.bias.val(), &theirs.bias.val(), 2e-5);
    }

    #[test]
    fn an_update_leaves_copies_of_the_parameter_alone_and_double_precision_works() {
        let adam = Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 };
        let (x, gradient) = (plain("x", [3, 17]), plain("g", [3, 17]));
        let (single, _) = Optimizer::step(&adam, 0.1, x.clone(), gradient.clone(), None);
        assert_near(&x, &plain("x", [3, 17]), 0.0);
        let (double, _) =
            Optimizer::step(&adam, 0.1, x.cast(DType::F64), gradient.clone().cast(DType::F64), None);
        assert_near(&double.cast(DType::F32), &single, 1e-6);
        // The first update is the learning rate in the direction of the gradient's sign.
        assert_near(&(plain("x", [3, 17]) - single), &(gradient.sign() * 0.1), 1e-4);
    }
}
