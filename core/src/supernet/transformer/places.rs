//! Where a transformer's weights may have several sets: kinds of parts, and the linear maps of one.

use super::size::map;

/// A kind of part whose linear maps may have several sets of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Both maps of feed-forward parts, where Mixture-of-Supernets has them.
    FeedForward,
    /// Self-attention's maps: to queries, keys and values, and back.
    Attention,
    /// The same of a decoder's attention to its encoder.
    CrossAttention,
    /// The maps into and out of a layer of a width of its own.
    Bottlenecks,
}

impl Place {
    /// Every kind, in the order of routers.
    pub const ALL: [Self; 4] = [Self::FeedForward, Self::Attention, Self::CrossAttention, Self::Bottlenecks];

    /// Its name in a specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FeedForward => "feed-forward",
            Self::Attention => "attention",
            Self::CrossAttention => "cross-attention",
            Self::Bottlenecks => "bottlenecks",
        }
    }
}

/// Kinds of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places([bool; Place::ALL.len()]);

impl Places {
    /// Feed-forward parts, as in the paper.
    pub const FEED_FORWARD: Self = Self([true, false, false, false]);

    /// The kinds of these names; names of no kind are left out, a field's check refuses them before.
    pub fn named<S: AsRef<str>>(names: &[S]) -> Self {
        Self(Place::ALL.map(|place| names.iter().any(|name| name.as_ref() == place.name())))
    }

    /// Whether this kind is among them.
    pub fn contains(self, place: Place) -> bool {
        self.0[place as usize]
    }

    /// Each of them, in the order of routers.
    pub fn iter(self) -> impl Iterator<Item = Place> {
        Place::ALL.into_iter().filter(move |place| self.contains(*place))
    }
}

/// A part of one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its kind.
    pub place: Place,
    /// Its layer among those of the largest network.
    pub layer: usize,
    /// Its linear maps in this architecture, `[inputs, outputs]` each.
    pub maps: Vec<[usize; 2]>,
}

impl Part {
    /// Both maps of a feed-forward part.
    pub fn feed_forward(layer: usize, width: usize, ffn: usize) -> Self {
        Self { place: Place::FeedForward, layer, maps: vec![[width, ffn], [ffn, width]] }
    }

    /// Trainable numbers of one set of its maps.
    pub fn numbers(&self) -> usize {
        self.maps.iter().map(|[inputs, outputs]| map(*inputs, *outputs)).sum()
    }

    /// Where it stands among the parts of the largest network.
    ///
    /// # Panics
    /// If it is none of them.
    pub fn index(&self, largest: &[Part]) -> usize {
        let is_it = |other: &Part| other.place == self.place && other.layer == self.layer;
        largest
            .iter()
            .position(is_it)
            .expect("an architecture of the space has no other parts than its largest")
    }

    /// What it is called beside others: its layer's name, and its kind where not all are of the feed-forward kind.
    pub fn name(&self, layer: &str, places: Places) -> String {
        if places == Places::FEED_FORWARD {
            layer.to_owned()
        } else {
            format!("{layer} {}", self.place.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_from_their_names_in_the_order_of_routers() {
        let named = |names: &[&str]| Places::named(names).iter().collect::<Vec<_>>();
        assert_eq!(named(&["bottlenecks", "feed-forward"]), [Place::FeedForward, Place::Bottlenecks]);
        assert_eq!(named(&[]), []);
        let all: Vec<&str> = Place::ALL.iter().map(|place| place.name()).collect();
        assert_eq!(named(&all), Place::ALL);
        assert_eq!(Places::FEED_FORWARD.iter().collect::<Vec<_>>(), [Place::FeedForward]);
    }
}
