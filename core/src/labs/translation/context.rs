//! What every task of a run has in common: checked fields, the corpus, the space, and which architectures are audited.

use std::sync::Arc;

use burn::tensor::Device;

use super::specification::Specification;
use crate::data::translation::{Pair, ParallelCorpus};
use crate::experiment::{Checked, Demand, Work};
use crate::labs::supernet_audit::choice::{CANDIDATES, Candidates, Choice, choose, size_in_words};
use crate::labs::supernet_audit::plan::{Job, Networks};
use crate::labs::supernet_audit::retraining::{RetrainingJob, Settings};
use crate::labs::supernet_audit::training::pairs_of;
use crate::labs::supernet_audit::{Audit, Audited, Method, TuningSettings};
use crate::labs::{memory, supernet_audit};
use crate::nn::parameters::restored;
use crate::plate::Plate;
use crate::rng::Streams;
use crate::supernet::transformer::decoding::BeamSearch;
use crate::supernet::transformer::export::ExportedTransformer;
use crate::supernet::transformer::places::Part;
use crate::supernet::transformer::weights::parts;
use crate::supernet::transformer::{
    ElasticTransformer, PlacedSharing, TransformerArchitecture, TransformerEncoding, TransformerSpace, size,
};
use crate::{Error, Result};

/// Lengths that floating-point operations are counted for: words of source and target, as in HAT.
pub(super) const COUNTED_LENGTHS: [usize; 2] = [30, 30];

/// Shared by all tasks; holds no tensor.
pub struct Context {
    pub specification: Specification,
    pub space: TransformerSpace,
    /// From the smallest to the largest.
    pub audited: Vec<TransformerArchitecture>,
    pub tuning: Vec<TransformerArchitecture>,
    pub audit: Audit,
    pub corpus: ParallelCorpus,
    /// Pairs of the training that are not too long.
    pub train: Vec<Pair>,
    /// Their lengths with one word more, as batches are made of.
    pub lengths: Vec<(usize, usize)>,
    /// How many were too long.
    pub left_out: usize,
}

impl Context {
    /// Reads a specification.
    ///
    /// # Errors
    /// When its fields, or they and the corpus, do not fit together.
    pub fn new(checked: &Checked, own: Option<&ParallelCorpus>) -> Result<Arc<Self>> {
        let specification: Specification = checked.typed()?;
        let streams = checked.streams();
        let space = specification.search_space()?;
        let methods = methods(&specification, &space)?;
        let corpus =
            pairs_of(&specification.data.source, own, specification.data.pairs, &streams)?.into_owned();
        let longest = specification.data.longest.min(specification.training.tokens - 1);
        let fits = |pair: &&Pair| pair.source.len().max(pair.target.len()) < longest;
        let train: Vec<Pair> = corpus.train.iter().filter(fits).cloned().collect();
        if train.is_empty() {
            let problem = format!("no pair of the training is shorter than {longest} words; raise it");
            return Err(Error::Inconsistent { key: "data.longest".into(), problem });
        }
        let choice = chosen(&specification, &space, corpus.vocabulary.len(), &streams)?;
        let retraining = retraining(&specification)?;
        let mut audit = audit_of(&specification, methods, &space, &choice, corpus.vocabulary.len(), streams);
        audit.retraining = retraining;
        let left_out = corpus.train.len() - train.len();
        let lengths = train.iter().map(|pair| (pair.source.len() + 1, pair.target.len() + 1)).collect();
        let (audited, tuning) = (choice.audited, choice.tuning);
        let context = Self { specification, space, audited, tuning, audit, corpus, train, lengths, left_out };
        memory::check_demand(&super::demand::demand(&context))?;
        Ok(Arc::new(context))
    }

    /// How weights are shared under a method.
    pub fn sharing(&self, method: Method) -> PlacedSharing {
        let supernet = &self.specification.supernet;
        let encoding = match supernet.encoding.as_str() {
            "per-layer" => TransformerEncoding::PerLayer,
            "one-hot" => TransformerEncoding::OneHot,
            _ => TransformerEncoding::Aggregate,
        };
        supernet.sharing(method, encoding, TransformerEncoding::Constant)
    }

    /// How sentences are translated.
    pub fn decoding(&self) -> BeamSearch {
        let fields = &self.specification.decoding;
        BeamSearch { beam: fields.beam, length_penalty: fields.length_penalty, ..BeamSearch::default() }
    }
}

impl Networks for Context {
    fn audit(&self) -> &Audit {
        &self.audit
    }

    fn demand(&self) -> Option<Demand> {
        Some(super::demand::demand(self))
    }

    fn remarks(&self) -> Result<(Vec<String>, Vec<Plate>)> {
        let mut warnings = Vec::new();
        if self.left_out > 0 {
            warnings.push(format!(
                "{} of {} pairs are too long and were left out of the training (`data.longest`).",
                self.left_out,
                self.corpus.train.len()
            ));
        }
        Ok((warnings, vec![super::pictures::baselines(self)?]))
    }

    fn start(self: Arc<Self>, job: Job, device: &Device) -> Result<Box<dyn Work>> {
        Ok(Box::new(super::task::Training::new(job, self, device)))
    }

    fn retrain(self: Arc<Self>, job: RetrainingJob, device: &Device) -> Result<Box<dyn Work>> {
        Ok(Box::new(super::retraining::Retraining::new(job, self, device)?))
    }
}

/// How sub-networks are trained on, if they are.
fn retraining(specification: &Specification) -> Result<Option<Settings>> {
    let (fields, audited) = (&specification.retraining, specification.audit.architectures);
    let refuse = |key: &str, problem: String| Err(Error::Inconsistent { key: key.to_owned(), problem });
    if fields.architectures > audited {
        let problem =
            format!("only {audited} architectures are audited; lower it or raise `audit.architectures`");
        return refuse("retraining.architectures", problem);
    }
    if fields.architectures > 0 && fields.every > fields.steps {
        let problem =
            format!("a retraining of {} steps would never be validated on its way; lower it", fields.steps);
        return refuse("retraining.every", problem);
    }
    let settings = Settings { architectures: fields.architectures, steps: fields.steps, every: fields.every };
    Ok((fields.architectures > 0).then_some(settings))
}

fn methods(specification: &Specification, space: &TransformerSpace) -> Result<Vec<Method>> {
    let methods = supernet_audit::method::several(&specification.methods)?;
    let (regions, widths) = (specification.supernet.experts, space.encoder.widths.len());
    if methods.contains(&Method::FewShot) && regions > widths {
        let problem = format!(
            "a few-shot supernet needs an encoder width for each of its {regions} regions, but there are {widths}; \
             lower it or drop `few-shot` from `methods`"
        );
        return Err(Error::Inconsistent { key: "supernet.experts".into(), problem });
    }
    Ok(methods)
}

fn chosen(
    specification: &Specification,
    space: &TransformerSpace,
    vocabulary: usize,
    streams: &Streams,
) -> Result<Choice<TransformerArchitecture>> {
    let (audit, tuning) = (&specification.audit, &specification.tuning);
    let mut stream = streams.stream("audit");
    let extremes = [space.smallest(), space.largest()];
    let mut all: Vec<_> = (0..CANDIDATES).map(|_| space.sample(&mut stream)).collect();
    all.extend(extremes.clone());
    let size = size_in_words(space.size());
    let tuned = if tuning.rates > 0 { tuning.architectures } else { 0 };
    let counts = [audit.architectures, audit.bands, tuned];
    let candidates = Candidates { all, extremes, size };
    choose(candidates, |a| size::parameters(a, space.inner, vocabulary), counts, &mut stream)
}

fn audit_of(
    specification: &Specification,
    methods: Vec<Method>,
    space: &TransformerSpace,
    choice: &Choice<TransformerArchitecture>,
    vocabulary: usize,
    streams: Streams,
) -> Audit {
    let Specification { training, audit, tuning, .. } = specification;
    let (largest, [below, _]) = (space.largest(), space.max_depths());
    let places = specification.supernet.places();
    let all = parts(space, &largest, places);
    let name = |part: &Part| {
        let layer = match part.layer.checked_sub(below) {
            None => format!("encoder {}", part.layer),
            Some(layer) => format!("decoder {layer}"),
        };
        part.name(&layer, places)
    };
    let audited = |(architecture, band): (&TransformerArchitecture, &usize)| {
        let own = parts(space, architecture, places);
        Audited {
            name: architecture.to_string(),
            sizes: vec![
                ("parameters", size::parameters(architecture, space.inner, vocabulary) as f64),
                ("FLOPs", size::flops(architecture, space.inner, vocabulary, COUNTED_LENGTHS) as f64),
                ("decoder layers", architecture.decoder.len() as f64),
            ],
            band: *band,
            parts: own.iter().map(|part| part.index(&all)).collect(),
        }
    };
    Audit {
        seeds: specification.seeds,
        methods,
        streams,
        audited: choice.audited.iter().zip(&choice.bands).map(audited).collect(),
        largest: choice.audited.iter().position(|architecture| *architecture == largest),
        tuning_architectures: choice.tuning.len(),
        space_size: size_in_words(space.size()),
        experts: specification.supernet.experts,
        parts: all.iter().map(name).collect(),
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
        measures: super::scores::MEASURES,
        retraining: None,
    }
}

/// The name of the task whose weights hold `method`'s supernet of `seed`.
///
/// # Errors
/// When the experiment did not train that method or that seed.
pub fn task_of(checked: &Checked, method: &str, seed: u64) -> Result<String> {
    let specification: Specification = checked.typed()?;
    let methods = methods(&specification, &specification.search_space()?)?;
    supernet_audit::task_of(&methods, specification.seeds, method, seed)
}

/// Exports the sub-network `architecture` from a supernet's saved weights, with the corpus whose words it knows.
///
/// # Errors
/// When the architecture is not in the space, or the weights are not those of this experiment's `method`.
pub async fn export(
    checked: &Checked,
    own: Option<&ParallelCorpus>,
    method: &str,
    weights: &[u8],
    architecture: &TransformerArchitecture,
    device: &Device,
) -> Result<(ExportedTransformer, ParallelCorpus)> {
    let context = Context::new(checked, own)?;
    let sharing = context.sharing(method.parse()?);
    let streams = context.audit.replicate("supernet", 0);
    let words = context.corpus.vocabulary.len();
    let fresh = ElasticTransformer::new(context.space.clone(), words, sharing, &streams, device);
    let exported = restored(fresh, weights)?.subnet(architecture)?.export().await?;
    Ok((exported, context.corpus.clone()))
}
