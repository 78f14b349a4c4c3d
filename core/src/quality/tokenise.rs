//! Where a word begins and ends: the tokenisers of sacreBLEU that Western languages need.
//!
//! `13a` is what `mteval-v13a.pl` does, the script of the WMT campaigns: the figures of two papers can be compared
//! only if both used one tokeniser (Post 2018, arXiv 1804.08771). sacreBLEU writes it as four regular expressions,
//! each run over the result of the one before; here each is a scan. They find matches that do not overlap, from left
//! to right, so a character that one match has used cannot begin or end the next.

/// How a segment is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tokeniser {
    /// `13a`, sacreBLEU's default.
    #[default]
    Mteval13a,
    /// `none`: words are what stands between white space.
    None,
    /// `char`: every character is a word; white space is none.
    Character,
}

/// The tokens of a segment, in order, with one space between them.
///
/// With [`Tokeniser::None`] the segment comes back with its white space made uniform, and with
/// [`Tokeniser::Character`] without it; sacreBLEU does both when it splits the result.
pub fn tokenise(text: &str, tokeniser: Tokeniser) -> String {
    match tokeniser {
        Tokeniser::Mteval13a => {
            let text = format!(" {} ", replace_markup(text));
            let text = split_before_marks(&split_symbols(&text));
            join(words(&split_digits_from_dashes(&split_after_marks(&text))))
        }
        Tokeniser::None => join(words(text)),
        Tokeniser::Character => {
            let mut separated = String::with_capacity(2 * text.len());
            text.chars().filter(|&character| !is_space(character)).for_each(|character| {
                separated.extend((!separated.is_empty()).then_some(' '));
                separated.push(character);
            });
            separated
        }
    }
}

/// White space as Python has it: Unicode's, and the four separators of ASCII.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

/// What stands between white space (Python's `str.split`).
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for word in words {
        joined.extend((!joined.is_empty()).then_some(' '));
        joined.push_str(word);
    }
    joined
}

/// Undoes line breaks and SGML entities, one after the other: `&amp;lt;` becomes `<`.
fn replace_markup(text: &str) -> String {
    let text = text.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    if !text.contains('&') {
        return text;
    }
    text.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

/// ``([\{-\~\[-\` -\&\(-\+\:-\@\/])`` becomes `` \1 ``: ASCII punctuation but for `'`, `,`, `-` and `.`.
fn split_symbols(text: &str) -> String {
    let mut result = String::with_capacity(3 * text.len());
    for character in text.chars() {
        match character {
            ' '..='&' | '('..='+' | '/' | ':'..='@' | '['..='`' | '{'..='~' => {
                result.extend([' ', character, ' ']);
            }
            _ => result.push(character),
        }
    }
    result
}

/// `([^0-9])([\.,])` becomes `\1 \2 `: a period or comma that does not follow a digit.
fn split_before_marks(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        result.push(character);
        if !character.is_ascii_digit()
            && let Some(mark) = rest.next_if(|&next| is_mark(next))
        {
            result.extend([' ', mark, ' ']);
        }
    }
    result
}

/// `([\.,])([^0-9])` becomes ` \1 \2`: a period or comma that no digit follows.
fn split_after_marks(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if is_mark(character)
            && let Some(next) = rest.next_if(|next| !next.is_ascii_digit())
        {
            result.extend([' ', character, ' ', next]);
        } else {
            result.push(character);
        }
    }
    result
}

/// `([0-9])(-)` becomes `\1 \2 `: a dash that follows a digit.
fn split_digits_from_dashes(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        result.push(character);
        if character.is_ascii_digit() && rest.next_if_eq(&'-').is_some() {
            result.push_str(" - ");
        }
    }
    result
}

fn is_mark(character: char) -> bool {
    matches!(character, '.' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_inside_numbers_only() {
        for (text, tokens) in [
            ("It cost 1,234.5 euros.", "It cost 1,234.5 euros ."),
            ("a,b 1,b a,1 1.", "a , b 1 , b a , 1 1 ."),
            ("Wait...,what", "Wait . . . , what"),
            (".5 and 5.", ". 5 and 5 ."),
            ("", ""),
            (" \t\u{1c}\u{a0}\u{3000} ", ""),
        ] {
            assert_eq!(tokenise(text, Tokeniser::Mteval13a), tokens, "{text:?}");
        }
    }

    #[test]
    fn dashes_and_apostrophes_stay_inside_words() {
        for (text, tokens) in [
            ("a well-known 3-day trip", "a well-known 3 - day trip"),
            ("don't 'quote' \"me\"", "don't 'quote' \" me \""),
            ("a/b (c) [d] {e} f_g", "a / b ( c ) [ d ] { e } f _ g"),
            ("„Ja“ – naïve…", "„Ja“ – naïve…"),
        ] {
            assert_eq!(tokenise(text, Tokeniser::Mteval13a), tokens, "{text:?}");
        }
    }

    #[test]
    fn markup_is_undone_in_sequence() {
        for (text, tokens) in [
            ("&quot;A&quot; &amp; B &lt;b&gt;", "\" A \" & B < b >"),
            ("&amp;lt; &amp;quot;", "< & quot ;"),
            ("hyphen-\nated <skip<skipped>ped> two\nlines", "hyphenated < skipped > two lines"),
        ] {
            assert_eq!(tokenise(text, Tokeniser::Mteval13a), tokens, "{text:?}");
        }
    }

    #[test]
    fn the_other_tokenisers_split_at_white_space_and_everywhere() {
        assert_eq!(tokenise(" Hi,\tyou\u{85}!\r\n", Tokeniser::None), "Hi, you !");
        assert_eq!(tokenise(" Hi,\tü 🙂 ", Tokeniser::Character), "H i , ü 🙂");
    }
}
