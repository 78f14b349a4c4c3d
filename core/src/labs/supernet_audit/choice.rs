//! Which architectures are audited: spread over parameter bands, the largest and the smallest among them; and
//! others, never audited, on which learning rates are tuned.

use crate::rng::Stream;
use crate::{Error, Result};

/// Spaces up to this size are listed whole; of larger ones so many architectures are sampled.
pub const CANDIDATES: usize = 4096;

/// What was chosen.
pub struct Choice<A> {
    /// From the smallest to the largest.
    pub audited: Vec<A>,
    /// The parameter band of each.
    pub bands: Vec<usize>,
    /// Others, which learning rates are judged on.
    pub tuning: Vec<A>,
}

/// What there is to choose from.
pub struct Candidates<A> {
    /// All architectures of a small space, or many of a large one; the extremes among them.
    pub all: Vec<A>,
    /// The smallest and the largest, which are always audited.
    pub extremes: [A; 2],
    /// How many architectures the space has, for people.
    pub size: String,
}

/// A space's size for people; one that no integer holds has none.
#[cfg(feature = "translation")]
pub fn size_in_words(size: Option<u128>) -> String {
    size.map_or_else(|| "more than 10^38".to_owned(), |size| size.to_string())
}

/// Chooses `[audited, bands, tuning]` architectures with `stream`.
///
/// # Errors
/// When there are too few.
pub fn choose<A: Clone + Ord>(
    candidates: Candidates<A>,
    parameters: impl Fn(&A) -> usize,
    [audited, bands, tuning]: [usize; 3],
    stream: &mut Stream,
) -> Result<Choice<A>> {
    let Candidates { all: mut candidates, extremes, size } = candidates;
    candidates.sort_by_key(|architecture| (parameters(architecture), architecture.clone()));
    candidates.dedup();
    if candidates.len() < audited + tuning {
        return Err(Error::Inconsistent {
            key: "audit.architectures".into(),
            problem: format!(
                "the space has only {size} architectures, too few to audit {audited} and tune on {tuning} others"
            ),
        });
    }
    let bands = bands.min(audited);
    let band_of = |rank: usize| rank * bands / candidates.len();
    let mut chosen = vec![false; candidates.len()];
    for (rank, candidate) in candidates.iter().enumerate() {
        chosen[rank] = extremes.contains(candidate);
    }
    let mut order = stream.permutation(candidates.len());
    // The band with the fewest architectures is served next; an exhausted band is passed over.
    while chosen.iter().filter(|chosen| **chosen).count() < audited {
        let filled = |band: usize| {
            (0..candidates.len()).filter(|rank| chosen[*rank] && band_of(*rank) == band).count()
        };
        let open = |band: &usize| order.iter().any(|rank| !chosen[*rank] && band_of(*rank) == *band);
        let Some(band) = (0..bands).filter(open).min_by_key(|band| filled(*band)) else { break };
        if let Some(place) = order.iter().position(|rank| !chosen[*rank] && band_of(*rank) == band) {
            chosen[order.remove(place)] = true;
        }
    }
    let tuned =
        order.iter().filter(|rank| !chosen[**rank]).take(tuning).map(|rank| candidates[*rank].clone());
    let tuning = tuned.collect();
    let ranks: Vec<usize> = (0..candidates.len()).filter(|rank| chosen[*rank]).collect();
    Ok(Choice {
        audited: ranks.iter().map(|rank| candidates[*rank].clone()).collect(),
        bands: ranks.iter().map(|rank| band_of(*rank)).collect(),
        tuning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;
    use crate::supernet::size;
    use crate::supernet::space::tests::space;

    fn chosen(counts: [usize; 3]) -> Result<Choice<crate::supernet::Architecture>> {
        let space = space();
        let all = space.enumerate(CANDIDATES).expect("small");
        let candidates =
            Candidates { all, extremes: [space.smallest(), space.largest()], size: space.size().to_string() };
        choose(candidates, |a| size::parameters(&space, a), counts, &mut Streams::new(1).stream("audit"))
    }

    #[test]
    fn every_band_is_audited_with_the_extremes_and_tuning_stays_apart() {
        let space = space();
        let choice = chosen([12, 4, 5]).expect("the space is large enough");
        assert_eq!((choice.audited.len(), choice.tuning.len()), (12, 5));
        assert_eq!(choice.audited.first(), Some(&space.smallest()));
        assert!(choice.audited.contains(&space.largest()));
        assert!(choice.tuning.iter().all(|architecture| !choice.audited.contains(architecture)));
        for band in 0..4 {
            assert!(choice.bands.iter().filter(|of| **of == band).count() >= 3, "{:?}", choice.bands);
        }
        let sizes: Vec<_> = choice.audited.iter().map(|a| size::parameters(&space, a)).collect();
        assert!(sizes.is_sorted(), "{sizes:?}");
    }

    #[test]
    fn a_space_that_is_too_small_is_refused_by_name() {
        let error = chosen([1000, 4, 5]).err();
        assert!(error.is_some_and(|error| error.to_string().contains("audit.architectures")));
    }
}
