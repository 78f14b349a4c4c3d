//! `switchyard resume`: goes on with a run that was interrupted, and ends with the same digest.

use std::path::Path;

use switchyard::experiment::Registry;

use super::run::{Told, complete};
use crate::arguments::ResumeArguments;
use crate::device::DeviceNames;
use crate::directory::{RunDirectory, identity};
use crate::driver::{Devices, Job};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::halfway::Restored;
use crate::interrupt;
use crate::memory::{self, Room};
use crate::reporter::Reporter;

/// Goes on with a run.
///
/// # Errors
/// When there is no such run, it is complete, a checkpoint cannot be used, a task fails, or the user stops it.
pub fn resume(arguments: &ResumeArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let path = if arguments.directory == Path::new("latest") && !arguments.directory.exists() {
        RunDirectory::latest()?
    } else {
        arguments.directory.clone()
    };
    let directory = RunDirectory::open(&path)?;
    if directory.is_complete() {
        return Err(Error::NothingToDo {
            problem: format!(
                "{} is complete; its report is {}",
                path.display(),
                directory.report().display()
            ),
        });
    }
    let checked = directory.checked(&registry)?;
    let began = Environment::read(&directory.environment())?;
    let names = began.device.parse::<DeviceNames>().map_err(|problem| {
        Error::data(&directory.environment(), format!("its device cannot be used: {problem}"))
    })?;
    let (threads, _) = names.tasks(arguments.threads, &checked, &registry)?;
    for difference in began.differences(&Environment::current(&names, threads)) {
        reporter.note(&format!("note: {difference}; the results may differ"));
    }
    let data = directory.data()?;
    let identity = identity(&checked, data.as_ref());
    let restored = Restored::read(&directory.checkpoints(), &identity)?;
    let (finished, halfway) = (restored.finished.len(), restored.halfway.len());
    let kept = format!("{finished} finished tasks and {halfway} half-way are kept");
    reporter.note(&format!("{}: {kept}", path.display()));
    let own = data.as_ref().map(|data| &data.data);
    let demand = checked.lab().plan(&checked, own)?.demand();
    memory::check(demand.as_ref(), Room { devices: &names, threads, said: arguments.memory })?;
    let stop = interrupt::listen()?;
    let opened = names.open()?;
    opened.iter().try_for_each(|device| checked.lab().suits(&checked, device))?;
    let devices = Devices::of(opened)?;
    let job = Job {
        checked: &checked,
        data: own,
        identity,
        directory: &directory,
        saving: arguments.saving.rule(),
        devices,
        threads,
        stop: stop.flag(),
    };
    let told = Told { promise: None, data: data.as_ref().map(|data| &data.description), stop };
    complete(&job, restored, &told, reporter)
}
