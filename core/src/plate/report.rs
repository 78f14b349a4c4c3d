//! The report: one sheet as a self-contained HTML file. Verdicts first, then warnings, pictures, tables and the
//! exact specification. It needs no script and no network, reads well at any width, and prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::data::{Cell, Column, Table, VerdictPlate};
use super::number::interval;
use super::svg::{STYLE, element, escaped};
use super::table::exact;
use super::verdict::{symbol, wins};
use super::{PHONE_WIDTH, Plate, SHEET_WIDTH, Scene};
use crate::experiment::{Event, Verdict, VerdictWord};

/// Everything a report says about one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The run's name.
    pub title: String,
    /// The exact specification, as TOML.
    pub experiment_toml: String,
    /// The link that opens the same experiment.
    pub link: String,
    /// The command that repeats the run.
    pub command: String,
    /// Where it ran: versions, processor, device, times.
    pub environment: BTreeMap<String, String>,
    /// What the run reported, in order.
    pub events: Vec<Event>,
}

/// The report of a run as an HTML file.
pub fn html(record: &Record) -> String {
    page(record, true)
}

/// The report of a file that no run of ours made: warnings, pictures and tables, without a verdict.
pub fn html_of_file(record: &Record) -> String {
    page(record, false)
}

fn page(record: &Record, is_run: bool) -> String {
    let title = escaped(&record.title);
    let first = if is_run { "verdict" } else { "content" };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Switchyard report</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the {first}</a>\n\
         <header>\n<p class=\"house\">Switchyard · report</p>\n<h1>{title}</h1>\n"
    );
    write_lead(&mut out, &record.events);
    out.push_str("</header>\n<main id=\"content\">\n");
    if is_run {
        write_verdicts(&mut out, &record.events, NO_VERDICT);
    }
    write_sections(&mut out, record, if is_run { "Exactly this run" } else { "Exactly this file" });
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// What a report says in the place of a verdict.
const NO_VERDICT: &str =
    "No verdict: this run has not come to its end. Resume it, then make the report again.";
/// The same while the run goes on.
const NO_VERDICT_YET: &str = "No verdict yet: it is given when the run is complete.";

/// The sections of the report of a run that may still go on, for a page that has [`STYLE`] and a heading already.
pub fn sections(record: &Record) -> String {
    let mut out = String::new();
    write_lead(&mut out, &record.events);
    write_verdicts(&mut out, &record.events, NO_VERDICT_YET);
    write_sections(&mut out, record, "Exactly this run");
    out
}

/// Everything after the verdicts.
fn write_sections(out: &mut String, record: &Record, specification: &str) {
    write_warnings(out, record);
    write_plates(out, record);
    write_tables(out, record);
    write_specification(out, record, specification);
}

fn as_verdict(event: &Event) -> Option<&Verdict> {
    match event {
        Event::Verdict { verdict } => Some(verdict),
        _ => None,
    }
}

fn tone(word: VerdictWord) -> &'static str {
    match word {
        VerdictWord::Supported => "good",
        VerdictWord::Contradicted => "bad",
        VerdictWord::NotSupported | VerdictWord::Inconclusive => "warn",
    }
}

/// What the run says as a whole; nothing while it is unfinished.
fn write_lead(out: &mut String, events: &[Event]) {
    for event in events {
        if let Event::Finished { verdict, sentence, .. } = event {
            let (tone, symbol) = (tone(*verdict), symbol(*verdict));
            let _ = writeln!(
                out,
                "<p class=\"lead {tone}\"><span class=\"word\">{symbol}&#160;{verdict}</span>: {}</p>",
                escaped(&sentence.replace('`', ""))
            );
        }
    }
}

/// The verdicts, or the sentence `missing`.
fn write_verdicts(out: &mut String, events: &[Event], missing: &str) {
    let verdicts: Vec<&Verdict> = events.iter().filter_map(as_verdict).collect();
    out.push_str("<section aria-labelledby=\"verdicts\">\n<h2 id=\"verdicts\">Verdict</h2>\n");
    if verdicts.is_empty() {
        let _ = writeln!(out, "<p class=\"state\">{missing}</p>");
    }
    for (index, verdict) in verdicts.iter().enumerate() {
        write_verdict(out, index, verdict);
    }
    if !verdicts.is_empty() {
        write_table(out, &summary(&verdicts));
    }
    out.push_str("</section>\n");
}

fn write_verdict(out: &mut String, index: usize, verdict: &Verdict) {
    let plate = VerdictPlate { verdict: verdict.clone() };
    let _ = write!(
        out,
        "<article>\n<h3>{}</h3>\n<div class=\"boxes\">\n\
         <div class=\"box\"><h4>The claim</h4><p>{}</p><p class=\"small\">The paper: {}</p></div>\n\
         <div class=\"box\"><h4>Our measure</h4><p class=\"word {}\">{} {}</p><p class=\"measure\">{}</p>\
         <p class=\"small\">{}</p><p class=\"small\">{} replicates agree with the claim</p></div>\n</div>\n",
        escaped(&verdict.name),
        escaped(&verdict.claim),
        escaped(&verdict.paper),
        tone(verdict.word),
        symbol(verdict.word),
        verdict.word,
        escaped(&interval(verdict.mean, verdict.low, verdict.high)),
        escaped(&verdict.quantity),
        wins(verdict)
    );
    write_picture(out, &format!("verdict-{index}"), |width| plate.interval_scene(width));
    // How to read the line is said once.
    if index == 0 {
        let _ = writeln!(out, "<p class=\"small\">{}</p>", prose(&plate.caption()));
    }
    out.push_str("</article>\n");
}

/// The picture twice, for a sheet and for a phone; the style sheet shows one of them.
fn write_picture(out: &mut String, prefix: &str, scene_at: impl Fn(f64) -> Scene) {
    for (name, width) in [("sheet", SHEET_WIDTH), ("phone", PHONE_WIDTH)] {
        let picture = element(&scene_at(width), &format!("{prefix}-{name}"));
        let _ = writeln!(out, "<div class=\"{name}\">{picture}</div>");
    }
}

fn summary(verdicts: &[&Verdict]) -> Table {
    let row = |verdict: &&Verdict| {
        vec![
            Cell::text(&verdict.name),
            Cell::text(&verdict.quantity),
            Cell::interval(verdict.mean, verdict.low, verdict.high),
            Cell::text(wins(verdict)),
            Cell::text(format!(
                "{}\u{a0}{}",
                symbol(verdict.word),
                verdict.word.as_str().replace(' ', "\u{a0}")
            )),
        ]
    };
    Table {
        title: "Every question this run answers".to_owned(),
        caption: String::new(),
        columns: vec![
            Column::text("Question"),
            Column::text("Quantity"),
            Column::number("Mean [95% interval]", ""),
            Column::text("Replicates that agree"),
            Column::text("Verdict"),
        ],
        rows: verdicts.iter().map(row).collect(),
    }
}

fn write_warnings(out: &mut String, record: &Record) {
    let warnings: Vec<&String> = record
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Warning { text } => Some(text),
            _ => None,
        })
        .collect();
    if warnings.is_empty() {
        return;
    }
    out.push_str(
        "<section aria-labelledby=\"warnings\">\n<h2 id=\"warnings\">Before you believe it</h2>\n<ul>\n",
    );
    for text in warnings {
        let _ = writeln!(out, "<li>{}</li>", prose(text));
    }
    out.push_str("</ul>\n</section>\n");
}

/// A text with whatever stands in backticks as code; one whose backticks do not pair stays as it is.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(place, part): (usize, &&str)| match place % 2 {
        1 => format!("<code>{}</code>", escaped(part)),
        _ => escaped(part),
    };
    parts.iter().enumerate().map(part).collect()
}

fn plates(record: &Record) -> impl Iterator<Item = &Plate> {
    record.events.iter().filter_map(|event| match event {
        Event::Plate { plate } => Some(plate),
        _ => None,
    })
}

fn write_plates(out: &mut String, record: &Record) {
    let verdicts: Vec<&Verdict> = record.events.iter().filter_map(as_verdict).collect();
    // A verdict that was reported as an event already has its place above.
    let shown = plates(record).filter(|plate| match plate {
        Plate::Table(_) => false,
        Plate::Verdict(plate) => !verdicts.contains(&&plate.verdict),
        _ => true,
    });
    let shown: Vec<&Plate> = shown.collect();
    if shown.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"plates\">\n<h2 id=\"plates\">What it looks like</h2>\n");
    for (index, plate) in shown.into_iter().enumerate() {
        let _ = write!(out, "<figure>\n<h3>{}</h3>\n", escaped(&plate.title()));
        write_picture(out, &format!("plate-{index}"), |width| plate.scene_at(width));
        let _ = writeln!(out, "<figcaption>{}</figcaption>", prose(&plate.caption()));
        let mut table = plate.table();
        write_csv_link(out, &table);
        out.push_str("<details><summary>The same as a table</summary>\n");
        // The twin repeats the caption and may add what only a table can say.
        if let Some(more) = table.caption.strip_prefix(plate.caption().as_ref()) {
            table.caption = more.trim().to_owned();
        }
        write_table(out, &table);
        out.push_str("</details>\n</figure>\n");
    }
    out.push_str("</section>\n");
}

fn write_tables(out: &mut String, record: &Record) {
    let tables = plates(record).filter_map(|plate| match plate {
        Plate::Table(table) => Some(table),
        _ => None,
    });
    let tables: Vec<&Table> = tables.collect();
    if tables.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"tables\">\n<h2 id=\"tables\">Tables</h2>\n");
    for table in tables {
        let _ = write!(out, "<article>\n<h3>{}</h3>\n", escaped(&table.title));
        write_table(out, table);
        write_csv_link(out, table);
        out.push_str("</article>\n");
    }
    out.push_str("</section>\n");
}

fn write_table(out: &mut String, table: &Table) {
    let class = |column: &Column| if column.numeric { " class=\"number\"" } else { "" };
    if !table.caption.is_empty() {
        let _ = writeln!(out, "<p class=\"small\">{}</p>", prose(&table.caption));
    }
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: {}\"><table>",
        escaped(&table.title)
    );
    out.push_str("\n<thead><tr>");
    for column in &table.columns {
        let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(column), escaped(&column.label()));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for cells in &table.rows {
        out.push_str("<tr>");
        for (index, column) in table.columns.iter().enumerate() {
            let content = cells.get(index).map(cell).unwrap_or_default();
            let (tag, scope) = if index == 0 { ("th", " scope=\"row\"") } else { ("td", "") };
            let _ = write!(out, "<{tag}{scope}{}>{content}</{tag}>", class(column));
        }
        out.push_str("</tr>\n");
    }
    if table.rows.is_empty() {
        let _ =
            writeln!(out, "<tr><td colspan=\"{}\">There are no rows.</td></tr>", table.columns.len().max(1));
    }
    out.push_str("</tbody></table></div>\n");
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "<span class=\"hidden\">none</span><span aria-hidden=\"true\">–</span>".to_owned(),
        Cell::Text(text) => escaped(text),
        Cell::Number { value, .. } | Cell::Interval { mean: value, .. } => {
            format!("<data value=\"{}\">{}</data>", exact(*value), escaped(&cell.shown()))
        }
    }
}

fn write_csv_link(out: &mut String, table: &Table) {
    let slug: String = table
        .title
        .to_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(8)
        .collect::<Vec<_>>()
        .join("-");
    let slug = if slug.is_empty() { "table" } else { &slug };
    let _ = writeln!(
        out,
        "<p class=\"small csv\"><a download=\"{slug}.csv\" href=\"data:text/csv;charset=utf-8,{}\">Save as CSV\
         <span class=\"hidden\">: {}</span></a></p>",
        utf8_percent_encode(&table.csv(), NON_ALPHANUMERIC),
        escaped(&table.title)
    );
}

fn write_specification(out: &mut String, record: &Record, heading: &str) {
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"specification\">\n<h2 id=\"specification\">{heading}</h2>",
    );
    let mut part = |heading: &str, text: &str, written: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "<h3>{heading}</h3>\n{written}");
        }
    };
    let literal = |text: &str| format!("<pre tabindex=\"0\"><code>{}</code></pre>", escaped(text));
    part("Specification", &record.experiment_toml, literal(&record.experiment_toml));
    let link = escaped(&record.link);
    let web = record.link.starts_with("https://") || record.link.starts_with("http://");
    let shown = if web { format!("<a href=\"{link}\">{link}</a>") } else { format!("<code>{link}</code>") };
    part("Link", &record.link, format!("<p class=\"wrap\">{shown}</p>"));
    part("Command", &record.command, literal(&record.command));
    for event in &record.events {
        if let Event::Finished { digest, .. } = event {
            let shown = format!("<p class=\"wrap\"><code>{}</code></p>", escaped(digest));
            part("Digest of the results", digest, shown);
        }
    }
    if record.experiment_toml.is_empty() && record.environment.is_empty() {
        out.push_str("<p class=\"state\">This record holds no specification.</p>\n");
    }
    let rows = record.environment.iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
    let environment = Table {
        title: "Environment".to_owned(),
        columns: vec![Column::text("What"), Column::text("Value")],
        rows: rows.collect(),
        ..Table::default()
    };
    if !environment.rows.is_empty() {
        out.push_str("<h3>Environment</h3>\n");
        write_table(out, &environment);
    }
    out.push_str("</section>\n");
}
