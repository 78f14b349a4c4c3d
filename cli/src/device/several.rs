//! What stands after `--device` of a run: one device, or several of one kind that compute each step together.

use std::fmt;
use std::str::FromStr;

use burn::prelude::Device;
use switchyard::experiment::{Checked, Registry, Value};

use super::DeviceName;
use crate::environment::cores;
use crate::error::{Error, Result};

/// One device or more, all of one kind. The same one may be there several times: it then computes as many parts at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceNames(Vec<DeviceName>);

impl DeviceNames {
    /// The first, on which a run does what has no parts.
    pub fn first(&self) -> &DeviceName {
        &self.0[0]
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Opens all, in order.
    ///
    /// # Errors
    /// As [`DeviceName::open`], of the first that does not open.
    pub fn open(&self) -> Result<Vec<Device>> {
        self.0.iter().map(DeviceName::open).collect()
    }

    /// How many tasks are at work together: as many as asked for, or as there are cores; on several devices one, which has
    /// them all. With it a remark where devices wait in every step.
    ///
    /// # Errors
    /// When these devices cannot compute the run's steps together.
    pub fn tasks(
        &self,
        threads: Option<u16>,
        checked: &Checked,
        registry: &Registry,
    ) -> Result<(usize, Option<String>)> {
        let count = self.count();
        if count == 1 {
            return Ok((threads.map_or_else(cores, usize::from), None));
        }
        if let Some(threads) = threads.filter(|threads| *threads > 1) {
            let problem = format!(
                "`--device {self}` computes one task at a time on all its devices, and `--threads {threads}` asks for \
                 several tasks; leave one of the two out"
            );
            return Err(Error::Usage { problem });
        }
        let Some(key) = checked.lab().parts() else {
            let able = registry.labs().iter().filter(|lab| lab.parts().is_some());
            let able: Vec<&str> = able.map(|lab| lab.name()).collect();
            let problem = format!(
                "`--device {self}`: a step of `{}` has no parts that several devices could compute; the steps of these \
                 labs have: {}. Name one device; `--threads` does several tasks side by side",
                checked.preset().name,
                able.join(", ")
            );
            return Err(Error::Usage { problem });
        };
        let parts = match checked.value(key) {
            Some(Value::Integer(parts)) => usize::try_from(*parts).unwrap_or(1),
            _ => 1,
        };
        if parts < count {
            let are = if parts == 1 { "1 part".to_owned() } else { format!("{parts} parts") };
            let problem = format!(
                "`--device {self}`: a step of this run has {are} (`{key}`), so {} of {count} devices would have nothing to \
                 do. Name fewer devices, or divide a step into more parts with `--set {key}={count}`, which is another \
                 experiment: its steps have {count} batches, each of which may then be smaller",
                count - parts
            );
            return Err(Error::Usage { problem });
        }
        let idle = (count - parts % count) % count;
        let remark = (idle > 0).then(|| {
            let waits = if idle == 1 { "1 device waits".to_owned() } else { format!("{idle} devices wait") };
            format!(
                "note: a step has {parts} parts (`{key}`) for {count} devices, so {waits} during its last parts"
            )
        });
        Ok((1, remark))
    }
}

impl Default for DeviceNames {
    fn default() -> Self {
        Self(vec![DeviceName::default()])
    }
}

impl fmt::Display for DeviceNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            write!(formatter, "{}{name}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for DeviceNames {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let names: Vec<DeviceName> =
            text.split(',').map(str::parse).collect::<std::result::Result<_, _>>()?;
        let kind = names[0].kind();
        match names.iter().find(|name| name.kind() != kind) {
            Some(other) => Err(format!(
                "`{}` and `{other}` are of two kinds, which round differently, so the result could not be repeated on one \
                 of them; name devices of one kind",
                names[0]
            )),
            None => Ok(Self(names)),
        }
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use switchyard::experiment::Experiment;

    use super::*;

    fn names(text: &str) -> DeviceNames {
        text.parse().expect("built in")
    }

    fn tasks(device: &str, threads: Option<u16>, preset: &str, parts: u64) -> (usize, String) {
        let registry = Registry::standard();
        let mut experiment = Experiment::new(preset);
        if parts > 0 {
            let set = format!("training.accumulation={parts}");
            registry.set(&mut experiment, &set).expect("a field of the lab");
        }
        let checked = registry.check(&experiment).expect("valid");
        match names(device).tasks(threads, &checked, &registry) {
            Ok((tasks, remark)) => (tasks, remark.unwrap_or_default()),
            Err(error) => (0, error.to_string()),
        }
    }

    #[test]
    fn a_list_comes_back_as_it_was_written_and_is_of_one_kind() {
        for text in ["flex", "flex,flex", "flex,flex,flex"] {
            assert_eq!((names(text).to_string().as_str(), names(text).first()), (text, &DeviceName::Flex));
        }
        assert_eq!(names("flex,flex").count(), 2);
        for wrong in ["flex,", ",flex", "flex,abacus", "flex;flex"] {
            assert!(wrong.parse::<DeviceNames>().is_err_and(|problem| problem.contains("flex")), "{wrong}");
        }
        let mixed = "flex,ndarray".parse::<DeviceNames>().expect_err("two kinds, or one that is not there");
        let expected = if cfg!(feature = "ndarray") { "of two kinds" } else { "--features ndarray" };
        assert!(mixed.contains(expected), "{mixed}");
        assert_eq!(names("flex,flex").open().expect("the processor is always there").len(), 2);
    }

    #[test]
    fn several_devices_need_as_many_parts_and_have_one_task_at_a_time() {
        assert_eq!(tasks("flex", Some(3), "mos-tiny", 0), (3, String::new()));
        assert_eq!(tasks("flex", None, "mos-tiny", 0), (cores(), String::new()));
        for preset in ["mos-mt-small", "mos-bert-small"] {
            assert_eq!(tasks("flex,flex", None, preset, 4), (1, String::new()));
        }
        assert_eq!(tasks("flex,flex", Some(1), "mos-mt-small", 2), (1, String::new()));
        let cases = [
            (
                "flex,flex,flex",
                None,
                "mos-mt-small",
                4,
                (1, "4 parts (`training.accumulation`) for 3 devices"),
            ),
            ("flex,flex,flex", None, "mos-mt-small", 4, (1, "so 2 devices wait")),
            ("flex,flex", None, "mos-mt-small", 3, (1, "so 1 device waits")),
            ("flex,flex", None, "mos-mt-small", 1, (0, "has 1 part (`training.accumulation`), so 1 of 2")),
            ("flex,flex,flex,flex", None, "mos-mt-small", 2, (0, "--set training.accumulation=4")),
            ("flex,flex", Some(2), "mos-mt-small", 2, (0, "`--threads 2` asks for several tasks")),
            ("flex,flex", None, "mos-tiny", 0, (0, "labs have: translation, masked-language")),
            ("flex,flex", None, "router-live", 0, (0, "a step of `router-live` has no parts")),
        ];
        for (device, threads, preset, parts, (expected, words)) in cases {
            let (found, said) = tasks(device, threads, preset, parts);
            assert!(found == expected && said.contains(words), "{found} `{said}` should say `{words}`");
        }
    }
}
