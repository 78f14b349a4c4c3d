//! The shares that a layer's weights are mixed from: a stacked bar with its numbers, in a column on a sheet and in
//! lines on a phone.

use crate::plate::data_routing::{Network, NetworkColumn, numbered_name};
use crate::plate::frame::{Draft, LINE_HEIGHT};
use crate::plate::number::drawable;
use crate::plate::palette::marker;
use crate::plate::scene::{Mark, Paint, Style, fitted, text_width};

/// At most so many shares are written; the table lists all.
const MOST_SHARES: usize = 8;

impl Network {
    /// Draws the shares as a stacked bar.
    fn draw_share_bar(&self, draft: &mut Draft, index: usize, [left, top]: [f64; 2], width: f64) {
        let shares = shown_shares(&self.columns[index]);
        let whole = shares.iter().map(|(_, share)| share).sum::<f64>().max(1.0);
        let mut x = left;
        for (slot, share) in &shares {
            let length = share / whole * width;
            draft.rect(format!("share-{index}-{slot}"), [x, top], [length, 10.0], Paint::Hatch(*slot));
            x += length;
        }
        draft.rect(format!("share-{index}-frame"), [left, top], [width, 10.0], Paint::Unlit);
    }

    /// Draws the shares of a column: the bar, and each share on a line of its own; returns the lower end.
    pub(super) fn draw_shares(
        &self,
        draft: &mut Draft,
        index: usize,
        [left, top]: [f64; 2],
        width: f64,
    ) -> f64 {
        let shares = shown_shares(&self.columns[index]);
        if shares.is_empty() {
            return top;
        }
        self.draw_share_bar(draft, index, [left, top], width);
        let mut baseline = top + 10.0;
        for (slot, share) in shares.iter().take(MOST_SHARES) {
            baseline += LINE_HEIGHT;
            let at = [left + 5.0, baseline - 4.0];
            draft.push(Mark::new(
                format!("marker-{index}-{slot}"),
                marker(*slot, at, 4.5),
                Paint::Slot(*slot),
            ));
            let share = percent(*share);
            let room = width - 22.0 - text_width(&share, 12.0);
            let name = numbered_name(&self.slot_names, *slot);
            // Half a name says less than the number.
            let name = if text_width(&name, 12.0) <= room { name } else { slot.to_string() };
            draft.text(format!("expert-{index}-{slot}"), [left + 14.0, baseline], name, Style::START);
            draft.text(format!("percent-{index}-{slot}"), [left + width, baseline], share, Style::END);
        }
        if shares.len() > MOST_SHARES {
            baseline += LINE_HEIGHT;
            let rest = fitted(&rest_of(shares.len()), 12.0, width);
            draft.text(format!("expert-{index}-rest"), [left, baseline], rest, Style::START).paint =
                Paint::Muted;
        }
        baseline + 4.0
    }

    /// What is written beside a layer's bar of shares, with its places beneath the strip, in lines.
    pub(super) fn share_places(&self, column: &NetworkColumn, width: f64) -> Vec<(String, [f64; 2])> {
        let shares = shown_shares(column);
        let written = shares
            .iter()
            .take(MOST_SHARES)
            .map(|(slot, share)| format!("{} {}", numbered_name(&self.slot_names, *slot), percent(*share)));
        let mut texts: Vec<String> = written.map(|text| fitted(&text, 12.0, width - 14.0)).collect();
        if shares.len() > MOST_SHARES {
            texts.push(rest_of(shares.len()));
        }
        let start = share_bar(width) + 16.0;
        let (mut x, mut y) = (start, 10.0);
        let place = |text: String| {
            let length = 14.0 + text_width(&text, 12.0);
            if x > 0.0 && x + length > width {
                // The first line leaves room for the bar.
                (x, y) = (0.0, y + LINE_HEIGHT);
            }
            let at = [x, y];
            x += length + 12.0;
            (text, at)
        };
        texts.into_iter().map(place).collect()
    }

    /// Draws the shares of a layer in lines: the bar, then each share; returns the lower end.
    pub(super) fn draw_share_line(&self, draft: &mut Draft, index: usize, top: f64, width: f64) -> f64 {
        let column = &self.columns[index];
        let places = self.share_places(column, width);
        let Some(end) = places.last().map(|last| top + last.1[1] + 8.0) else { return top };
        self.draw_share_bar(draft, index, [0.0, top], share_bar(width));
        let slots =
            shown_shares(column).into_iter().take(MOST_SHARES).map(|(slot, _)| Some(slot)).chain([None]);
        for (slot, (text, [x, y])) in slots.zip(places) {
            let [x, baseline] = [x, top + y];
            let Some(slot) = slot else {
                draft.text(format!("expert-{index}-rest"), [x, baseline], text, Style::START).paint =
                    Paint::Muted;
                continue;
            };
            let sample = marker(slot, [x + 5.0, baseline - 4.0], 4.5);
            draft.push(Mark::new(format!("marker-{index}-{slot}"), sample, Paint::Slot(slot)));
            draft.text(format!("expert-{index}-{slot}"), [x + 14.0, baseline], text, Style::START);
        }
        end
    }
}

/// The shares that can be drawn, with their slots.
pub(super) fn shown_shares(column: &NetworkColumn) -> Vec<(usize, f64)> {
    let shares = column.slot_shares.iter().copied().enumerate();
    shares.filter(|(_, share)| drawable(*share) && *share >= 0.0).collect()
}

/// The length of a bar of shares that stands beside its numbers.
fn share_bar(width: f64) -> f64 {
    (width * 0.25).clamp(64.0, 160.0)
}

fn rest_of(shares: usize) -> String {
    format!("and {} more", shares - MOST_SHARES)
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
