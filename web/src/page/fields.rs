//! The controls of the specification, made from the lab's own schema: a new lab needs no code here.

use switchyard::experiment::{Kind, Value};
use switchyard_web::model::{Action, Group, Row};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Context, Event, Html, InputEvent, html};

use super::app::{App, Message};
use super::entry::Entry;
use super::icons;
use super::prose::prose;

/// Choices up to this number are shown side by side.
const SIDE_BY_SIDE: usize = 4;

/// A change of a field: its text, and whether the control was let go.
type Change = Callback<(String, bool)>;

/// Every field, or only the named ones.
pub fn view(app: &App, context: &Context<App>, named: Option<&[String]>) -> Html {
    let mut groups = app.model.groups();
    if let Some(named) = named {
        for group in &mut groups {
            group.rows.retain(|row| named.iter().any(|name| name == row.field.key));
        }
        groups.retain(|group| !group.rows.is_empty());
        return html! {
            <div class="fields">
                { for groups.iter().flat_map(|group| &group.rows).map(|row| field(context, row)) }
            </div>
        };
    }
    html! { <>{ for groups.iter().enumerate().map(|(place, group)| details(context, group, place < 3)) }</> }
}

fn details(context: &Context<App>, group: &Group, open: bool) -> Html {
    let open = open || group.rows.iter().any(|row| row.was.is_some() || row.refused.is_some());
    html! {
        <details class="fields" {open} key={group.name.clone()}>
            <summary><h3>{ &group.name }</h3></summary>
            <div class="fields">{ for group.rows.iter().map(|row| field(context, row)) }</div>
        </details>
    }
}

/// One field: its control, its unit, its help, and what is to be said about its value.
fn field(context: &Context<App>, row: &Row) -> Html {
    let key = row.field.key;
    let change: Change = context.link().callback(move |(text, settled): (String, bool)| {
        Message::Act(Action::Set { key: key.to_owned(), text, settled })
    });
    control(row, key, &change, notes(row, key, &change))
}

/// One field of the second run.
pub fn versus_field(context: &Context<App>, row: &Row) -> Html {
    let key = row.field.key;
    let change: Change = context.link().callback(move |(text, _): (String, bool)| {
        Message::Act(Action::SetVersus { key: key.to_owned(), text })
    });
    let id = format!("versus-{key}");
    control(row, &id, &change, notes(row, &id, &change))
}

fn control(row: &Row, id: &str, change: &Change, notes: Html) -> Html {
    let label = row.field.label;
    match row.field.kind {
        Kind::Choice(options) if options.len() <= SIDE_BY_SIDE => html! {
            <fieldset class="field" key={id.to_owned()} disabled={row.locked} aria-describedby={format!("{id}-help")}>
                <legend>{ label }</legend>
                <div class="segmented">{ for options.iter().map(|option| radio(row, id, option, change)) }</div>
                { notes }
            </fieldset>
        },
        Kind::ChoiceList { options, .. } => html! {
            <fieldset class="field" key={id.to_owned()} disabled={row.locked} aria-describedby={format!("{id}-help")}>
                <legend>{ label }</legend>
                { for options.iter().map(|option| checkbox_of_list(row, option, options, change)) }
                { notes }
            </fieldset>
        },
        Kind::Flag => {
            let change = change.clone();
            let onchange = Callback::from(move |event: Event| {
                change.emit((input_of(&event).is_some_and(|input| input.checked()).to_string(), true));
            });
            html! {
                <div class="field" key={id.to_owned()}>
                    <label class="field-check">
                        <input type="checkbox" id={id.to_owned()} checked={row.text == "true"} disabled={row.locked} {onchange} aria-describedby={format!("{id}-help")} />{ label }
                    </label>
                    { notes }
                </div>
            }
        }
        Kind::Choice(options) => html! {
            <div class="field" key={id.to_owned()}>
                <label for={id.to_owned()}>{ label }</label>
                <div class="field-control">{ select(row, id, options, change) }</div>
                { notes }
            </div>
        },
        _ => html! {
            <div class="field" key={id.to_owned()}>
                <label for={id.to_owned()}>{ label }</label>
                <div class="field-control">{ slider(row, change) }{ text(row, id, change) }
                    if !row.field.unit.is_empty() { <span class="unit">{ row.field.unit }</span> }
                </div>
                { notes }
            </div>
        },
    }
}

/// Help, the change since the preset, the second run's value, and why a value is refused.
fn notes(row: &Row, id: &str, change: &Change) -> Html {
    let back = row.was.clone().map(|was| {
        let change = change.clone();
        let text = was.clone();
        (was, Callback::from(move |_| change.emit((text.clone(), true))))
    });
    html! {
        <>
            if let Some(reason) = &row.refused {
                <p class="field-error" id={format!("{id}-help")}>{ prose(reason) }</p>
            } else {
                <p class="field-help" id={format!("{id}-help")}>{ prose(row.field.help) }</p>
            }
            if let Some((was, onclick)) = back {
                <p class="field-changed">{ format!("was {was} ") }
                    <button type="button" class="button button-quiet button-small" {onclick} disabled={row.locked}>
                        { icons::undo() }{ "Undo" }<span class="visually-hidden">{ format!(" the change of {}", row.field.label) }</span>
                    </button>
                </p>
            }
            if let Some(versus) = &row.versus {
                <p class="field-changed">{ format!("run B: {versus}") }</p>
            }
        </>
    }
}

fn radio(row: &Row, id: &str, option: &'static str, change: &Change) -> Html {
    let change = change.clone();
    let onchange = Callback::from(move |_: Event| change.emit((option.to_owned(), true)));
    html! {
        <label key={option}>
            <input type="radio" name={id.to_owned()} value={option} checked={row.text == option} {onchange} />{ option }
        </label>
    }
}

fn checkbox_of_list(
    row: &Row,
    option: &'static str,
    options: &'static [&'static str],
    change: &Change,
) -> Html {
    let chosen: Vec<String> = row.text.split(',').map(|item| item.trim().to_owned()).collect();
    let checked = chosen.iter().any(|item| item == option);
    let change = change.clone();
    let onchange = Callback::from(move |_: Event| {
        let wanted = |known: &&&str| (**known == option) != chosen.iter().any(|item| item == **known);
        let items: Vec<&str> = options.iter().filter(wanted).copied().collect();
        change.emit((items.join(","), true));
    });
    html! {
        <label class="field-check" key={option}><input type="checkbox" {checked} {onchange} />{ option }</label>
    }
}

fn select(row: &Row, id: &str, options: &'static [&'static str], change: &Change) -> Html {
    let change = change.clone();
    let onchange = Callback::from(move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        change.emit((select.map(|select| select.value()).unwrap_or_default(), true));
    });
    html! {
        <select id={id.to_owned()} class="select" disabled={row.locked} {onchange} aria-describedby={format!("{id}-help")}>
            { for options.iter().map(|option| html! {
                <option key={*option} value={*option} selected={row.text == *option}>{ *option }</option>
            }) }
        </select>
    }
}

/// A slider, where the range is small enough that one can hit a value: an addition to the text field, not its place.
fn slider(row: &Row, change: &Change) -> Html {
    let Some((low, high, step)) = slider_range(&row.field.kind) else { return Html::default() };
    let oninput = {
        let change = change.clone();
        Callback::from(move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            change.emit((input.map(|input| input.value()).unwrap_or_default(), false));
        })
    };
    let onchange = {
        let change = change.clone();
        Callback::from(move |event: Event| {
            change.emit((input_of(&event).map(|input| input.value()).unwrap_or_default(), true));
        })
    };
    html! {
        <input class="slider" type="range" min={low} max={high} step={step} value={row.text.clone()} disabled={row.locked} aria-label={format!("{}, slider", row.field.label)} {oninput} {onchange} />
    }
}

fn slider_range(kind: &Kind) -> Option<(String, String, String)> {
    match *kind {
        Kind::Integer { min, max } if max - min <= 64 => {
            Some((min.to_string(), max.to_string(), "1".to_owned()))
        }
        Kind::Number { min, max } if max - min <= 4.0 => {
            let step = Value::Number((max - min) / 100.0).to_string();
            Some((Value::Number(min).to_string(), Value::Number(max).to_string(), step))
        }
        _ => None,
    }
}

fn text(row: &Row, id: &str, change: &Change) -> Html {
    let mode = match row.field.kind {
        Kind::Integer { .. } => "numeric",
        Kind::Number { .. } => "decimal",
        _ => "text",
    };
    let on_text = change.reform(|text: String| (text, true));
    html! {
        <Entry key="text" id={id.to_owned()} text={row.text.clone()} {mode} locked={row.locked} refused={row.refused.is_some()} described_by={format!("{id}-help")} {on_text} />
    }
}

fn input_of(event: &Event) -> Option<HtmlInputElement> {
    event.target().and_then(|target| target.dyn_into().ok())
}
