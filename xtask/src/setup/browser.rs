//! A browser of the Chromium family, to see that the page works.

use super::{apt_install, found, installing};
use crate::failure::Failure;
use crate::process;
use std::path::{Path, PathBuf};

const NAMES: [&str; 8] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "msedge",
];
const OTHER_PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const WHY: &str = "opens the page to check it";

/// Finds the browser, or installs Chromium where apt-get can.
pub fn ensure() -> Result<PathBuf, Failure> {
    if let Some(path) = search()? {
        found("browser", WHY, &path.display().to_string());
        return Ok(path);
    }
    if process::find("apt-get").is_none() {
        return Err(Failure::Setup(
            "no browser of the Chromium family was found. Install Chromium or Chrome, or name one in the environment variable CHROME, or leave the check out with `--skip browser`.".into(),
        ));
    }
    installing("chromium", WHY, "apt-get, about a minute");
    apt_install("chromium", &["chromium", "chromium-driver"])?;
    search()?.ok_or_else(|| Failure::Setup("apt-get installed chromium, but it is not on the PATH.".into()))
}

fn search() -> Result<Option<PathBuf>, Failure> {
    if let Some(chosen) = std::env::var_os("CHROME").filter(|value| !value.is_empty()) {
        let path = PathBuf::from(&chosen);
        let path = if path.is_file() { Some(path) } else { process::find(&chosen.to_string_lossy()) };
        return path.map(Some).ok_or_else(|| {
            Failure::Setup(format!("CHROME names {}, which is no program here.", chosen.to_string_lossy()))
        });
    }
    let elsewhere = || OTHER_PLACES.iter().map(Path::new).find(|path| path.is_file()).map(PathBuf::from);
    Ok(NAMES.iter().find_map(|name| process::find(name)).or_else(elsewhere))
}
