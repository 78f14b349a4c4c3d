//! Pictures of the dashboard as text.

#![allow(clippy::unwrap_used)]
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use switchyard::experiment::{Event, VerdictWord};

use super::super::view::View;
use super::super::view::tests::view;
use super::*;
use crate::interrupt::Stop;

fn terminal(view: &View, (width, height): (u16, u16), style: Style) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, view, style)).unwrap();
    terminal
}

fn picture(view: &View, size: (u16, u16)) -> String {
    let terminal = terminal(view, size, Style::plain());
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..size.0).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..size.1).map(row).collect::<Vec<_>>().join("\n")
}

/// Compares with a picture that stands below `pictures`; `UPDATE_EXPECT=1` writes it.
fn expect(name: &str, found: &str) {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reporter/dashboard/draw").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, format!("{found}\n")).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(format!("{found}\n"), expected, "{}", path.display());
}

fn finished() -> View {
    let mut view = view();
    for task in ["sandwich/seed-1", "layer-wise/seed-0"] {
        view.board.event(&Event::TaskFinished { task: task.into(), summary: "best 0.398".into() });
    }
    view.board.event(&Event::Finished {
        digest: "00".into(),
        verdict: VerdictWord::Supported,
        sentence: "Routing helps.".into(),
    });
    view
}

#[test]
fn a_run_without_events() {
    let view = View::new("mos-digits · seed 7".into(), Stop::default());
    expect("empty.txt", &picture(&view, (72, 12)));
}

#[test]
fn a_run_in_its_middle() {
    expect("midway.txt", &picture(&view(), (84, 30)));
}

#[test]
fn a_narrow_window() {
    expect("narrow.txt", &picture(&view(), (40, 10)));
}

#[test]
fn a_complete_run() {
    expect("finished.txt", &picture(&finished(), (84, 24)));
}

#[test]
fn a_run_that_was_asked_to_stop_says_so() {
    let view = view();
    assert!(picture(&view, (40, 10)).ends_with("q stop, saved · ↑↓ task · ←→ measure"));
    let stop = Stop::default();
    stop.flag().store(true, std::sync::atomic::Ordering::SeqCst);
    let mut stopping = View::new(String::new(), stop);
    stopping.board = view.board;
    assert!(picture(&stopping, (84, 24)).ends_with("Stopping after the current steps; Ctrl-C stops at once"));
}

#[test]
fn every_size_of_window_can_be_drawn() {
    for view in [view(), finished(), View::new("x".into(), Stop::default())] {
        for size in (0..50).step_by(3).flat_map(|width| (0..40).map(move |height| (width, height))) {
            terminal(&view, size, Style::coloured());
        }
    }
}

#[test]
fn without_colours_the_same_is_said() {
    let (plain, coloured) =
        (terminal(&view(), (84, 30), Style::plain()), terminal(&view(), (84, 30), Style::coloured()));
    let (plain, coloured) = (plain.backend().buffer().clone(), coloured.backend().buffer().clone());
    assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(coloured.content.iter().any(|cell| cell.fg != Color::Reset));
    let symbols = |buffer: &ratatui::buffer::Buffer| {
        buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(symbols(&plain), symbols(&coloured));
}
