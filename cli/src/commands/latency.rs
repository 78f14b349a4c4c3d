//! `switchyard latency`: how long sub-networks take on this machine, as a file that searches read, and how well predictors
//! tell it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use switchyard::data::OwnData;
use switchyard::experiment::{Checked, Event, Registry};
use switchyard::labs::masked_language::Guesser;
use switchyard::labs::supernet_search::{Subject, pictures};
use switchyard::labs::translation::Translator;
use switchyard::plate::Table;
use switchyard::rng::Streams;
use switchyard::search::latency::{
    Again, Conditions, KIND, Latencies, LatencyHeader, LatencyLine, SCHEMA_VERSION, quantiles,
};
use switchyard::search::predictor::{PREDICTOR_NAMES, PredictorConfig, assess};
use switchyard::search::{MAX_DRAWS, Space};

use super::inspect::shown;
use crate::arguments::LatencyArguments;
use crate::environment::cores;
use crate::error::{Error, Result};
use crate::growing::Growing;
use crate::interrupt::{self, Stop};
use crate::reporter::{Answer, Reporter, Status, Style};
use crate::stopwatch::{Stopwatch, machine};
use crate::supplied::Supplied;
use crate::{directory, source};

/// Samples between two measurements of the reference.
const REFERENCE_EVERY: usize = 100;
/// Parts that measurements are dealt out to, each held out once.
const FOLDS: usize = 5;

/// Measures sub-networks.
///
/// # Errors
/// When the experiment has no networks to be timed, the file cannot be used, or the user stops.
pub fn latency(arguments: &LatencyArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let named = &arguments.experiment;
    let checked = source::resolve_or_directory(&registry, &named.experiment, &named.set, named.seed)?.checked;
    let data = own_data(arguments, &checked)?;
    let own = data.as_ref().map(|data| &data.data);
    let device = arguments.device.open()?;
    match checked.lab().name() {
        "translation" => {
            let pairs = own.and_then(OwnData::pairs);
            of(&Translator::fresh(&checked, pairs, &device)?, &checked, arguments, reporter)
        }
        "masked-language" => of(&Guesser::fresh(&checked, own, &device)?, &checked, arguments, reporter),
        _ => Err(cannot_be_searched(&checked)),
    }
}

/// Measures the sub-networks of one supernet.
fn of<S: Subject>(
    subject: &S,
    checked: &Checked,
    arguments: &LatencyArguments,
    reporter: &mut dyn Reporter,
) -> Result<()> {
    let threads = arguments.threads.map_or_else(cores, usize::from);
    let asked = [arguments.source_words, arguments.target_words].map(|words| words.map(usize::from));
    let [source_words, target_words] = words(subject, asked)?;
    let conditions = Conditions {
        work: subject.work(),
        source_words,
        target_words,
        warm_up: arguments.warm_up.into(),
        repeats: arguments.repeats.into(),
        device: arguments.device.to_string(),
        threads,
    };
    let header = header(subject, conditions, checked.seed());
    let stop = interrupt::listen()?;
    let measured = measured(subject, header, arguments, (&stop, reporter))?;
    reporter.note("fitting predictors");
    let streams = Streams::new(measured.header.seed);
    let config = predictor_config(subject);
    let assessed = assess(&PREDICTOR_NAMES, &config, &measured.dataset()?, FOLDS, &streams)?;
    let table = pictures::predictors(&assessed);
    reporter.answer(&Measured { file: arguments.out.clone(), latencies: measured, table })
}

/// HAT's length of sentences.
const WORDS: usize = 30;

/// How many words go in and come out of what is timed: as asked for, or HAT's, as far as the networks can.
///
/// # Errors
/// When more are asked for than the networks can read or say.
pub fn words<S: Subject>(subject: &S, asked: [Option<usize>; 2]) -> Result<[usize; 2]> {
    let [source, target] = subject.longest();
    let of = |flag: &str, asked: Option<usize>, longest: Option<usize>| match (asked, longest) {
        (Some(words), Some(longest)) if words > longest => Err(Error::Usage {
            problem: format!("`{flag} {words}`: these networks take {longest} at most; give no more"),
        }),
        (Some(words), _) => Ok(words),
        (None, longest) => Ok(longest.map_or(WORDS, |longest| longest.min(WORDS))),
    };
    Ok([of("--source-words", asked[0], source)?, of("--target-words", asked[1], target)?])
}

/// How predictors of latency are fitted to measurements of `subject`.
pub fn predictor_config<S: Subject>(subject: &S) -> PredictorConfig {
    PredictorConfig { depth_column: Some(subject.depth_column().to_owned()), ..PredictorConfig::default() }
}

/// Why this experiment's networks can be neither timed nor searched, and which can.
pub fn cannot_be_searched(checked: &Checked) -> Error {
    let problem = format!(
        "the networks of `{}` cannot be timed or searched so far; those of `mos-mt-small`, `mos-mt`, `mos-bert-small` and \
         their kin can",
        checked.preset().name
    );
    Error::Usage { problem }
}

/// The user's corpus: that of `--data`, or of the run directory.
fn own_data(arguments: &LatencyArguments, checked: &Checked) -> Result<Option<Supplied>> {
    let path = std::path::Path::new(&arguments.experiment.experiment);
    match &arguments.data {
        Some(file) => {
            let kind = checked.lab().own_data().ok_or_else(|| cannot_be_searched(checked))?;
            Supplied::read(file, kind, None).map(Some)
        }
        None if path.is_dir() => directory::RunDirectory::look(path)?.data(),
        None => Ok(None),
    }
}

/// What the measurements of `subject` on this machine are headed by.
fn header<S: Subject>(subject: &S, conditions: Conditions, seed: u64) -> LatencyHeader {
    LatencyHeader {
        kind: KIND.to_owned(),
        schema_version: SCHEMA_VERSION,
        networks: subject.networks(),
        machine: machine(),
        seed,
        conditions,
        columns: subject.columns(),
    }
}

/// The different architectures to measure: the smallest, the largest, then others at random, as many as there are.
fn chosen<S: Subject>(subject: &S, count: usize, seed: u64) -> Vec<<S::Space as Space>::Point> {
    let stream = &mut Streams::new(seed).stream("latency");
    let mut known = BTreeSet::new();
    let mut chosen = Vec::new();
    let mut add = |point: <S::Space as Space>::Point| {
        let is_new = known.insert(point.clone());
        if is_new {
            chosen.push(point);
        }
        (is_new, chosen.len())
    };
    for point in subject.extremes() {
        add(point);
    }
    let mut misses = 0;
    while misses < MAX_DRAWS {
        let (is_new, length) = add(subject.space().sample(stream));
        if length >= count {
            break;
        }
        misses = if is_new { 0 } else { misses + 1 };
    }
    chosen.truncate(count);
    chosen
}

/// Measures what the file does not hold yet.
fn measured<S: Subject>(
    subject: &S,
    header: LatencyHeader,
    arguments: &LatencyArguments,
    (stop, reporter): (&Stop, &mut dyn Reporter),
) -> Result<Latencies> {
    let path = &arguments.out;
    let points = chosen(subject, arguments.samples as usize, header.seed);
    if points.len() < arguments.samples as usize {
        reporter.note(&format!("note: the space has no more than {} different sub-networks", points.len()));
    }
    let (mut file, lines) = Growing::open(path, &header)?;
    let first = serde_json::to_string(&header)
        .map_err(|error| Error::Unexpected { problem: format!("a header cannot be written: {error}") })?;
    let lines = std::iter::once(first.as_str()).chain(lines.iter().map(String::as_str));
    let mut all = Latencies::read(lines).map_err(|source| Error::InFile { path: path.clone(), source })?;
    check_order(&all, &points).map_err(|problem| Error::data(path, problem))?;
    let done = all.samples.len().min(points.len());
    if done > 0 {
        reporter.note(&format!("{}: {done} of {} measurements are there", path.display(), points.len()));
    }
    let stopwatch = Stopwatch::new(header.conditions.clone())?;
    let again = |all: &mut Latencies, file: &mut Growing| -> Result<()> {
        let [_, largest] = subject.extremes();
        let reference_milliseconds = stopwatch.measure(subject, &largest)?.milliseconds;
        let line = Again { reference_milliseconds, after: all.samples.len() };
        file.add(&LatencyLine::Again(line.clone()))?;
        all.again.push(line);
        Ok(())
    };
    let mut status = Status::new();
    status.event(&Event::Stage { name: "measuring".to_owned(), tasks: 1 });
    status.event(&Event::TaskStarted { task: "latency".to_owned(), steps: points.len() as u64 });
    for (place, point) in points.iter().enumerate().skip(done) {
        if stop.is_asked() {
            file.sync()?;
            return Err(Error::Stopped { file: path.clone() });
        }
        if place == done || place.is_multiple_of(REFERENCE_EVERY) {
            again(&mut all, &mut file)?;
        }
        let sample = stopwatch.measure(subject, point)?;
        file.add(&LatencyLine::Sample(sample.clone()))?;
        all.samples.push(sample);
        status.step("latency", place as u64 + 1);
        reporter.progress(&status);
    }
    if done < points.len() {
        again(&mut all, &mut file)?;
    }
    file.sync()?;
    all.samples.truncate(points.len());
    Ok(all)
}

/// Whether a file's samples are those that this command would measure, in the same order.
fn check_order<P: std::fmt::Display>(all: &Latencies, points: &[P]) -> std::result::Result<(), String> {
    for (place, (sample, point)) in all.samples.iter().zip(points).enumerate() {
        if sample.architecture != point.to_string() {
            return Err(format!(
                "sample {place} (counted from 0) is of {}, but this command measures {point} there; name another file with \
                 `--out`",
                sample.architecture
            ));
        }
    }
    Ok(())
}

struct Measured {
    file: PathBuf,
    latencies: Latencies,
    table: Table,
}

impl Measured {
    /// The fastest, the median and the slowest, in milliseconds.
    fn range(&self) -> Option<[f64; 3]> {
        let times = self.latencies.samples.iter().map(|sample| sample.milliseconds);
        quantiles(times.collect(), [0.0, 0.5, 1.0])
    }
}

impl Answer for Measured {
    fn text(&self, style: Style) -> String {
        let Latencies { header, samples, .. } = &self.latencies;
        let Conditions { work, source_words, target_words, warm_up, repeats, device, threads } =
            &header.conditions;
        let mut text = format!("file       {}\nmachine    {}\n", self.file.display(), header.machine);
        text += &format!(
            "work       {work}, {source_words} words to {target_words}, device {device}, threads {threads}\n"
        );
        text += &format!("measured   {} sub-networks, {repeats} runs each after {warm_up}\n", samples.len());
        if let Some([low, middle, high]) = self.range() {
            text += &format!("latency    {low:.3} to {high:.3} ms, median {middle:.3}\n");
        }
        if let Some(spread) = self.latencies.spread() {
            text +=
                &format!("spread     {:.1}% between the quartiles of one network's runs\n", 100.0 * spread);
        }
        if let Some(drift) = self.latencies.drift() {
            text += &format!(
                "drift      {:.1}% between the largest network's slowest and fastest look\n",
                100.0 * drift
            );
        }
        text + &format!("\n{}  {}\n{}", style.bold(&self.table.title), self.table.caption, shown(&self.table))
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "header": self.latencies.header,
            "samples": self.latencies.samples.len(),
            "milliseconds": self.range(),
            "spread": self.latencies.spread(),
            "drift": self.latencies.drift(),
            "predictors": self.table,
        })
    }

    fn brief(&self) -> String {
        shown(&self.table).trim_end().to_owned()
    }
}
