//! `switchyard export`: one trained sub-network as a plain network, weights and description in two files.
//!
//! It reads the checkpoint of a supernet; the run need not be complete.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use switchyard::experiment::Registry;
use switchyard::labs::mixture_of_supernets as lab;
use switchyard::supernet::Architecture;
use switchyard::supernet::export::{Description, Exported};

use super::run::device;
use crate::arguments::{DeviceName, ExportArguments};
use crate::atomic;
use crate::checkpoint::{self, Checkpoint};
use crate::directory::{RunDirectory, identity};
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};

/// Exports a sub-network.
///
/// # Errors
/// When the run does not have it, its checkpoint cannot be used, or a file would be overwritten.
pub fn export(arguments: &ExportArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let directory = RunDirectory::look(&arguments.directory)?;
    let checked = directory.checked(&Registry::standard())?;
    let architecture: Architecture = arguments.architecture.parse()?;
    let task = lab::task_of(&checked, &arguments.method, arguments.seed)?;
    let data = directory.data()?;
    let weights = weights(&directory, &task, &identity(&checked, data.as_ref()))?;
    let device = device(DeviceName::Flex)?;
    let exporting = lab::export(&checked, &arguments.method, &weights, &architecture, &device);
    let exported = pollster::block_on(exporting)?;
    let prefix = arguments.out.clone().unwrap_or_else(|| {
        PathBuf::from(format!("{}-{}-seed-{}", arguments.architecture, arguments.method, arguments.seed))
    });
    reporter.answer(&write(&prefix, exported)?)
}

/// The weights that a task of this run left behind.
fn weights(directory: &RunDirectory, task: &str, identity: &str) -> Result<Vec<u8>> {
    let path = checkpoint::path(&directory.checkpoints(), task);
    if !path.exists() {
        let problem = format!("task `{task}` of this run is not finished; go on with `switchyard resume`");
        return Err(Error::data(directory.path(), problem));
    }
    let checkpoint = Checkpoint::read(&path, identity)?;
    checkpoint.outcome.weights.ok_or_else(|| Error::data(&path, "this task keeps no weights"))
}

/// Writes both files, and none when one of them is there already.
fn write(prefix: &Path, exported: Exported) -> Result<Written> {
    let with = |extension: &str| PathBuf::from(format!("{}.{extension}", prefix.display()));
    let (weights, description) = (with("safetensors"), with("json"));
    if let Some(taken) = [&weights, &description].into_iter().find(|path| path.exists()) {
        return Err(Error::data(taken, "this file is there already; choose another name with `--out`"));
    }
    let mut text = serde_json::to_vec_pretty(&exported.description).map_err(|error| Error::Unexpected {
        problem: format!("the description of the network cannot be written: {error}"),
    })?;
    text.push(b'\n');
    atomic::write(&weights, &exported.weights).map_err(Error::write(&weights))?;
    atomic::write(&description, &text).map_err(Error::write(&description))?;
    Ok(Written { weights, description, network: exported.description })
}

struct Written {
    weights: PathBuf,
    description: PathBuf,
    network: Description,
}

impl Answer for Written {
    fn text(&self, _style: Style) -> String {
        format!(
            "weights      {}\ndescription  {}\nparameters   {}\n",
            self.weights.display(),
            self.description.display(),
            self.network.parameters
        )
    }

    fn json(&self) -> Value {
        json!({ "weights": self.weights, "description": self.description, "network": self.network })
    }

    fn brief(&self) -> String {
        self.weights.display().to_string()
    }
}
