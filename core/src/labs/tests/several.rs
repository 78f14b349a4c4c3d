//! Works that compute the parts of their steps on several devices: outcome, events and weights are those of one device.

use std::sync::atomic::Ordering;

use super::*;
use crate::labs::supernet_audit::parts::tests::Threads;

/// The end of a work on one device, and on as many as its steps have parts, on fewer, and on two with a halt after every two
/// steps.
pub(super) fn ends_as_on_one_device(begin: &dyn Fn() -> Box<dyn Work>, [steps, parts]: [usize; 2]) {
    let expected = end(begin, None);
    for (count, every) in [(parts, None), (2, None), (2, Some(2))] {
        let crew = Threads::new(count);
        let spread = || {
            let mut work = begin();
            assert!(work.spread(crew.clone()), "its steps have parts");
            work
        };
        assert_eq!(end(&spread, every), expected, "{count} devices, halts after {every:?} steps");
        assert_eq!(crew.jobs.load(Ordering::SeqCst), steps * parts, "every part was a job");
    }
}

#[test]
fn a_translation_on_several_devices_ends_as_on_one() {
    // A teacher's answers and dropout stay with their batch; five parts do not fill two devices.
    let taught = [
        "methods=sandwich",
        "training.accumulation=5",
        "training.dropout=0.2",
        "supernet.distillation=true",
        "training.clip_norm=0.5",
    ];
    ends_as_on_one_device(&|| translation(&taught, "supernet/sandwich"), [7, 5]);
    let routed = ["methods=neuron-wise", "training.accumulation=3", "training.router_learning_rate=3"];
    ends_as_on_one_device(&|| translation(&routed, "supernet/neuron-wise"), [7, 3]);
    ends_as_on_one_device(&|| translation(&routed, "standalone/"), [7, 3]);
}

#[test]
fn a_masked_language_model_on_several_devices_ends_as_on_one() {
    let taught = [
        "methods=neuron-wise",
        "training.accumulation=3",
        "training.dropout=0.2",
        "supernet.distillation=true",
    ];
    for task in ["supernet/neuron-wise", "standalone/"] {
        ends_as_on_one_device(&|| work("mos-bert-small", &[MASKED_LANGUAGE, &taught], task), [7, 3]);
    }
}

#[test]
fn a_lab_names_a_field_of_its_own_or_its_works_have_no_parts() {
    for (lab, _) in Registry::standard().presets() {
        let Some(key) = lab.parts() else { continue };
        assert!(lab.fields().iter().any(|field| field.key == key), "{}: `{key}`", lab.name());
    }
    assert!(!work("moe-rings", &[&["training.steps=4"]], "").spread(Threads::new(2)));
}
