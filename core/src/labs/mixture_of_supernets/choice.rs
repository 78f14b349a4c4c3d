//! Which architectures are audited: spread over parameter bands, the largest and the smallest among them; and
//! others, never audited, on which learning rates are tuned.

use crate::rng::Streams;
use crate::supernet::{Architecture, SearchSpace, size};
use crate::{Error, Result};

/// Spaces up to this size are listed whole; of larger ones so many architectures are sampled.
const CANDIDATES: usize = 4096;

pub(super) struct Choice {
    pub audited: Vec<Architecture>,
    pub bands: Vec<usize>,
    pub tuning: Vec<Architecture>,
}

/// Chooses `[audited, bands, tuning]` architectures with the stream `audit`.
pub(super) fn choose(
    space: &SearchSpace,
    [audited, bands, tuning]: [usize; 3],
    streams: &Streams,
) -> Result<Choice> {
    let mut stream = streams.stream("audit");
    let mut candidates = space.enumerate(CANDIDATES).unwrap_or_else(|| {
        let mut drawn: Vec<_> = (0..CANDIDATES).map(|_| space.sample(&mut stream)).collect();
        drawn.extend([space.largest(), space.smallest()]);
        drawn
    });
    candidates.sort_by_key(|architecture| (size::parameters(space, architecture), architecture.clone()));
    candidates.dedup();
    if candidates.len() < audited + tuning {
        return Err(Error::Inconsistent {
            key: "audit.architectures".into(),
            problem: format!(
                "the space has only {} architectures, too few to audit {audited} and tune on {tuning} others",
                space.size()
            ),
        });
    }
    let bands = bands.min(audited);
    let band_of = |rank: usize| rank * bands / candidates.len();
    let mut chosen = vec![false; candidates.len()];
    let extremes = [space.smallest(), space.largest()];
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
    use crate::supernet::space::tests::space;

    #[test]
    fn every_band_is_audited_with_the_extremes_and_tuning_stays_apart() {
        let space = space();
        let choice = choose(&space, [12, 4, 5], &Streams::new(1)).expect("the space is large enough");
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
        let error = choose(&space(), [1000, 4, 5], &Streams::new(1)).err();
        assert!(error.is_some_and(|error| error.to_string().contains("audit.architectures")));
    }
}
