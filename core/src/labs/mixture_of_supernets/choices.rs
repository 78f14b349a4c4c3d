//! Sliders for a supernet: one choice for each part of an architecture, made from the specification's space; and the
//! architecture that a setting of them stands for. It trains nothing, so the page has it too.

#[cfg(feature = "engine")]
use std::collections::BTreeMap;

use super::Specification;
use crate::experiment::{Checked, Choice, ProbeKind};
use crate::supernet::SearchSpace;
#[cfg(feature = "engine")]
use crate::supernet::{Activation, Architecture};
#[cfg(feature = "engine")]
use crate::{Error, Result, error::nearest};

/// The key of a block's inner width.
fn block_key(block: usize) -> String {
    format!("ffn.{block}")
}

/// The sliders of a specification; none when its space does not fit together, which its plan then says.
pub(super) fn sliders(checked: &Checked) -> Option<ProbeKind> {
    let specification: Specification = checked.typed().ok()?;
    // How many inputs and classes there are changes no slider.
    let space = specification.search_space(1, 1).ok()?;
    Some(ProbeKind::Choices { choices: choices(&space) })
}

/// One choice for each part of an architecture; at first they stand for the largest.
pub(super) fn choices(space: &SearchSpace) -> Vec<Choice> {
    let largest = space.largest();
    let choice = |key: String, label: String, options: Vec<String>, at: String| {
        let start = options.iter().position(|option| *option == at).unwrap_or(0);
        Choice { key, label, options, start }
    };
    let texts = |numbers: &[usize]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut all = vec![
        choice("width".into(), "Width".into(), texts(&space.widths), largest.width.to_string()),
        choice("depth".into(), "Depth".into(), texts(&space.depths), largest.depth().to_string()),
    ];
    let inner: Vec<usize> = space.ffn.iter().copied().chain(space.wide_ffn).collect();
    for (block, width) in largest.ffn.iter().enumerate() {
        let label = format!("Block {block}, inner width");
        all.push(choice(block_key(block), label, texts(&inner), width.to_string()));
    }
    if space.activations.len() > 1 {
        let names = space.activations.iter().map(|activation| activation.name().to_owned()).collect();
        all.push(choice("activation".into(), "Activation".into(), names, largest.activation.name().into()));
    }
    all
}

/// What a setting of the sliders stands for.
#[cfg(feature = "engine")]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    /// The architecture.
    pub architecture: Architecture,
    /// Which sliders have no effect, if any.
    pub without_effect: Option<String>,
}

/// The architecture that a setting stands for. A slider that is not set stands where it stands at first; the sliders
/// of blocks beyond the depth have no effect.
///
/// # Errors
/// When there is no such slider or position, or the architecture is not in the space: the wide layer may be there
/// once.
#[cfg(feature = "engine")]
pub(super) fn chosen(space: &SearchSpace, set: &BTreeMap<String, String>) -> Result<Chosen> {
    let choices = choices(space);
    let keys = || choices.iter().map(|choice| choice.key.as_str());
    if let Some(unknown) = set.keys().find(|key| !keys().any(|known| known == key.as_str())) {
        let hint = nearest(unknown, keys()).map(|known| format!("; did you mean `{known}`?"));
        let problem = format!(
            "there is no choice `{unknown}`{}; the choices are {}",
            hint.unwrap_or_default(),
            keys().collect::<Vec<_>>().join(", ")
        );
        return Err(Error::NotAnswerable { problem });
    }
    let option = |key: &str| -> Result<&str> {
        let Some(choice) = choices.iter().find(|choice| choice.key == key) else {
            return Ok("");
        };
        let Some(text) = set.get(key) else { return Ok(&choice.options[choice.start]) };
        choice.options.iter().find(|option| *option == text).map(String::as_str).ok_or_else(|| {
            let problem = format!("`{key}` is `{text}`, but must be one of {}", choice.options.join(", "));
            Error::NotAnswerable { problem }
        })
    };
    let number = |key: &str| -> Result<usize> {
        let text = option(key)?;
        text.parse().map_err(|_| Error::NotAnswerable { problem: format!("`{key}` is `{text}`, no number") })
    };
    let depth = number("depth")?;
    let ffn = (0..depth).map(|block| number(&block_key(block))).collect::<Result<Vec<_>>>()?;
    let activation = match option("activation")? {
        "" => space.activations[0],
        name => name.parse::<Activation>()?,
    };
    if let Some(wide) = space.wide_ffn
        && ffn.iter().filter(|inner| **inner == wide).count() > 1
    {
        let problem = format!(
            "more than one block is {wide} wide, but at most one may be; give the others a smaller inner width"
        );
        return Err(Error::NotAnswerable { problem });
    }
    let architecture = Architecture { width: number("width")?, activation, ffn };
    space.check(&architecture)?;
    let beyond: Vec<String> = (depth..space.max_depth())
        .filter(|block| set.contains_key(&block_key(*block)))
        .map(|block| block.to_string())
        .collect();
    let without_effect = match beyond.as_slice() {
        [] => None,
        [one] => Some(format!("block {one} lies beyond the depth of {depth}")),
        several => Some(format!("blocks {} lie beyond the depth of {depth}", several.join(" and "))),
    };
    Ok(Chosen { architecture, without_effect })
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, Registry};
    use crate::supernet::space::tests::space;

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, option)| ((*key).to_owned(), (*option).to_owned())).collect()
    }

    #[test]
    fn every_slider_at_its_start_stands_for_the_largest_architecture() {
        let space = space();
        let found = chosen(&space, &BTreeMap::new()).expect("the starts are in the space");
        assert_eq!(found, Chosen { architecture: space.largest(), without_effect: None });
        for choice in choices(&space) {
            assert!(choice.start < choice.options.len() && !choice.options.is_empty(), "{choice:?}");
        }
    }

    #[test]
    fn every_architecture_of_the_space_can_be_set() {
        let space = space();
        for architecture in space.enumerate(1000).expect("a small space") {
            let mut all = set(&[("activation", architecture.activation.name())]);
            all.insert("width".into(), architecture.width.to_string());
            all.insert("depth".into(), architecture.depth().to_string());
            for (block, inner) in architecture.ffn.iter().enumerate() {
                all.insert(block_key(block), inner.to_string());
            }
            assert_eq!(chosen(&space, &all).map(|found| found.architecture), Ok(architecture));
        }
    }

    #[test]
    fn blocks_beyond_the_depth_have_no_effect_and_are_named() {
        let space = space();
        let depth = space.depths[0].to_string();
        let wide = space.max_ffn().to_string();
        let all = set(&[("depth", &depth), ("ffn.0", "2"), ("ffn.1", &wide), ("ffn.2", &wide)]);
        let found = chosen(&space, &all).expect("only block 0 counts");
        assert_eq!(found.architecture.ffn, [2]);
        let words = found.without_effect.expect("two blocks are beyond the depth");
        assert_eq!(words, "blocks 1 and 2 lie beyond the depth of 1");
    }

    #[test]
    fn an_unknown_slider_an_unknown_position_and_a_second_wide_layer_are_refused() {
        let space = space();
        let wide = space.max_ffn().to_string();
        for (pairs, words) in [
            (vec![("widht", "4")], "did you mean `width`"),
            (vec![("width", "5")], "`width` is `5`, but must be one of"),
            (vec![("ffn.0", wide.as_str()), ("ffn.1", wide.as_str())], "more than one block is 10 wide"),
        ] {
            let error = chosen(&space, &set(&pairs)).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn sliders_come_from_the_specification() {
        let registry = Registry::standard();
        let keys = |preset: &str| {
            let checked = registry.check(&Experiment::new(preset)).expect("a preset is valid");
            let Some(ProbeKind::Choices { choices }) = sliders(&checked) else {
                panic!("a supernet is asked by choices");
            };
            choices.into_iter().map(|choice| choice.key).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys("mos-digits"), "width depth ffn.0 ffn.1 ffn.2");
        assert_eq!(keys("mos-t1"), "width depth ffn.0 ffn.1 ffn.2 activation");
    }
}
