//! Where tensors live: what stands after `--device`, what of it this program and this machine have, and opening it.
//!
//! A name is read once, and only names that this program was built for are read. Whether the machine has such a device
//! shows when it is opened, by a small sum. Backends panic where a driver or a kernel is missing; this is the one place
//! that turns their panics into sentences.

mod several;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use burn::prelude::{Device, Tensor};

use crate::driver::words_of;
use crate::error::{Error, Result};
pub use several::DeviceNames;

/// A device that this program can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeviceName {
    /// The processor.
    #[default]
    Flex,
    /// The processor, by an older backend, for comparison.
    Ndarray,
    /// A graphics processor by the system's own interface, of those that `switchyard doctor` lists; the fastest without
    /// a number.
    Wgpu(Option<usize>),
    /// A graphics processor by CUDA; the first without a number.
    Cuda(Option<usize>),
    /// The device that `switchyard serve-device` lends at this address, as in `ws://127.0.0.1:7700`.
    Remote(String),
}

/// The kinds of devices: the word on the command line, which is also the Cargo feature, and whether it is built in.
const KINDS: [(&str, bool); 5] = [
    ("flex", cfg!(feature = "flex")),
    ("ndarray", cfg!(feature = "ndarray")),
    ("wgpu", cfg!(feature = "wgpu")),
    ("cuda", cfg!(feature = "cuda")),
    ("remote", cfg!(feature = "remote")),
];

/// The kinds of devices that this program was built for.
pub fn built_in() -> Vec<&'static str> {
    KINDS.iter().filter(|(_, there)| *there).map(|(kind, _)| *kind).collect()
}

impl DeviceName {
    /// The kind's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu(_) => "wgpu",
            Self::Cuda(_) => "cuda",
            Self::Remote(_) => "remote",
        }
    }

    /// Opens the device and lets it compute a sum.
    ///
    /// # Errors
    /// When the machine has no such device, its driver is missing or does not work, or nobody answers at the address.
    pub fn open(&self) -> Result<Device> {
        let device = self.find()?;
        match carefully(|| sum(&device)) {
            Ok(Ok(3.0)) => Ok(device),
            Ok(Ok(wrong)) => Err(self.unusable(format!("it says that 1 + 2 is {wrong}; choose another device"))),
            Ok(Err(problem)) | Err(problem) => Err(self.unusable(format!(
                "it cannot be used: {problem}; see to its driver, or choose another of those that `switchyard doctor` \
                 lists"
            ))),
        }
    }

    fn find(&self) -> Result<Device> {
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => Ok(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated)] // The older backend is there to compare with.
            Self::Ndarray => Ok(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu(None) => {
                self.place(wgpu().len())?;
                Ok(Device::wgpu(burn::prelude::DeviceKind::DefaultDevice))
            }
            #[cfg(feature = "wgpu")]
            Self::Wgpu(Some(_)) => self.of(&wgpu()),
            #[cfg(feature = "cuda")]
            Self::Cuda(_) => self.of(&cuda()),
            #[cfg(feature = "remote")]
            Self::Remote(address) => connect(address).map_err(|problem| self.unusable(problem)),
            #[allow(unreachable_patterns)] // Reached in programs that leave a device out.
            missing => Err(missing.unusable(not_built_in(missing.kind()))),
        }
    }

    fn unusable(&self, problem: String) -> Error {
        Error::Device { device: self.to_string(), problem }
    }

    /// The device among those that were found.
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    fn of(&self, found: &[Device]) -> Result<Device> {
        Ok(found[self.place(found.len())?].clone())
    }

    /// The place of a graphics processor among `count` found ones of its kind.
    #[cfg(any(feature = "wgpu", feature = "cuda", test))]
    fn place(&self, count: usize) -> Result<usize> {
        let (Self::Wgpu(number) | Self::Cuda(number)) = self else { return Ok(0) };
        let place = number.unwrap_or(0);
        if place < count {
            return Ok(place);
        }
        let kind = self.kind();
        Err(self.unusable(match count {
            0 => format!(
                "no such device was found on this machine, or its driver is missing; without `--device {kind}` the run \
                 is on the processor"
            ),
            1 => format!("this machine has only `{kind}:0`"),
            _ => format!("this machine has only `{kind}:0` to `{kind}:{}`", count - 1),
        }))
    }
}

/// A device that was found, and what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As after `--device`.
    pub name: String,
    /// What the hardware calls itself, where it says so.
    pub part: Option<String>,
}

/// The devices of this machine that this program can compute on.
pub fn found() -> Vec<Found> {
    let processor = |name: &DeviceName| Found { name: name.to_string(), part: None };
    #[allow(unused_mut)] // No more are looked for in a program without other devices.
    let mut all: Vec<Found> = [DeviceName::Flex, DeviceName::Ndarray]
        .iter()
        .filter(|name| built_in().contains(&name.kind()))
        .map(processor)
        .collect();
    #[cfg(feature = "wgpu")]
    all.extend(
        wgpu().iter().enumerate().map(|(place, device)| graphics(DeviceName::Wgpu(Some(place)), device)),
    );
    #[cfg(feature = "cuda")]
    all.extend(
        cuda().iter().enumerate().map(|(place, device)| graphics(DeviceName::Cuda(Some(place)), device)),
    );
    all
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn graphics(name: DeviceName, device: &Device) -> Found {
    // A device that is there and does not open is told of, not left out.
    let part = carefully(|| device.identity())
        .map_or_else(|problem| Some(format!("does not open: {problem}")), |part| part.map(|part| part.name));
    Found { name: name.to_string(), part }
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Vec<Device> {
    carefully(|| Device::enumerate(burn::tensor::DeviceType::Wgpu)).map_or_else(|_| Vec::new(), all_of)
}

#[cfg(feature = "cuda")]
fn cuda() -> Vec<Device> {
    carefully(|| Device::enumerate(burn::tensor::DeviceType::Cuda)).map_or_else(|_| Vec::new(), all_of)
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn all_of(devices: burn::tensor::Devices) -> Vec<Device> {
    devices.into_iter().collect()
}

/// Opens a session with the program that lends its device.
#[cfg(feature = "remote")]
fn connect(address: &str) -> std::result::Result<Device, String> {
    use burn::remote::{ConnectError, RemoteHost};
    let opened = carefully(|| Device::remote_options(&RemoteHost::websocket(address)).init())?;
    opened.map_err(|error| match error {
        ConnectError::IncompatibleProtocol { .. } => {
            format!("{error}; run the same version of switchyard on both sides")
        }
        _ => format!("{error}; `switchyard serve-device` starts one"),
    })
}

/// 1 + 2, on the device and back.
fn sum(device: &Device) -> std::result::Result<f32, String> {
    let sum = Tensor::<1>::from_floats([1.0, 2.0], device).sum();
    let numbers = sum.try_into_vec_as::<f32>().map_err(|error| format!("{error:?}"))?;
    Ok(numbers[0])
}

/// Does what may panic inside a backend, on this thread or on one of the backend's own, and gives the words of the first
/// panic, which is the cause of those that follow.
fn carefully<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let first = Arc::new(Mutex::new(None));
    let heard = Arc::clone(&first);
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        let mut first = heard.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| words_of(panic.payload()));
    }));
    let result = catch_unwind(AssertUnwindSafe(work));
    set_hook(usual);
    result.map_err(|panic| {
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.unwrap_or_else(|| words_of(panic.as_ref()))
    })
}

fn not_built_in(kind: &str) -> String {
    format!("this program was built without it; build it with `cargo build --release --features {kind}`")
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wgpu(Some(number)) | Self::Cuda(Some(number)) => {
                write!(formatter, "{}:{number}", self.kind())
            }
            Self::Remote(address) => write!(formatter, "remote:{address}"),
            _ => formatter.write_str(self.kind()),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text.contains(',') {
            return Err(
                "one device is meant here; several compute the steps of `switchyard run` together".to_owned()
            );
        }
        let (kind, rest) = text.split_once(':').map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        let name = match kind {
            "flex" | "ndarray" if rest.is_some() => {
                return Err(format!("`{kind}` is one device and has no numbers; leave out what follows it"));
            }
            "flex" => Self::Flex,
            "ndarray" => Self::Ndarray,
            "wgpu" => Self::Wgpu(number(kind, rest)?),
            "cuda" => Self::Cuda(number(kind, rest)?),
            "remote" => Self::Remote(address(rest)?),
            _ => {
                let built_in = built_in().join(", ");
                return Err(format!("there is no such device; this program was built for {built_in}"));
            }
        };
        if built_in().contains(&kind) { Ok(name) } else { Err(not_built_in(kind)) }
    }
}

fn number(kind: &str, rest: Option<&str>) -> std::result::Result<Option<usize>, String> {
    let wrong = || format!("after `{kind}:` stands the number of a device, counted from 0, as in `{kind}:1`");
    rest.map(|rest| rest.parse::<u16>().map(usize::from).map_err(|_| wrong())).transpose()
}

fn address(rest: Option<&str>) -> std::result::Result<String, String> {
    let is_address = |address: &&str| {
        let place = address.strip_prefix("ws://").and_then(|place| place.rsplit_once(':'));
        place.is_some_and(|(host, port)| {
            !host.is_empty()
                && !host.contains(['/', '@', ' '])
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
    };
    rest.filter(is_address).map(str::to_owned).ok_or_else(|| {
        "after `remote:` stands the address that `switchyard serve-device` printed, as in `remote:ws://127.0.0.1:7700`"
            .to_owned()
    })
}

#[cfg(all(test, feature = "remote"))]
mod remote_tests;
#[cfg(test)]
mod tests;
