//! What the page that follows a run shows, as HTML: how the run stands, how far its tasks are, and the sections of
//! the report as far as they are known. The page's script puts it in place.

use std::fmt::Write as _;

use switchyard::experiment::Event;
use switchyard::plate::number::significant;
use switchyard::plate::svg::escaped;
use switchyard::plate::{Axis, Curve, CurvePoint, Line, Plate, report};

use super::board::{Board, Row, is_loss};
use super::followed::Standing;
use crate::reporter::duration;

/// The most tasks in the table and the most lines in a curve; more would not be told apart.
const SHOWN: usize = 8;

/// The inside of the page's `main`. `standing` comes with the number of lines that could not be understood.
pub fn content(name: &str, board: &Board, record: &report::Record, standing: (&Standing, usize)) -> String {
    let (standing, damaged) = standing;
    let (state, sentence) = said(standing, board);
    let mut out = format!(
        "<article data-state=\"{state}\" data-say=\"{}\">\n<header>\n<p class=\"house\">Following <code>{}</code> on this machine</p>\n\
         <h1>{}</h1>\n<p class=\"standing\">{}</p>\n",
        escaped(&sentence),
        escaped(name),
        escaped(&record.title),
        escaped(&sentence)
    );
    if damaged > 0 {
        let _ =
            writeln!(out, "<p class=\"small\">Lines that could not be read and are left out: {damaged}</p>");
    }
    out.push_str("</header>\n");
    if *standing != Standing::Complete {
        write_progress(&mut out, board);
    }
    out.push_str(&report::sections(record));
    out.push_str("</article>\n");
    out
}

/// How the run stands: as a word for the script, and as a sentence.
fn said(standing: &Standing, board: &Board) -> (&'static str, String) {
    match standing {
        Standing::Waiting => ("running", "Nothing has been written yet.".to_owned()),
        Standing::Running => ("running", format!("Under way: {}.", far(board))),
        Standing::Silent(minutes) => (
            "running",
            format!(
                "Nothing new for {minutes} min: the process is busy with a long step, or gone. It had come to: {}.",
                far(board)
            ),
        ),
        Standing::Stopped(why) => ("stopped", format!("Stopped at {}: {why}.", far(board))),
        Standing::Complete => ("complete", "Complete. This is the final report.".to_owned()),
        Standing::Unreadable(why) => ("stopped", format!("The run cannot be read: {why}.")),
    }
}

/// How far the run is, in a few words without the time, which would change all the while.
fn far(board: &Board) -> String {
    format!("{}, {} of {} tasks done", board.stage.name, board.stage.done, board.stage.tasks)
}

fn write_progress(out: &mut String, board: &Board) {
    out.push_str("<section aria-labelledby=\"progress\">\n<h2 id=\"progress\">How far it is</h2>\n");
    let part = board.stage.fraction().unwrap_or(0.0);
    let stage = escaped(&board.stage.name);
    let _ = writeln!(
        out,
        "<p><progress max=\"100\" value=\"{:.0}\" aria-label=\"The stage {stage}\"></progress> {:.0}% of the stage \
         {stage}</p>",
        part * 100.0,
        part * 100.0
    );
    out.push_str("<dl class=\"facts\">\n");
    let left = board.stage.remaining(board.seconds).map_or_else(unknown, duration);
    let facts = [
        ("Running for", duration(board.seconds)),
        ("Left in this stage", left),
        ("Steps a second", board.speed().map_or_else(unknown, |speed| significant(speed, 3))),
    ];
    let words = board.words_per_second().map(|speed| ("Words a second", significant(speed, 3)));
    for (what, value) in facts.into_iter().chain(words) {
        let _ = writeln!(out, "<div><dt>{what}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
    write_tasks(out, board);
    out.push_str("</section>\n");
}

fn unknown() -> String {
    "not known yet".to_owned()
}

fn write_tasks(out: &mut String, board: &Board) {
    let rows = board.rows();
    if rows.is_empty() {
        return;
    }
    out.push_str(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: tasks\"><table class=\"tasks\">\n<thead><tr>\
         <th scope=\"col\">Task</th><th scope=\"col\">Progress</th><th scope=\"col\" class=\"number\">Step</th>\
         <th scope=\"col\" class=\"number\">Steps/s</th><th scope=\"col\">Time left</th>\
         <th scope=\"col\">Measured last</th></tr></thead>\n<tbody>\n",
    );
    for row in rows.iter().take(SHOWN) {
        write_task(out, row);
    }
    out.push_str("</tbody></table></div>\n");
    let more = rows.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "<p class=\"small\">and {more} tasks more, begun before these</p>");
    }
}

fn write_task(out: &mut String, row: &Row) {
    let name = escaped(&row.name);
    let bar = match (row.is_under_way(), row.fraction()) {
        (true, Some(part)) => format!(
            "<progress max=\"100\" value=\"{:.0}\" aria-label=\"{name}\"></progress> {:.0}%",
            part * 100.0,
            part * 100.0
        ),
        (true, None) => "under way".to_owned(),
        (false, _) => "done".to_owned(),
    };
    let steps = if row.steps > 0 { format!("{} of {}", row.step, row.steps) } else { row.step.to_string() };
    let speed = row.speed().map_or_else(String::new, |speed| significant(speed, 3));
    let left = row.remaining().filter(|_| row.is_under_way()).map_or_else(String::new, duration);
    let last = match &row.summary {
        Some(summary) => summary.clone(),
        None => row
            .curves()
            .into_iter()
            .take(4)
            .filter_map(|name| measured(row, name))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">{name}</th><td>{bar}</td><td class=\"number\">{steps}</td><td class=\"number\">{speed}\
         </td><td>{left}</td><td>{}</td></tr>",
        escaped(&last)
    );
}

fn measured(row: &Row, name: &str) -> Option<String> {
    Some(format!("{} {}", name.replace('_', " "), significant(row.last(name)?, 3)))
}

/// The losses so far as pictures: one for each name, with a line for each of the tasks shown in the table.
pub fn curves(board: &Board) -> Vec<Event> {
    let rows: Vec<&Row> = board.rows().into_iter().take(SHOWN).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| row.curves()).filter(|name| is_loss(name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| Event::Plate { plate: Plate::Curve(curve(name, &rows)) }).collect()
}

fn curve(name: &str, rows: &[&Row]) -> Curve {
    let with = rows.iter().filter_map(|row| Some((row, row.measures.get(name)?)));
    let point = |(step, value): &(u64, f64)| CurvePoint { x: *step as f64, y: *value, low: None, high: None };
    let line = |(row, points): (&&Row, &Vec<(u64, f64)>)| Line {
        name: row.name.clone(),
        // A task keeps its colour when others end.
        slot: row.place,
        points: points.iter().map(point).collect(),
    };
    let words = name.replace('_', " ");
    Curve {
        title: format!("The {words} so far"),
        caption: "One line for each task in the table above, as far as it has come.".to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new(words, ""),
        lines: with.map(line).collect(),
    }
}
