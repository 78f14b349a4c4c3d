//! Elastic transformers against plain loops, gradients against finite differences, the identities of mixtures, export, and
//! beam search against its twin.

pub(in crate::supernet) mod mixed_maps;
mod reference;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::prelude::*;

use super::decoding::{BeamSearch, reference as plain_search};
use super::export::ExportedTransformer;
use super::places::Places;
use super::space::tests::space;
use super::subnet::Dropout;
use super::weights::TransformerMixture;
use super::*;
use crate::nn::fused::checks::{assert_near, values};
use crate::nn::precision::Precision;
use crate::rng::Streams;
use crate::supernet::gradient_checks::{assert_gradients, distance};
use crate::supernet::provider::{ExpertInit, Granularity};
use reference::Reference;

const VOCABULARY: usize = 11;
const EVERYWHERE: [&str; 3] = ["feed-forward", "attention", "cross-attention"];
const PAIRS: [(&[u32], &[u32]); 3] = [(&[5, 6, 7], &[8, 9]), (&[6], &[10, 5, 7, 9]), (&[9, 9], &[6])];

fn mixture(granularity: Granularity, encoding: TransformerEncoding) -> Sharing {
    Sharing::Mixture(TransformerMixture {
        experts: 2,
        granularity,
        encoding,
        hidden: 4,
        init: ExpertInit::Independent,
        scale: 1.0,
    })
}

/// Ways of sharing other parts than feed-forward ones, or more.
fn placed() -> Vec<PlacedSharing> {
    let placed = |sharing, names: &[&str]| PlacedSharing { sharing, places: Places::named(names) };
    vec![
        placed(mixture(Granularity::Neuron, TransformerEncoding::PerLayer), &EVERYWHERE),
        placed(mixture(Granularity::Layer, TransformerEncoding::PerLayer), &EVERYWHERE[1..]),
        placed(Sharing::Regions(2), &EVERYWHERE[1..2]),
    ]
}

fn sharings() -> Vec<PlacedSharing> {
    use Granularity::{Layer, Network, Neuron};
    let mixtures = [
        mixture(Network, TransformerEncoding::Aggregate),
        mixture(Layer, TransformerEncoding::PerLayer),
        mixture(Neuron, TransformerEncoding::OneHot),
    ];
    let sharings = [Sharing::Plain(1.0), Sharing::Regions(2)].into_iter().chain(mixtures);
    sharings.map(PlacedSharing::from).chain(placed()).collect()
}

fn network(sharing: impl Into<PlacedSharing>) -> ElasticTransformer {
    ElasticTransformer::new(space(), VOCABULARY, sharing, &Streams::new(3), &Device::flex().autodiff())
}

fn architectures() -> Vec<TransformerArchitecture> {
    let stream = &mut Streams::new(8).stream("architecture");
    let space = space();
    [space.largest(), space.smallest()].into_iter().chain((0..3).map(|_| space.sample(stream))).collect()
}

fn batch() -> PairBatch {
    PairBatch::new(&PAIRS, &Device::flex())
}

fn slow(subnet: &TransformerSubnet) -> Reference {
    let number = |tensor: &Tensor<1>| values(tensor).into_iter().map(f64::from).collect();
    Reference {
        numbers: subnet.tensors().iter().map(|(name, _, tensor)| (name.clone(), number(tensor))).collect(),
        architecture: subnet.architecture.clone(),
        inner: subnet.inner,
        position_width: subnet.position_width,
        vocabulary: VOCABULARY,
    }
}

#[test]
fn every_architecture_under_every_sharing_agrees_with_plain_loops() {
    for sharing in sharings() {
        let network = network(sharing);
        for architecture in architectures() {
            let subnet = network.subnet(&architecture).expect("in the space");
            let slow = slow(&subnet);
            let expected: Vec<f64> =
                PAIRS.iter().flat_map(|(from, to)| slow.forward(from, to)).flatten().collect();
            let found = values(&subnet.forward(&batch(), None));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.into_iter().zip(expected) {
                assert!(
                    (f64::from(found) - expected).abs() < 2e-4,
                    "{architecture}: {found}, not {expected}"
                );
            }
            let loss = f64::from(values(&subnet.loss(&batch(), 0.1, None))[0]);
            let expected = slow.loss(&PAIRS, 0.1);
            assert!((loss - expected).abs() < 1e-4, "{architecture}: {loss}, not {expected}");
        }
    }
}

#[test]
fn gradients_of_weights_and_routers_agree_with_finite_differences() {
    let architecture = &architectures()[2];
    for sharing in sharings() {
        let loss = |network: &ElasticTransformer| {
            network.subnet(architecture).expect("in the space").loss(&batch(), 0.1, None)
        };
        assert!(assert_gradients(&network(sharing), loss) > 20);
    }
}

#[test]
fn gradients_in_mixed_precision_are_near_those_in_single_precision() {
    let mut all = Vec::new();
    for sharing in sharings() {
        let network = network(sharing);
        for architecture in architectures() {
            let losses = [Precision::Single, Precision::Mixed].map(|precision| {
                let mut subnet = network.subnet(&architecture).expect("in the space");
                subnet.precision = precision;
                subnet.loss(&batch(), 0.1, None)
            });
            all.push(distance(&network, losses));
        }
    }
    assert!(all.iter().all(|far| *far > 1e-5), "something was rounded: {all:?}");
    // Not the largest: a norm over few numbers that are nearly equal makes any rounding as large as it likes.
    all.sort_by(f64::total_cmp);
    assert!(
        all[all.len() / 2] < 0.03,
        "half of them are further away than this share of their length: {all:?}"
    );
}

#[test]
fn padding_and_neighbours_change_nothing() {
    let network = network(Sharing::Plain(1.0));
    for architecture in architectures() {
        let subnet = network.subnet(&architecture).expect("in the space");
        let together = values(&subnet.forward(&batch(), None));
        let alone = PAIRS
            .iter()
            .flat_map(|pair| values(&subnet.forward(&PairBatch::new(&[*pair], &Device::flex()), None)));
        for (a, b) in together.iter().zip(alone) {
            assert!((a - b).abs() < 1e-4, "{architecture}: {a} and {b}");
        }
    }
}

#[test]
fn a_mixture_of_equal_experts_is_plain_sharing_and_ways_of_sharing_start_alike() {
    let plain = network(Sharing::Plain(1.0));
    let granularities = [Granularity::Network, Granularity::Layer, Granularity::Neuron];
    let places = [Places::FEED_FORWARD, Places::named(&EVERYWHERE)];
    for (granularity, places) in granularities.into_iter().flat_map(|g| places.map(|places| (g, places))) {
        let Sharing::Mixture(config) = mixture(granularity, TransformerEncoding::Aggregate) else { continue };
        let placed = |config| network(PlacedSharing { sharing: Sharing::Mixture(config), places });
        let equal = placed(TransformerMixture { init: ExpertInit::Copied, ..config });
        for architecture in architectures() {
            let [a, b] = [&plain, &equal]
                .map(|network| network.subnet(&architecture).expect("in the space").forward(&batch(), None));
            assert_near(&a, &b, 2e-4);
        }
        let other = placed(config);
        assert_eq!(values(&plain.embedding.val()), values(&other.embedding.val()));
        let query = |network: &ElasticTransformer| values(&network.decoder[1].cross.query.weight.val());
        let (first, all) = (query(&plain), query(&other));
        assert_eq!(first, all[..first.len()]);
        assert!(all.chunks(first.len()).skip(1).all(|set| set != first), "sets start apart");
        let scaled = PlacedSharing { sharing: Sharing::Plain(0.5), places };
        let factor = if places == Places::FEED_FORWARD { 1.0 } else { 0.5 };
        assert_eq!(query(&network(scaled)), first.iter().map(|x| factor * x).collect::<Vec<_>>());
        assert!(!other.router_parameters().is_empty() && plain.router_parameters().is_empty());
    }
}

#[test]
fn a_supernet_learns_as_many_numbers_as_the_formula_says() {
    for sharing in sharings() {
        assert_eq!(
            size::trained(&space(), VOCABULARY, sharing),
            network(sharing).num_params(),
            "{sharing:?}"
        );
    }
}

#[test]
fn an_export_has_the_size_of_the_formula_and_translates_alike_without_the_supernet() {
    for sharing in sharings() {
        let network = network(sharing).valid();
        for architecture in architectures() {
            let subnet = network.subnet(&architecture).expect("in the space");
            let exported = pollster::block_on(subnet.export()).expect("reads");
            let counted: usize =
                subnet.tensors().iter().map(|(_, shape, _)| shape.iter().product::<usize>()).sum();
            assert_eq!(exported.description.parameters, counted);
            assert_eq!(counted, size::parameters(&architecture, 8, VOCABULARY));
            let loaded = exported.load(&Device::flex()).expect("whole");
            assert_near(&loaded.forward(&batch(), None), &subnet.forward(&batch(), None), 1e-5);
        }
    }
}

#[test]
fn a_damaged_export_is_refused_by_what_is_wrong() {
    let subnet = network(Sharing::Plain(1.0)).valid().subnet(&space().smallest()).expect("in the space");
    let whole = pollster::block_on(subnet.export()).expect("reads");
    let refuse = |change: &dyn Fn(&mut ExportedTransformer)| {
        let mut damaged = whole.clone();
        change(&mut damaged);
        damaged.load(&Device::flex()).map(|_| ()).expect_err("refused").to_string()
    };
    let cases: [(String, &str); 9] = [
        (
            refuse(&|e| e.description.architecture.decoder_width = 8),
            "tensor `embedding` has shape [11, 4], not [11, 8]",
        ),
        (
            refuse(&|e| e.description.architecture.encoder[0].ffn = 12),
            "tensor `encoder.0.feed_forward.up.weight` has shape",
        ),
        (refuse(&|e| e.description.architecture.decoder.clear()), "its description fits no network: `space."),
        (refuse(&|e| e.description.architecture.decoder.truncate(0)), "`space.decoder_layers`"),
        (refuse(&|e| e.description.architecture.encoder[0].heads = 3), "3 heads do not share the width of 8"),
        (refuse(&|e| e.description.architecture.decoder[0].attend = 9), "cannot attend to 9 encoder layers"),
        (refuse(&|e| e.description.position_width = 1), "positions 1 wide for a network"),
        (refuse(&|e| e.description.network = "bert".to_owned()), "a network `bert`, not a `transformer`"),
        (refuse(&|e| e.weights.truncate(100)), "cannot be used"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
}

#[test]
fn beam_search_with_kept_keys_finds_what_the_plain_search_finds() {
    for sharing in [Sharing::Plain(1.0), mixture(Granularity::Neuron, TransformerEncoding::PerLayer)] {
        let network = network(sharing).valid();
        for (beam, length_penalty) in [(1, 0.0), (3, 0.6), (4, 1.0)] {
            let rule = BeamSearch {
                beam,
                length_penalty,
                longest_ratio: 1.0,
                longest_extra: 4,
                shortest: 2 * (beam - 1),
            };
            for architecture in architectures() {
                let subnet = network.subnet(&architecture).expect("in the space");
                let sources: Vec<&[u32]> = PAIRS.iter().map(|(source, _)| *source).collect();
                let found =
                    pollster::block_on(rule.translate(&subnet, &sources, &Device::flex())).expect("reads");
                for (source, found) in sources.into_iter().zip(found) {
                    let plain = pollster::block_on(plain_search(&rule, &subnet, source, &Device::flex()));
                    let plain = plain.expect("reads");
                    assert_eq!(found.words, plain.words, "beam {beam}, {architecture}");
                    assert!((found.score - plain.score).abs() < 1e-4, "{found:?} {plain:?}");
                    assert!(found.words.len() <= rule.longest(source.len()));
                }
            }
        }
    }
}

#[test]
fn a_search_of_a_length_finds_translations_of_just_that_length() {
    let subnet = network(Sharing::Plain(1.0)).valid().subnet(&space().largest()).expect("in the space");
    for (beam, words) in [(1, 1), (1, 7), (4, 5)] {
        let rule = BeamSearch { beam, ..BeamSearch::default() }.of_length(words);
        let found = pollster::block_on(rule.translate(&subnet, &[PAIRS[0].0, PAIRS[1].0], &Device::flex()));
        let lengths: Vec<usize> = found.expect("reads").iter().map(|found| found.words.len()).collect();
        assert_eq!(lengths, [words, words], "beam {beam}");
    }
}

#[test]
fn dropout_repeats_under_a_seed_keeps_the_mean_and_none_is_none() {
    let subnet = network(Sharing::Plain(1.0)).valid().subnet(&space().largest()).expect("in the space");
    let loss = |rate: f64, seed: u64| {
        let stream = &mut Streams::new(seed).stream("dropout");
        values(&subnet.loss(&batch(), 0.0, Some(Dropout { rate, stream })))[0]
    };
    assert_eq!(loss(0.3, 1), loss(0.3, 1));
    assert_ne!(loss(0.3, 1), loss(0.3, 2));
    assert_eq!(loss(0.0, 1), values(&subnet.loss(&batch(), 0.0, None))[0]);
}

#[test]
fn few_shot_regions_share_nothing_and_an_architecture_of_another_space_is_refused() {
    let split = network(Sharing::Regions(2));
    let names: BTreeMap<usize, usize> = architectures()
        .iter()
        .map(|a| match split.mixing(a)[0] {
            crate::supernet::provider::BlockMixing::Single(region) => (a.encoder_width, region),
            _ => (a.encoder_width, usize::MAX),
        })
        .collect();
    assert_eq!(names, BTreeMap::from([(4, 0), (8, 1)]));
    let other = "e16-6x1.6x1-d8-12x2x4x1".parse().expect("well formed");
    let error = split.subnet(&other).map(|_| ()).expect_err("too wide").to_string();
    assert!(error.contains("encoder width 16, allowed: 4, 8"), "{error}");
}
