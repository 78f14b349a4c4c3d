//! Maps of several sets against plain loops over what they are mixed from.

use super::{architectures, network, placed};
use crate::nn::elastic::ElasticLinear;
use crate::nn::fused::checks::values;
use crate::supernet::provider::BlockMixing;
use crate::supernet::transformer::places::Place;
use crate::supernet::transformer::subnet::{Attention, Map};
use crate::supernet::transformer::weights::{AttentionWeights, parts};

/// The share of a set in an output, in plain numbers.
fn share(mixing: &BlockMixing, place: usize, output: usize, set: usize, sets: usize) -> f32 {
    match mixing {
        BlockMixing::Single(chosen) => f32::from(u8::from(*chosen == set)),
        BlockMixing::Layer(alpha) => values(&**alpha)[set],
        BlockMixing::Neuron(alphas) => values(&alphas[place])[output * sets + set],
    }
}

/// Fails unless the leading part of `map` is what `layer`'s sets are mixed to.
pub fn assert_mixed(
    layer: &ElasticLinear,
    map: &Map,
    mixing: &BlockMixing,
    place: usize,
    [inputs, outputs]: [usize; 2],
) {
    let ([rows, columns], sets) = (layer.weight.dims(), layer.sets());
    assert_eq!(sets, 2);
    let (weights, biases) = (values(&layer.weight.val()), values(&layer.bias.val()));
    let ([_, across], found) = (map.weight.dims(), values(&map.weight));
    let found_biases = values(&map.bias);
    for output in 0..outputs {
        let mixed = |of: &dyn Fn(usize) -> f32| {
            (0..sets).map(|set| share(mixing, place, output, set, sets) * of(set)).sum::<f32>()
        };
        let bias = mixed(&|set| biases[set * columns + output]);
        assert!((bias - found_biases[output]).abs() < 1e-6);
        for input in 0..inputs {
            let weight = mixed(&|set| weights[(set * (rows / sets) + input) * columns + output]);
            let found = found[input * across + output];
            assert!((weight - found).abs() < 1e-6, "{input} {output}: {found}, not {weight}");
        }
    }
}

#[test]
fn attention_is_mixed_as_its_routers_say() {
    for sharing in placed() {
        let network = network(sharing);
        for architecture in architectures() {
            let subnet = network.subnet(&architecture).expect("in the space");
            let parts = parts(network.space(), &architecture, sharing.places);
            let mixing = network.mixing(&architecture);
            assert_eq!(parts.len(), mixing.len());
            let below = network.encoder.len();
            for (part, mixing) in parts.iter().zip(&mixing) {
                let decoder = part.layer.checked_sub(below);
                let (weights, found): (&AttentionWeights, &Attention) = match (part.place, decoder) {
                    (Place::Attention, None) => {
                        (&network.encoder[part.layer].attention, &subnet.encoder[part.layer].attention)
                    }
                    (Place::Attention, Some(layer)) => {
                        (&network.decoder[layer].attention, &subnet.decoder[layer].attention)
                    }
                    (Place::CrossAttention, Some(layer)) => {
                        (&network.decoder[layer].cross, &subnet.decoder[layer].cross)
                    }
                    _ => continue,
                };
                let layers = [&weights.query, &weights.key_value, &weights.out];
                let maps = [&found.query, &found.key_value, &found.out];
                for (place, (layer, map)) in layers.into_iter().zip(maps).enumerate() {
                    assert_mixed(layer, map, mixing, place, part.maps[place]);
                }
            }
        }
    }
}

#[test]
fn what_is_not_mixed_has_one_set_and_every_part_a_router_of_its_own() {
    for sharing in placed() {
        let network = network(sharing);
        let is_mixed = |place| sharing.places.contains(place);
        assert_eq!(network.encoder[0].attention.query.sets() == 2, is_mixed(Place::Attention));
        assert_eq!(network.decoder[0].cross.out.sets() == 2, is_mixed(Place::CrossAttention));
        let experts = network.encoder[0].feed_forward.experts.up.dims()[0];
        assert_eq!(experts == 2, is_mixed(Place::FeedForward));
        let largest = network.space().largest();
        let alphas: Vec<Vec<f32>> = network
            .mixing(&largest)
            .iter()
            .flat_map(|mixing| match mixing {
                BlockMixing::Single(_) => Vec::new(),
                BlockMixing::Layer(alpha) => vec![values(&**alpha)],
                BlockMixing::Neuron(alphas) => alphas.iter().map(values).collect(),
            })
            .collect();
        for (place, alpha) in alphas.iter().enumerate() {
            let sums = alpha.chunks(2).map(|row| row.iter().sum::<f32>());
            assert!(sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-6), "{alpha:?}");
            assert!(alphas[..place].iter().all(|before| before[..2] != alpha[..2]), "one router for two");
        }
    }
}
