//! Lessons are written in TOML, for people; the page reads the same in JSON, which it reads anyway.

use super::files::PageFolder;
use crate::failure::Failure;

const WRITTEN: &str = ".toml";

/// Puts JSON in the place of every lesson's TOML.
pub fn convert(page: PageFolder) -> Result<(), Failure> {
    for name in page.names()?.iter().filter(|name| name.starts_with("lessons/")) {
        let Some(stem) = name.strip_suffix(WRITTEN) else { continue };
        let text = page.text(name)?;
        let json = json(&text).map_err(|problem| Failure::Step(format!("{name}: {problem}")))?;
        page.write(&format!("{stem}.json"), json.as_bytes())?;
        page.remove(name)?;
    }
    Ok(())
}

fn json(text: &str) -> Result<String, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    serde_json::to_string(&table).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_and_a_slip_is_named_with_its_line() {
        let text = "title = \"a\"\n[[steps]]\nset = { \"router.k\" = 2, rate = 0.5 }\n";
        assert_eq!(json(text).as_deref(), Ok(r#"{"steps":[{"set":{"rate":0.5,"router.k":2}}],"title":"a"}"#));
        let error = json("title = \"a\"\nsummary =\n").expect_err("a value is missing");
        assert!(error.contains("line 2"), "{error}");
    }
}
