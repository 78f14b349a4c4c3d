//! Whether a run fits into the memory that is free, asked before anything is trained.

use std::path::{Path, PathBuf};

use switchyard::experiment::Demand;

use crate::device::{DeviceName, DeviceNames};
use crate::error::{Error, Result};

/// Bytes of a gigabyte, as it is said and as `--memory` counts.
const GIGABYTE: f64 = 1e9;

/// What a run has.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// Where its tensors are: of the memory of other devices nothing is known.
    pub devices: &'a DeviceNames,
    /// Tasks at work together.
    pub threads: usize,
    /// Gigabytes, as the user says.
    pub said: Option<f64>,
}

/// Refuses a run that does not fit, and says what would. A run whose demand is not estimated, or memory of which nothing is
/// known, is never refused.
///
/// # Errors
/// [`Error::Usage`].
pub fn check(demand: Option<&Demand>, room: Room<'_>) -> Result<()> {
    let is_here = matches!(room.devices.first(), DeviceName::Flex | DeviceName::Ndarray);
    let (Some(of_one), true) = (demand, is_here) else { return Ok(()) };
    let demand = of_one.divided(room.devices.count());
    let said = room.said.map(|gigabytes| gigabytes * GIGABYTE);
    match said.or_else(free) {
        Some(bytes) if demand.total(room.threads) > bytes => {
            let mut problem = refusal(&demand, room.threads, bytes, said.is_some());
            if room.devices.count() > 1 && of_one.total(1) <= bytes {
                problem
                    .push_str(&format!(". It would fit on one device, `--device {}`", room.devices.first()));
            }
            Err(Error::Usage { problem })
        }
        _ => Ok(()),
    }
}

fn refusal(demand: &Demand, threads: usize, bytes: f64, is_said: bool) -> String {
    let (needed, tasks) = (demand.total(threads), demand.at_once(threads));
    let batch = demand.task() - demand.learned;
    let each = if tasks == 1 {
        "for its one task".to_owned()
    } else {
        format!("for each of {tasks} tasks at a time")
    };
    let given = if is_said { "`--memory` gives" } else { "free are" };
    let mut ways = Vec::new();
    if let Some(fewer) = demand.threads_within(bytes, threads) {
        ways.push(format!("`--threads {fewer}`"));
    }
    let Demand { key, value, others, .. } = demand;
    for threads in [threads, 1] {
        if let Some(fits) = demand.value_within(bytes, threads).filter(|fits| fits < value) {
            let on_one = if threads == 1 && tasks > 1 { " and `--threads 1`" } else { "" };
            ways.push(format!("`--set {key}={fits}`{on_one}, which is another experiment"));
            break;
        }
    }
    let ways = match ways.as_slice() {
        [] => format!("No smaller `{key}` would help; lower {others}"),
        ways => format!("It would fit with {}; or lower {others}", ways.join(", or with ")),
    };
    let instead = if is_said { "" } else { ". If there is more than that, say how much with `--memory GB`" };
    format!(
        "this run needs up to {}, but {given} {}: {each} {} for weights, gradients and moments and {} for a batch; {} for \
         the program, the data and what is finished. {ways}{instead}",
        gigabytes(needed),
        gigabytes(bytes),
        gigabytes(demand.learned),
        gigabytes(batch),
        gigabytes(demand.kept),
    )
}

/// Bytes as people read them, with two or three digits.
fn gigabytes(bytes: f64) -> String {
    let value = bytes / GIGABYTE;
    if value >= 10.0 {
        format!("{value:.0} GB")
    } else if value >= 1.0 {
        format!("{value:.1} GB")
    } else {
        format!("{:.0} MB", bytes / 1e6)
    }
}

/// Bytes that this process may still take; nothing where that cannot be told.
fn free() -> Option<f64> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let of_machine = read(Path::new("/proc/meminfo")).and_then(|text| available(&text));
    let of_group = read(Path::new("/proc/self/cgroup")).and_then(|text| {
        let left = folders(&text).into_iter().filter_map(|folder| left(&folder, read));
        left.min_by(f64::total_cmp)
    });
    match (of_machine, of_group) {
        (Some(machine), Some(group)) => Some(machine.min(group)),
        (one, other) => one.or(other),
    }
}

/// What Linux says is available without swapping, from the text of `/proc/meminfo`.
fn available(meminfo: &str) -> Option<f64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(1024.0 * line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()?)
}

/// The folders that limit this process, from the text of `/proc/self/cgroup`: its own group's and those above.
fn folders(groups: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else { continue };
        let root = match controllers {
            "" => Path::new("/sys/fs/cgroup"),
            controllers if controllers.split(',').any(|name| name == "memory") => {
                Path::new("/sys/fs/cgroup/memory")
            }
            _ => continue,
        };
        let place = root.join(group.trim_start_matches('/'));
        folders.extend(place.ancestors().take_while(|folder| folder.starts_with(root)).map(Path::to_owned));
    }
    folders
}

/// What a group has left: its limit without what it uses, of which the pages of files can be given back. Version 2 names the
/// files otherwise than version 1.
fn left(folder: &Path, read: impl Fn(&Path) -> Option<String>) -> Option<f64> {
    let number = |name: &str| read(&folder.join(name))?.trim().parse::<f64>().ok();
    let (limit, used) = match number("memory.max") {
        Some(limit) => (limit, number("memory.current")?),
        None => (number("memory.limit_in_bytes")?, number("memory.usage_in_bytes")?),
    };
    let statistics = read(&folder.join("memory.stat")).unwrap_or_default();
    let of = |wanted: &str| {
        let found =
            statistics.lines().filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == wanted);
        found.and_then(|(_, number)| number.trim().parse::<f64>().ok())
    };
    let files = of("total_inactive_file").or_else(|| of("inactive_file")).unwrap_or(0.0);
    Some((limit - (used - files).max(0.0)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand() -> Demand {
        Demand {
            kept: 0.1e9,
            ended: 0.2e9,
            learned: 1e9,
            each: 1e6,
            measured: 0.2e9,
            waiting: 0.5e9,
            key: "training.tokens",
            value: 4000,
            least: 50,
            tasks: 6,
            others: "`space.encoder_ffn`",
        }
    }

    fn refused(said: f64, threads: usize) -> String {
        let room = Room { devices: &DeviceNames::default(), threads, said: Some(said) };
        check(Some(&demand()), room).expect_err("it does not fit").to_string()
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let fits = |demand: Option<&Demand>, device: &str, said: f64| {
            let devices = &device.parse().expect("built in");
            check(demand, Room { devices, threads: 2, said: Some(said) }).is_ok()
        };
        assert!(fits(Some(&demand()), "flex", 10.2) && !fits(Some(&demand()), "flex", 10.0));
        assert!(fits(None, "flex", 0.001), "nothing is known of what it needs");
        #[cfg(feature = "cuda")]
        assert!(fits(Some(&demand()), "cuda", 0.001), "nothing is known of what there is");
        let two = refused(8.1, 2);
        for part in [
            "needs up to 10 GB, but `--memory` gives 8.1 GB",
            "for each of 2 tasks at a time 1.0 GB for weights, gradients and moments and 4.0 GB for a batch",
            "It would fit with `--threads 1`, or with `--set training.tokens=3000`, which is another experiment",
        ] {
            assert!(two.contains(part), "`{two}` should say `{part}`");
        }
        let one = refused(1.6, 2);
        assert!(one.contains("with `--set training.tokens=500` and `--threads 1`"), "{one}");
        assert!(!one.contains("with `--threads"), "{one}");
        let none = refused(0.5, 1);
        assert!(
            none.contains("No smaller `training.tokens` would help; lower `space.encoder_ffn`"),
            "{none}"
        );
    }

    #[test]
    fn several_devices_that_share_the_memory_need_a_batch_each_and_one_may_be_enough() {
        let devices: DeviceNames = "flex,flex".parse().expect("built in");
        let room = |said| Room { devices: &devices, threads: 1, said: Some(said) };
        // 0.1 kept, 1 learned, and for each device 0.5 that waits and a batch of 4.
        assert!(check(Some(&demand()), room(10.2)).is_ok());
        let refused = check(Some(&demand()), room(10.0)).expect_err("it does not fit").to_string();
        for part in ["needs up to 10 GB", "2.0 GB for weights, gradients and moments and 8.0 GB for a batch"]
        {
            assert!(refused.contains(part), "`{refused}` should say `{part}`");
        }
        assert!(refused.contains("It would fit on one device, `--device flex`"), "{refused}");
    }

    #[test]
    fn free_memory_is_read_as_linux_writes_it() {
        let meminfo = "MemTotal:       24689764 kB\nMemFree:          340 kB\nMemAvailable:    2000 kB\n";
        assert_eq!(available(meminfo), Some(2_048_000.0));
        assert_eq!(available("MemTotal: 5 kB\n"), None);
        let found = folders("12:cpu,memory:/docker/a\n3:pids:/x\n0::/user.slice/b\n");
        let expected = [
            "/sys/fs/cgroup/memory/docker/a",
            "/sys/fs/cgroup/memory/docker",
            "/sys/fs/cgroup/memory",
            "/sys/fs/cgroup/user.slice/b",
            "/sys/fs/cgroup/user.slice",
            "/sys/fs/cgroup",
        ];
        assert_eq!(found, expected.map(PathBuf::from));
        let files = |files: &'static [(&str, &str)]| {
            let read = move |path: &Path| {
                files
                    .iter()
                    .find(|(name, _)| Path::new("/g").join(name) == path)
                    .map(|(_, text)| (*text).to_owned())
            };
            left(Path::new("/g"), read)
        };
        assert_eq!(files(&[("memory.max", "max\n"), ("memory.current", "5\n")]), None, "no limit");
        let second = [
            ("memory.max", "1000\n"),
            ("memory.current", "700\n"),
            ("memory.stat", "anon 300\ninactive_file 400\n"),
        ];
        assert_eq!(files(Box::leak(Box::new(second))), Some(700.0));
        let first = [("memory.limit_in_bytes", "1000\n"), ("memory.usage_in_bytes", "1200\n")];
        assert_eq!(files(Box::leak(Box::new(first))), Some(0.0));
        assert_eq!(files(&[]), None);
    }
}
