//! `switchyard link`: the link that opens an experiment in the browser.

use serde_json::{Value, json};
use switchyard::experiment::{Registry, Showing};

use crate::arguments::LinkArguments;
use crate::error::Result;
use crate::reporter::{Answer, Reporter, Style};
use crate::source;

/// Prints the link of an experiment.
///
/// # Errors
/// When the experiment is unknown or does not check.
pub fn link(arguments: &LinkArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let found =
        source::resolve_or_directory(&registry, &arguments.experiment, &arguments.set, arguments.seed)?;
    let given = found.link.as_ref();
    let versus = given.and_then(|link| link.versus.as_ref());
    let versus = versus.map(|experiment| registry.check(experiment)).transpose()?;
    let showing = Showing {
        // Two runs side by side are of one preset, and so is what `--set` and `--seed` make of the first.
        versus: versus.as_ref(),
        until: given.and_then(|link| link.until),
        ui: given.and_then(|link| link.ui.as_deref()),
        digest: given.and_then(|link| link.digest.as_deref()),
        build: given.and_then(|link| link.build.as_deref()),
    };
    let link = registry.link(&found.checked, showing)?.url(&arguments.base);
    reporter.answer(&LinkAnswer { link, preset: found.checked.preset().name, seed: found.checked.seed() })
}

struct LinkAnswer {
    link: String,
    preset: &'static str,
    seed: u64,
}

impl Answer for LinkAnswer {
    fn text(&self, _style: Style) -> String {
        self.link.clone()
    }

    fn json(&self) -> Value {
        json!({ "link": self.link, "preset": self.preset, "seed": self.seed })
    }

    fn brief(&self) -> String {
        self.link.clone()
    }
}
