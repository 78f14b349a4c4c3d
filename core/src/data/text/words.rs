//! The words of the generated language. Every noun and verb takes a plain `s`; no noun begins with another noun and no
//! verb with another verb, so that a reader knows where a stem ends. Nouns and verbs belong to one topic each,
//! determiners and adjectives to none.

/// The words of one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// What the topic is called.
    pub name: &'static str,
    /// Its nouns, in the singular.
    pub nouns: [&'static str; WORDS],
    /// Its verbs, without an ending.
    pub verbs: [&'static str; WORDS],
}

/// How many nouns, and as many verbs, a topic has.
pub const WORDS: usize = 8;

/// The word that begins a copy task.
pub const COPY: &str = "copy";
/// What the letters of a copy task are called in a list of words.
pub const LETTERS: &str = "letters";
/// The word between the adjectives of a phrase.
pub const AND: &str = "and";

/// The determiners: none of them says whether its noun is one or many.
pub const DETERMINERS: [&str; 4] = ["the", "my", "our", "your"];

/// The adjectives, shared by all topics.
pub const ADJECTIVES: [&str; 8] = ["old", "calm", "slow", "tall", "kind", "loud", "pale", "brave"];

/// The topics.
pub const TOPICS: [Topic; 8] = [
    Topic {
        name: "sea",
        nouns: ["boat", "sailor", "wave", "harbour", "net", "anchor", "captain", "island"],
        verbs: ["steer", "row", "hoist", "moor", "sink", "tow", "trawl", "scull"],
    },
    Topic {
        name: "kitchen",
        nouns: ["cook", "onion", "spoon", "kettle", "pepper", "cake", "plate", "stove"],
        verbs: ["boil", "stir", "bake", "slice", "roast", "season", "taste", "grill"],
    },
    Topic {
        name: "farm",
        nouns: ["farmer", "cow", "goat", "barn", "field", "tractor", "hen", "seed"],
        verbs: ["feed", "plough", "milk", "harvest", "graze", "herd", "tend", "shear"],
    },
    Topic {
        name: "music",
        nouns: ["singer", "drum", "violin", "song", "piano", "horn", "tune", "band"],
        verbs: ["play", "hum", "compose", "rehearse", "record", "conduct", "strum", "chant"],
    },
    Topic {
        name: "railway",
        nouns: ["train", "driver", "signal", "carriage", "platform", "tunnel", "ticket", "engine"],
        verbs: ["shunt", "couple", "brake", "board", "delay", "repair", "inspect", "cancel"],
    },
    Topic {
        name: "garden",
        nouns: ["gardener", "rose", "tulip", "spade", "hedge", "lawn", "beetle", "snail"],
        verbs: ["plant", "dig", "prune", "trim", "rake", "mow", "water", "weed"],
    },
    Topic {
        name: "court",
        nouns: ["judge", "lawyer", "clerk", "prisoner", "guard", "crime", "paper", "verdict"],
        verbs: ["accuse", "defend", "question", "acquit", "summon", "pardon", "doubt", "warn"],
    },
    Topic {
        name: "sky",
        nouns: ["pilot", "plane", "cloud", "star", "comet", "rocket", "moon", "meteor"],
        verbs: ["explore", "orbit", "circle", "land", "follow", "observe", "photograph", "eclipse"],
    },
];

/// The number of no word: of spaces, punctuation and line ends.
pub const NO_WORD: u32 = 0;

/// Every word in the order of its number, which begins with [`NO_WORD`]: the copy task's two, then the determiners,
/// the conjunction, the adjectives, and each topic's nouns and verbs. Numbers do not depend on a language's settings.
pub fn all() -> Vec<&'static str> {
    let mut all = vec!["", COPY, LETTERS];
    all.extend(DETERMINERS);
    all.push(AND);
    all.extend(ADJECTIVES);
    for topic in &TOPICS {
        all.extend(topic.nouns);
        all.extend(topic.verbs);
    }
    all
}

/// The number of the first determiner.
pub(super) const FIRST_DETERMINER: usize = 3;
/// The number of the conjunction.
pub(super) const CONJUNCTION: usize = FIRST_DETERMINER + DETERMINERS.len();
/// The number of the first adjective.
pub(super) const FIRST_ADJECTIVE: usize = CONJUNCTION + 1;
/// The number of the first topic's first noun.
pub(super) const FIRST_NOUN: usize = FIRST_ADJECTIVE + ADJECTIVES.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_noun_begins_with_a_noun_and_no_verb_with_a_verb() {
        let check = |words: Vec<&str>| {
            for (i, word) in words.iter().enumerate() {
                for (j, other) in words.iter().enumerate() {
                    assert!(i == j || !word.starts_with(other), "`{word}` begins with `{other}`");
                }
            }
        };
        check(TOPICS.iter().flat_map(|topic| topic.nouns).collect());
        check(TOPICS.iter().flat_map(|topic| topic.verbs).collect());
        check(DETERMINERS.to_vec());
        check(ADJECTIVES.to_vec());
    }

    #[test]
    fn every_word_has_one_number_and_takes_a_plain_ending() {
        let all = all();
        let distinct: std::collections::BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(
            [all[FIRST_DETERMINER], all[CONJUNCTION], all[FIRST_ADJECTIVE], all[FIRST_NOUN]],
            ["the", AND, "old", "boat"]
        );
        for word in TOPICS.iter().flat_map(|topic| topic.nouns.into_iter().chain(topic.verbs)) {
            let irregular = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
            let consonant_y = word.ends_with('y') && !word.ends_with("ay");
            assert!(!consonant_y && !irregular, "{word}");
        }
    }
}
