//! Which language a reader gets: the first that is wanted and had, by its whole name or its first part, or English.

use super::FALLBACK_LANGUAGE;

/// Chooses one of the languages that exist, for a reader who wants these, the dearest first.
pub fn choose<'a>(wanted: &[String], available: &'a [String]) -> &'a str {
    let find = |name: &str| available.iter().find(|language| language.eq_ignore_ascii_case(name));
    let first_part = |name: &str| name.split('-').next().and_then(find);
    let chosen = wanted.iter().find_map(|name| find(name).or_else(|| first_part(name)));
    chosen.map_or(FALLBACK_LANGUAGE, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_dearest_language_that_exists_and_else_english() {
        let available = ["de", "en", "pt-BR"].map(str::to_owned);
        for (wanted, expected) in [
            (&["de-CH", "en"][..], "de"),
            (&["fr", "en-GB", "de"], "en"),
            (&["pt-br"], "pt-BR"),
            (&["pt"], "en"),
            (&[], "en"),
        ] {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(choose(&wanted, &available), expected, "{wanted:?}");
        }
        assert_eq!(choose(&["de".to_owned()], &[]), "en");
    }
}
