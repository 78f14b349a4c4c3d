//! The list of labs. Adding a lab adds one row here.

#[cfg(feature = "translation")]
use super::masked_language::MaskedLanguage;
use super::mixture_of_experts::MixtureOfExperts;
use super::mixture_of_supernets::MixtureOfSupernets;
#[cfg(feature = "translation")]
use super::translation::Translation;
use super::{adamoe, collapse, openmoe, rmoe, router_race, union_of_experts};
use crate::experiment::Lab;

static ALL: &[&dyn Lab] = &[
    &MixtureOfSupernets,
    &MixtureOfExperts,
    &router_race::LAB,
    &collapse::LAB,
    &openmoe::LAB,
    &adamoe::LAB,
    &rmoe::LAB,
    &union_of_experts::LAB,
    #[cfg(feature = "translation")]
    &Translation,
    #[cfg(feature = "translation")]
    &MaskedLanguage,
];

/// Every lab of this build.
pub fn all() -> &'static [&'static dyn Lab] {
    ALL
}

/// Those whose networks are transformers: a program that names only them carries no other lab.
#[cfg(feature = "translation")]
pub fn transformers() -> &'static [&'static dyn Lab] {
    &[&Translation, &MaskedLanguage]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use burn::tensor::Device;

    use crate::experiment::{Checked, Event, Experiment, Lab, Outcome, Registry, Session};

    fn smallest() -> Checked {
        let registry = Registry::standard();
        let mut experiment = Experiment::new("mos-tiny");
        for set in [
            "training.steps=6",
            "audit.architectures=4",
            "seeds=3",
            "tuning.rates=1",
            "tuning.architectures=1",
        ] {
            registry.set(&mut experiment, set).expect("a field of the lab");
        }
        registry
            .set(
                &mut experiment,
                "methods=random-1,sandwich,init-matched,layer-wise,neuron-wise,fixed-input,few-shot,k-shot",
            )
            .expect("every method");
        registry.check(&experiment).expect("valid")
    }

    /// Steps a session to its end on this thread.
    fn stepped(session: &mut Session) -> String {
        events_of(session);
        session.digest().expect("complete").to_owned()
    }

    fn events_of(session: &mut Session) -> Vec<Event> {
        let mut events = Vec::new();
        while !session.is_complete() {
            events.extend(pollster::block_on(session.step(&Device::flex(), 4)).expect("steps"));
        }
        events
    }

    #[test]
    fn a_largest_sub_network_that_is_not_the_best_is_warned_of_and_only_then() {
        let checked = smallest();
        let mut session = Session::open(&checked).expect("opens");
        let warned: Vec<String> = events_of(&mut session)
            .into_iter()
            .filter_map(|event| match event {
                Event::Warning { text } if text.starts_with("The largest sub-network is not the best") => {
                    Some(text)
                }
                _ => None,
            })
            .collect();
        // Audited architectures are sorted by size, so the largest is the last.
        for method in
            ["random-1", "sandwich", "init-matched", "layer-wise", "neuron-wise", "fixed-input", "few-shot"]
        {
            let beaten = (0..3)
                .filter(|seed| {
                    let losses =
                        &session.outcomes()[&format!("supernet/{method}/seed-{seed}")].numbers["quality"];
                    let largest = losses[losses.len() - 1];
                    losses.iter().any(|loss| *loss < largest)
                })
                .count();
            let sentence = warned.iter().find(|text| text.ends_with(&format!("supernets of `{method}`.")));
            match (beaten, sentence) {
                (0, None) => {}
                (1.., Some(text)) => assert!(text.contains(&format!("in {beaten} of 3")), "{text}"),
                (beaten, sentence) => panic!("`{method}`: {beaten} of 3, but {sentence:?}"),
            }
        }
    }

    #[test]
    fn the_digest_depends_neither_on_the_order_of_tasks_nor_on_an_interruption() {
        let checked = smallest();
        let mut session = Session::open(&checked).expect("opens");
        let expected = stepped(&mut session);

        // The last task of every stage first, as a second thread might.
        let mut reversed = Session::open(&checked).expect("opens");
        let mut taken = Vec::new();
        while !reversed.is_complete() {
            while let Some(task) = reversed.take().expect("goes on") {
                taken.push(task);
            }
            let task = taken.pop().expect("a session that is not complete has a task");
            let mut work = (task.start)(&Device::flex()).expect("starts");
            let progress = pollster::block_on(work.advance(u64::MAX)).expect("advances");
            reversed.finish(&task.name, progress.outcome.expect("done")).expect("accepted");
        }
        assert_eq!(reversed.digest(), Some(expected.as_str()));

        // Every other outcome is known from before an interruption, as read back from JSON.
        let known: BTreeMap<String, Outcome> = session
            .outcomes()
            .iter()
            .step_by(2)
            .map(|(name, outcome)| {
                let text = serde_json::to_string(outcome).expect("plain data");
                (name.clone(), serde_json::from_str(&text).expect("reads back"))
            })
            .collect();
        assert_eq!(stepped(&mut Session::resume(&checked, known).expect("opens")), expected);
    }

    #[test]
    fn the_labs_of_transformers_are_those_that_say_so() {
        let names = |labs: Vec<&dyn Lab>| labs.into_iter().map(Lab::name).collect::<Vec<_>>();
        let say_so = super::all().iter().copied().filter(|lab| lab.needs_transformers()).collect();
        assert_eq!(names(super::transformers().to_vec()), names(say_so));
        for lab in super::all() {
            let own = |name: &str| lab.presets().iter().any(|preset| preset.name == name);
            assert!(lab.watched().is_none_or(own), "`{}` has its preset to watch", lab.name());
        }
    }

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
