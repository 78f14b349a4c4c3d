//! Images of digits, cut into patches.

use super::{Batch, Inputs, Key};
use crate::data::digits::SIDE;
use crate::data::{Dataset, Share, Targets, digits};
use crate::labs::token_routing::specification::Specification;
use crate::rng::Streams;
use crate::{Error, Result};

/// The embedded digits and which of them are held out.
pub struct Digits {
    pub images: Dataset,
    pub classes: Vec<usize>,
    pub train: Vec<usize>,
    pub test: Vec<usize>,
    /// Images that say when to stop; none where nothing stops.
    pub validation: Vec<usize>,
    /// Patches of an image.
    pub patches: usize,
    patch: usize,
}

impl Digits {
    /// Splits the images by the stream `split`.
    ///
    /// # Errors
    /// When patches do not fill an image.
    pub fn new(specification: &Specification, streams: &Streams) -> Result<Self> {
        let patch = specification.data.patch;
        if !SIDE.is_multiple_of(patch) {
            let problem =
                format!("it is {patch}, but must divide the {SIDE} pixels of an image: 1, 2, 4 or 8");
            return Err(Error::Inconsistent { key: "data.patch".into(), problem });
        }
        let images = digits();
        let Targets::Classes { labels, .. } = &images.targets else {
            unreachable!("the embedded digits have one class per image")
        };
        let classes = labels.iter().map(|&label| label as usize).collect();
        let held = (libm::round(images.rows() as f64 * specification.data.test_share) as usize).max(1);
        let (test, train) = images.split_rows(Share::Count(held), &mut streams.stream("split"))?;
        let kept = libm::round(images.rows() as f64 * specification.training.validation_share()) as usize;
        let mut train = train;
        let validation = train.split_off(train.len().saturating_sub(kept));
        let patches = (SIDE / patch) * (SIDE / patch);
        Ok(Self { images, classes, train, test, validation, patches, patch })
    }

    /// These rows as a batch.
    pub fn batch(&self, rows: &[usize]) -> Batch {
        let pixels: Vec<f32> = rows.iter().flat_map(|&row| self.images.row(row)).copied().collect();
        let targets = rows.iter().map(|&row| self.classes[row] as i32).collect();
        Batch { targets, ..self.batch_of(&pixels) }
    }

    /// Pixels of images, one after the other, as a batch without answers.
    pub fn batch_of(&self, pixels: &[f32]) -> Batch {
        let (across, patch) = (SIDE / self.patch, self.patch);
        let mut numbers = Vec::with_capacity(pixels.len());
        for image in pixels.chunks_exact(SIDE * SIDE) {
            for place in 0..self.patches {
                for line in 0..patch {
                    let start = (place / across * patch + line) * SIDE + place % across * patch;
                    numbers.extend_from_slice(&image[start..start + patch]);
                }
            }
        }
        // Equal patches have equal numbers: the 32-bit FNV-1a hash of their ink.
        let hash = |patch: &[f32]| {
            patch
                .iter()
                .fold(0x811c_9dc5_u32, |hash, ink| (hash ^ (ink * 16.0) as u32).wrapping_mul(0x0100_0193))
        };
        let identities = numbers.chunks_exact(patch * patch).map(hash).collect();
        Batch { inputs: Inputs::Patches(numbers), identities, targets: Vec::new() }
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let units = || 0..self.test.len() * self.patches;
        let class = |unit: usize| self.classes[self.test[unit / self.patches]];
        vec![
            Key {
                name: "positions",
                noun: "place",
                names: (0..self.patches).map(|patch| format!("patch {patch}")).collect(),
                values: units().map(|unit| unit % self.patches).collect(),
            },
            Key {
                name: "specialisation",
                noun: "digit",
                names: (0..self.images.class_count()).map(|class| class.to_string()).collect(),
                values: units().map(class).collect(),
            },
        ]
    }
}
