//! What every task of a run has in common: checked fields, rows and their parts, the sizes of the networks.

use std::sync::Arc;

use super::{Method, Specification, source};
use crate::data::{Dataset, Scaling, Share, Targets};
use crate::experiment::Checked;
use crate::nn::fused::Activation;
use crate::nn::mixture_of_experts::{ExpertShape, MixtureShape, Scorer};
use crate::rng::Streams;
use crate::routing::{Choosing, CombineRule};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
#[derive(Debug)]
pub(super) struct Context {
    pub specification: Specification,
    pub methods: Vec<Method>,
    pub streams: Streams,
    pub rows: Rows,
    pub shape: MixtureShape,
    /// Hidden units of the one network with as many active parameters.
    pub dense_hidden: usize,
    pub activation: Activation,
    /// How rows choose experts in training; outside it without a limit.
    pub choosing: Choosing,
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
        let (model, router) = (&specification.model, &specification.router);
        if router.k > model.experts {
            let problem = format!(
                "it is {}, but there are only {} experts; lower it, or raise `model.experts`",
                router.k, model.experts
            );
            return Err(Error::Inconsistent { key: "router.k".into(), problem });
        }
        let rows = Rows::new(&specification, own, &streams)?;
        let expert =
            ExpertShape { inputs: rows.all.columns, hidden: model.hidden, outputs: rows.all.class_count() };
        let shape = MixtureShape { count: model.experts, expert, scorer_hidden: router.hidden };
        let activation = if model.activation == "relu" { Activation::Relu } else { Activation::Tanh };
        let choosing = Choosing {
            k: router.k,
            combine: if router.combine == "raw" { CombineRule::Raw } else { CombineRule::Renormalised },
            capacity_factor: router.capacity_factor,
        };
        let mut context =
            Self { methods, streams, rows, shape, dense_hidden: 1, activation, choosing, specification };
        let per_unit = expert.inputs + 1 + expert.outputs;
        let units = context.active_parameters(Method::Routed).saturating_sub(expert.outputs) as f64;
        context.dense_hidden = (libm::round(units / per_unit as f64) as usize).max(1);
        Ok(Arc::new(context))
    }

    /// The streams of one training. Methods of one seed share them, so that they see the same batches and, where they
    /// have experts, the same initial experts.
    pub fn replicate(&self, name: &str, index: u64) -> Streams {
        Streams::new(self.streams.stream_at(name, index).next_u64())
    }

    fn scorer_parameters(&self) -> usize {
        let MixtureShape { count, expert, scorer_hidden } = self.shape;
        Scorer::parameters([expert.inputs, scorer_hidden, count])
    }

    fn dense_shape(&self) -> ExpertShape {
        ExpertShape { hidden: self.dense_hidden, ..self.shape.expert }
    }

    /// How many numbers a method uses for one row.
    pub fn active_parameters(&self, method: Method) -> usize {
        let chosen = self.choosing.k * self.shape.expert.parameters();
        match method {
            Method::Routed => chosen + self.scorer_parameters(),
            Method::Random => chosen,
            Method::Dense => self.dense_shape().parameters(),
        }
    }

    /// How many numbers a method learns.
    pub fn total_parameters(&self, method: Method) -> usize {
        let experts = self.shape.count * self.shape.expert.parameters();
        match method {
            Method::Routed => experts + self.scorer_parameters(),
            Method::Random => experts,
            Method::Dense => self.dense_shape().parameters(),
        }
    }

    /// The sizes of a method's experts, and how many it has.
    pub fn experts_of(&self, method: Method) -> (usize, ExpertShape) {
        match method {
            Method::Dense => (1, self.dense_shape()),
            _ => (self.shape.count, self.shape.expert),
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
