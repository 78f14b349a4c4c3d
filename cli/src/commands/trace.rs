//! `switchyard trace`: the routing decisions that a run recorded, in the documented trace format.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard::experiment::{Event, Registry};
use switchyard::interchange::{self, Header, Trace, Traced};

use crate::arguments::{TraceArguments, TraceFormat};
use crate::directory::{RunDirectory, identity};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::{atomic, columns, record};

/// Writes the decisions of a complete run.
///
/// # Errors
/// When the directory is no complete run, it recorded no decision, or the file exists or cannot be written.
pub fn trace(arguments: &TraceArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    if !directory.is_complete() {
        let path = directory.path();
        let problem = format!("this run is not complete; go on with `switchyard resume {}`", path.display());
        return Err(Error::data(path, problem));
    }
    let format = format(arguments);
    let file = arguments.output.clone().unwrap_or_else(|| {
        directory.path().join(match format {
            TraceFormat::Jsonl => "trace.jsonl",
            TraceFormat::Parquet => "trace.parquet",
        })
    });
    if file.exists() {
        return Err(Error::data(&file, "this file is there already; choose another name with `--output`"));
    }
    let trace = recorded(&directory)?;
    let bytes = match format {
        TraceFormat::Jsonl => interchange::json_lines(&trace)?,
        TraceFormat::Parquet => columns::write(&trace)?,
    };
    atomic::write(&file, &bytes).map_err(Error::write(&file))?;
    let scored =
        |traced: &&Traced| traced.decision.logits.is_some() || traced.decision.probabilities.is_some();
    let without_scores = match format {
        TraceFormat::Jsonl => 0,
        TraceFormat::Parquet => trace.decisions.iter().filter(scored).count(),
    };
    if without_scores > 0 {
        reporter.note(&format!(
            "Parquet leaves out logits and probabilities (decisions that have them: {without_scores}); `--format jsonl` keeps \
             them"
        ));
    }
    reporter.answer(&Written {
        file,
        decisions: trace.decisions.len(),
        edges: trace.decisions.iter().map(|traced| traced.decision.edges.len()).sum(),
        bytes: bytes.len(),
        without_scores,
    })
}

fn format(arguments: &TraceArguments) -> TraceFormat {
    let by_name = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "parquet");
    arguments.format.unwrap_or(match &arguments.output {
        Some(path) if by_name(path) => TraceFormat::Parquet,
        _ => TraceFormat::Jsonl,
    })
}

/// The decisions among a run's events, with where they come from.
fn recorded(directory: &RunDirectory) -> Result<Trace> {
    let checked = directory.checked(&Registry::standard())?;
    let data = directory.data()?;
    let events = record::read_events(&directory.events())?;
    let decisions: Vec<Traced> = events.into_iter().filter_map(decision).collect();
    if decisions.is_empty() {
        return Err(Error::NothingToDo { problem: nothing(directory.path()) });
    }
    let build = Environment::read(&directory.environment())?.build_id;
    let header = Header {
        build: Some(build).filter(|build| !build.is_empty()),
        seed: Some(checked.seed()),
        experiment_digest: Some(identity(&checked, data.as_ref())),
        decisions: Some(decisions.len() as u64),
        ..Header::default()
    };
    Ok(Trace { header, decisions })
}

fn decision(event: Event) -> Option<Traced> {
    match event {
        Event::Decision { task, decision } => Some(Traced { task: Some(task), decision }),
        _ => None,
    }
}

fn nothing(path: &Path) -> String {
    format!("{}: this run recorded no routing decision, so there is no trace to write", path.display())
}

struct Written {
    file: PathBuf,
    decisions: usize,
    edges: usize,
    bytes: usize,
    without_scores: usize,
}

impl Answer for Written {
    fn text(&self, _style: Style) -> String {
        let (decisions, edges, bytes) = (self.decisions, self.edges, self.bytes);
        format!(
            "trace      {}\ndecisions  {decisions}\nedges      {edges}\nbytes      {bytes}\n",
            self.file.display()
        )
    }

    fn json(&self) -> Value {
        json!({
            "trace": self.file,
            "schema": interchange::schema::SCHEMA,
            "version": interchange::schema::VERSION,
            "decisions": self.decisions,
            "edges": self.edges,
            "bytes": self.bytes,
            "decisions_without_scores": self.without_scores,
        })
    }

    fn brief(&self) -> String {
        self.file.display().to_string()
    }
}
