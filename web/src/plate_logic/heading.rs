//! The first line of a CSV file, to choose a column by its name before the worker reads the file as a whole.

/// The largest file that is taken, in bytes.
const LARGEST_FILE: f64 = 2.0 * 1024.0 * 1024.0;

/// The names of the columns; none when the first line is a row like the others, that is, when it holds a number.
pub fn columns(text: &str) -> Vec<String> {
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match (letter, fields.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => fields.push(String::new()),
            (letter, Some(field)) => field.push(letter),
            (_, None) => {}
        }
    }
    let names: Vec<String> = fields.iter().map(|field| field.trim().to_owned()).collect();
    let is_row = names.iter().any(|name| name.parse::<f64>().is_ok());
    if is_row || names.len() < 2 { Vec::new() } else { names }
}

/// Why a file is not taken, as far as can be seen without reading its rows.
pub fn problem(name: &str, text: &str) -> Option<String> {
    let line = text.lines().next().unwrap_or_default();
    if text.trim().is_empty() {
        Some(format!("`{name}` is empty. A table has one line for each row, and commas between the numbers."))
    } else if !line.contains(',') && (line.contains(';') || line.contains('\t')) {
        Some(format!("The columns of `{name}` are not separated by commas. Save it again with commas."))
    } else if !line.contains(',') {
        Some(format!("`{name}` has one column only. It needs numbers and, in one column, the class."))
    } else {
        None
    }
}

/// Why a file of this size is not taken, if it is not.
pub fn too_large(name: &str, bytes: f64) -> Option<String> {
    (bytes > LARGEST_FILE)
        .then(|| format!("`{name}` is {:.1} MB large; at most 2 MB are taken. Keep fewer rows.", bytes / 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_also_in_quotes() {
        assert_eq!(columns("length,\"width, cm\",kind\n1,2,a"), ["length", "width, cm", "kind"]);
        assert_eq!(columns("\u{feff} a ,b,c\r\n1,2,3"), ["a", "b", "c"]);
    }

    #[test]
    fn a_first_line_with_a_number_names_nothing() {
        assert!(columns("1.5,2,red\n3,4,blue").is_empty());
        assert!(columns("").is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_a_table_is_refused_with_what_to_do() {
        let refused = |text| problem("a.csv", text).unwrap_or_default();
        assert_eq!(refused("a,b\n1,2"), "");
        assert!(refused(" \n").contains("is empty"));
        assert!(refused("a;b\n1;2").contains("Save it again with commas"));
        assert!(refused("a\n1").contains("one column only"));
        assert_eq!(too_large("a.csv", 2_000_000.0), None);
        assert!(too_large("a.csv", 3_400_000.0).is_some_and(|reason| reason.contains("3.4 MB")));
    }
}
