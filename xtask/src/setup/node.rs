//! Node.js and npm: they run the page's tests, and WebAssembly outside a browser.

use super::{apt_install, found, installing};
use crate::failure::Failure;
use crate::process;
use std::path::PathBuf;

/// The oldest version that the tests' packages run on.
const OLDEST: (u32, u32) = (18, 19);
const WHY: &str = "runs the page's tests and WebAssembly";

/// The two programs.
#[derive(Debug, Clone)]
pub struct Node {
    /// Node.js.
    pub node: PathBuf,
    /// Its package manager.
    pub npm: PathBuf,
}

/// Finds both, or installs them where apt-get can.
pub fn ensure() -> Result<Node, Failure> {
    if let Some((node, version)) = search() {
        found("Node.js", WHY, &version);
        return Ok(node);
    }
    if process::find("apt-get").is_some() {
        installing("nodejs, npm", WHY, "apt-get, about a minute");
        apt_install("Node.js", &["nodejs", "npm"])?;
    }
    search().map(|(node, _)| node).ok_or_else(|| {
        Failure::Setup(format!("Node.js {}.{} or newer with npm was not found. Install it from https://nodejs.org, or leave out what needs it with `--skip parity,browser`.", OLDEST.0, OLDEST.1))
    })
}

/// Both programs and the version, when the version is new enough.
fn search() -> Option<(Node, String)> {
    let node = process::find("node")?;
    let npm = process::find("npm")?;
    let version = process::read(process::program(&node).arg("--version"))?.trim().to_owned();
    (number(&version)? >= OLDEST).then_some((Node { node, npm }, version))
}

/// The first two numbers of `v20.1.0`.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(number("v20.20.2"), Some((20, 20)));
        assert!(number("v18.20.4") >= Some(OLDEST) && number("v18.9.0") < Some(OLDEST));
        assert_eq!(number("20.0.0"), None);
    }
}
