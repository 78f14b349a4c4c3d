//! Lines of text in one piece of memory: millions of short lines cost eight bytes each beside their text.

/// Lines, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    text: String,
    /// Where each line ends in `text`.
    ends: Vec<usize>,
}

impl Lines {
    /// Adds a line.
    pub fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of all lines.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The lines, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Send {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}

impl<'t> FromIterator<&'t str> for Lines {
    fn from_iter<I: IntoIterator<Item = &'t str>>(lines: I) -> Self {
        let mut all = Self::default();
        lines.into_iter().for_each(|line| all.push(line));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_order_and_empty_ones_are_kept() {
        let lines: Lines = ["one", "", "drei ä"].into_iter().collect();
        assert_eq!((lines.len(), lines.bytes(), lines.is_empty()), (3, 10, false));
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["one", "", "drei ä"]);
        assert!(Lines::default().is_empty() && Lines::default().iter().next().is_none());
    }
}
