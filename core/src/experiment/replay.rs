//! Whether a run came out as its link promised. Everyone who opens a link says it in these words.

use super::Link;

/// What a link says about its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The digest, or its beginning.
    digest: String,
    /// The build it was computed by, or its beginning.
    build: Option<String>,
    /// The step it was taken at; nothing for the end of the run.
    until: Option<u64>,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Bit for bit the same.
    Exact,
    /// Not the same bits, and made by another build, or by a build for another kind of machine.
    Approximate,
    /// Not the same bits, though made by the same build.
    Differs,
}

impl Promise {
    /// A promise as a link states it.
    pub fn new(digest: String, build: Option<String>, until: Option<u64>) -> Self {
        Self { digest, build, until }
    }

    /// The promise of a link, if it has a digest.
    pub fn of(link: &Link) -> Option<Self> {
        Some(Self::new(link.digest.clone()?, link.build.clone(), link.until))
    }

    /// The step in the middle of a run that the promise is about, if the run goes beyond it: the digest is then one of
    /// the state at this step and cannot be compared with a result.
    pub fn step_before(&self, end: u64) -> Option<u64> {
        self.until.filter(|until| *until < end)
    }

    /// What becomes of it when a run stands at `step` with `digest`; nothing when that is not where it was made.
    pub fn keep(&self, step: u64, digest: &str, complete: bool) -> Option<Replay> {
        let is_there = self.until.map_or(complete, |until| until == step || (complete && step < until));
        if !is_there {
            return None;
        }
        let same_build = self.build.as_ref().is_some_and(|build| crate::BUILD.starts_with(build.as_str()));
        Some(match (digest.starts_with(&self.digest), same_build) {
            (true, _) => Replay::Exact,
            (false, true) => Replay::Differs,
            (false, false) => Replay::Approximate,
        })
    }
}

impl Replay {
    /// A word for programs and style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximate => "approximate",
            Self::Differs => "differs",
        }
    }

    /// The words that people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Exact => "exact replay",
            Self::Approximate => "approximate (other build)",
            Self::Differs => "differs",
        }
    }

    /// What the words mean.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Exact => "This run is the linked one, bit for bit.",
            Self::Approximate => {
                "The link was made by another build, or on another kind of machine, so the last digits of its \
                 numbers may differ from these."
            }
            Self::Differs => {
                "The link was made by this build, but its result has another digest. Was it changed by hand, or \
                 made on a processor with other vector instructions?"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef0123";

    fn promise(digest: &str, build: Option<&str>, until: Option<u64>) -> Promise {
        Promise::new(digest.to_owned(), build.map(str::to_owned), until)
    }

    #[test]
    fn the_same_digest_is_exact_whoever_made_it_and_another_depends_on_the_build() {
        let (own, other) = (&crate::BUILD[..8], "ffffffff");
        for build in [None, Some(own), Some(other)] {
            assert_eq!(promise("01234567", build, None).keep(9, DIGEST, true), Some(Replay::Exact));
        }
        assert_eq!(promise("ff234567", Some(own), None).keep(9, DIGEST, true), Some(Replay::Differs));
        for build in [None, Some(other)] {
            assert_eq!(promise("ff234567", build, None).keep(9, DIGEST, true), Some(Replay::Approximate));
        }
    }

    #[test]
    fn a_digest_is_compared_only_where_it_was_taken() {
        assert_eq!(promise("01234567", None, None).keep(9, DIGEST, false), None, "not at the end yet");
        assert_eq!(promise("01234567", None, Some(5)).keep(9, DIGEST, true), None, "taken in the middle");
        assert_eq!(promise("01234567", None, Some(5)).keep(5, DIGEST, false), Some(Replay::Exact));
        assert_eq!(promise("01234567", None, Some(12)).keep(9, DIGEST, true), Some(Replay::Exact));
        assert_eq!(promise("01234567", None, Some(5)).step_before(9), Some(5));
        assert_eq!(promise("01234567", None, Some(12)).step_before(9), None);
    }
}
