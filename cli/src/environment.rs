//! What this program and this machine are: written beside every run, and told by `switchyard doctor`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::device::DeviceNames;
use crate::error::{Error, Result};

/// The version of the format of `environment.json`.
pub const SCHEMA_VERSION: u32 = 1;

/// The version of the tensor library; a test compares it with the workspace's manifest.
const BURN_VERSION: &str = "0.22.1";

/// Where a run was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The version of this format.
    pub schema_version: u32,
    /// The version of Switchyard.
    pub switchyard: String,
    /// The version of the tensor library, and its backend.
    pub backend: String,
    /// The device or devices, as after `--device`.
    pub device: String,
    /// `release` or `debug`.
    pub build: String,
    /// Which sources, as [`switchyard::BUILD`]; empty in a description that an older program wrote.
    #[serde(default)]
    pub build_id: String,
    /// The operating system.
    pub operating_system: String,
    /// The kind of processor.
    pub architecture: String,
    /// Vector instructions that the processor has and the backend may use.
    pub simd: Vec<String>,
    /// Cores that this process may use.
    pub cores: usize,
    /// Tasks worked on side by side.
    pub threads: usize,
    /// Memory of the machine in bytes, where it can be told.
    pub memory_bytes: Option<u64>,
    /// When the run began: seconds since 1970.
    pub started_at: u64,
}

impl Environment {
    /// This process on this machine.
    pub fn current(devices: &DeviceNames, threads: usize) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            switchyard: env!("CARGO_PKG_VERSION").to_owned(),
            backend: format!("burn {BURN_VERSION} {}", devices.first().kind()),
            device: devices.to_string(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            build_id: switchyard::BUILD.to_owned(),
            operating_system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            simd: simd(),
            cores: cores(),
            threads,
            memory_bytes: memory(),
            started_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        }
    }

    /// Reads `environment.json`.
    ///
    /// # Errors
    /// When it is missing or is not what this program writes.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::read(path))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::data(path, format!("this is no description of an environment: {error}; restore the file"))
        })
    }

    /// As a JSON file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("strings and integers are always valid JSON");
        bytes.push(b'\n');
        bytes
    }

    /// What may change the results, by name.
    fn relevant(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("switchyard", self.switchyard.clone()),
            ("backend", self.backend.clone()),
            ("build", self.build.clone()),
            ("build id", self.build_id.clone()),
            ("operating system", self.operating_system.clone()),
            ("architecture", self.architecture.clone()),
            ("simd", self.simd.join(" ")),
        ])
    }

    /// Sentences about what differs from another environment and may change the results.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let others = other.relevant();
        let pairs = self.relevant().into_iter().filter_map(|(name, mine)| {
            let theirs = others.get(name)?;
            (mine != *theirs).then(|| format!("{name}: the run began with `{mine}`, now it is `{theirs}`"))
        });
        pairs.collect()
    }

    /// Names and values for a table.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let memory = self.memory_bytes.map_or("unknown".to_owned(), bytes);
        let simd = if self.simd.is_empty() { "none".to_owned() } else { self.simd.join(" ") };
        [
            ("switchyard", self.switchyard.clone()),
            ("backend", self.backend.clone()),
            ("build", self.build.clone()),
            ("build id", self.build_id.clone()),
            ("operating system", self.operating_system.clone()),
            ("architecture", self.architecture.clone()),
            ("simd", simd),
            ("cores", self.cores.to_string()),
            ("threads", self.threads.to_string()),
            ("memory", memory),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    format!("{:.1} GiB", count as f64 / f64::from(1 << 30))
}

fn simd() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("sse4.2", std::is_x86_feature_detected!("sse4.2")),
        ("avx2", std::is_x86_feature_detected!("avx2")),
        ("fma", std::is_x86_feature_detected!("fma")),
        ("avx512f", std::is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(target_arch = "aarch64")]
    let found = [("neon", true)];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let found: [(&str, bool); 0] = [];
    found.into_iter().filter(|(_, present)| *present).map(|(name, _)| name.to_owned()).collect()
}

/// The machine's memory, where the system tells it in a file.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Free disk space for new files under `directory`, or under the nearest parent that exists.
pub fn free_disk(directory: &Path) -> Option<u64> {
    let mut place: PathBuf = std::path::absolute(directory).ok()?;
    while !place.exists() {
        place = place.parent()?.to_owned();
    }
    #[cfg(unix)]
    {
        let status = rustix::fs::statvfs(&place).ok()?;
        Some(status.f_bavail * status.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = place;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_tensor_library_is_the_one_in_the_manifest() {
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("burn = {{ version = \"={BURN_VERSION}\"")));
    }

    #[test]
    fn an_environment_comes_back_from_its_file() {
        let environment = Environment::current(&DeviceNames::default(), 2);
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("environment.json");
        crate::atomic::write(&path, &environment.to_bytes()).expect("the directory is writable");
        let read = Environment::read(&path).expect("it was written just now");
        assert_eq!(read, environment);
        assert!(environment.differences(&read).is_empty());
        let other = Environment { architecture: "abacus".into(), started_at: 0, ..read };
        let differences = environment.differences(&other);
        assert_eq!(differences.len(), 1, "the time of the start is no difference");
        assert!(differences[0].contains("abacus"));
    }
}
