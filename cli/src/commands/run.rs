//! `switchyard run`: carries out an experiment and writes its run directory. `resume` ends the same way.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use switchyard::data::OwnKind;
use switchyard::experiment::{Event, Promise, Registry, Replay, Verdict, VerdictWord};

use crate::arguments::RunArguments;
use crate::directory::{RunDirectory, identity};
use crate::driver::{Devices, Job, drive};
use crate::environment::Environment;
use crate::error::Result;
use crate::exit::Exit;
use crate::halfway::Restored;
use crate::interrupt::{self, Stop};
use crate::memory::{self, Room};
use crate::record;
use crate::reporter::{Answer, Reporter, Style, Table, duration};
use crate::source;
use crate::supplied::{Description, Supplied};
use crate::watch::Live;

/// Runs an experiment from its beginning.
///
/// # Errors
/// When the experiment is not valid, the directory cannot be made, a task fails, or the user stops the run.
pub fn run(arguments: &RunArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let named = &arguments.experiment;
    let found = source::resolve(&registry, &named.experiment, &named.set, named.seed)?;
    let for_the_browser = found.for_the_browser();
    if !for_the_browser.is_empty() {
        let parts = for_the_browser.join(" and ");
        reporter.note(&format!("note: {parts} in the link is for the browser; the run goes to its end"));
    }
    let class = arguments.class.as_deref();
    let kind = found.checked.lab().own_data().unwrap_or(OwnKind::Rows);
    let data = arguments.data.as_deref().map(|path| Supplied::read(path, kind, class)).transpose()?;
    let own = data.as_ref().map(|data| &data.data);
    let (threads, remark) = arguments.device.tasks(arguments.threads, &found.checked, &registry)?;
    if let Some(remark) = remark {
        reporter.note(&remark);
    }
    let opened = arguments.device.open()?;
    opened.iter().try_for_each(|device| found.checked.lab().suits(&found.checked, device))?;
    let devices = Devices::of(opened)?;
    let stop = interrupt::listen()?;
    // A plan that cannot be made, or does not fit, must not leave a directory behind.
    let demand = found.checked.lab().plan(&found.checked, own)?.demand();
    memory::check(demand.as_ref(), Room { devices: &arguments.device, threads, said: arguments.memory })?;
    let environment = Environment::current(&arguments.device, threads);
    let out = arguments.out.as_deref();
    let directory = RunDirectory::create(out, &found.checked, &environment, data.as_ref())?;
    reporter.note(&format!("run directory: {}", directory.path().display()));
    let job = Job {
        checked: &found.checked,
        data: own,
        identity: identity(&found.checked, data.as_ref()),
        directory: &directory,
        saving: arguments.saving.rule(),
        devices,
        threads,
        stop: stop.flag(),
    };
    let told = Told { promise: found.promise(), data: data.as_ref().map(|data| &data.description), stop };
    complete(&job, Restored::default(), &told, reporter)
}

/// What was told about a run beside its experiment.
pub struct Told<'a> {
    /// What its link says about the result.
    pub promise: Option<Promise>,
    /// The user's own data.
    pub data: Option<&'a Description>,
    /// How the user asks it to stop.
    pub stop: Stop,
}

/// Carries out what is left of a run, and writes its record and its report.
///
/// # Errors
/// When a task fails, a file cannot be written, or the user stops the run.
pub fn complete(
    job: &Job<'_>,
    restored: Restored,
    told: &Told<'_>,
    reporter: &mut dyn Reporter,
) -> Result<()> {
    let started = Instant::now();
    reporter.begin(&title(job), &told.stop)?;
    let mut live = Live::begin(job.directory.live(), reporter);
    let done = match drive(job, restored, &mut live) {
        Ok(done) => done,
        Err(error) => {
            live.ended(&error);
            return Err(error);
        }
    };
    let (word, sentence) = conclusion(&done.events);
    let directory = job.directory;
    let summary = Summary {
        verdicts: verdicts(&done.events),
        warnings: warnings(&done.events),
        word,
        sentence,
        replay: told.promise.as_ref().map(|promise| kept(promise, steps(&done.events), &done.digest)),
        data: told.data.cloned(),
        link: record::link(job.checked, &done.digest)?,
        digest: done.digest,
        report: directory.report(),
        directory: directory.path().to_owned(),
        seconds: started.elapsed().as_secs_f64(),
    };
    let lines = record::lines(&done.events)?;
    record::write_report(directory, job.checked, told.data, done.events)?;
    // Last, because this file says that the run is complete.
    directory.write(&directory.events(), &lines)?;
    live.complete();
    reporter.answer(&summary)
}

/// The run as a person names it.
fn title(job: &Job<'_>) -> String {
    let (preset, seed) = (&job.checked.preset().name, job.checked.seed());
    format!("{preset} · seed {seed} · {}", job.directory.path().display())
}

/// Steps of all tasks.
fn steps(events: &[Event]) -> u64 {
    let steps = events.iter().map(|event| match event {
        Event::TaskStarted { steps, .. } => *steps,
        _ => 0,
    });
    steps.sum()
}

/// What became of what a link promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It could be compared.
    Compared(Replay),
    /// It is about this step, in the middle of the run.
    AboutStep(u64),
}

fn kept(promise: &Promise, end: u64, digest: &str) -> Kept {
    match (promise.step_before(end), promise.keep(end, digest, true)) {
        (None, Some(replay)) => Kept::Compared(replay),
        (step, _) => Kept::AboutStep(step.unwrap_or(end)),
    }
}

impl Kept {
    fn name(self) -> &'static str {
        match self {
            Self::Compared(replay) => replay.name(),
            Self::AboutStep(_) => "not-compared",
        }
    }

    fn sentence(self) -> String {
        match self {
            Self::Compared(replay) => format!("{}. {}", replay.words(), replay.meaning()),
            Self::AboutStep(step) => format!(
                "not compared. The link's digest is of step {step}, in the middle of the run, and this run went to \
                 its end; open the link in the browser to compare."
            ),
        }
    }
}

/// The verdicts among the events.
pub fn verdicts(events: &[Event]) -> Vec<Verdict> {
    let verdicts = events.iter().filter_map(|event| match event {
        Event::Verdict { verdict } => Some(verdict.clone()),
        _ => None,
    });
    verdicts.collect()
}

fn warnings(events: &[Event]) -> Vec<String> {
    let warnings = events.iter().filter_map(|event| match event {
        Event::Warning { text } => Some(text.clone()),
        _ => None,
    });
    warnings.collect()
}

/// What the run says as a whole.
fn conclusion(events: &[Event]) -> (VerdictWord, String) {
    let last = events.iter().rev().find_map(|event| match event {
        Event::Finished { verdict, sentence, .. } => Some((*verdict, sentence.clone())),
        _ => None,
    });
    last.unwrap_or((VerdictWord::Inconclusive, String::new()))
}

/// The verdict's word in the colour that fits it.
pub fn painted(word: VerdictWord, style: Style) -> String {
    match word {
        VerdictWord::Supported => style.green(word.as_str()),
        VerdictWord::Contradicted => style.red(word.as_str()),
        VerdictWord::NotSupported | VerdictWord::Inconclusive => style.yellow(word.as_str()),
    }
}

/// What a complete run says at its end.
struct Summary {
    verdicts: Vec<Verdict>,
    warnings: Vec<String>,
    word: VerdictWord,
    sentence: String,
    digest: String,
    /// Whether the result is the one that the link promised, when it promised one.
    replay: Option<Kept>,
    data: Option<Description>,
    report: PathBuf,
    directory: PathBuf,
    link: String,
    seconds: f64,
}

impl Answer for Summary {
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        if !self.verdicts.is_empty() {
            let mut table = Table::new(&[
                "question",
                ">mean",
                ">95% interval",
                ">seeds that agree",
                "verdict",
                "quantity",
            ]);
            for verdict in &self.verdicts {
                let decimals = decimals(&self.verdicts, &verdict.quantity);
                let number = |value: f64| format!("{value:.decimals$}");
                table.row([
                    verdict.name.clone(),
                    number(verdict.mean),
                    format!("[{}, {}]", number(verdict.low), number(verdict.high)),
                    format!("{} of {}", verdict.wins, verdict.replicates),
                    painted(verdict.word, style),
                    verdict.quantity.clone(),
                ]);
            }
            text += &format!("{}\n{}\n", style.bold("Verdicts"), table.text());
        }
        for warning in &self.warnings {
            text += &format!("{} {warning}\n", style.yellow("note:"));
        }
        text += &format!("verdict  {}: {}\n", painted(self.word, style), self.sentence);
        text += &format!("report   {}\n", self.report.display());
        text += &format!("link     {}\n", self.link);
        text += &format!("digest   {}\n", self.digest);
        if let Some(data) = &self.data {
            text += &format!("data     {}; the link does not hold them\n", data.line());
        }
        if let Some(replay) = self.replay {
            text += &format!("replay   {}\n", replay.sentence());
        }
        text + &format!("elapsed  {}\n", duration(self.seconds))
    }

    fn json(&self) -> Value {
        json!({
            "event": "summary",
            "digest": self.digest,
            "verdict": self.word,
            "sentence": self.sentence,
            "verdicts": self.verdicts,
            "warnings": self.warnings,
            "link": self.link,
            "report": self.report,
            "directory": self.directory,
            "replay": self.replay.map(Kept::name),
            "data": self.data,
            "elapsed_seconds": self.seconds,
            "exit_code": Exit::Success.code(),
        })
    }

    fn brief(&self) -> String {
        self.directory.display().to_string()
    }
}

/// The decimals that every number of a quantity is written with, so that they stand one under the other: three
/// significant digits for the end of the shortest interval.
fn decimals(verdicts: &[Verdict], quantity: &str) -> usize {
    let sizes = verdicts
        .iter()
        .filter(|verdict| verdict.quantity == quantity)
        .map(|verdict| verdict.low.abs().max(verdict.high.abs()))
        .filter(|size| size.is_finite() && *size > 0.0);
    let smallest = sizes.fold(f64::INFINITY, f64::min);
    if smallest.is_finite() { (2 - smallest.log10().floor() as i32).clamp(0, 9) as usize } else { 3 }
}

/// A number with four significant digits, its sign kept.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e5).contains(&size) {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 9) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_significant_digits() {
        assert_eq!(number(0.0), "0");
        assert_eq!(number(-0.012345), "-0.01235");
        assert_eq!(number(12.3456), "12.35");
        assert_eq!(number(-0.000_123_4), "-0.0001234");
        assert_eq!(number(1.234e-7), "1.234e-7");
        assert_eq!(number(f64::NAN), "NaN");
    }

    #[test]
    fn numbers_of_one_quantity_have_equally_many_decimals() {
        let verdict = |quantity: &str, low: f64, high: f64| Verdict {
            name: String::new(),
            claim: String::new(),
            paper: String::new(),
            quantity: quantity.to_owned(),
            mean: 0.0,
            low,
            high,
            wins: 0,
            replicates: 6,
            word: VerdictWord::Inconclusive,
        };
        let verdicts =
            [verdict("gap", -0.0141, 0.002), verdict("gap", -0.5, 0.1), verdict("tau", f64::NAN, 0.0)];
        assert_eq!((decimals(&verdicts, "gap"), decimals(&verdicts, "tau")), (4, 3));
    }
}
