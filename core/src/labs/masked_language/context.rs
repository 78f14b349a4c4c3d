//! What every task of a run has in common: checked fields, the sentences and their masks, the space, and which architectures
//! are audited.

use std::sync::Arc;

use burn::tensor::Device;

use super::specification::Specification;
use crate::data::OwnData;
use crate::data::masking::{Masked, Masking};
use crate::data::sentences::{SentenceCorpus, Side};
use crate::experiment::{Checked, Demand, Work};
use crate::labs::supernet_audit::choice::{CANDIDATES, Candidates, Choice, choose, size_in_words};
use crate::labs::supernet_audit::plan::{Job, Networks};
use crate::labs::supernet_audit::training::{check_source, pairs_of};
use crate::labs::supernet_audit::{Audit, Audited, Measure, Method, TuningSettings};
use crate::labs::{memory, supernet_audit};
use crate::nn::parameters::restored;
use crate::plate::Plate;
use crate::rng::Streams;
use crate::supernet::bert::export::ExportedBert;
use crate::supernet::bert::weights::{Rows, parts};
use crate::supernet::bert::{BertArchitecture, BertEncoding, BertSpace, ElasticBert, size};
use crate::supernet::transformer::mixing::PlacedSharing;
use crate::supernet::transformer::places::{Part, Place};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
pub struct Context {
    pub specification: Specification,
    pub space: BertSpace,
    /// From the smallest to the largest.
    pub audited: Vec<BertArchitecture>,
    pub tuning: Vec<BertArchitecture>,
    pub audit: Audit,
    pub corpus: SentenceCorpus,
    /// The sentences of validation, masked once for all.
    pub validation: Vec<Masked>,
    /// The same of the test.
    pub test: Vec<Masked>,
    /// Lengths of the sentences to learn from, as batches are made of.
    pub lengths: Vec<(usize, usize)>,
    pub masking: Masking,
    /// How many sentences were too long.
    pub cut: usize,
}

impl Context {
    /// Reads a specification.
    ///
    /// # Errors
    /// When its fields, or they and the corpus, do not fit together.
    pub fn new(checked: &Checked, own: Option<&OwnData>) -> Result<Arc<Self>> {
        let specification: Specification = checked.typed()?;
        let streams = checked.streams();
        let space = specification.search_space()?;
        let methods = methods(&specification, &space)?;
        let mut corpus = sentences(&specification, own, &streams)?;
        let rows = rows(&specification, &corpus);
        if specification.training.tokens < rows.places {
            let problem = format!(
                "a batch must hold the longest sentence with its begin and end, {} words; raise it, or lower `data.longest`",
                rows.places
            );
            return Err(Error::Inconsistent { key: "training.tokens".into(), problem });
        }
        let cut = corpus.cut(specification.data.longest);
        let masking = Masking::new(specification.data.masked, rows.vocabulary);
        let masked = |sentences: &[Vec<u32>], name: &str| -> Vec<Masked> {
            let stream = &mut streams.stream(name);
            sentences.iter().map(|sentence| masking.mask(sentence, stream)).collect()
        };
        let (validation, test) =
            (masked(&corpus.validation, "mask-validation"), masked(&corpus.test, "mask-test"));
        let lengths = corpus.train.iter().map(|sentence| (sentence.len() + 2, sentence.len() + 2)).collect();
        let choice = chosen(&specification, &space, rows, &streams)?;
        let audit = audit_of(&specification, methods, &space, &choice, rows, streams);
        let Choice { audited, tuning, .. } = choice;
        let context = Self {
            specification,
            space,
            audited,
            tuning,
            audit,
            corpus,
            validation,
            test,
            lengths,
            masking,
            cut,
        };
        memory::check_demand(&super::demand::demand(&context))?;
        Ok(Arc::new(context))
    }

    /// How weights are shared under a method.
    pub fn sharing(&self, method: Method) -> PlacedSharing<BertEncoding> {
        self.specification.supernet.sharing(method, self.specification.encoding(), BertEncoding::Constant)
    }

    /// Floating-point operations of an architecture over the longest sentence, its share of words masked.
    pub fn flops(&self, architecture: &BertArchitecture) -> f64 {
        flops(&self.specification, self.rows(), architecture)
    }

    /// How many rows a network's tables have.
    pub fn rows(&self) -> Rows {
        rows(&self.specification, &self.corpus)
    }
}

/// The sentences that a training is about: of a packed corpus of the user's, in one language or two, or generated ones.
fn sentences(
    specification: &Specification,
    own: Option<&OwnData>,
    streams: &Streams,
) -> Result<SentenceCorpus> {
    let (data, side) = (&specification.data, specification.side());
    let refuse = |key: &str, problem: &str| {
        Err(Error::Inconsistent { key: key.to_owned(), problem: problem.to_owned() })
    };
    let pairs = match own {
        None => None,
        Some(OwnData::Pairs(corpus)) => Some(corpus),
        Some(OwnData::Sentences(corpus)) => {
            check_source(&data.source, true)?;
            return match side {
                Side::Source => Ok(corpus.clone()),
                _ => refuse(
                    "data.side",
                    "the corpus is of one language and has no other side; leave it at `source`",
                ),
            };
        }
        Some(_) => {
            let problem = "this lab takes sentences of a packed corpus; make one with `switchyard data pack`";
            return refuse("data.source", problem);
        }
    };
    Ok(SentenceCorpus::of(&*pairs_of(&data.source, pairs, data.sentences, streams)?, side))
}

fn rows(specification: &Specification, corpus: &SentenceCorpus) -> Rows {
    Rows { vocabulary: corpus.vocabulary.len(), places: specification.data.longest + 2 }
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
        if self.cut > 0 {
            warnings.push(format!(
                "{} sentences have more than {} words and were cut to as many (`data.longest`).",
                self.cut, self.specification.data.longest
            ));
        }
        Ok((warnings, vec![super::pictures::baselines(self)]))
    }

    fn start(self: Arc<Self>, job: Job, device: &Device) -> Result<Box<dyn Work>> {
        Ok(Box::new(super::task::Training::new(job, self, device)))
    }
}

fn methods(specification: &Specification, space: &BertSpace) -> Result<Vec<Method>> {
    let methods = supernet_audit::method::several(&specification.methods)?;
    if specification.supernet.places().contains(Place::Bottlenecks) && !space.largest().has_bottlenecks() {
        let problem = "this space has no bottlenecks that could be mixed; drop `bottlenecks`, or set `space.kind=bottlenecks`";
        return Err(Error::Inconsistent { key: "supernet.mixed".into(), problem: problem.into() });
    }
    let regions = specification.supernet.experts;
    // From the narrowest architecture to the widest there is a step for each region.
    let served = space.region(&space.largest(), regions) == regions - 1 && regions <= steps(space);
    if methods.contains(&Method::FewShot) && !served {
        let problem = format!(
            "a few-shot supernet needs widths for each of its {regions} regions, but there are {}; lower it or drop \
             `few-shot` from `methods`",
            steps(space)
        );
        return Err(Error::Inconsistent { key: "supernet.experts".into(), problem });
    }
    Ok(methods)
}

/// How many sums of width ranks there are: what regions are made of.
fn steps(space: &BertSpace) -> usize {
    match space {
        BertSpace::Bottlenecks(space) => space.layers * (space.widths.len() - 1) + 1,
        BertSpace::Homogeneous(space) => space.widths.len(),
    }
}

fn chosen(
    specification: &Specification,
    space: &BertSpace,
    rows: Rows,
    streams: &Streams,
) -> Result<Choice<BertArchitecture>> {
    let (audit, tuning) = (&specification.audit, &specification.tuning);
    let mut stream = streams.stream("audit");
    let extremes = [space.smallest(), space.largest()];
    let all = match space.enumerate(CANDIDATES) {
        Some(all) => all,
        None => {
            let drawn = (0..CANDIDATES).map(|_| space.sample(&mut stream));
            drawn.chain(extremes.clone()).collect()
        }
    };
    let tuned = if tuning.rates > 0 { tuning.architectures } else { 0 };
    let counts = [audit.architectures, audit.bands, tuned];
    let candidates = Candidates { all, extremes, size: size_in_words(space.size()) };
    choose(candidates, |a| size::parameters(a, rows.vocabulary, rows.places), counts, &mut stream)
}

fn audit_of(
    specification: &Specification,
    methods: Vec<Method>,
    space: &BertSpace,
    choice: &Choice<BertArchitecture>,
    rows: Rows,
    streams: Streams,
) -> Audit {
    let Specification { training, audit, tuning, .. } = specification;
    let (largest, places) = (space.largest(), specification.supernet.places());
    let all = parts(&largest, places);
    let name = |part: &Part| part.name(&format!("layer {}", part.layer), places);
    let audited = |(architecture, band): (&BertArchitecture, &usize)| {
        let widths: usize = architecture.widths().iter().sum();
        Audited {
            name: architecture.to_string(),
            sizes: vec![
                ("parameters", size::parameters(architecture, rows.vocabulary, rows.places) as f64),
                ("FLOPs", flops(specification, rows, architecture)),
                ("widths of all layers", widths as f64),
            ],
            band: *band,
            parts: parts(architecture, places).iter().map(|part| part.index(&all)).collect(),
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
        retraining: None,
        tuning: TuningSettings {
            rates: tuning.rates,
            seeds: tuning.seeds,
            learning_rate: training.learning_rate,
            router_factor: training.router_learning_rate,
        },
        measures: &[Measure { key: "accuracy", name: "masked words right", unit: "%", factor: 1.0 }],
    }
}

fn flops(specification: &Specification, rows: Rows, architecture: &BertArchitecture) -> f64 {
    let length = rows.places;
    let masked = (libm::round(specification.data.masked * (length - 2) as f64) as usize).max(1);
    size::flops(architecture, rows.vocabulary, [length, masked]) as f64
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

/// Exports the sub-network `architecture` from a supernet's saved weights, with the sentences whose words it knows.
///
/// # Errors
/// When the architecture is not in the space, or the weights are not those of this experiment's `method`.
pub async fn export(
    checked: &Checked,
    own: Option<&OwnData>,
    method: &str,
    weights: &[u8],
    architecture: &BertArchitecture,
    device: &Device,
) -> Result<(ExportedBert, SentenceCorpus)> {
    let context = Context::new(checked, own)?;
    let sharing = context.sharing(method.parse()?);
    let streams = context.audit.replicate("supernet", 0);
    let fresh = ElasticBert::new(context.space.clone(), context.rows(), sharing, &streams, device);
    let exported = restored(fresh, weights)?.subnet(architecture)?.export().await?;
    Ok((exported, context.corpus.clone()))
}
