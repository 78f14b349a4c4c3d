//! What every task of a run has in common: checked fields, images and their patches, the sizes of the networks.

use std::sync::Arc;

use super::method::{Build, Method};
use super::specification::Specification;
use crate::data::digits::SIDE;
use crate::data::{Dataset, Share, Targets, digits};
use crate::experiment::Checked;
use crate::nn::fused::Activation;
use crate::nn::mixture_of_experts::ExpertShape;
use crate::nn::token_router::scorer::TokenScorer;
use crate::rng::Streams;
use crate::routing::routers::{Recipe, Setting};
use crate::{Error, Result};

/// Shared by all tasks; holds no tensor.
pub(super) struct Context {
    pub specification: Specification,
    /// What is compared, in the lab's order; the first is the reference.
    pub methods: Vec<Method>,
    pub streams: Streams,
    pub images: Dataset,
    pub classes: Vec<usize>,
    pub train: Vec<usize>,
    pub test: Vec<usize>,
    pub activation: Activation,
    /// Patches of an image.
    pub patches: usize,
}

impl Context {
    pub fn new(checked: &Checked, known: &'static [Method]) -> Result<Arc<Self>> {
        let specification: Specification = checked.typed()?;
        let streams = checked.streams();
        let methods = methods(&specification, known)?;
        let patch = specification.data.patch;
        if !SIDE.is_multiple_of(patch) {
            let problem =
                format!("it is {patch}, but must divide the {SIDE} pixels of an image: 1, 2, 4 or 8");
            return Err(Error::Inconsistent { key: "data.patch".into(), problem });
        }
        let (k, experts) = (specification.router.k, specification.model.experts);
        if k > experts {
            let problem = format!(
                "it is {k}, but there are only {experts} experts; lower it, or raise `model.experts`"
            );
            return Err(Error::Inconsistent { key: "router.k".into(), problem });
        }
        let images = digits();
        let Targets::Classes { labels, .. } = &images.targets else {
            unreachable!("the embedded digits have one class per image")
        };
        let classes = labels.iter().map(|&label| label as usize).collect();
        let held = (libm::round(images.rows() as f64 * specification.data.test_share) as usize).max(1);
        let (test, train) = images.split_rows(Share::Count(held), &mut streams.stream("split"))?;
        let activation =
            if specification.model.activation == "relu" { Activation::Relu } else { Activation::Tanh };
        let patches = (SIDE / patch) * (SIDE / patch);
        Ok(Arc::new(Self {
            specification,
            methods,
            streams,
            images,
            classes,
            train,
            test,
            activation,
            patches,
        }))
    }

    /// What routers are set to.
    pub fn setting(&self) -> Setting {
        let router = &self.specification.router;
        let capacity_factor = match router.capacity.as_str() {
            "dropless" => Some(0.0),
            "limited" => Some(router.capacity_factor),
            "bounded" => Some(-router.capacity_factor),
            _ => None,
        };
        Setting {
            experts: self.specification.model.experts,
            k: router.k,
            capacity_factor,
            sequence: self.patches,
        }
    }

    /// The parts of a routed method; nothing for one network.
    pub fn recipe(&self, method: &Method) -> Option<Recipe> {
        let Build::Routed(build) = method.build else { return None };
        let mut recipe = build(&self.setting());
        for (_, weight) in &mut recipe.losses {
            *weight *= self.specification.router.loss_factor;
        }
        Some(recipe)
    }

    /// The sizes of a method's experts: hidden units that answer for a patch are the same for all.
    pub fn shape(&self, recipe: Option<&Recipe>) -> ExpertShape {
        let model = &self.specification.model;
        let active = recipe.map_or(1.0, |recipe| recipe.active);
        let hidden = (libm::round(model.hidden as f64 / active) as usize).max(1);
        ExpertShape { inputs: model.width, hidden, outputs: model.width }
    }

    /// Multiplications and additions of one layer for one patch that uses `experts` experts.
    pub fn flops(&self, recipe: Option<&Recipe>, experts: f64) -> f64 {
        let shape = self.shape(recipe);
        let router = recipe.map_or(0.0, |recipe| TokenScorer::flops(recipe, shape.inputs));
        router + experts * 4.0 * (shape.inputs * shape.hidden) as f64
    }

    /// The streams of one training. Methods of one seed share them: the same batches, and the same initial weights
    /// where they have the same.
    pub fn replicate(&self, index: u64) -> Streams {
        Streams::new(self.streams.stream_at("training", index).next_u64())
    }

    /// The patches of images as networks read them, `[images * patches, patch * patch]`.
    pub fn patches_of(&self, pixels: &[f32]) -> Vec<f32> {
        let patch = self.specification.data.patch;
        let across = SIDE / patch;
        let mut numbers = Vec::with_capacity(pixels.len());
        for image in pixels.chunks_exact(SIDE * SIDE) {
            for place in 0..self.patches {
                for line in 0..patch {
                    let start = (place / across * patch + line) * SIDE + place % across * patch;
                    numbers.extend_from_slice(&image[start..start + patch]);
                }
            }
        }
        numbers
    }

    /// The pixels of these images, one after the other.
    pub fn pixels_of(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().flat_map(|&row| self.images.row(row)).copied().collect()
    }

    /// What a patch is, for hash routing: a number that equal patches share (the 32-bit FNV-1a hash of its ink).
    pub fn identities(&self, patches: &[f32]) -> Vec<u32> {
        let width = self.specification.data.patch * self.specification.data.patch;
        let hash = |patch: &[f32]| {
            patch
                .iter()
                .fold(0x811c_9dc5_u32, |hash, ink| (hash ^ (ink * 16.0) as u32).wrapping_mul(0x0100_0193))
        };
        patches.chunks_exact(width).map(hash).collect()
    }
}

fn methods(specification: &Specification, known: &'static [Method]) -> Result<Vec<Method>> {
    let mut places = Vec::new();
    for name in &specification.methods {
        let place = known.iter().position(|method| method.name == name);
        places.push(place.ok_or_else(|| {
            Error::unknown_name("method", name, known.iter().map(|method| method.name).collect::<Vec<_>>())
        })?);
    }
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        let problem = "a method is given twice; keep one of them".into();
        return Err(Error::Inconsistent { key: "methods".into(), problem });
    }
    Ok(places.into_iter().map(|place| known[place]).collect())
}
