//! What every task of a run has in common: checked fields, rows and their parts, the sizes of the networks.

use std::sync::Arc;

use super::{Method, Specification, router, source};
use crate::data::{Dataset, Scaling, Share, Targets};
use crate::experiment::Checked;
use crate::nn::fused::Activation;
use crate::nn::mixture_of_experts::ExpertShape;
use crate::nn::token_router::scorer::TokenScorer;
use crate::rng::Streams;
use crate::routing::routers::Recipe;
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
#[derive(Debug)]
pub(super) struct Context {
    pub specification: Specification,
    pub methods: Vec<Method>,
    pub streams: Streams,
    pub rows: Rows,
    /// The sizes of each expert.
    pub shape: ExpertShape,
    /// Hidden units of the one network with as many active parameters.
    pub dense_hidden: usize,
    pub activation: Activation,
    learned: Arc<Recipe>,
    hash: Arc<Recipe>,
}

/// The rows of a run and which part each belongs to.
#[derive(Debug)]
pub(super) struct Rows {
    /// Every row, in the units that a reader knows.
    pub all: Dataset,
    /// The class of every row.
    pub classes: Vec<usize>,
    /// Own columns are standardised with what the training rows say; everything else is used as it is.
    scaling: Option<Scaling>,
    /// The rows as networks read them, `[rows, columns]`.
    inputs: Vec<f32>,
    pub train: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

impl Context {
    pub fn new(checked: &Checked, own: Option<&Dataset>) -> Result<Arc<Self>> {
        let specification: Specification = checked.typed()?;
        let streams = checked.streams();
        let methods = methods(&specification)?;
        let [learned, hash] = [router::learned(&specification)?, router::hash(&specification)?].map(Arc::new);
        let model = &specification.model;
        let rows = Rows::new(&specification, own, &streams)?;
        let shape =
            ExpertShape { inputs: rows.all.columns, hidden: model.hidden, outputs: rows.all.class_count() };
        let activation = if model.activation == "relu" { Activation::Relu } else { Activation::Tanh };
        let mut context =
            Self { methods, streams, rows, shape, dense_hidden: 1, activation, learned, hash, specification };
        let per_unit = shape.inputs + 1 + shape.outputs;
        let units = context.active_parameters(Method::Routed).saturating_sub(shape.outputs) as f64;
        context.dense_hidden = (libm::round(units / per_unit as f64) as usize).max(1);
        Ok(Arc::new(context))
    }

    /// The streams of one training. Methods of one seed share them, so that they see the same batches and, where they
    /// have experts, the same initial experts.
    pub fn replicate(&self, name: &str, index: u64) -> Streams {
        Streams::new(self.streams.stream_at(name, index).next_u64())
    }

    /// How a method's router works; nothing for one network.
    pub fn recipe(&self, method: Method) -> Option<&Arc<Recipe>> {
        match method {
            Method::Routed => Some(&self.learned),
            Method::Random => Some(&self.hash),
            Method::Dense => None,
        }
    }

    /// How many experts a method's router chooses from; 0 for one network.
    pub fn experts(&self, method: Method) -> usize {
        self.recipe(method).map_or(0, |recipe| recipe.experts)
    }

    /// What the slots of the learned router are called, shared experts aside.
    pub fn slot_names(&self) -> Vec<String> {
        let slots = self.learned.slot_table().into_iter().take(self.learned.slots());
        slots.map(|slot| slot.label).collect()
    }

    fn dense_shape(&self) -> ExpertShape {
        ExpertShape { hidden: self.dense_hidden, ..self.shape }
    }

    /// How many numbers a method uses for one row.
    pub fn active_parameters(&self, method: Method) -> usize {
        let Some(recipe) = self.recipe(method) else { return self.dense_shape().parameters() };
        let chosen = libm::round(recipe.active * self.shape.parameters() as f64) as usize;
        chosen + TokenScorer::parameters(recipe, self.shape.inputs)
    }

    /// How many numbers a method learns.
    pub fn total_parameters(&self, method: Method) -> usize {
        let Some(recipe) = self.recipe(method) else { return self.dense_shape().parameters() };
        let experts = (recipe.experts + recipe.shared) * self.shape.parameters();
        experts + TokenScorer::parameters(recipe, self.shape.inputs)
    }

    /// The sizes of a method's experts.
    pub fn expert_shape(&self, method: Method) -> ExpertShape {
        match method {
            Method::Dense => self.dense_shape(),
            _ => self.shape,
        }
    }
}

fn methods(specification: &Specification) -> Result<Vec<Method>> {
    let mut methods =
        specification.methods.iter().map(|name| name.parse()).collect::<Result<Vec<Method>>>()?;
    methods.sort_unstable();
    if methods.windows(2).any(|pair| pair[0] == pair[1]) {
        let problem = "a method is given twice; keep one of them".into();
        return Err(Error::Inconsistent { key: "methods".into(), problem });
    }
    Ok(methods)
}

impl Rows {
    fn new(specification: &Specification, own: Option<&Dataset>, streams: &Streams) -> Result<Self> {
        let fields = &specification.data;
        let all = source::rows(fields, own, streams)?;
        let classes = match &all.targets {
            Targets::Classes { labels, .. } => labels.iter().map(|&label| label as usize).collect(),
            Targets::Distributions { .. } => {
                unreachable!("every source was checked to have one class per row")
            }
        };
        let mut stream = streams.stream("split");
        let held = Share::Count((libm::round(all.rows() as f64 * fields.test_share) as usize).max(1));
        let (test, mut train) = all.split_rows(held, &mut stream)?;
        let mut validation = Vec::new();
        if specification.tuning.rates > 0 {
            let (chosen, rest) = all.select(&train).split_rows(held, &mut stream)?;
            validation = chosen.into_iter().map(|row| train[row]).collect();
            train = rest.into_iter().map(|row| train[row]).collect();
        }
        let scaling = if fields.source == "own" { Some(Scaling::fit(&all.select(&train))?) } else { None };
        let inputs = match &scaling {
            Some(scaling) => scaling.apply(&all)?.features,
            None => all.features.clone(),
        };
        Ok(Self { all, classes, scaling, inputs, train, validation, test })
    }

    /// These rows as networks read them, one after the other.
    pub fn inputs_of(&self, rows: &[usize]) -> Vec<f32> {
        let columns = self.all.columns;
        rows.iter().flat_map(|&row| &self.inputs[row * columns..(row + 1) * columns]).copied().collect()
    }

    /// Features in the reader's units as networks read them.
    pub fn to_inputs(&self, features: &[f32]) -> Vec<f32> {
        let Some(scaling) = &self.scaling else { return features.to_vec() };
        let columns = scaling.means.iter().zip(&scaling.deviations).cycle();
        features
            .iter()
            .zip(columns)
            .map(|(&value, (mean, deviation))| ((f64::from(value) - mean) / deviation) as f32)
            .collect()
    }

    /// Whether rows are points of the plane.
    pub fn is_plane(&self) -> bool {
        self.all.columns == 2 && self.all.image.is_none()
    }

    pub fn is_held_out(&self, row: usize) -> bool {
        self.test.binary_search(&row).is_ok() || self.validation.binary_search(&row).is_ok()
    }
}
