//! What every task of a run has in common: checked fields, data, space, and which architectures are audited.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Method, Specification};
use crate::data::{Dataset, Share, Targets, Teacher, digits};
use crate::experiment::{Checked, Work};
use crate::labs::supernet_audit::choice::{CANDIDATES, Candidates, Choice, choose};
use crate::labs::supernet_audit::method::several;
use crate::labs::supernet_audit::plan::{Job, Networks};
use crate::labs::supernet_audit::{Audit, Audited, Measure, TuningSettings};
use crate::rng::Streams;
use crate::supernet::training::Examples;
use crate::supernet::{Architecture, SearchSpace, size};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
#[derive(Debug)]
pub(super) struct Context {
    pub specification: Specification,
    pub space: SearchSpace,
    /// The audited architectures, from the smallest to the largest.
    pub audited: Vec<Architecture>,
    /// Architectures that tuning is judged on; none of them is audited.
    pub tuning: Vec<Architecture>,
    pub audit: Audit,
    pub data: Parts,
}

/// The data of a run. For the teacher all three parts are the same: every context, evaluated exactly.
#[derive(Debug)]
pub(super) struct Parts {
    pub train: Dataset,
    pub validation: Dataset,
    pub test: Dataset,
}

impl Context {
    pub fn new(checked: &Checked) -> Result<Arc<Self>> {
        let specification: Specification = checked.typed()?;
        let streams = checked.streams();
        let methods = several(&specification.methods)?;
        let data = Parts::new(&specification, &streams)?;
        let space = specification.search_space(data.train.columns, data.train.class_count())?;
        super::memory::check(&specification, &methods, &space)?;
        let audit = &specification.audit;
        let counts = [audit.architectures, audit.bands, specification.tuning.architectures];
        let mut stream = streams.stream("audit");
        let all = space.enumerate(CANDIDATES).unwrap_or_else(|| {
            let mut drawn: Vec<_> = (0..CANDIDATES).map(|_| space.sample(&mut stream)).collect();
            drawn.extend([space.largest(), space.smallest()]);
            drawn
        });
        let extremes = [space.smallest(), space.largest()];
        let candidates = Candidates { all, extremes, size: space.size().to_string() };
        let choice = choose(candidates, |a| size::parameters(&space, a), counts, &mut stream)?;
        if methods.contains(&Method::FewShot) && specification.supernet.experts > space.widths.len() {
            return Err(Error::Inconsistent {
                key: "supernet.experts".into(),
                problem: format!(
                    "a few-shot supernet needs a width for each of its {} regions, but there are {}; lower it or \
                     drop `few-shot` from `methods`",
                    specification.supernet.experts,
                    space.widths.len()
                ),
            });
        }
        if specification.training.batch > data.train.rows() {
            return Err(Error::Inconsistent {
                key: "training.batch".into(),
                problem: format!("there are only {} rows to train on", data.train.rows()),
            });
        }
        let audit = audit_of(&specification, methods, &space, &choice, streams);
        let (audited, tuning) = (choice.audited, choice.tuning);
        Ok(Arc::new(Self { specification, space, audited, tuning, audit, data }))
    }
}

impl Networks for Context {
    fn audit(&self) -> &Audit {
        &self.audit
    }

    fn start(self: Arc<Self>, job: Job, device: &Device) -> Result<Box<dyn Work>> {
        super::task::start(job, self, device)
    }
}

/// What is audited, in numbers and names.
fn audit_of(
    specification: &Specification,
    methods: Vec<Method>,
    space: &SearchSpace,
    choice: &Choice<Architecture>,
    streams: Streams,
) -> Audit {
    let Specification { training, audit, tuning, .. } = specification;
    let largest = space.largest();
    let audited = |(architecture, band): (&Architecture, &usize)| Audited {
        name: architecture.to_string(),
        sizes: vec![
            ("parameters", size::parameters(space, architecture) as f64),
            ("FLOPs", size::flops(space, architecture) as f64),
            ("depth", architecture.depth() as f64),
        ],
        band: *band,
        parts: (0..architecture.depth()).collect(),
    };
    Audit {
        seeds: specification.seeds,
        methods,
        streams,
        audited: choice.audited.iter().zip(&choice.bands).map(audited).collect(),
        largest: choice.audited.iter().position(|architecture| *architecture == largest),
        tuning_architectures: choice.tuning.len(),
        space_size: space.size().to_string(),
        experts: specification.supernet.experts,
        parts: (0..space.max_depth()).map(|block| format!("block {block}")).collect(),
        steps: training.steps,
        standalones: audit.standalones,
        resamples: audit.resamples,
        smallest_effect: audit.smallest_effect,
        tuning: TuningSettings {
            rates: tuning.rates,
            seeds: tuning.seeds,
            learning_rate: training.learning_rate,
            router_factor: training.router_learning_rate,
        },
        measures: &[Measure { key: "accuracy", name: "accuracy", unit: "%", factor: 100.0 }],
        retraining: None,
    }
}

impl Parts {
    fn new(specification: &Specification, streams: &Streams) -> Result<Self> {
        let fields = &specification.data;
        if fields.source == "teacher" {
            let teacher = Teacher { temperature: fields.temperature, ..Teacher::default() };
            let all = teacher.dataset(&mut streams.stream("teacher"))?;
            return Ok(Self { train: all.clone(), validation: all.clone(), test: all });
        }
        let mut stream = streams.stream("split");
        let all = digits();
        let held = libm::round(all.rows() as f64 * fields.test_share) as usize;
        let (test, rest) = all.split(Share::Count(held), &mut stream)?;
        let (validation, train) = rest.split(Share::Count(held), &mut stream)?;
        Ok(Self { train, validation, test })
    }
}

/// A data set on a device: features and target distributions (one-hot for classes).
pub(super) fn examples(data: &Dataset, device: &Device) -> Examples {
    let (rows, classes) = (data.rows(), data.class_count());
    let targets = match &data.targets {
        Targets::Distributions { probabilities, .. } => probabilities.clone(),
        Targets::Classes { labels, .. } => {
            let mut one_hot = vec![0.0; rows * classes];
            for (row, label) in labels.iter().enumerate() {
                one_hot[row * classes + *label as usize] = 1.0;
            }
            one_hot
        }
    };
    Examples {
        inputs: Tensor::from_data(TensorData::new(data.features.clone(), [rows, data.columns]), device),
        targets: Tensor::from_data(TensorData::new(targets, [rows, classes]), device),
    }
}
