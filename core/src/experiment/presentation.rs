//! What a link's `ui` says: which lesson is open, what is hidden or locked, and whether the page is embedded.
//!
//! `ui=lesson:what-is-a-router,step:2,hide:training.batch,lock:seed` is a list of items; an item is a word, or a word
//! and what it applies to. It changes what is shown, never what is computed.

use std::collections::BTreeSet;

use crate::error::nearest;
use crate::{Error, Result};

/// The words that an item may begin with.
const WORDS: [&str; 7] = ["lesson", "step", "hide", "lock", "embed", "all", "bare"];

/// How the page shows a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presentation {
    /// The lesson that is open; an empty name is the first one that fits the preset.
    pub lesson: Option<String>,
    /// The lesson's step, counted from 1.
    pub step: Option<usize>,
    /// Controls that are not shown, by field key or control name.
    pub hidden: BTreeSet<String>,
    /// Controls that are shown but cannot be changed.
    pub locked: BTreeSet<String>,
    /// Only the pictures and the run controls, for a frame in another page.
    pub embed: bool,
    /// Every control is shown at once.
    pub all: bool,
    /// No control is shown.
    pub bare: bool,
}

impl Presentation {
    /// Reads the text of `ui`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] naming the first item that means nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let mut read = Self::default();
        for item in text.split(',').filter(|item| !item.is_empty()) {
            let (word, rest) = item.split_once(':').map_or((item, None), |(word, rest)| (word, Some(rest)));
            let refuse = || {
                let mut range =
                    "made of `lesson:NAME`, `step:N`, `hide:KEY`, `lock:KEY`, `embed`, `bare` and `all`"
                        .to_owned();
                if let Some(known) = nearest(word, WORDS).filter(|known| known != word) {
                    range += &format!("; did you mean `{known}`?");
                }
                Error::OutOfRange { key: "ui".into(), value: format!("`{item}`"), range }
            };
            match (word, rest) {
                // The first links counted a lesson's steps here, and hid all controls by other words.
                ("lesson", Some(number)) if number.parse::<usize>().is_ok() => {
                    read.lesson = Some(String::new());
                    read.step = number.parse().ok().filter(|step| (1..=99).contains(step));
                }
                ("bare" | "hide" | "hide-controls", None) => read.bare = true,
                ("lesson", name) => read.lesson = Some(name.unwrap_or_default().to_owned()),
                ("step", Some(number)) => {
                    let step = number.parse().ok().filter(|step| (1..=99).contains(step));
                    read.step = Some(step.ok_or_else(refuse)?);
                }
                ("hide", Some(key)) if !key.is_empty() => drop(read.hidden.insert(key.to_owned())),
                ("lock", Some(key)) if !key.is_empty() => drop(read.locked.insert(key.to_owned())),
                ("embed", None) => read.embed = true,
                ("all", None) => read.all = true,
                _ => return Err(refuse()),
            }
        }
        Ok(read)
    }

    /// The text of `ui`; nothing when everything is as usual.
    pub fn text(&self) -> Option<String> {
        let mut items = Vec::new();
        match self.lesson.as_deref() {
            Some("") => items.push("lesson".to_owned()),
            Some(name) => items.push(format!("lesson:{name}")),
            None => {}
        }
        items.extend(self.step.map(|step| format!("step:{step}")));
        items.extend(self.hidden.iter().map(|key| format!("hide:{key}")));
        items.extend(self.locked.iter().map(|key| format!("lock:{key}")));
        items.extend(self.embed.then(|| "embed".to_owned()));
        items.extend(self.all.then(|| "all".to_owned()));
        items.extend(self.bare.then(|| "bare".to_owned()));
        (!items.is_empty()).then(|| items.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in ["lesson", "lesson:what-is-a-router,step:2", "hide:training.batch,lock:seed,embed,all"] {
            let read = Presentation::parse(text).expect("every item means something");
            assert_eq!(read.text().as_deref(), Some(text));
        }
        assert_eq!(Presentation::default().text(), None);
    }

    #[test]
    fn the_words_of_the_first_links_still_mean_what_they_meant() {
        let first = Presentation::parse("lesson:2,hide-controls").expect("an old link");
        assert_eq!((first.lesson.as_deref(), first.step, first.bare), (Some(""), Some(2), true));
        assert!(Presentation::parse("bare").is_ok_and(|read| read.bare));
    }

    #[test]
    fn an_item_that_means_nothing_is_refused_with_the_nearest_word() {
        for (text, expected) in [
            ("lessen:x", "did you mean `lesson`"),
            ("step:0", "`step:0`"),
            ("lock", "`lock`"),
            ("embed:1", "`embed:1`"),
        ] {
            let error = Presentation::parse(text).expect_err(text).to_string();
            assert!(error.contains(expected) && error.starts_with("`ui` is"), "{error}");
        }
    }
}
