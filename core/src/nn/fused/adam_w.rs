//! Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2 with the decay times the
//! learning rate, as in PyTorch): `w = (1 - rate * decay) w - rate * m / (sqrt(v) + epsilon)`, the moments corrected.
//!
//! Only stated parameters decay; [`decayed_matrices`] states them for a module. A parameter without a gradient in a step
//! is left as it is, its decay included.

use burn::module::{Module, ModuleVisitor, Param, ParamGroup, ParamId};
use burn::optim::{AdamState, LearningRate, ModuleOptimizer, Optimizer};
use burn::prelude::*;

use super::Adam;

/// Adam with decoupled weight decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// The memories and epsilon.
    pub adam: Adam,
    /// What is taken from a decayed parameter in a step, as a share of the learning rate.
    pub decay: f64,
}

impl AdamW {
    /// An optimiser for whole modules that decays these parameters and leaves the others to Adam alone.
    pub fn init(self, decayed: Vec<ParamId>) -> ModuleOptimizer {
        self.adam.init().with_group(ParamGroup::from_ids(decayed), self, None)
    }
}

/// The parameters of a module that decay by custom: those of rank 2 or more whose name does not end in `bias`, so the
/// matrices of linear layers, experts and embeddings, but no factor or offset of a norm.
pub fn decayed_matrices<M: Module>(module: &M) -> Vec<ParamId> {
    #[derive(Default)]
    struct Gather {
        path: Vec<String>,
        ids: Vec<ParamId>,
    }
    impl ModuleVisitor for Gather {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
            if D >= 2 && !self.path.last().is_some_and(|name| name.ends_with("bias")) {
                self.ids.push(parameter.id);
            }
        }
    }
    let mut gather = Gather::default();
    module.visit(&mut gather);
    gather.ids
}

impl Optimizer for AdamW {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        self.adam.update([rate, 1.0 - rate * self.decay], tensor, gradient, state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        <Adam as Optimizer>::to_device(state, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::{ElasticLayerNorm, ElasticLinear};
    use crate::nn::fused::Activation;
    use crate::nn::fused::checks::{plain, values};
    use crate::nn::mixture_of_experts::{ExpertShape, Experts};
    use crate::nn::parameters::named_tensors;
    use crate::rng::Streams;
    use burn::optim::GradientsParams;
    use burn::tensor::DType;

    const ADAM: Adam = Adam { beta_1: 0.9, beta_2: 0.95, epsilon: 1e-8 };

    /// The slow twin: one parameter with its moments, in double precision.
    struct Reference {
        numbers: Vec<f64>,
        moments: [Vec<f64>; 2],
        decay: f64,
    }

    impl Reference {
        fn new(numbers: &[f32], decay: f64) -> Self {
            let zeros = vec![0.0; numbers.len()];
            let numbers = numbers.iter().map(|&number| f64::from(number)).collect();
            Self { numbers, moments: [zeros.clone(), zeros], decay }
        }

        fn step(&mut self, step: i32, rate: f64, gradient: &[f32]) {
            let (beta_1, beta_2) = (0.9f64, 0.95f64);
            for (index, &gradient) in gradient.iter().enumerate() {
                let gradient = f64::from(gradient);
                let first = beta_1 * self.moments[0][index] + (1.0 - beta_1) * gradient;
                let second = beta_2 * self.moments[1][index] + (1.0 - beta_2) * gradient * gradient;
                self.moments[0][index] = first;
                self.moments[1][index] = second;
                let first = first / (1.0 - beta_1.powi(step));
                let second = second / (1.0 - beta_2.powi(step));
                let number = self.numbers[index];
                self.numbers[index] =
                    number - rate * self.decay * number - rate * first / (second.sqrt() + 1e-8);
            }
        }
    }

    #[test]
    fn twenty_steps_agree_with_loops_in_double_precision_and_only_matrices_decay() {
        let device = Device::flex().autodiff();
        let mut layer = ElasticLinear::new([5, 19], &mut Streams::new(1).stream("init"), &device);
        let mut optimiser = AdamW { adam: ADAM, decay: 0.3 }.init(decayed_matrices(&layer));
        let mut weight = Reference::new(&values(&layer.weight.val()), 0.3);
        let mut bias = Reference::new(&values(&layer.bias.val()), 0.0);
        for step in 0..20 {
            let (x, target) = (plain(&format!("x{step}"), [7, 5]), plain("w", [7, 19]));
            let loss = (layer.forward(x, 19, Activation::Tanh) * target).sum();
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            let rate = 0.01 + 0.001 * f64::from(step);
            let found = "the layer takes part in the loss";
            weight.step(step + 1, rate, &values(&gradients.get::<2>(layer.weight.id).expect(found)));
            bias.step(step + 1, rate, &values(&gradients.get::<1>(layer.bias.id).expect(found)));
            layer = optimiser.step(rate, layer, gradients);
        }
        for (fast, slow) in [(values(&layer.weight.val()), weight), (values(&layer.bias.val()), bias)] {
            for (fast, slow) in fast.into_iter().zip(slow.numbers) {
                assert!((f64::from(fast) - slow).abs() < 2e-5, "{fast} is not {slow}");
            }
        }
    }

    #[test]
    fn double_precision_takes_the_portable_path_and_no_decay_is_adam() {
        let (x, gradient) = (plain("x", [3, 17]), plain("g", [3, 17]));
        let step = |decay, dtype| {
            let optimiser = AdamW { adam: ADAM, decay };
            let (x, gradient) = (x.clone().cast(dtype), gradient.clone().cast(dtype));
            values(&Optimizer::step(&optimiser, 0.1, x, gradient, None).0.cast(DType::F32))
        };
        for (single, double) in step(0.5, DType::F32).into_iter().zip(step(0.5, DType::F64)) {
            assert!((single - double).abs() < 1e-6);
        }
        let (adam, _) = Optimizer::step(&ADAM, 0.1, x.clone(), gradient.clone(), None);
        assert_eq!(step(0.0, DType::F32), values(&adam));
    }

    #[test]
    fn biases_and_norms_do_not_decay_whatever_their_rank() {
        #[derive(Module, Debug)]
        struct Model {
            experts: Experts,
            norm: ElasticLayerNorm,
            head: ElasticLinear,
        }
        let (stream, device) = (&mut Streams::new(1).stream("init"), Device::flex().autodiff());
        let model = Model {
            experts: Experts::new(2, ExpertShape { inputs: 3, hidden: 4, outputs: 3 }, stream, &device),
            norm: ElasticLayerNorm::new(3, &device),
            head: ElasticLinear::new([3, 5], stream, &device),
        };
        assert_eq!(
            decayed_matrices(&model),
            [model.experts.up.id, model.experts.down.id, model.head.weight.id]
        );
        assert_eq!(named_tensors(&model).len(), 8);
    }
}
