//! Toy data with known geometry: rings, spirals and Gaussian mixtures. Nothing is scaled after it is drawn.
//!
//! Row `i` belongs to class `i mod classes`, so classes differ by one row at most. Noise is Gaussian, independent
//! in each coordinate, and drawn even when its deviation is 0: changing the noise moves points, nothing else.

use super::{Dataset, Targets};
use crate::error::{Error, Result};
use crate::rng::Stream;
use std::f64::consts::TAU;

/// The most points a generator makes.
pub const MAXIMUM_POINTS: usize = 1_000_000;
/// The most classes a generator makes.
pub const MAXIMUM_CLASSES: usize = 100;
/// The most columns a Gaussian mixture has.
pub const MAXIMUM_COLUMNS: usize = 64;
/// The radius at which a spiral begins, so that its arms do not meet in the centre.
pub const SPIRAL_START: f64 = 0.1;

/// Concentric circles: class c lies at radius (c + 1) / classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rings {
    /// How many points in all, at least one per class.
    pub points: usize,
    /// How many circles, at least 2.
    pub classes: usize,
    /// The deviation of the noise in each coordinate; the outer circle has radius 1.
    pub noise: f64,
}

/// Spiral arms around one centre, each turned against the next by 1 / classes of a full turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spirals {
    /// How many points in all, at least one per class.
    pub points: usize,
    /// How many arms, at least 2.
    pub classes: usize,
    /// The deviation of the noise in each coordinate; the arms end at radius 1.
    pub noise: f64,
    /// How often an arm goes round, above 0.
    pub turns: f64,
}

/// A mixture of Gaussians: every class is made of round clusters with centres drawn in the cube `[-1, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianMixture {
    /// How many points in all, at least one per class.
    pub points: usize,
    /// How many classes, at least 2.
    pub classes: usize,
    /// How many clusters each class has, at least 1.
    pub clusters: usize,
    /// How many coordinates a point has, at least 1.
    pub columns: usize,
    /// The deviation of a cluster in each coordinate.
    pub noise: f64,
}

/// Points on concentric circles: `radius = (c + 1) / classes`, `angle = 2 pi u` with u uniform in `[0, 1)`, and
/// `(x, y) = radius (cos angle, sin angle) + noise`.
///
/// # Errors
/// [`Error::OutOfRange`] that names the field.
pub fn rings(settings: &Rings, stream: &mut Stream) -> Result<Dataset> {
    check_common(settings.points, settings.classes, settings.noise)?;
    let place = |class: usize, stream: &mut Stream| {
        ((class + 1) as f64 / settings.classes as f64, TAU * stream.unit())
    };
    let points = polar(settings.points, settings.classes, place, settings.noise, stream);
    Ok(labelled("rings", points, 2, settings.points, settings.classes))
}

/// Points on spiral arms: `radius = 0.1 + 0.9 u` with u uniform in `[0, 1)`, `angle = 2 pi (turns u + c / classes)`,
/// and `(x, y) = radius (cos angle, sin angle) + noise`.
///
/// # Errors
/// [`Error::OutOfRange`] that names the field.
pub fn spirals(settings: &Spirals, stream: &mut Stream) -> Result<Dataset> {
    check_common(settings.points, settings.classes, settings.noise)?;
    if !(settings.turns > 0.0 && settings.turns <= 100.0) {
        return Err(out_of_range("turns", settings.turns, "above 0 and at most 100".to_owned()));
    }
    let place = |class: usize, stream: &mut Stream| {
        let along = stream.unit();
        let offset = class as f64 / settings.classes as f64;
        (SPIRAL_START + (1.0 - SPIRAL_START) * along, TAU * (settings.turns * along + offset))
    };
    let points = polar(settings.points, settings.classes, place, settings.noise, stream);
    Ok(labelled("spirals", points, 2, settings.points, settings.classes))
}

/// Points of a Gaussian mixture: `x = centre + noise`, the cluster of a point drawn uniformly among its class's.
/// The centres are drawn first, class by class, each coordinate uniform in `[-1, 1)`.
///
/// # Errors
/// [`Error::OutOfRange`] that names the field.
pub fn gaussian_mixture(settings: &GaussianMixture, stream: &mut Stream) -> Result<Dataset> {
    let GaussianMixture { points, classes, clusters, columns, noise } = *settings;
    check_common(points, classes, noise)?;
    if !(1..=MAXIMUM_CLASSES).contains(&clusters) {
        return Err(out_of_range("clusters", clusters, format!("1 to {MAXIMUM_CLASSES}")));
    }
    if !(1..=MAXIMUM_COLUMNS).contains(&columns) {
        return Err(out_of_range("columns", columns, format!("1 to {MAXIMUM_COLUMNS}")));
    }
    let centres: Vec<f64> = (0..classes * clusters * columns).map(|_| stream.uniform(-1.0, 1.0)).collect();
    let mut features = Vec::with_capacity(points * columns);
    for row in 0..points {
        let cluster = (row % classes) * clusters + stream.below(clusters);
        let centre = &centres[cluster * columns..(cluster + 1) * columns];
        features.extend(centre.iter().map(|coordinate| (coordinate + noise * stream.normal()) as f32));
    }
    Ok(labelled("gaussian mixture", features, columns, points, classes))
}

fn out_of_range(key: &str, value: impl ToString, range: String) -> Error {
    Error::OutOfRange { key: key.to_owned(), value: value.to_string(), range }
}

fn check_common(points: usize, classes: usize, noise: f64) -> Result<()> {
    if !(2..=MAXIMUM_CLASSES).contains(&classes) {
        return Err(out_of_range("classes", classes, format!("2 to {MAXIMUM_CLASSES}")));
    }
    if !(classes..=MAXIMUM_POINTS).contains(&points) {
        let range = format!("{classes} (one per class) to {MAXIMUM_POINTS}");
        return Err(out_of_range("points", points, range));
    }
    if !(0.0..=10.0).contains(&noise) {
        return Err(out_of_range("noise", noise, "0 to 10".to_owned()));
    }
    Ok(())
}

/// The coordinates of `points` points: `place` gives radius and angle of a point of its class.
fn polar(
    points: usize,
    classes: usize,
    place: impl Fn(usize, &mut Stream) -> (f64, f64),
    noise: f64,
    stream: &mut Stream,
) -> Vec<f32> {
    let mut coordinates = Vec::with_capacity(2 * points);
    for row in 0..points {
        let (radius, angle) = place(row % classes, stream);
        coordinates.push((radius * libm::cos(angle) + noise * stream.normal()) as f32);
        coordinates.push((radius * libm::sin(angle) + noise * stream.normal()) as f32);
    }
    coordinates
}

fn labelled(name: &str, features: Vec<f32>, columns: usize, points: usize, classes: usize) -> Dataset {
    let labels = (0..points).map(|row| (row % classes) as u32).collect();
    let targets = Targets::Classes { labels, count: classes };
    Dataset { name: name.to_owned(), features, columns, targets, image: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    const RINGS: Rings = Rings { points: 100, classes: 3, noise: 0.0 };
    const SPIRALS: Spirals = Spirals { points: 100, classes: 3, noise: 0.0, turns: 1.5 };
    const MIXTURE: GaussianMixture =
        GaussianMixture { points: 100, classes: 3, clusters: 2, columns: 4, noise: 0.0 };

    fn stream(seed: u64) -> Stream {
        Streams::new(seed).stream("data")
    }

    fn all(noise: f64, seed: u64) -> [Dataset; 3] {
        [
            rings(&Rings { noise, ..RINGS }, &mut stream(seed)),
            spirals(&Spirals { noise, ..SPIRALS }, &mut stream(seed)),
            gaussian_mixture(&GaussianMixture { noise, ..MIXTURE }, &mut stream(seed)),
        ]
        .map(|data| data.expect("the settings are in range"))
    }

    fn coordinates(data: &Dataset, row: usize) -> (f64, f64) {
        (f64::from(data.row(row)[0]), f64::from(data.row(row)[1]))
    }

    #[test]
    fn counts_are_as_asked_and_classes_differ_by_one_at_most() {
        for data in all(0.1, 0) {
            data.check().expect("a generator makes whole data sets");
            assert_eq!(
                (data.rows(), data.class_count(), data.class_rows()),
                (100, 3, Some(vec![34, 33, 33]))
            );
        }
    }

    #[test]
    fn without_noise_rings_have_their_radii() {
        let data = &all(0.0, 1)[0];
        for row in 0..100 {
            let (x, y) = coordinates(data, row);
            assert!((x.hypot(y) - (row % 3 + 1) as f64 / 3.0).abs() < 1e-6);
        }
    }

    #[test]
    fn without_noise_the_angle_of_a_spiral_follows_from_its_radius() {
        let data = &all(0.0, 2)[1];
        for row in 0..100 {
            let (x, y) = coordinates(data, row);
            let along = (x.hypot(y) - 0.1) / 0.9;
            assert!((-1e-6..1.000_001).contains(&along));
            let turns = y.atan2(x) / TAU - 1.5 * along - (row % 3) as f64 / 3.0;
            assert!((turns - turns.round()).abs() < 1e-5, "row {row} is {turns} turns off");
        }
    }

    #[test]
    fn without_noise_a_mixture_has_as_many_distinct_points_as_clusters() {
        let data = &all(0.0, 3)[2];
        let mut points: Vec<Vec<u32>> =
            (0..100).map(|row| data.row(row).iter().map(|value| value.to_bits()).collect()).collect();
        points.sort();
        points.dedup();
        assert_eq!(points.len(), 6);
        assert!(data.features.iter().all(|value| (-1.0..=1.0).contains(value)));
    }

    #[test]
    fn noise_has_the_deviation_asked_for() {
        for (quiet, noisy) in all(0.0, 4).into_iter().zip(all(0.2, 4)) {
            let moved = quiet.features.iter().zip(&noisy.features).map(|(a, b)| f64::from(b - a).powi(2));
            let deviation = (moved.sum::<f64>() / quiet.features.len() as f64).sqrt();
            assert!((deviation - 0.2).abs() < 0.04, "{} moved by {deviation}", quiet.name);
        }
    }

    #[test]
    fn a_seed_repeats_and_another_seed_differs() {
        assert_eq!(all(0.1, 5), all(0.1, 5));
        for (first, second) in all(0.1, 5).into_iter().zip(all(0.1, 6)) {
            assert_ne!(first.features, second.features);
        }
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let cases = [
            ("points", rings(&Rings { points: 2, ..RINGS }, &mut stream(0))),
            ("points", rings(&Rings { points: MAXIMUM_POINTS + 1, ..RINGS }, &mut stream(0))),
            ("classes", rings(&Rings { classes: 1, ..RINGS }, &mut stream(0))),
            ("noise", rings(&Rings { noise: -0.1, ..RINGS }, &mut stream(0))),
            ("noise", spirals(&Spirals { noise: f64::NAN, ..SPIRALS }, &mut stream(0))),
            ("turns", spirals(&Spirals { turns: 0.0, ..SPIRALS }, &mut stream(0))),
            ("turns", spirals(&Spirals { turns: f64::INFINITY, ..SPIRALS }, &mut stream(0))),
            ("clusters", gaussian_mixture(&GaussianMixture { clusters: 0, ..MIXTURE }, &mut stream(0))),
            (
                "columns",
                gaussian_mixture(&GaussianMixture { columns: usize::MAX, ..MIXTURE }, &mut stream(0)),
            ),
        ];
        for (expected, outcome) in cases {
            let Err(Error::OutOfRange { key, .. }) = outcome else {
                panic!("{expected} was accepted: {outcome:?}")
            };
            assert_eq!(key, expected);
        }
    }
}
