//! `switchyard play`: serves the playground to a browser on this machine, and shows a run that is followed.

use std::path::Path;
use std::thread;

use serde_json::{Value, json};
use switchyard::experiment::{Link, Registry, Showing};

use crate::arguments::PlayArguments;
use crate::error::{Error, Result};
use crate::interrupt;
use crate::reporter::{Answer, Reporter, Style};
use crate::server::{Server, Site};
use crate::source;
use crate::watch::Followed;

/// The ports that are tried when the user names none; after them, any free one.
const USUAL_PORTS: std::ops::Range<u16> = 8080..8100;

/// Prints the page's address and answers until Ctrl-C.
///
/// # Errors
/// When the experiment does not check, there is no page, or the port is taken.
pub fn play(arguments: &PlayArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let fragment = arguments.experiment.as_deref().map(fragment).transpose()?.unwrap_or_default();
    let base = base(&arguments.path)?;
    let followed = arguments.follow.as_deref().map(Followed::open).transpose()?;
    let site = match site(arguments.folder.as_deref()) {
        // The page that follows a run does not need the playground.
        Err(_) if followed.is_some() && arguments.folder.is_none() => Site::nothing(),
        site => site?,
    };
    let mut server = bind(&site, &base, arguments.port)?;
    let address = server
        .url()
        .map_err(|error| Error::Unexpected { problem: format!("the server has no address: {error}") })?;
    let interrupted = interrupt::messages()?;
    let shown = if followed.is_some() { "follow/" } else { "" };
    let following = followed.as_ref().map(Followed::name);
    if let Some(run) = followed {
        server.follow(run);
    }
    reporter.answer(&Playing { url: format!("{address}{shown}{fragment}"), following })?;
    reporter.note("The page is for this machine only. Stop with Ctrl-C.");
    thread::spawn(move || server.serve());
    interrupted.recv().map_err(|_| Error::Unexpected { problem: "the wait for Ctrl-C ended".to_owned() })
}

/// The part of the address that holds an experiment: a link's own, or that of whatever else was named.
fn fragment(text: &str) -> Result<String> {
    let registry = Registry::standard();
    if Link::is_link(text) {
        return Ok(Link::parse(&registry, text)?.fragment());
    }
    let found = source::resolve_or_directory(&registry, text, &[], None)?;
    Ok(registry.link(&found.checked, Showing::default())?.fragment())
}

/// The path with a slash at both ends.
fn base(path: &str) -> Result<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if parts.iter().any(|part| matches!(*part, "." | "..") || !part.bytes().all(is_plain)) {
        return Err(Error::Usage {
            problem: format!(
                "`--path {path}`: a path is made of letters, digits, `-`, `.`, `_` and `~` between slashes, as in `/play/`"
            ),
        });
    }
    Ok(if parts.is_empty() { "/".to_owned() } else { format!("/{}/", parts.join("/")) })
}

/// The page in the folder, or the one inside this program.
fn site(folder: Option<&Path>) -> Result<Site> {
    let Some(folder) = folder else {
        return Site::embedded().ok_or_else(|| Error::Usage {
            problem: "this program was built without the page. Name a built one with `--folder DIR`, or build both in a clone of Switchyard with `cargo xtask play` or `cargo xtask release`".to_owned(),
        });
    };
    if !folder.is_dir() {
        return Err(Error::data(folder, "there is no such directory; name the folder of a built page"));
    }
    if !folder.join("index.html").is_file() {
        return Err(Error::data(
            folder,
            "there is no index.html in it, so it holds no page. `cargo xtask page` builds one into web/dist",
        ));
    }
    Ok(Site::Folder(folder.to_owned()))
}

fn bind(site: &Site, base: &str, port: Option<u16>) -> Result<Server> {
    let Some(port) = port else {
        let first = USUAL_PORTS.chain([0]).find_map(|port| Server::bind(site.clone(), base, port).ok());
        return first.ok_or_else(|| Error::Usage { problem: "no port of this machine is free".to_owned() });
    };
    Server::bind(site.clone(), base, port).map_err(|error| Error::Usage {
        problem: format!(
            "`--port {port}` cannot be used: {error}. Choose another port, or leave it out to get a free one"
        ),
    })
}

struct Playing {
    url: String,
    /// The run directory that is followed.
    following: Option<String>,
}

impl Answer for Playing {
    fn text(&self, _style: Style) -> String {
        self.url.clone()
    }

    fn json(&self) -> Value {
        json!({ "url": self.url, "following": self.following })
    }

    fn brief(&self) -> String {
        self.url.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_path_gets_its_slashes_and_keeps_nothing_odd() {
        for (path, expected) in [("", "/"), ("/", "/"), ("sub", "/sub/"), ("/a/b/", "/a/b/"), ("//a", "/a/")]
        {
            assert_eq!(base(path).unwrap(), expected);
        }
        for path in ["/../", "a b", "/a\r\nb/", "/a?b/", "/%2e/", "/ä/"] {
            assert!(base(path).is_err(), "{path}");
        }
    }

    #[test]
    fn whatever_names_an_experiment_becomes_the_same_fragment() {
        let expected = "#v=1&run=mos-tiny";
        for text in ["mos-tiny", "#v=1&run=mos-tiny", "https://example.org/x/#v=1&run=mos-tiny"] {
            assert_eq!(fragment(text).unwrap(), expected);
        }
        assert_eq!(fragment("#v=1&run=mos-tiny&t=3&ui=lesson").unwrap(), "#v=1&run=mos-tiny&t=3&ui=lesson");
        assert!(fragment("#v=1&run=mos-tiny&seedz=1").is_err());
    }

    #[cfg(not(feature = "playground"))]
    #[test]
    fn a_program_without_the_page_says_how_to_get_one() {
        let problem = site(None).unwrap_err().to_string();
        assert!(problem.contains("--folder") && problem.contains("cargo xtask play"), "{problem}");
    }
}
