//! The answer to "why did this go there?": the sentence, the facts, what every slot had to do with it, and the
//! pictures that belong to it.

use std::rc::Rc;

use switchyard::experiment::{Answer, Probe, View};
use switchyard::plate::number::significant;
use switchyard::plate::svg::identifier;
use switchyard::routing::explanation::{Explanation, SlotReason};
use yew::{AttrValue, Callback, Html, MouseEvent, Properties, component, html, use_memo};

use super::figure::PlateView;
use super::shared::Shared;
use super::slot_mark::{share_bar, slot_mark};

/// A slot at least this much more probable than the next is a clear choice.
const CLEAR: f64 = 0.3;
/// Below this much it was close.
const CLOSE: f64 = 0.05;

/// An answer, and who hears that it is not needed any more.
#[derive(PartialEq, Properties)]
pub struct AnswerProperties {
    /// The answer.
    pub answer: Rc<Answer>,
    /// What its identifiers begin with; unique on the page.
    pub scope: AttrValue,
    /// Closes it.
    pub on_close: Callback<()>,
    /// Asks a question from one of its pictures.
    #[prop_or_default]
    pub on_probe: Callback<Probe>,
    /// Hears what was done, for the status line.
    #[prop_or_default]
    pub on_notice: Callback<String>,
}

/// The answer, beneath the picture it is about.
#[component]
pub fn AnswerView(properties: &AnswerProperties) -> Html {
    let answer = &properties.answer;
    let heading = format!("{}-heading", identifier(&properties.scope));
    let onclick = properties.on_close.reform(|_: MouseEvent| ());
    let pictures = use_memo(Shared(Rc::clone(answer)), |answer| {
        answer.views.iter().cloned().map(Rc::new).collect::<Vec<_>>()
    });
    let figure = |view: &Rc<View>| {
        html! {
            <PlateView key={view.name.clone()} view={Rc::clone(view)} scope={format!("{}-{}", properties.scope, view.name)}
                on_probe={properties.on_probe.clone()} on_notice={properties.on_notice.clone()} />
        }
    };
    html! {
        <section class="readout" aria-labelledby={heading.clone()}>
            <header key="heading" class="readout-head">
                <h3 id={heading}>{ &answer.sentence }</h3>
                <button type="button" class="button button-quiet button-small" aria-label="Close the answer" {onclick}>{ "Close" }</button>
            </header>
            if !answer.facts.is_empty() {
                <dl key="facts" class="facts">{ for answer.facts.iter().enumerate().map(|(index, (name, value))| html! {
                    <div key={index}><dt>{ name }</dt><dd>{ value }</dd></div>
                }) }</dl>
            }
            if let Some(explanation) = &answer.explanation {
                <div key="reasons">{ reasons(explanation) }</div>
            }
            <div key="pictures" class="plates">{ for pictures.iter().map(figure) }</div>
        </section>
    }
}

/// What every slot scored and what became of it.
fn reasons(explanation: &Explanation) -> Html {
    let any = |holds: fn(&SlotReason) -> bool| explanation.slots.iter().any(holds);
    let columns = Columns {
        logit: any(|slot| slot.logit.is_some()),
        probability: any(|slot| slot.probability.is_some()),
    };
    let margin = explanation
        .margin
        .map(|margin| format!("Margin to the runner-up: {}, {}.", significant(margin, 2), in_words(margin)));
    html! {
        <>
            <p key="sentence">{ &explanation.sentence }</p>
            <div key="table" class="scroll" tabindex="0" role="region" aria-label="What every slot scored">
                <table class="data-table">
                    <thead><tr>
                        <th key="slot" scope="col">{ "Slot" }</th>
                        if columns.logit { <th key="logit" scope="col" class="number">{ "Score (logit)" }</th> }
                        if columns.probability { <th key="probability" scope="col" class="number">{ "Probability" }</th> }
                        <th key="rank" scope="col">{ "Choice" }</th>
                        <th key="weight" scope="col" class="number">{ "Weight" }</th>
                        <th key="fate" scope="col">{ "Fate" }</th>
                    </tr></thead>
                    <tbody>{ for explanation.slots.iter().map(|slot| row(slot, &columns)) }</tbody>
                </table>
            </div>
            if let Some(margin) = margin { <p key="margin">{ margin }</p> }
        </>
    }
}

/// Which columns have anything to show.
struct Columns {
    logit: bool,
    probability: bool,
}

fn row(slot: &SlotReason, columns: &Columns) -> Html {
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| significant(value, 3));
    html! {
        <tr key={slot.slot} class={slot.rank.map(|_| "chosen")}>
            <th key="slot" scope="row">{ slot_mark(slot.slot) }{ " " }{ &slot.label }</th>
            if columns.logit { <td key="logit" class="number">{ number(slot.logit) }</td> }
            if columns.probability {
                <td key="probability" class="number">{ share_bar(slot.slot, slot.probability.unwrap_or(0.0)) }{ " " }{ number(slot.probability) }</td>
            }
            <td key="rank">{ slot.rank.map_or_else(|| "–".to_owned(), place) }</td>
            <td key="weight" class="number">{ number((slot.combine != 0.0).then_some(slot.combine)) }</td>
            <td key="fate">{ &slot.fate }</td>
        </tr>
    }
}

/// A place in an order, counted from 0, as a word.
fn place(rank: usize) -> String {
    match (rank + 1, (rank + 1) % 10, (rank + 1) % 100) {
        (place, 1, rest) if rest != 11 => format!("{place}st"),
        (place, 2, rest) if rest != 12 => format!("{place}nd"),
        (place, 3, rest) if rest != 13 => format!("{place}rd"),
        (place, ..) => format!("{place}th"),
    }
}

fn in_words(margin: f64) -> &'static str {
    match margin {
        margin if margin < 0.0 => "so a more probable slot was passed over",
        margin if margin < CLOSE => "a close choice",
        margin if margin < CLEAR => "a choice that could change",
        _ => "a clear choice",
    }
}
