//! Adam and AdamW over a whole module, with a memory that can be saved and taken up again in the middle of a training.
//!
//! It follows gradients as burn's `ModuleOptimizer` does, bit for bit. That one's memory is keyed by identifiers that are
//! drawn anew in every process and is read from the device in one blocking go; this one's is read by the names of the
//! parameters, and what does not fit is refused.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::{AdamState, AdaptiveMomentumState, GradientsParams, Optimizer};
use burn::prelude::*;

use crate::nn::fused::AdamW;
use crate::nn::parameters::{
    NamedTensor, Shaped, from_safetensors, named_tensors, to_safetensors, with_tensors,
};
use crate::{Error, Result};

/// What the names of saved tensors begin with: the parameter, its two moments, and how often it was updated.
const PARTS: [&str; 4] = ["weight.", "first.", "second.", "updates."];
/// The count of updates is saved as two digits of this base, both exact in single precision.
const BASE: usize = 1 << 20;

/// What Adam remembers of one parameter, numbers in a row.
#[derive(Debug, Clone)]
struct Moments {
    updates: usize,
    first: Tensor<1>,
    second: Tensor<1>,
}

impl Moments {
    fn of<const D: usize>(state: AdamState<D>) -> Self {
        let AdaptiveMomentumState { time, moment_1, moment_2, .. } = state.momentum;
        let count = moment_1.shape().num_elements();
        Self { updates: time, first: moment_1.reshape([count]), second: moment_2.reshape([count]) }
    }

    fn state<const D: usize>(self, shape: [usize; D]) -> AdamState<D> {
        let [first, second] = [self.first, self.second].map(|moment| moment.reshape(shape));
        AdamState::new(AdaptiveMomentumState::new(self.updates, first, second))
    }
}

/// AdamW for a whole module; parameters that do not decay follow Adam.
pub struct ModuleAdam {
    rule: AdamW,
    decayed: Vec<ParamId>,
    moments: BTreeMap<ParamId, Moments>,
}

impl ModuleAdam {
    /// An optimiser that remembers nothing yet. `decayed` are the parameters with weight decay.
    pub fn new(rule: AdamW, decayed: Vec<ParamId>) -> Self {
        Self { rule, decayed, moments: BTreeMap::new() }
    }

    /// The module after one update at this rate. Parameters without a gradient stay as they are, their memory too.
    #[must_use]
    pub fn step<M: Module>(&mut self, rate: f64, module: M, gradients: GradientsParams) -> M {
        module.map(&mut Follow { optimiser: self, rate, gradients })
    }

    /// The module's parameters and what is remembered of each, as safetensors bytes. The same state gives the same bytes.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn save<M: Module>(&self, module: &M) -> Result<Vec<u8>> {
        let named = |part: &str, (name, shape, tensor): NamedTensor| (format!("{part}{name}"), shape, tensor);
        let mut tensors: Vec<NamedTensor> =
            named_tensors(module).into_iter().map(|tensor| named(PARTS[0], tensor)).collect();
        let mut gather = Gather { path: Vec::new(), moments: &self.moments, tensors: Vec::new() };
        module.visit(&mut gather);
        tensors.extend(gather.tensors);
        to_safetensors(tensors).await
    }

    /// The module with saved parameters. What this optimiser remembers is replaced by what was saved with them.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming what is missing, left over, or of another form; then the optimiser is unchanged.
    pub fn restore<M: Module>(&mut self, module: M, saved: &[u8]) -> Result<M> {
        let (mut weights, mut rest) = (BTreeMap::new(), BTreeMap::new());
        for (name, tensor) in from_safetensors(saved)? {
            match name.strip_prefix(PARTS[0]) {
                Some(path) => weights.insert(path.to_owned(), tensor),
                None => rest.insert(name, tensor),
            };
        }
        let module = with_tensors(module, weights)?;
        let mut take = TakeUp { path: Vec::new(), saved: rest, moments: BTreeMap::new(), problem: None };
        module.visit(&mut take);
        let left = take.saved.keys().next().map(|name| format!("`{name}` belongs to no parameter"));
        match take.problem.or(left) {
            Some(problem) => {
                let problem = format!("it is the state of another training: {problem}");
                Err(Error::Checkpoint { problem })
            }
            None => {
                self.moments = take.moments;
                Ok(module)
            }
        }
    }
}

struct Follow<'a> {
    optimiser: &'a mut ModuleAdam,
    rate: f64,
    gradients: GradientsParams,
}

impl ModuleMapper for Follow<'_> {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = parameter.consume();
        let Some(gradient) = self.gradients.remove::<D>(id) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let (tracked, strategy) = (tensor.is_require_grad(), tensor.gradient_checkpointing_strategy());
        let ModuleAdam { rule, decayed, moments } = &mut *self.optimiser;
        let state = moments.remove(&id).map(|moments| moments.state(tensor.dims()));
        let (tensor, state) = if decayed.contains(&id) {
            Optimizer::step(rule, self.rate, tensor.inner(), gradient, state)
        } else {
            Optimizer::step(&rule.adam, self.rate, tensor.inner(), gradient, state)
        };
        if let Some(state) = state {
            moments.insert(id, Moments::of(state));
        }
        let mut tensor = Tensor::from_inner(tensor);
        if let Some(strategy) = strategy {
            tensor = tensor.with_gradient_checkpointing_strategy(strategy);
        }
        Param::from_mapped_value(id, if tracked { tensor.require_grad() } else { tensor }, mapper)
    }
}

/// Collects what is remembered, in the module's own order.
struct Gather<'a> {
    path: Vec<String>,
    moments: &'a BTreeMap<ParamId, Moments>,
    tensors: Vec<NamedTensor>,
}

impl ModuleVisitor for Gather<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let Some(Moments { updates, first, second }) = self.moments.get(&parameter.id) else { return };
        let digits = [(updates / BASE) as f32, (updates % BASE) as f32];
        let shape = parameter.lazy_shape().to_vec();
        let updates = Tensor::from_data(TensorData::from(digits), &first.device());
        let tensors = [(shape.clone(), first.clone()), (shape, second.clone()), (vec![2], updates)];
        for (part, (shape, tensor)) in PARTS[1..].iter().zip(tensors) {
            self.tensors.push((format!("{part}{}", self.path.join(".")), shape, tensor));
        }
    }
}

/// Takes what was remembered of each parameter.
struct TakeUp {
    path: Vec<String>,
    saved: BTreeMap<String, Shaped>,
    moments: BTreeMap<ParamId, Moments>,
    problem: Option<String>,
}

impl TakeUp {
    /// The saved memory of the parameter of this path and shape; nothing where it was never updated.
    fn moments(&mut self, shape: &[usize], device: &Device) -> std::result::Result<Option<Moments>, String> {
        let path = self.path.join(".");
        let names = [1, 2, 3].map(|part| format!("{}{path}", PARTS[part]));
        if !names.iter().any(|name| self.saved.contains_key(name)) {
            return Ok(None);
        }
        let shapes = [shape, shape, &[2]];
        let mut rows = Vec::with_capacity(3);
        for (name, shape) in names.iter().zip(shapes) {
            match self.saved.remove(name) {
                Some((found, numbers)) if found == shape => rows.push(numbers),
                Some((found, _)) => return Err(format!("`{name}` has shape {found:?}, not {shape:?}")),
                None => return Err(format!("`{name}` is missing")),
            }
        }
        let digits = rows.pop().unwrap_or_default();
        let whole = |digit: &f32| digit.fract() == 0.0 && (0.0..BASE as f32).contains(digit);
        let updates = digits.iter().fold(0, |count, digit| count * BASE + *digit as usize);
        if !digits.iter().all(whole) || updates == 0 {
            return Err(format!("`{}` is not a number of updates", names[2]));
        }
        let mut tensors = rows.into_iter().map(|row| {
            let count = row.len();
            Tensor::from_data(TensorData::new(row, [count]), device)
        });
        let moments = tensors.next().zip(tensors.next());
        Ok(moments.map(|(first, second)| Moments { updates, first, second }))
    }
}

impl ModuleVisitor for TakeUp {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let device = parameter.val().without_autodiff().device();
        match self.moments(&parameter.lazy_shape().to_vec(), &device) {
            Ok(Some(moments)) => {
                self.moments.insert(parameter.id, moments);
            }
            Ok(None) => {}
            Err(problem) => self.problem = Some(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::elastic::ElasticLinear;
    use crate::nn::fused::checks::{plain, values};
    use crate::nn::fused::{Activation, Adam, decayed_matrices};
    use crate::rng::Streams;

    const RULE: AdamW = AdamW { adam: Adam { beta_1: 0.9, beta_2: 0.98, epsilon: 1e-8 }, decay: 0.3 };

    fn layer(outputs: usize) -> ElasticLinear {
        ElasticLinear::new([5, outputs], &mut Streams::new(1).stream("init"), &Device::flex().autodiff())
    }

    /// The gradients of step `step`. In every third one the bias takes no part.
    fn gradients(layer: &ElasticLinear, step: usize) -> GradientsParams {
        let loss =
            layer.forward(plain(&format!("x{step}"), [3, 5]), 7, Activation::Tanh) * plain("w", [3, 7]);
        let mut gradients = GradientsParams::from_grads(loss.sum().backward(), layer);
        if step % 3 == 1 {
            gradients.remove::<1>(layer.bias.id);
        }
        gradients
    }

    fn numbers(layer: &ElasticLinear) -> Vec<u32> {
        let all = [values(&layer.weight.val()), values(&layer.bias.val())].concat();
        all.into_iter().map(f32::to_bits).collect()
    }

    fn saved(optimiser: &ModuleAdam, layer: &ElasticLinear) -> Vec<u8> {
        pollster::block_on(optimiser.save(layer)).expect("read")
    }

    #[test]
    fn it_follows_gradients_as_burns_optimiser_does_bit_for_bit() {
        let (mut ours, mut theirs) = (layer(7), layer(7));
        let mut optimiser = ModuleAdam::new(RULE, decayed_matrices(&ours));
        let mut twin = RULE.init(decayed_matrices(&theirs));
        for step in 0..7 {
            let rate = 0.01 / (step + 1) as f64;
            let found = gradients(&ours, step);
            ours = optimiser.step(rate, ours, found);
            let found = gradients(&theirs, step);
            theirs = twin.step(rate, theirs, found);
            assert_eq!(numbers(&ours), numbers(&theirs), "step {step}");
        }
        assert!(ours.weight.val().is_require_grad());
    }

    #[test]
    fn a_training_taken_up_after_any_step_goes_on_bit_for_bit() {
        let train = |mut layer: ElasticLinear, optimiser: &mut ModuleAdam, steps: std::ops::Range<usize>| {
            for step in steps {
                let found = gradients(&layer, step);
                layer = optimiser.step(0.01, layer, found);
            }
            layer
        };
        let begin = || {
            let layer = layer(7);
            let optimiser = ModuleAdam::new(RULE, decayed_matrices(&layer));
            (layer, optimiser)
        };
        let (start, mut optimiser) = begin();
        let whole = train(start, &mut optimiser, 0..6);
        let end = saved(&optimiser, &whole);
        for middle in 0..6 {
            let (start, mut first) = begin();
            let half = train(start, &mut first, 0..middle);
            let state = saved(&first, &half);
            let (fresh, mut second) = begin();
            let taken_up = second.restore(fresh, &state).expect("it fits");
            assert_eq!(saved(&second, &taken_up), state, "nothing is lost");
            let whole = train(taken_up, &mut second, middle..6);
            assert_eq!(saved(&second, &whole), end, "after step {middle}");
        }
    }

    #[test]
    fn a_state_that_does_not_fit_is_refused_with_its_tensor_named() {
        let trained = |outputs: usize| {
            let layer = layer(outputs);
            let mut optimiser = ModuleAdam::new(RULE, Vec::new());
            let found = GradientsParams::from_grads(layer.weight.val().square().sum().backward(), &layer);
            let layer = optimiser.step(0.01, layer, found);
            (pollster::block_on(optimiser.save(&layer)).expect("read"), layer, optimiser)
        };
        let (state, layer, mut optimiser) = trained(7);
        let (wider, ..) = trained(8);
        let changed = |change: &dyn Fn(&mut BTreeMap<String, Shaped>)| {
            let mut tensors = from_safetensors(&state).expect("whole");
            change(&mut tensors);
            let tensors = tensors.into_iter().map(|(name, (shape, numbers))| {
                let count = numbers.len();
                (name, shape, Tensor::from_data(TensorData::new(numbers, [count]), &Device::flex()))
            });
            pollster::block_on(to_safetensors(tensors.collect())).expect("read")
        };
        let cases = [
            (wider, "`bias` has shape [8], not [7]"),
            (changed(&|all| drop(all.remove("first.weight"))), "`first.weight` is missing"),
            (changed(&|all| drop(all.remove("weight.bias"))), "`bias` is missing"),
            (
                changed(&|all| drop(all.insert("first.other".into(), (vec![1], vec![0.0])))),
                "`first.other` belongs",
            ),
            (
                changed(&|all| drop(all.insert("second.weight".into(), (vec![1], vec![0.0])))),
                "`second.weight` has shape",
            ),
            (
                changed(&|all| drop(all.insert("updates.weight".into(), (vec![2], vec![0.0, 0.5])))),
                "number of updates",
            ),
            (state[..state.len() - 1].to_vec(), "checkpoint cannot be used"),
        ];
        for (state, expected) in cases {
            let error = optimiser.restore(layer.clone(), &state).map(|_| ()).expect_err(expected).to_string();
            assert!(error.contains(expected), "`{error}` should say `{expected}`");
        }
        assert!(optimiser.restore(layer, &state).is_ok(), "a refusal changes nothing");
    }
}
