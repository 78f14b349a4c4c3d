//! The text of a step: a small part of HTML and MathML, checked before it comes near a page. Nothing in it can run,
//! load, link or style anything.

/// What may stand where a paragraph may.
const BLOCKS: [&str; 4] = ["p", "ul", "ol", "math"];
/// What may stand in a paragraph or an item.
const INLINE: [&str; 5] = ["em", "strong", "code", "kbd", "math"];
/// What may stand in a formula.
const FORMULA: [&str; 14] = [
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
];
/// What may hold text.
const TEXTUAL: [&str; 11] = ["p", "li", "em", "strong", "code", "kbd", "mi", "mn", "mo", "mtext", "mspace"];
/// The attributes that may be given, each with its element.
const ATTRIBUTES: [(&str, &str); 4] =
    [("math", "display"), ("math", "aria-label"), ("mi", "mathvariant"), ("mspace", "width")];
/// The characters that must be written otherwise.
const ENTITIES: [&str; 3] = ["lt", "gt", "amp"];

/// HTML of the allowed kind, well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Checks a text.
    ///
    /// # Errors
    /// The first thing that is not allowed or not well formed, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (words, next) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            check_words(words, open.last().copied())?;
            rest = next;
            let Some(inside) = rest.strip_prefix('<') else { break };
            let end = end_of_tag(inside).ok_or("a `<` has no `>`; write `&lt;` for the character itself")?;
            let tag = &inside[..end];
            rest = &inside[end + 1..];
            match tag.strip_prefix('/') {
                Some(name) if open.last() == Some(&name) => drop(open.pop()),
                Some(name) => {
                    let inner = open.last().map_or("nothing".to_owned(), |inner| format!("`<{inner}>`"));
                    return Err(format!("`</{name}>` stands where {inner} is open"));
                }
                None => open.push(check_tag(tag, &open)?),
            }
        }
        match open.last() {
            None if text.trim().is_empty() => Err("the text is empty".to_owned()),
            None => Ok(Self(text.trim().to_owned())),
            Some(name) => Err(format!("`<{name}>` is not closed")),
        }
    }

    /// The HTML.
    pub fn html(&self) -> &str {
        &self.0
    }

    /// How many words it has, formulas aside.
    pub fn word_count(&self) -> usize {
        let mut text = self.0.clone();
        while let Some((from, length)) =
            text.find("<math").and_then(|from| text[from..].find("</math>").map(|length| (from, length + 7)))
        {
            text.replace_range(from..from + length, " ");
        }
        let mut words = String::new();
        let mut in_tag = false;
        for letter in text.chars() {
            in_tag = letter == '<' || (in_tag && letter != '>');
            words.push(if in_tag || letter == '>' { ' ' } else { letter });
        }
        words.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
    }
}

/// Where a tag ends: at the first `>` outside quotes.
fn end_of_tag(inside: &str) -> Option<usize> {
    let mut quoted = false;
    inside.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (letter == '>' && !quoted).then_some(at)
    })
}

/// Checks an opening tag where it stands, and returns its name.
fn check_tag<'a>(tag: &'a str, open: &[&str]) -> Result<&'a str, String> {
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let parent = open.last().copied();
    let in_formula = open.contains(&"math");
    let fits = match parent {
        None => BLOCKS.contains(&name),
        Some("ul" | "ol") => name == "li",
        Some("p" | "li" | "em" | "strong") => INLINE.contains(&name),
        Some("mi" | "mn" | "mo" | "mtext" | "mspace" | "code" | "kbd") => false,
        Some(_) => in_formula && FORMULA.contains(&name),
    };
    if !fits {
        let place =
            parent.map_or("at the beginning of a text".to_owned(), |parent| format!("in `<{parent}>`"));
        return Err(format!("`<{name}>` is not allowed {place}"));
    }
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let malformed = || format!("`<{tag}>` is not well formed; write attributes as `name=\"value\"`");
        let (attribute, value) = rest.split_once("=\"").ok_or_else(malformed)?;
        let (value, next) = value.split_once('"').ok_or_else(malformed)?;
        if !ATTRIBUTES.contains(&(name, attribute)) {
            return Err(format!("`<{name}>` may not have the attribute `{attribute}`"));
        }
        check_entities(value)?;
        rest = next.trim_start();
    }
    Ok(name)
}

/// Checks what stands between two tags.
fn check_words(words: &str, parent: Option<&str>) -> Result<(), String> {
    if !words.trim().is_empty() && !parent.is_some_and(|parent| TEXTUAL.contains(&parent)) {
        let words: String = words.trim().chars().take(24).collect();
        return Err(format!("the words `{words}` stand outside a paragraph"));
    }
    if words.contains('>') {
        return Err("a `>` has no `<`; write `&gt;` for the character itself".to_owned());
    }
    check_entities(words)
}

fn check_entities(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let name = text[at + 1..].split(';').next().unwrap_or_default();
        if !ENTITIES.contains(&name) {
            let shown: String = name.chars().take(12).collect();
            return Err(format!(
                "`&{shown}` is not one of `&lt;`, `&gt;` and `&amp;`; write other characters as they are"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_formulas_are_kept_as_they_are() {
        let text = "<p>A <em>score</em>, <code>s &lt; 1</code> and \
                    <math><msub><mi>p</mi><mi>k</mi></msub></math>.</p>\n<ul><li>one</li></ul>\
                    <math display=\"block\" aria-label=\"a > b\"><mi mathvariant=\"normal\">a</mi></math>";
        assert_eq!(Markup::parse(text).map(|markup| markup.html().to_owned()), Ok(text.to_owned()));
    }

    #[test]
    fn words_are_counted_without_tags_and_formulas() {
        let text = "<p>Two <em>words</em>, <math><mi>x</mi><mo>=</mo><mn>1</mn></math> and - more.</p>";
        assert_eq!(Markup::parse(text).map(|markup| markup.word_count()), Ok(4));
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (text, expected) in [
            ("", "empty"),
            ("loose words", "stand outside a paragraph"),
            ("<p>open", "`<p>` is not closed"),
            ("<p>a</em></p>", "`</em>` stands where `<p>` is open"),
            ("</p>", "`</p>` stands where nothing is open"),
            ("<p><p>a</p></p>", "`<p>` is not allowed in `<p>`"),
            ("<li>a</li>", "`<li>` is not allowed at the beginning"),
            ("<ul>a</ul>", "stand outside a paragraph"),
            ("<p>1 < 2</p>", "not allowed"),
            ("<p>1 <", "no `>`"),
            ("<p>2 > 1</p>", "`&gt;`"),
            ("<p>a &nbsp; b</p>", "`&nbsp`"),
            ("<p>fish & chips</p>", "is not one of"),
            ("<p><script>alert(1)</script></p>", "`<script>` is not allowed"),
            ("<p><img src=\"x\" onerror=\"y\"></p>", "`<img>` is not allowed"),
            ("<p onclick=\"x\">a</p>", "attribute `onclick`"),
            ("<p><a href=\"javascript:x\">a</a></p>", "`<a>` is not allowed"),
            ("<p style='x'>a</p>", "not well formed"),
            ("<math><mi>x</mi><p>a</p></math>", "`<p>` is not allowed in `<math>`"),
            ("<math>x</math>", "stand outside"),
            ("<math href=\"x\"><mi>x</mi></math>", "attribute `href`"),
            ("<P>a</P>", "`<P>` is not allowed"),
            ("<p/>", "`<p/>` is not allowed"),
            ("<!-- a --><p>a</p>", "not allowed"),
        ] {
            let error = Markup::parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
