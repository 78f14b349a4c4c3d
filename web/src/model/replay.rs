//! Whether a run came out as its link promised.

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
    /// Not the same bits, and made by another build or another kind of machine.
    Approximate,
    /// Not the same bits, though made by the same build.
    Differs,
}

impl Promise {
    /// A promise as a link states it.
    pub fn new(digest: String, build: Option<String>, until: Option<u64>) -> Self {
        Self { digest, build, until }
    }

    /// What becomes of it when a run stands at `step` with `digest`; nothing when that is not where it was made.
    pub fn keep(&self, step: u64, digest: &str, complete: bool) -> Option<Replay> {
        let is_there = self.until.map_or(complete, |until| until == step || (complete && step < until));
        if !is_there {
            return None;
        }
        let same_build =
            self.build.as_ref().is_some_and(|build| switchyard::BUILD.starts_with(build.as_str()));
        Some(match (digest.starts_with(&self.digest), same_build) {
            (true, _) => Replay::Exact,
            (false, true) => Replay::Differs,
            (false, false) => Replay::Approximate,
        })
    }
}

impl Replay {
    /// A word for style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximate => "approximate",
            Self::Differs => "differs",
        }
    }

    /// The words on the badge.
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
                "The link was made by another build, so the last digits of its numbers may differ from these."
            }
            Self::Differs => {
                "The link was made by this build, but its result has another digest. Was it changed by hand, or made \
                 by the command line, whose last digits differ?"
            }
        }
    }
}
