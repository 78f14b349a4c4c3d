//! The link of an experiment: a URL whose fragment holds the preset's name and what differs from it.
//!
//! `#v=1&run=mos-digits&supernet.experts=4&seed=7&t=1200&ui=lesson`: names and never indices, only what differs.
//! What cannot be read is refused with its key; nothing is dropped, so a link that opens means what it says.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::registry::exact_integer;
use super::{Checked, Experiment, Registry};
use crate::{Error, Result};

/// The version of the link format that this build writes and reads.
pub const VERSION: u32 = 1;

/// The most characters a fragment may have.
pub const LENGTH_BUDGET: usize = 8_000;

/// Words of the link format: no lab may use them as the first part of a key.
pub const RESERVED: [&str; 8] = ["v", "run", "seed", "t", "ui", "digest", "build", "versus"];

/// What the keys of a second run begin with: `versus.supernet.experts=4`.
const VERSUS: &str = "versus.";

/// What is written as `%XX`: everything but letters, digits and signs that neither URLs nor this format give a
/// meaning to.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',').remove(b':');

/// An experiment with what a link says about showing it.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The experiment, in its normal form.
    pub experiment: Experiment,
    /// A second experiment of the same preset to see beside it, in its normal form; the link holds only what differs
    /// from the first (`versus.KEY=value`).
    pub versus: Option<Experiment>,
    /// Run to this step, then pause (`t`).
    pub until: Option<u64>,
    /// What the page shows or hides, for a lesson (`ui`).
    pub ui: Option<String>,
    /// The digest of the result that whoever made the link saw, in lower-case hexadecimal, or its beginning.
    pub digest: Option<String>,
    /// The build that the digest was computed by, as [`crate::BUILD`] or its beginning: another build may differ in
    /// the last digits of a loss.
    pub build: Option<String>,
}

/// What a link says about showing a run, beside the experiment itself; every part as in [`Link`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Showing<'a> {
    /// A second experiment to see beside it.
    pub versus: Option<&'a Checked>,
    /// Run to this step, then pause.
    pub until: Option<u64>,
    /// What the page shows or hides.
    pub ui: Option<&'a str>,
    /// The digest of the result, or its beginning.
    pub digest: Option<&'a str>,
    /// The build that the digest was computed by.
    pub build: Option<&'a str>,
}

impl Registry {
    /// The link of a checked experiment.
    ///
    /// # Errors
    /// When a part of `showing` could not be read back, the second experiment is of another preset, or the link would
    /// be too long.
    pub fn link(&self, checked: &Checked, showing: Showing<'_>) -> Result<Link> {
        let Showing { versus, until, ui, digest, build } = showing;
        if versus.is_some_and(|other| other.preset().name != checked.preset().name) {
            return Err(malformed("two runs side by side must be of the same preset"));
        }
        let link = Link {
            experiment: checked.experiment().clone(),
            versus: versus.map(|other| other.experiment().clone()),
            until: until.map(|step| exact_integer("t", &step.to_string())).transpose()?,
            ui: ui.map(check_ui).transpose()?,
            digest: digest.map(check_digest).transpose()?,
            build: build.map(check_build).transpose()?,
        };
        check_length(link.fragment().trim_start_matches('#'))?;
        Ok(link)
    }
}

impl Link {
    /// The link's text from `#` on, in the one canonical order.
    pub fn fragment(&self) -> String {
        let mut text = format!("#v={VERSION}");
        let mut add = |key: &str, value: &str| {
            text.push('&');
            text.extend(utf8_percent_encode(key, ENCODED));
            text.push('=');
            text.extend(utf8_percent_encode(value, ENCODED));
        };
        add("run", &self.experiment.preset);
        for (key, value) in &self.experiment.overrides {
            add(key, &value.to_string());
        }
        if self.experiment.seed != 0 {
            add("seed", &self.experiment.seed.to_string());
        }
        for (key, value) in self.differences() {
            add(&format!("{VERSUS}{key}"), &value);
        }
        if let Some(step) = self.until {
            add("t", &step.to_string());
        }
        if let Some(ui) = &self.ui {
            add("ui", ui);
        }
        if let Some(digest) = &self.digest {
            add("digest", digest);
        }
        if let Some(build) = &self.build {
            add("build", build);
        }
        text
    }

    /// What the second experiment sets differently, key and text, in order; a second run that is like the first still
    /// names its seed, so that there is one. A field that only the first sets has no text in the second's normal
    /// form: it goes back to the preset, which is written as an empty text.
    fn differences(&self) -> Vec<(String, String)> {
        let Some(versus) = &self.versus else { return Vec::new() };
        let keys: std::collections::BTreeSet<&String> =
            self.experiment.overrides.keys().chain(versus.overrides.keys()).collect();
        let mut differing: Vec<(String, String)> = keys
            .into_iter()
            .filter(|key| self.experiment.overrides.get(*key) != versus.overrides.get(*key))
            .map(|key| (key.clone(), versus.overrides.get(key).map(ToString::to_string).unwrap_or_default()))
            .collect();
        if versus.seed != self.experiment.seed || differing.is_empty() {
            differing.push(("seed".to_owned(), versus.seed.to_string()));
        }
        differing
    }

    /// The whole address, on a page at `base`; what `base` has from `#` on is left out.
    pub fn url(&self, base: &str) -> String {
        let page = base.split_once('#').map_or(base, |(page, _)| page);
        format!("{page}{}", self.fragment())
    }

    /// Whether a text is meant as a link (and not as a preset's name or a file).
    pub fn is_link(text: &str) -> bool {
        let text = text.trim();
        text.starts_with('#')
            || text.starts_with("v=")
            || ["://", "#v=", "#run=", "&v=", "&run="].iter().any(|sign| text.contains(sign))
    }

    /// Reads a whole address, `#…`, or the bare fragment.
    ///
    /// # Errors
    /// When it is of another version, a key is missing, unknown or given twice, or a value cannot be read or is
    /// out of range; the error names the key.
    pub fn parse(registry: &Registry, text: &str) -> Result<Self> {
        let fragment = fragment_of(text.trim())?;
        check_length(fragment)?;
        check_version(fragment)?;
        let mut pairs = read_pairs(fragment)?;
        pairs.remove("v");
        let preset = pairs.remove("run").ok_or_else(|| malformed("`run` is missing; it names the preset"))?;
        registry.find(&preset)?;
        let until = pairs.remove("t").map(|text| exact_integer("t", &text)).transpose()?;
        let ui = pairs.remove("ui").map(|text| check_ui(&text)).transpose()?;
        let digest = pairs.remove("digest").map(|text| check_digest(&text)).transpose()?;
        let build = pairs.remove("build").map(|text| check_build(&text)).transpose()?;
        let mut experiment = Experiment::new(preset);
        let (second, first): (Vec<_>, Vec<_>) = pairs.iter().partition(|(key, _)| key.starts_with(VERSUS));
        for (key, value) in first {
            registry.assign(&mut experiment, key, value)?;
        }
        let experiment = registry.check(&experiment)?.experiment().clone();
        let versus = read_versus(registry, &experiment, &second)?;
        Ok(Self { experiment, versus, until, ui, digest, build })
    }
}

/// The second experiment: the first with some keys changed; an empty text takes the preset's value.
fn read_versus(
    registry: &Registry,
    first: &Experiment,
    pairs: &[(&String, &String)],
) -> Result<Option<Experiment>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let mut versus = first.clone();
    for (key, value) in pairs {
        let key = key.strip_prefix(VERSUS).unwrap_or(key);
        if value.is_empty() && versus.overrides.remove(key).is_some() {
            continue;
        }
        registry.assign(&mut versus, key, value)?;
    }
    Ok(Some(registry.check(&versus)?.experiment().clone()))
}

/// The part after `#`, or the whole text when it is a bare fragment.
fn fragment_of(text: &str) -> Result<&str> {
    let Some((page, fragment)) = text.split_once('#') else {
        if text.contains("://") {
            return Err(malformed("the address has no `#` part, which is where the experiment stands"));
        }
        return Ok(text);
    };
    let is_address = page.is_empty()
        || page.starts_with(['/', '.'])
        || page
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_address {
        Ok(fragment)
    } else {
        Err(malformed(format!("what stands before `#` is no address: `{page}`")))
    }
}

fn check_length(fragment: &str) -> Result<()> {
    let length = fragment.chars().count();
    if length > LENGTH_BUDGET {
        return Err(malformed(format!(
            "it has {length} characters, but at most {LENGTH_BUDGET} are allowed; use a TOML file instead"
        )));
    }
    Ok(())
}

/// Looks at the version before anything else, because another version may write everything else differently.
fn check_version(fragment: &str) -> Result<()> {
    match fragment.split('&').find_map(|part| part.strip_prefix("v=")) {
        Some(found) if found == VERSION.to_string() => Ok(()),
        Some(found) => Err(Error::LinkVersion { found: found.to_owned(), supported: VERSION }),
        None => Err(malformed(format!("`v` is missing; a link begins with `v={VERSION}`"))),
    }
}

fn read_pairs(fragment: &str) -> Result<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for (index, part) in fragment.split('&').enumerate() {
        if part.is_empty() {
            return Err(malformed(format!("part {} between the `&` signs is empty", index + 1)));
        }
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| malformed(format!("`{part}` has no `=`; write `key=value`")))?;
        let (key, value) = (decode(key, key)?, decode(key, value)?);
        if pairs.insert(key.clone(), value).is_some() {
            return Err(Error::DuplicateKey { key });
        }
    }
    Ok(pairs)
}

/// Undoes `%XX`, and refuses a `%` that begins no such thing or bytes that are no UTF-8.
fn decode(key: &str, text: &str) -> Result<String> {
    for (at, _) in text.match_indices('%') {
        let digits = text.as_bytes().get(at + 1..at + 3).unwrap_or_default();
        if digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(malformed(format!(
                "`{key}` has a `%` that is not followed by two hexadecimal digits"
            )));
        }
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(Into::into)
        .map_err(|_| malformed(format!("`{key}` is not UTF-8 once its `%` signs are read")))
}

fn check_ui(text: &str) -> Result<String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b":,_-.".contains(&byte);
    let range = "1 to 512 characters out of a-z, 0-9, `:`, `,`, `.`, `_` and `-`";
    check_text("ui", text, range, (1..=512).contains(&text.len()) && text.bytes().all(allowed))
}

fn check_build(text: &str) -> Result<String> {
    let allowed = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let range = "4 to 16 hexadecimal digits in lower case";
    check_text("build", text, range, (4..=16).contains(&text.len()) && text.bytes().all(allowed))
}

fn check_digest(text: &str) -> Result<String> {
    let allowed = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let range = "8 to 64 hexadecimal digits in lower case";
    check_text("digest", text, range, (8..=64).contains(&text.len()) && text.bytes().all(allowed))
}

fn check_text(key: &str, text: &str, range: &str, fits: bool) -> Result<String> {
    if fits {
        return Ok(text.to_owned());
    }
    Err(Error::OutOfRange { key: key.to_owned(), value: format!("`{text}`"), range: range.to_owned() })
}

fn malformed(problem: impl Into<String>) -> Error {
    Error::MalformedLink { problem: problem.into() }
}
