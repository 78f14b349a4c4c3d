//! `switchyard search`: the best sub-networks of a trained supernet under a limit, by several strategies at equal numbers of
//! evaluations.

mod answer;
mod cost;
mod evaluations;
mod searches;

use serde::Serialize;
use switchyard::data::OwnData;
use switchyard::experiment::{Checked, Registry};
use switchyard::labs::masked_language::{self, Guesser};
use switchyard::labs::supernet_search::Subject;
use switchyard::labs::supernet_search::found::distinct;
use switchyard::labs::translation::{self, Translator};
use switchyard::rng::Streams;

use self::answer::Searched;
use self::cost::Costs;
use self::searches::Search;
use super::export::weights;
use super::latency::cannot_be_searched;
use crate::arguments::SearchArguments;
use crate::atomic;
use crate::checkpoint::sha256;
use crate::directory::{RunDirectory, identity};
use crate::error::{Error, Result};
use crate::reporter::Reporter;
use crate::stopwatch::Stopwatch;

/// The version of the format of the file of evaluations.
const SCHEMA_VERSION: u32 = 1;

/// The first line of the file of evaluations: everything that its results depend on.
#[derive(Debug, Serialize)]
struct Header {
    kind: &'static str,
    schema_version: u32,
    build: &'static str,
    experiment: String,
    method: String,
    supernet: u64,
    weights_sha256: String,
    sentences: usize,
    device: String,
    cost: &'static str,
    /// Of the file of measurements, and what predicts latency from it.
    latency: Option<[String; 2]>,
    limits: Vec<f64>,
    strategies: Vec<String>,
    evaluations: u32,
    seeds: u16,
    population: Option<u32>,
    mutation: Option<f64>,
    seed: u64,
}

/// Searches a trained supernet.
///
/// # Errors
/// When the run has no such supernet, a file cannot be used, no architecture is below a limit, or the user stops.
pub fn search(arguments: &SearchArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    let checked = directory.checked(&Registry::standard())?;
    let data = directory.data()?;
    let own = data.as_ref().map(|data| &data.data);
    let experiment = identity(&checked, data.as_ref());
    let (method, number) = (&arguments.method, arguments.supernet);
    let task = match checked.lab().name() {
        "translation" => translation::task_of(&checked, method, number)?,
        "masked-language" => masked_language::task_of(&checked, method, number)?,
        _ => return Err(cannot_be_searched(&checked)),
    };
    let weights = weights(&directory, &task, &experiment)?;
    let trained = Trained { directory, checked, experiment, weights_sha256: sha256(&weights) };
    let device = arguments.device.open()?;
    let sentences = arguments.sentences.map(|sentences| sentences as usize);
    let (checked, named) = (&trained.checked, (method.as_str(), weights.as_slice()));
    if checked.lab().name() == "translation" {
        let pairs = own.and_then(OwnData::pairs);
        let subject = Translator::trained(checked, pairs, named, sentences, &device)?;
        return through(&subject, &trained, arguments, reporter);
    }
    let subject = Guesser::trained(checked, own, named, sentences, &device)?;
    through(&subject, &trained, arguments, reporter)
}

/// The run whose supernet is searched.
struct Trained {
    directory: RunDirectory,
    checked: Checked,
    experiment: String,
    weights_sha256: String,
}

/// Searches one supernet, compares what was found, and says it.
fn through<S: Subject>(
    subject: &S,
    trained: &Trained,
    arguments: &SearchArguments,
    reporter: &mut dyn Reporter,
) -> Result<()> {
    let streams = Streams::new(trained.checked.seed());
    let costs = Costs::new(subject, arguments, &streams, reporter)?;
    let header = Header {
        kind: "switchyard-search",
        schema_version: SCHEMA_VERSION,
        build: switchyard::BUILD,
        experiment: trained.experiment.clone(),
        method: arguments.method.clone(),
        supernet: arguments.supernet,
        weights_sha256: trained.weights_sha256.clone(),
        sentences: subject.seen(),
        device: arguments.device.to_string(),
        cost: costs.key,
        latency: costs.measurements.clone(),
        limits: costs.limits(&arguments.limits, &streams, reporter)?,
        strategies: distinct(arguments.strategies.iter().cloned()),
        evaluations: arguments.evaluations,
        seeds: arguments.seeds,
        population: arguments.population,
        mutation: arguments.mutation,
        seed: trained.checked.seed(),
    };
    let file = arguments.out.clone().unwrap_or_else(|| trained.directory.path().join("search.jsonl"));
    let search = Search { subject, costs: &costs, header: &header };
    let (all, timing) = search.run(arguments, &file, reporter)?;
    reporter.note("measuring what was found");
    let winners = search.winners(&all, &Stopwatch::new(costs.conditions(arguments)?)?)?;
    let searched = Searched::new(&search, file, (all, winners, timing))?;
    if let Some(report) = &arguments.report {
        let page = searched.page(&arguments.directory, &trained.checked)?;
        atomic::write(report, page.as_bytes()).map_err(Error::write(report))?;
    }
    reporter.answer(&searched.reported(arguments.report.clone()))
}
