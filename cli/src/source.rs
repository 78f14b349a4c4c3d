//! What the user named, as a checked experiment: a preset, a TOML file, a link, or a run directory.

use std::path::Path;

use switchyard::experiment::{Checked, Experiment, Link, Promise, Registry};

use crate::directory::{RunDirectory, read_experiment};
use crate::error::Result;

/// A checked experiment and what its link said beside it.
#[derive(Debug)]
pub struct Source {
    /// The experiment.
    pub checked: Checked,
    /// The link, when it was one. Its digest is gone when the experiment is no longer the link's.
    pub link: Option<Link>,
}

impl Source {
    /// What the link says about the result.
    pub fn promise(&self) -> Option<Promise> {
        self.link.as_ref().and_then(Promise::of)
    }

    /// Parts of the link that only the browser follows.
    pub fn for_the_browser(&self) -> Vec<String> {
        let Some(link) = &self.link else { return Vec::new() };
        let until = link.until.map(|step| format!("t={step}"));
        let ui = link.ui.as_ref().map(|ui| format!("ui={ui}"));
        let versus = link.versus.as_ref().map(|_| "the second run (`versus`)".to_owned());
        until.into_iter().chain(ui).chain(versus).collect()
    }
}

/// Finds the experiment named `text` and applies `--set` and `--seed`.
///
/// # Errors
/// When it is unknown, cannot be read, or does not check.
pub fn resolve(registry: &Registry, text: &str, set: &[String], seed: Option<u64>) -> Result<Source> {
    let mut source = find(registry, text)?;
    if set.is_empty() && seed.is_none() {
        return Ok(source);
    }
    let mut experiment: Experiment = source.checked.experiment().clone();
    for assignment in set {
        registry.set(&mut experiment, assignment)?;
    }
    if let Some(seed) = seed {
        registry.set(&mut experiment, &format!("seed={seed}"))?;
    }
    let checked = registry.check(&experiment)?;
    if checked != source.checked
        && let Some(link) = &mut source.link
    {
        // Another experiment than the link's has another digest.
        (link.digest, link.build) = (None, None);
    }
    Ok(Source { checked, ..source })
}

fn find(registry: &Registry, text: &str) -> Result<Source> {
    let plain = |checked| Source { checked, link: None };
    if Link::is_link(text) {
        let link = Link::parse(registry, text)?;
        return Ok(Source { checked: registry.check(&link.experiment)?, link: Some(link) });
    }
    let path = Path::new(text);
    let is_path = path.extension().is_some_and(|extension| extension == "toml") || text.contains(['/', '\\']);
    if registry.find(text).is_err() && (is_path || path.exists()) {
        return Ok(plain(read_experiment(registry, path)?));
    }
    let (_, preset) = registry.find(text)?;
    Ok(plain(registry.check(&Experiment::new(preset.name))?))
}

/// As [`resolve`], and a run directory counts as its `experiment.toml`.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_or_directory(
    registry: &Registry,
    text: &str,
    set: &[String],
    seed: Option<u64>,
) -> Result<Source> {
    let path = Path::new(text);
    if registry.find(text).is_err() && path.is_dir() {
        let file = RunDirectory::look(path)?.experiment();
        return resolve(registry, &file.to_string_lossy(), set, seed);
    }
    resolve(registry, text, set, seed)
}
