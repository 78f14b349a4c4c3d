//! Light, dark, or as the system says. The choice is kept for the next visit.

use super::browser;

/// A theme that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark letters on light paper.
    Light,
    /// Light letters on dark paper.
    Dark,
}

impl Theme {
    /// What the last visit chose.
    pub fn stored() -> Self {
        match browser::stored("theme").as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The name in the page and in storage.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The next one when the switch is pressed.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Puts the theme on the page, and keeps it.
    pub fn apply(self) {
        let root = browser::document().and_then(|document| document.document_element());
        if let Some(root) = root {
            // An attribute of this name is always allowed.
            let _ = match self {
                Self::System => root.remove_attribute("data-theme"),
                chosen => root.set_attribute("data-theme", chosen.name()),
            };
        }
        browser::store("theme", self.name());
    }
}
