//! Colours, or their absence. Colour is never the only sign of anything.

/// Whether and how words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// With colours.
    pub fn coloured() -> Self {
        Self { coloured: true }
    }

    /// Without.
    pub fn plain() -> Self {
        Self { coloured: false }
    }

    /// Whether there are colours.
    pub fn is_coloured(self) -> bool {
        self.coloured
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Something that holds.
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Something that fails.
    pub fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Something in between.
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
