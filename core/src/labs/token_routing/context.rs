//! What every task of a run has in common: checked fields, the data, the sizes of the networks.

use std::sync::Arc;

use super::method::{Build, ExpertKind, Method};
use super::sizes::Sizes;
use super::specification::{Model, Specification};
use super::task::Task;
use crate::experiment::Checked;
use crate::nn::fused::Activation;
use crate::nn::mixture_of_experts::ExpertShape;
use crate::nn::token_router::heads::HeadShape;
use crate::nn::token_router::scorer::TokenScorer;
use crate::order;
use crate::rng::Streams;
use crate::routing::capacity::Overflow;
use crate::routing::routers::{Recipe, Setting};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
pub struct Context {
    pub specification: Specification,
    /// What is compared, in the lab's order.
    pub methods: Vec<Method>,
    pub streams: Streams,
    pub task: Task,
    /// What held-out samples should be answered with.
    pub targets: Vec<usize>,
    pub activation: Activation,
}

impl Context {
    /// Reads a specification.
    ///
    /// # Errors
    /// When its fields do not fit together.
    pub fn new(checked: &Checked, known: &'static [Method], own: Option<&[u8]>) -> Result<Arc<Self>> {
        let specification = checked.typed::<Specification>()?.scaled();
        let streams = checked.streams();
        let methods = methods(&specification, known)?;
        check_numbers(&specification, &methods)?;
        let task = Task::new(&specification, &streams, own)?;
        let answers = task.held_out_batch(0..task.held_out()).targets;
        let targets = answers.into_iter().map(|target| target as usize).collect();
        let activation =
            if specification.model.activation == "relu" { Activation::Relu } else { Activation::Tanh };
        let context = Self { specification, methods, streams, task, targets, activation };
        let active = |method: &Method| {
            method.sized_for.unwrap_or_else(|| context.recipe(method).map_or(1.0, |recipe| recipe.active))
        };
        let sized = |method: &&Method| method.experts == ExpertKind::FeedForward;
        let most = context.methods.iter().filter(sized).map(active).fold(1.0, f64::max);
        let hidden = context.specification.model.hidden;
        if (hidden as f64) < most {
            let problem =
                format!("it is {hidden}, but a unit uses {most:.3} experts of one unit or more; raise it");
            return refuse("model.hidden", problem);
        }
        let sees = |method: &&Method| {
            let is_seeing = |recipe: Recipe| method.experts == ExpertKind::Heads || recipe.sees_sequence();
            context.recipe(method).is_some_and(is_seeing)
        };
        if let (Task::Text(_), Some(method)) = (&context.task, context.methods.iter().find(sees)) {
            let problem = format!(
                "with `{}` every character would see the ones that it has to guess; leave it out, or take `digits`",
                method.name
            );
            return refuse("methods", problem);
        }
        super::memory::check(&context)?;
        Ok(Arc::new(context))
    }

    /// What routers are set to.
    pub fn setting(&self) -> Setting {
        let router = &self.specification.router;
        let capacity_factor = match router.capacity.as_str() {
            "dropless" => Some(0.0),
            "limited" | "priority" | "rerouted" => Some(router.capacity_factor),
            "bounded" => Some(-router.capacity_factor),
            _ => None,
        };
        let overflow = match router.capacity.as_str() {
            "priority" => Some(Overflow::DropLeastSure),
            "rerouted" => Some(Overflow::Reroute),
            _ => None,
        };
        Setting {
            overflow,
            experts: self.specification.model.experts,
            k: router.k,
            capacity_factor,
            sequence: self.task.units(),
        }
    }

    /// The parts of a routed method; nothing for one network.
    pub fn recipe(&self, method: &Method) -> Option<Recipe> {
        self.recipe_with(method, self.specification.router.k)
    }

    /// The same with another number of experts for each unit.
    pub fn recipe_with(&self, method: &Method, k: usize) -> Option<Recipe> {
        let (Build::Routed(build) | Build::Cut(build, _)) = method.build else { return None };
        let mut recipe = build(&Setting { k, ..self.setting() });
        for (_, weight) in &mut recipe.losses {
            *weight *= self.specification.router.loss_factor;
        }
        Some(recipe)
    }

    /// The sizes of a method's feed-forward experts: hidden units that answer for a patch are the same for all.
    pub fn shape(&self, method: &Method) -> ExpertShape {
        let model = &self.specification.model;
        let active =
            method.sized_for.unwrap_or_else(|| self.recipe(method).map_or(1.0, |recipe| recipe.active));
        let hidden = (libm::round(model.hidden as f64 / active) as usize).max(1);
        ExpertShape { inputs: model.width, hidden, outputs: model.width }
    }

    /// The sizes of the dense part beside the experts; nothing where they stand in its place.
    pub fn residual_shape(&self) -> Option<ExpertShape> {
        let model = &self.specification.model;
        let shape = ExpertShape { inputs: model.width, hidden: model.hidden, outputs: model.width };
        model.is_residual().then_some(shape)
    }

    /// The sizes of a method's experts, whatever they are. Heads share the width, so more of them are smaller.
    pub fn sizes(&self, method: &Method) -> Sizes {
        match (method.experts, self.recipe(method)) {
            (ExpertKind::Heads, Some(recipe)) => Sizes::Heads(HeadShape {
                width: self.specification.model.width,
                heads: recipe.experts + recipe.shared,
            }),
            _ => Sizes::FeedForward(self.shape(method)),
        }
    }

    /// Multiplications and additions of one layer for one patch that uses `experts` experts.
    pub fn flops(&self, method: &Method, experts: f64) -> f64 {
        let sizes = self.sizes(method);
        let recipe = self.recipe(method).filter(|_| method.is_routed());
        let (inputs, units) = (self.specification.model.width, self.task.units());
        let router = recipe.map_or(0.0, |recipe| TokenScorer::flops(&recipe, inputs));
        let residual = self.residual_shape().map_or(0.0, |shape| Sizes::FeedForward(shape).flops(units));
        router + residual + sizes.flops_of_all() + experts * sizes.flops(units)
    }

    /// The streams of one training. Methods of one seed share them: the same batches, and the same initial weights
    /// where they have the same.
    pub fn replicate(&self, index: u64) -> Streams {
        Streams::new(self.streams.stream_at("training", index).next_u64())
    }
}

/// Whether the numbers of the specification fit together for these methods.
fn check_numbers(specification: &Specification, methods: &[Method]) -> Result<()> {
    let Model { width, heads, experts, .. } = specification.model;
    for (key, k) in [("router.k", specification.router.k), ("router.k_start", specification.router.k_start)] {
        if k > experts {
            let problem = format!(
                "it is {k}, but there are only {experts} experts; lower it, or raise `model.experts`"
            );
            return refuse(key, problem);
        }
    }
    let is_rotary = specification.model.positions == "rotary";
    let (divisor, what) = if is_rotary { (2 * heads, "twice as much") } else { (heads, "it") };
    if specification.data.is_text() && !width.is_multiple_of(divisor) {
        let problem = format!("it is {heads}, but {what} must divide the width of {width}");
        return refuse("model.heads", problem);
    }
    let of_heads = methods.iter().find(|method| method.experts == ExpertKind::Heads);
    if let Some(method) = of_heads.filter(|_| !width.is_multiple_of(experts)) {
        let problem = format!(
            "it is {experts}, but with `{}` the experts are attention heads, which share the width evenly, and \
             `model.width` is {width}; make the width a multiple of {experts}, change `model.experts`, or leave the \
             method out",
            method.name
        );
        return refuse("model.experts", problem);
    }
    Ok(())
}

fn refuse<T>(key: &str, problem: String) -> Result<T> {
    Err(Error::Inconsistent { key: key.to_owned(), problem })
}

fn methods(specification: &Specification, known: &'static [Method]) -> Result<Vec<Method>> {
    let mut places = Vec::new();
    for name in &specification.methods {
        let place = known.iter().position(|method| method.name == name);
        places.push(place.ok_or_else(|| {
            Error::unknown_name("method", name, known.iter().map(|method| method.name).collect::<Vec<_>>())
        })?);
    }
    order::sort_by_key(&mut places, |place| *place);
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        let problem = "a method is given twice; keep one of them".into();
        return refuse("methods", problem);
    }
    Ok(places.into_iter().map(|place| known[place]).collect())
}
