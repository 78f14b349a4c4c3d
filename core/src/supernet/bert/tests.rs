//! Elastic masked language models against plain loops, gradients against finite differences, the identities of mixtures,
//! padding, export.

mod reference;

use burn::module::Module;
use burn::prelude::*;

use super::export::ExportedBert;
use super::space::tests::spaces;
use super::subnet::Dropout;
use super::subnet::Map;
use super::weights::{Rows, parts};
use super::*;
use crate::data::masking::Masked;
use crate::nn::elastic::ElasticLinear;
use crate::nn::fused::checks::{assert_near, values};
use crate::nn::precision::Precision;
use crate::rng::Streams;
use crate::supernet::gradient_checks::{assert_gradients, distance};
use crate::supernet::provider::{BlockMixing, ExpertInit, Granularity};
use crate::supernet::transformer::mixing::{PlacedSharing, Sharing, TransformerMixture};
use crate::supernet::transformer::places::{Place, Places};
use crate::supernet::transformer::tests::mixed_maps::assert_mixed;
use reference::Reference;

const ROWS: Rows = Rows { vocabulary: 11, places: 7 };

fn sentences() -> Vec<Masked> {
    let sentence = |words: &[u32], places: &[usize], expected: &[u32]| Masked {
        words: words.to_vec(),
        places: places.to_vec(),
        expected: expected.to_vec(),
    };
    vec![
        sentence(&[5, 4, 7, 8, 4], &[1, 4], &[6, 9]),
        sentence(&[4], &[0], &[10]),
        sentence(&[9, 9, 6], &[0, 2], &[9, 5]),
    ]
}

fn batch() -> MaskedBatch {
    MaskedBatch::new(&sentences().iter().collect::<Vec<_>>(), &Device::flex())
}

fn mixture(granularity: Granularity, encoding: BertEncoding) -> TransformerMixture<BertEncoding> {
    let (init, scale) = (ExpertInit::Independent, 1.0);
    TransformerMixture { experts: 2, granularity, encoding, hidden: 4, init, scale }
}

/// Ways of sharing other parts than feed-forward ones, or more.
fn placed() -> Vec<PlacedSharing<BertEncoding>> {
    let placed = |sharing, names: &[&str]| PlacedSharing { sharing, places: Places::named(names) };
    let mixture = |granularity| Sharing::Mixture(mixture(granularity, BertEncoding::PerLayer));
    vec![
        placed(mixture(Granularity::Neuron), &["feed-forward", "attention", "bottlenecks"]),
        placed(mixture(Granularity::Layer), &["bottlenecks", "attention"]),
        placed(Sharing::Regions(2), &["attention"]),
    ]
}

fn sharings() -> Vec<PlacedSharing<BertEncoding>> {
    use Granularity::{Layer, Network, Neuron};
    let mixtures = [
        mixture(Network, BertEncoding::Aggregate),
        mixture(Layer, BertEncoding::PerLayer),
        mixture(Neuron, BertEncoding::OneHot),
    ];
    let sharings =
        [Sharing::Plain(1.0), Sharing::Regions(2)].into_iter().chain(mixtures.map(Sharing::Mixture));
    sharings.map(PlacedSharing::from).chain(placed()).collect()
}

/// A network whose every number is off its regular start, so that no part is an identity or zero.
fn network(space: &BertSpace, sharing: impl Into<PlacedSharing<BertEncoding>>) -> ElasticBert {
    struct Shake(crate::rng::Stream);
    impl burn::module::ModuleMapper for Shake {
        fn map_float<const D: usize>(
            &mut self,
            parameter: burn::module::Param<Tensor<D>>,
        ) -> burn::module::Param<Tensor<D>> {
            let stream = &mut self.0;
            parameter.map(|tensor| {
                let (shape, device) = (tensor.dims(), tensor.device());
                let numbers = values(&tensor).into_iter().map(|x| x + 0.3 * stream.normal() as f32).collect();
                Tensor::from_data(TensorData::new(numbers, shape), &device).require_grad()
            })
        }
    }
    let device = Device::flex().autodiff();
    ElasticBert::new(space.clone(), ROWS, sharing, &Streams::new(3), &device)
        .map(&mut Shake(Streams::new(5).stream("shake")))
}

fn architectures(space: &BertSpace) -> Vec<BertArchitecture> {
    let stream = &mut Streams::new(8).stream("architecture");
    [space.largest(), space.smallest()].into_iter().chain((0..3).map(|_| space.sample(stream))).collect()
}

#[test]
fn every_architecture_under_every_sharing_agrees_with_plain_loops() {
    for (space, sharing) in spaces().iter().flat_map(|space| sharings().into_iter().map(move |s| (space, s)))
    {
        let network = network(space, sharing);
        for architecture in architectures(space) {
            let subnet = network.subnet(&architecture).expect("in the space");
            let number = |tensor: &Tensor<1>| values(tensor).into_iter().map(f64::from).collect();
            let slow = Reference {
                numbers: subnet
                    .tensors()
                    .iter()
                    .map(|(name, _, tensor)| (name.clone(), number(tensor)))
                    .collect(),
                architecture: architecture.clone(),
                vocabulary: ROWS.vocabulary,
            };
            let expected: Vec<f64> =
                sentences().iter().flat_map(|sentence| slow.forward(sentence)).flatten().collect();
            let found = values(&subnet.forward(&batch(), None));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.into_iter().zip(expected) {
                assert!(
                    (f64::from(found) - expected).abs() < 5e-4,
                    "{architecture}: {found}, not {expected}"
                );
            }
            let loss = f64::from(values(&subnet.loss(&batch(), None))[0]);
            let expected = slow.loss(&sentences());
            assert!((loss - expected).abs() < 2e-4, "{architecture}: {loss}, not {expected}");
        }
    }
}

#[test]
fn attention_and_bottlenecks_are_mixed_as_their_routers_say() {
    for (space, sharing) in spaces().iter().flat_map(|space| placed().into_iter().map(move |s| (space, s))) {
        let network = network(space, sharing);
        for architecture in architectures(space) {
            let subnet = network.subnet(&architecture).expect("in the space");
            let parts = parts(&architecture, sharing.places);
            for (part, mixing) in parts.iter().zip(network.mixing(&architecture)) {
                let (weights, found) = (&network.layers[part.layer], &subnet.layers[part.layer]);
                let bottlenecks = || {
                    let weights = weights.squeeze.iter().chain(&weights.expand);
                    weights.zip(found.squeeze.iter().chain(&found.expand)).collect()
                };
                let maps: Vec<(&ElasticLinear, &Map)> = match part.place {
                    Place::Attention => vec![
                        (&weights.query, &found.query),
                        (&weights.key, &found.key),
                        (&weights.value, &found.value),
                        (&weights.out, &found.out),
                    ],
                    Place::Bottlenecks => bottlenecks(),
                    _ => continue,
                };
                assert_eq!(maps.len(), part.maps.len());
                for (place, (weights, found)) in maps.into_iter().enumerate() {
                    assert_mixed(weights, found, &mixing, place, part.maps[place]);
                }
            }
        }
    }
}

#[test]
fn gradients_of_weights_and_routers_agree_with_finite_differences() {
    for (space, sharing) in spaces().iter().flat_map(|space| sharings().into_iter().map(move |s| (space, s)))
    {
        let architecture = &architectures(space)[2];
        let loss =
            |network: &ElasticBert| network.subnet(architecture).expect("in the space").loss(&batch(), None);
        let tracked = assert_gradients(&network(space, sharing), loss);
        assert!(tracked > 20, "{tracked}");
    }
}

#[test]
fn gradients_in_mixed_precision_are_near_those_in_single_precision() {
    let mut all = Vec::new();
    for (space, sharing) in spaces().iter().flat_map(|space| sharings().into_iter().map(move |s| (space, s)))
    {
        let network = network(space, sharing);
        for architecture in architectures(space) {
            let losses = [Precision::Single, Precision::Mixed].map(|precision| {
                let mut subnet = network.subnet(&architecture).expect("in the space");
                subnet.precision = precision;
                subnet.loss(&batch(), None)
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
    for space in spaces() {
        let network = network(&space, Sharing::Plain(1.0));
        for architecture in architectures(&space) {
            let subnet = network.subnet(&architecture).expect("in the space");
            let together = values(&subnet.forward(&batch(), None));
            let alone: Vec<f32> = sentences()
                .iter()
                .flat_map(|sentence| {
                    values(&subnet.forward(&MaskedBatch::new(&[sentence], &Device::flex()), None))
                })
                .collect();
            assert_eq!(together.len(), alone.len());
            for (a, b) in together.iter().zip(alone) {
                assert!((a - b).abs() < 2e-4, "{architecture}: {a} and {b}");
            }
        }
    }
}

#[test]
fn a_mixture_of_equal_experts_is_plain_sharing_and_ways_of_sharing_start_alike() {
    let start = |space: &BertSpace, sharing| {
        ElasticBert::new(space.clone(), ROWS, sharing, &Streams::new(3), &Device::flex().autodiff())
    };
    for space in spaces() {
        let plain = start(&space, Sharing::Plain(1.0));
        for granularity in [Granularity::Network, Granularity::Layer, Granularity::Neuron] {
            let config = mixture(granularity, BertEncoding::PerLayer);
            let equal =
                start(&space, Sharing::Mixture(TransformerMixture { init: ExpertInit::Copied, ..config }));
            for architecture in architectures(&space) {
                let [a, b] = [&plain, &equal].map(|network| {
                    network.subnet(&architecture).expect("in the space").forward(&batch(), None)
                });
                assert_near(&a, &b, 2e-4);
            }
            let other = start(&space, Sharing::Mixture(config));
            assert_eq!(values(&plain.embedding.val()), values(&other.embedding.val()));
            assert_eq!(
                values(&plain.layers[1].query.weight.val()),
                values(&other.layers[1].query.weight.val())
            );
            assert!(!other.router_parameters().is_empty() && plain.router_parameters().is_empty());
        }
    }
}

#[test]
fn bottlenecks_as_wide_as_the_stream_start_as_none() {
    let [narrow, alike] = spaces();
    let start = |space: BertSpace, text: &str| {
        let network = ElasticBert::new(space, ROWS, Sharing::Plain(1.0), &Streams::new(3), &Device::flex());
        network.subnet(&text.parse().expect("well formed")).expect("in the space").forward(&batch(), None)
    };
    let alike = alike.only(&"h8-2x6-l2".parse().expect("well formed"));
    assert_near(&start(narrow, "h8-2x6-b8.8"), &start(alike, "h8-2x6-l2"), 1e-5);
}

#[test]
fn a_supernet_learns_as_many_numbers_as_the_formula_says() {
    for space in spaces() {
        for sharing in sharings() {
            let counted = network(&space, sharing).num_params();
            assert_eq!(size::trained(&space, ROWS, sharing), counted, "{sharing:?}");
        }
    }
}

#[test]
fn an_export_has_the_size_of_the_formula_and_answers_alike_without_the_supernet() {
    for (space, sharing) in spaces().iter().flat_map(|space| sharings().into_iter().map(move |s| (space, s)))
    {
        let network = network(space, sharing).valid();
        for architecture in architectures(space) {
            let subnet = network.subnet(&architecture).expect("in the space");
            let exported = pollster::block_on(subnet.export()).expect("reads");
            let counted: usize =
                subnet.tensors().iter().map(|(_, shape, _)| shape.iter().product::<usize>()).sum();
            assert_eq!(exported.description.parameters, counted);
            assert_eq!(counted, size::parameters(&architecture, ROWS.vocabulary, ROWS.places));
            let loaded = exported.load(&Device::flex()).expect("whole");
            assert_near(&loaded.forward(&batch(), None), &subnet.forward(&batch(), None), 1e-5);
        }
    }
}

#[test]
fn a_damaged_export_is_refused_by_what_is_wrong() {
    let [space, _] = spaces();
    let network = network(&space, Sharing::Plain(1.0)).valid();
    let subnet = network.subnet(&space.smallest()).expect("in the space");
    let whole = pollster::block_on(subnet.export()).expect("reads");
    let refuse = |change: &dyn Fn(&mut ExportedBert)| {
        let mut damaged = whole.clone();
        change(&mut damaged);
        damaged.load(&Device::flex()).map(|_| ()).expect_err("refused").to_string()
    };
    let cases = [
        (
            refuse(&|e| e.description.architecture.hidden = 6),
            "tensor `embedding` has shape [11, 8], not [11, 6]",
        ),
        (
            refuse(&|e| e.description.architecture.layers = Layers::Bottlenecks(vec![4])),
            "it holds a tensor `layers.1.",
        ),
        (refuse(&|e| e.description.parameters += 1), "parameters, but it has"),
        (refuse(&|e| e.weights.truncate(100)), "cannot be used"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
}

#[test]
fn dropout_repeats_under_a_seed_and_none_is_none() {
    let [space, _] = spaces();
    let network = network(&space, Sharing::Plain(1.0)).valid();
    let subnet = network.subnet(&space.largest()).expect("in the space");
    let loss = |rate: f64, seed: u64| {
        let stream = &mut Streams::new(seed).stream("dropout");
        values(&subnet.loss(&batch(), Some(Dropout { rate, stream })))[0]
    };
    assert_eq!(loss(0.3, 1), loss(0.3, 1));
    assert_ne!(loss(0.3, 1), loss(0.3, 2));
    assert_eq!(loss(0.0, 1), values(&subnet.loss(&batch(), None))[0]);
}

#[test]
fn few_shot_regions_share_nothing() {
    for space in spaces() {
        let split = network(&space, Sharing::Regions(2));
        for architecture in architectures(&space) {
            for mixing in split.mixing(&architecture) {
                let BlockMixing::Single(region) = mixing else { panic!("a region is one set") };
                assert_eq!(region, space.region(&architecture, 2));
            }
        }
    }
}
