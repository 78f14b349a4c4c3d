//! File names made from a picture's title.

/// The most letters of a name, without its ending.
const LONGEST: usize = 60;

/// A file name for a title: lower-case letters and digits, words joined by hyphens, then the ending.
pub fn file_name(title: &str, ending: &str) -> String {
    let mut name = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let cut: String = name.chars().take(LONGEST).collect();
    // A title that is too long is cut between two words.
    let whole = if cut.len() < name.len() {
        cut.rsplit_once('-').map_or(cut.as_str(), |(words, _)| words)
    } else {
        &cut
    };
    let whole = whole.trim_matches('-');
    format!("{}.{ending}", if whole.is_empty() { "picture" } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_any_system_takes() {
        assert_eq!(
            file_name("Expert 3 takes 61% of the tokens", "svg"),
            "expert-3-takes-61-of-the-tokens.svg"
        );
        assert_eq!(file_name("../../etc/passwd\0", "csv"), "etc-passwd.csv");
        assert_eq!(file_name(" — ", "png"), "picture.png");
        let long = file_name(&"word ".repeat(40), "svg");
        assert!(long.len() <= LONGEST + 4 && long.ends_with("word.svg"), "{long}");
    }
}
