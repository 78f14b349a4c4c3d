//! Points that a person sets in a plane, with their classes; every change can be taken back.

use crate::protocol::OwnData;

/// At most so many points.
pub const MOST_POINTS: usize = 500;
/// The plane that points are set in, in both directions.
pub const PLANE: [f64; 2] = [-1.25, 1.25];
/// At most so many classes can be set.
pub const MOST_CLASSES: usize = 8;

/// One point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnPoint {
    /// Its place.
    pub at: [f64; 2],
    /// Its class, from 0.
    pub class: u32,
}

/// All points, and what they were before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnPoints {
    points: Vec<OwnPoint>,
    before: Vec<Vec<OwnPoint>>,
}

impl OwnPoints {
    /// The points that a run was given; none when it was given something else.
    pub fn of(data: Option<&OwnData>) -> Self {
        let Some(OwnData::Points { points, classes }) = data else { return Self::default() };
        let point = |([x, y], class): (&[f32; 2], &u32)| OwnPoint {
            at: [f64::from(*x), f64::from(*y)],
            class: *class,
        };
        Self { points: points.iter().zip(classes).map(point).collect(), before: Vec::new() }
    }

    /// The points.
    pub fn points(&self) -> &[OwnPoint] {
        &self.points
    }

    /// Whether a change can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// With one more point.
    ///
    /// # Errors
    /// When the plane is full or the place is outside it; the sentence is for the reader.
    pub fn with(&self, point: OwnPoint) -> Result<Self, String> {
        if self.points.len() >= MOST_POINTS {
            return Err(format!(
                "{MOST_POINTS} points are the most; remove one, or upload a CSV file with more rows."
            ));
        }
        if let Some(outside) = point.at.iter().find(|value| !(PLANE[0]..=PLANE[1]).contains(*value)) {
            return Err(format!("{outside} is outside the plane: both numbers go from −1.25 to 1.25."));
        }
        let mut points = self.points.clone();
        points.push(point);
        Ok(self.changed(points))
    }

    /// Without one of the points.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut points = self.points.clone();
        if index >= points.len() {
            return self.clone();
        }
        points.remove(index);
        self.changed(points)
    }

    /// Without any point.
    #[must_use]
    pub fn cleared(&self) -> Self {
        self.changed(Vec::new())
    }

    /// As before the last change.
    #[must_use]
    pub fn undone(&self) -> Self {
        let mut undone = self.clone();
        if let Some(points) = undone.before.pop() {
            undone.points = points;
        }
        undone
    }

    /// The nearest point within this distance.
    pub fn near(&self, [x, y]: [f64; 2], reach: f64) -> Option<usize> {
        let distance = |point: &OwnPoint| (point.at[0] - x).hypot(point.at[1] - y);
        let near = self.points.iter().enumerate().map(|(index, point)| (index, distance(point)));
        near.filter(|(_, distance)| *distance <= reach)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(index, _)| index)
    }

    /// How many points each class has, up to the last class that has any.
    pub fn counts(&self) -> Vec<usize> {
        let last = self.points.iter().map(|point| point.class as usize + 1).max().unwrap_or(0);
        let mut counts = vec![0; last];
        self.points.iter().for_each(|point| counts[point.class as usize] += 1);
        counts
    }

    /// The points for a run.
    ///
    /// # Errors
    /// When there is nothing to learn from them; the sentence is for the reader.
    pub fn data(&self) -> Result<OwnData, String> {
        let counts = self.counts();
        if counts.iter().filter(|count| **count > 0).count() < 2 {
            return Err("There is nothing to tell apart yet: set points of at least two classes.".to_owned());
        }
        if let Some(empty) = counts.iter().position(|count| *count == 0) {
            return Err(format!(
                "Class {empty} has no points, but a later class has; give it some, or use the classes in order."
            ));
        }
        Ok(OwnData::Points {
            points: self.points.iter().map(|point| point.at.map(|value| value as f32)).collect(),
            classes: self.points.iter().map(|point| point.class).collect(),
        })
    }

    fn changed(&self, points: Vec<OwnPoint>) -> Self {
        let mut before = self.before.clone();
        before.push(self.points.clone());
        // Enough to take back what was just done; more would hold every state of hundreds of points.
        if before.len() > 50 {
            before.remove(0);
        }
        Self { points, before }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64, class: u32) -> OwnPoint {
        OwnPoint { at: [x, y], class }
    }

    fn two() -> OwnPoints {
        let first = OwnPoints::default().with(point(0.5, 0.5, 0)).expect("inside");
        first.with(point(-0.5, 0.25, 1)).expect("inside")
    }

    #[test]
    fn every_change_can_be_taken_back() {
        let points = two();
        assert_eq!(points.cleared().undone().points(), points.points());
        assert_eq!(points.without(0).undone().points(), points.points());
        assert_eq!(points.without(7), points);
        let mut back = points.clone();
        while back.can_undo() {
            back = back.undone();
        }
        assert!(back.points().is_empty());
    }

    #[test]
    fn a_full_plane_and_a_place_outside_are_refused_in_words() {
        let mut points = two();
        for _ in 2..MOST_POINTS {
            points = points.with(point(0.0, 0.0, 0)).expect("there is room");
        }
        assert!(points.with(point(0.0, 0.0, 0)).is_err_and(|reason| reason.starts_with("500 points")));
        assert!(two().with(point(0.0, 1.3, 0)).is_err_and(|reason| reason.starts_with("1.3 is outside")));
        assert!(two().with(point(f64::NAN, 0.0, 0)).is_err());
    }

    #[test]
    fn a_click_near_a_point_finds_it() {
        assert_eq!(two().near([0.52, 0.48], 0.05), Some(0));
        assert_eq!(two().near([0.0, 0.0], 0.05), None);
    }

    #[test]
    fn points_of_one_class_or_with_a_gap_are_no_data_and_others_read_back() {
        let one = OwnPoints::default().with(point(0.5, 0.5, 0)).expect("inside");
        assert!(one.data().is_err());
        let gap = one.with(point(0.0, 0.0, 2)).expect("inside");
        assert!(gap.data().is_err_and(|reason| reason.starts_with("Class 1 has no points")));
        let data = two().data().expect("two classes");
        assert_eq!(OwnPoints::of(Some(&data)).points(), two().points());
        assert_eq!(OwnPoints::of(None), OwnPoints::default());
    }
}
