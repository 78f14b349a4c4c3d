//! The verdict plate: the paper's claim and our measure in two separate boxes, and the interval on a line with
//! zero marked. It never mixes the paper's numbers with ours.

use super::data::{Cell, Column, Table, VerdictPlate};
use super::frame::Draft;
use super::number::{Domain, drawable, interval, ticks};
use super::scene::{Mark, Paint, Scene, Shape, Style, text_width};
use crate::experiment::{Verdict, VerdictWord};

/// Space between a box and its text.
const INSET: f64 = 12.0;

impl VerdictPlate {
    /// What the interval says about the claim, as a sentence.
    pub fn title(&self) -> String {
        format!("{}: {}", self.verdict.name, self.verdict.word)
    }

    /// How to read it.
    pub fn caption(&self) -> String {
        "The bar is the 95% interval of our measure, the mark its mean; the dashed line is zero, no difference.".to_owned()
    }

    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let side = width >= 480.0;
        let column = if side { (width - 16.0) / 2.0 } else { width };
        let claim = self.draw_claim(&mut draft, [0.0, 0.0], column);
        let at = if side { [column + 16.0, 0.0] } else { [0.0, claim + 12.0] };
        let measure = self.draw_measure(&mut draft, at, column);
        let bottom = claim.max(measure);
        let tops = if side {
            [(0.0, 0.0, bottom), (at[0], 0.0, bottom)]
        } else {
            [(0.0, 0.0, claim), (0.0, at[1], measure)]
        };
        for (index, (left, top, bottom)) in tops.into_iter().enumerate() {
            let shape = Shape::Rect {
                at: [left + 0.5, top + 0.5],
                size: [column - 1.0, bottom - top - 1.0],
                radius: 6.0,
            };
            draft.marks.insert(index, Mark::new(format!("box-{index}"), shape, Paint::Panel));
        }
        let bottom = self.draw_interval(&mut draft, bottom + 16.0, width);
        draft.scene(&self.title(), self.description(), [width, bottom])
    }

    /// Only the interval on its line, for pages that set the two boxes as text.
    pub fn interval_scene(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let bottom = self.draw_interval(&mut draft, 0.0, width);
        draft.scene(&self.title(), self.description(), [width, bottom])
    }

    fn description(&self) -> String {
        let Verdict { claim, paper, quantity, word, .. } = &self.verdict;
        format!("The claim: {claim} The paper: {paper} Our measure: {word}; {quantity} {}.", self.measured())
    }

    fn measured(&self) -> String {
        interval(self.verdict.mean, self.verdict.low, self.verdict.high)
    }

    fn draw_claim(&self, draft: &mut Draft, [left, top]: [f64; 2], width: f64) -> f64 {
        let (x, inner) = (left + INSET, width - 2.0 * INSET);
        draft.text("claim-heading", [x, top + 22.0], "The claim", Style::START).paint = Paint::Muted;
        let body = Style::START.sized(14.0);
        let end = draft.paragraph("claim", [x, top + 44.0], &self.verdict.claim, (inner, body, Paint::Ink));
        draft.paragraph(
            "paper",
            [x, end + 22.0],
            &format!("The paper: {}", self.verdict.paper),
            (inner, Style::START, Paint::Muted),
        ) + INSET
    }

    fn draw_measure(&self, draft: &mut Draft, [left, top]: [f64; 2], width: f64) -> f64 {
        let (x, inner) = (left + INSET, width - 2.0 * INSET);
        draft.text("measure-heading", [x, top + 22.0], "Our measure", Style::START).paint = Paint::Muted;
        let word = format!("{} {}", symbol(self.verdict.word), self.verdict.word);
        let large = Style::START.sized(20.0).strong();
        let end = draft.paragraph("word", [x, top + 48.0], &word, (inner, large, tone(self.verdict.word)));
        let body = Style::START.sized(14.0);
        let end = draft.paragraph("measured", [x, end + 24.0], &self.measured(), (inner, body, Paint::Ink));
        let small = (inner, Style::START, Paint::Muted);
        let end = draft.paragraph("quantity", [x, end + 18.0], &self.verdict.quantity, small);
        let wins = format!("{} replicates agree", wins(&self.verdict));
        draft.paragraph("wins", [x, end + 18.0], &wins, small) + INSET
    }

    /// Draws the line with zero, the interval and its ticks; returns the lower end.
    fn draw_interval(&self, draft: &mut Draft, top: f64, width: f64) -> f64 {
        let Verdict { mean, low, high, word, .. } = self.verdict;
        if ![mean, low, high].into_iter().all(drawable) {
            let note = "The interval is not finite and cannot be drawn.";
            let set = (width, Style::START, Paint::Muted);
            return draft.paragraph("note-missing", [0.0, top + 16.0], note, set) + 8.0;
        }
        let domain = Domain::around([mean, low, high, 0.0], 0.12);
        let ticks = ticks(domain, if width < 480.0 { 4 } else { 8 });
        let margin =
            ticks.marks.iter().map(|tick| text_width(&tick.1, 12.0)).fold(0.0_f64, f64::max) / 2.0 + 4.0;
        let place = |value: f64| margin + domain.position(value) * (width - 2.0 * margin);
        let axis = top + 40.0;
        draft.line("axis", [margin, axis], [width - margin, axis], Paint::Edge);
        let mut free = f64::NEG_INFINITY;
        for (index, (value, label)) in ticks.marks.into_iter().enumerate() {
            let x = place(value);
            let half = text_width(&label, 12.0) / 2.0;
            draft.line(format!("tick-{index}"), [x, axis], [x, axis + 4.0], Paint::Edge);
            if x - half >= free {
                free = x + half + 8.0;
                draft.text(format!("tick-label-{index}"), [x, axis + 18.0], label, Style::MIDDLE).paint =
                    Paint::Muted;
            }
        }
        draft.line("zero", [place(0.0), top], [place(0.0), axis], Paint::Reference).name =
            Some("zero: no difference".to_owned());
        let (from, to) = (place(low.min(high)), place(high.max(low)));
        let bar = Shape::Rect { at: [from, top + 16.0], size: [(to - from).max(1.0), 8.0], radius: 4.0 };
        let name = format!("95% interval: {}", self.measured());
        draft.push(Mark::new("interval", bar, tone(word)).named(name.clone()).focused(0));
        let middle = Shape::Rect { at: [place(mean) - 1.5, top + 10.0], size: [3.0, 20.0], radius: 1.5 };
        draft.push(Mark::new("mean", middle, Paint::Ink).named(name));
        axis + 24.0
    }

    /// The table twin.
    pub fn table(&self) -> Table {
        verdict_table(&self.title(), &self.caption(), std::slice::from_ref(&self.verdict))
    }
}

/// Verdicts as a table, one row each, as given.
pub fn verdict_table(title: &str, caption: &str, verdicts: &[Verdict]) -> Table {
    let row = |verdict: &Verdict| {
        vec![
            Cell::text(&verdict.name),
            Cell::text(&verdict.claim),
            Cell::text(&verdict.paper),
            Cell::text(&verdict.quantity),
            Cell::interval(verdict.mean, verdict.low, verdict.high),
            Cell::text(wins(verdict)),
            Cell::text(verdict.word.as_str()),
        ]
    };
    Table {
        title: title.to_owned(),
        caption: caption.to_owned(),
        columns: vec![
            Column::text("Question"),
            Column::text("Claim"),
            Column::text("The paper's number"),
            Column::text("Our quantity"),
            Column::number("Mean [95% interval]", ""),
            Column::text("Replicates that agree"),
            Column::text("Verdict"),
        ],
        rows: verdicts.iter().map(row).collect(),
    }
}

/// How many replicates went the claimed way.
pub fn wins(verdict: &Verdict) -> String {
    format!("{} of {}", verdict.wins, verdict.replicates)
}

/// A sign for a verdict's word, besides its colour.
pub fn symbol(word: VerdictWord) -> char {
    match word {
        VerdictWord::Supported => '✓',
        VerdictWord::Contradicted => '✗',
        VerdictWord::NotSupported => '○',
        VerdictWord::Inconclusive => '?',
    }
}

fn tone(word: VerdictWord) -> Paint {
    match word {
        VerdictWord::Supported => Paint::Good,
        VerdictWord::Contradicted => Paint::Bad,
        VerdictWord::NotSupported | VerdictWord::Inconclusive => Paint::Warn,
    }
}
