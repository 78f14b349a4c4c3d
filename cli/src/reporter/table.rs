//! Tables in columns for people: text to the left, numbers to the right, never cut.

/// Rows of cells under headings.
#[derive(Debug, Clone, Default)]
pub struct Table {
    headings: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; a heading that begins with `>` stands over numbers, to the right.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            headings: headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect(),
            right: headings.iter().map(|heading| heading.starts_with('>')).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, each indented by two.
    pub fn text(&self) -> String {
        let all = || std::iter::once(&self.headings).chain(&self.rows);
        let width = |column: usize| {
            all().filter_map(|row| row.get(column)).map(|cell| shown_width(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.headings.len()).map(width).collect();
        let mut text = String::new();
        for row in all() {
            let cells = row.iter().zip(widths.iter().zip(&self.right)).map(|(cell, (&width, &right))| {
                let space = " ".repeat(width - shown_width(cell));
                if right { format!("{space}{cell}") } else { format!("{cell}{space}") }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            text.push_str(&format!("  {}\n", line.trim_end()));
        }
        text
    }
}

/// Characters that take up room; colours take none.
fn shown_width(cell: &str) -> usize {
    let mut width = 0;
    let mut in_colour = false;
    for character in cell.chars() {
        match (in_colour, character) {
            (false, '\u{1b}') => in_colour = true,
            (false, _) => width += 1,
            (true, 'm') => in_colour = false,
            (true, _) => {}
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_is_cut() {
        let mut table = Table::new(&["name", ">mean"]);
        table.row(["a".to_owned(), "-1.5".to_owned()]);
        table.row(["a much longer name".to_owned(), "10".to_owned()]);
        let expected = "  name                mean\n  a                   -1.5\n  a much longer name    10\n";
        assert_eq!(table.text(), expected);
    }

    #[test]
    fn colours_take_no_room() {
        assert_eq!(shown_width("\u{1b}[32msupported\u{1b}[0m"), "supported".len());
    }
}
