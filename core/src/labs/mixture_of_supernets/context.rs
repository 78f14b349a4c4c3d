//! What every task of a run has in common: checked fields, data, space, and which architectures are audited.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::choice::choose;
use super::{Method, Specification};
use crate::data::{Dataset, Share, Targets, Teacher, digits};
use crate::experiment::Checked;
use crate::rng::Streams;
use crate::supernet::training::Examples;
use crate::supernet::{Architecture, SearchSpace};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
#[derive(Debug)]
pub(super) struct Context {
    pub specification: Specification,
    pub methods: Vec<Method>,
    pub space: SearchSpace,
    /// The audited architectures, from the smallest to the largest.
    pub audited: Vec<Architecture>,
    /// The parameter band of each audited architecture.
    pub bands: Vec<usize>,
    /// Architectures that tuning is judged on; none of them is audited.
    pub tuning: Vec<Architecture>,
    pub streams: Streams,
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
        let methods = methods(&specification)?;
        let data = Parts::new(&specification, &streams)?;
        let space = specification.search_space(data.train.columns, data.train.class_count())?;
        super::memory::check(&specification, &methods, &space)?;
        let audit = &specification.audit;
        let choice =
            choose(&space, [audit.architectures, audit.bands, specification.tuning.architectures], &streams)?;
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
        Ok(Arc::new(Self {
            specification,
            methods,
            space,
            audited: choice.audited,
            bands: choice.bands,
            tuning: choice.tuning,
            streams,
            data,
        }))
    }

    /// The streams of one training. Supernets of one seed share them whatever their method, so that methods see the
    /// same batches, architectures and initial weights.
    pub fn replicate(&self, name: &str, index: u64) -> Streams {
        Streams::new(self.streams.stream_at(name, index).next_u64())
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
