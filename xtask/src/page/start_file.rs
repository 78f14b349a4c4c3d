//! `index.html` as trunk leaves it becomes a start file without inline scripts, with its policy and its workers named.

use super::files::{PageFolder, short_hash};
use crate::failure::Failure;

/// The start file's name.
pub const NAME: &str = "index.html";

/// Moves inline scripts to files of their own and fills in the places: what stands in double braces, and its value.
pub fn rewrite(page: PageFolder, places: &[(&str, String)]) -> Result<(), Failure> {
    let mut text = page.text(NAME)?;
    for (place, value) in places {
        let place = format!("{{{{{place}}}}}");
        if text.matches(&place).count() != 1 {
            return Err(Failure::Step(format!("web/index.html must hold `{place}` once.")));
        }
        text = text.replace(&place, value);
    }
    while let Some(script) = inline_script(&text) {
        let name = format!("start-{}.js", short_hash(&[script.body.as_bytes()]));
        page.write(&name, script.body.trim_start().as_bytes())?;
        let tag = format!("{} src=\"./{name}\">", script.opening);
        let (start, end) = (script.start, script.end);
        text.replace_range(start..end, &tag);
    }
    page.write(NAME, text.as_bytes())
}

/// A script that is written in the start file itself.
#[derive(Debug, PartialEq, Eq)]
pub struct InlineScript<'a> {
    /// Where its tag begins.
    start: usize,
    /// Where its text ends.
    end: usize,
    /// The tag without its closing sign.
    opening: &'a str,
    /// Its text.
    body: &'a str,
}

/// The first script without an address.
pub fn inline_script(text: &str) -> Option<InlineScript<'_>> {
    let mut from = 0;
    while let Some(start) = text[from..].find("<script").map(|at| at + from) {
        let opening_end = start + text[start..].find('>')?;
        let end = opening_end + text[opening_end..].find("</script>")?;
        let opening = &text[start..opening_end];
        if !opening.contains(" src=") {
            return Some(InlineScript { start, end, opening, body: &text[opening_end + 1..end] });
        }
        from = end;
    }
    None
}

/// The loader of a worker: the value of a `<meta name="switchyard-…">`.
pub fn loader_of<'a>(text: &'a str, worker: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<meta name=\"switchyard-{worker}\" content=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// The policy's lines as one.
pub fn one_line(policy: &str) -> String {
    policy.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "<meta content=\"{{content-security-policy}}\"><meta name=\"switchyard-engine\" content=\"{{engine}}\">\
        <script src=\"./a.js\" defer></script><script type=\"module\">\nimport init from './b.js';\n</script><p></p>";

    #[test]
    fn no_script_stays_inline_and_the_places_are_filled() {
        let folder = std::env::temp_dir().join(format!("switchyard-start-{}", std::process::id()));
        let page = PageFolder(&folder);
        page.write(NAME, TEXT.as_bytes()).unwrap();
        let places = |values: [&str; 2]| {
            [("content-security-policy", values[0].to_owned()), ("engine", values[1].to_owned())]
        };
        rewrite(page, &places(["default-src 'none'", "engine/1/x.js"])).unwrap();
        let text = page.text(NAME).unwrap();
        assert_eq!(inline_script(&text), None);
        assert_eq!(loader_of(&text, "engine"), Some("engine/1/x.js"));
        assert_eq!(loader_of(&text, "reader"), None);
        assert!(text.contains("<meta content=\"default-src 'none'\">"), "{text}");
        let name = page.names().unwrap().into_iter().find(|name| name.starts_with("start-")).unwrap();
        assert!(
            text.contains(&format!("<script type=\"module\" src=\"./{name}\"></script><p></p>")),
            "{text}"
        );
        assert_eq!(page.text(&name).unwrap(), "import init from './b.js';\n");
        assert!(rewrite(page, &places(["", ""])).is_err(), "the places are gone");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_script_with_an_address_is_not_inline() {
        assert_eq!(inline_script("<script src=\"a.js\">1</script>"), None);
        assert_eq!(inline_script("<p>no script</p><script"), None);
        assert_eq!(inline_script("<script>1</script>").unwrap().body, "1");
    }

    #[test]
    fn a_policy_of_many_lines_becomes_one() {
        assert_eq!(one_line("a 'self';\n\n  b 'none'\n"), "a 'self'; b 'none'");
    }
}
