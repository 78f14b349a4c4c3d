//! The list of labs. Adding a lab adds one row here.

use super::mixture_of_supernets::MixtureOfSupernets;
use crate::experiment::Lab;

/// Every lab of this build.
pub fn all() -> &'static [&'static dyn Lab] {
    &[&MixtureOfSupernets]
}

#[cfg(test)]
mod tests {
    use crate::experiment::{Experiment, Registry, Session};

    #[test]
    fn every_lab_is_well_made_and_every_preset_opens() {
        let registry = Registry::standard();
        registry.audit().expect("names, ranges and defaults are in order");
        for (_, preset) in registry.presets() {
            let checked = registry.check(&Experiment::new(preset.name)).expect("a preset is valid");
            Session::open(&checked).expect("a preset's fields fit together");
        }
    }
}
