//! Two runs side by side, in step, and in which fields they differ.

use switchyard_web::model::{Action, Row};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlSelectElement;
use yew::{Context, Event, Html, html};

use super::app::{App, Message};
use super::fields::versus_field;
use super::sheet::{self, Shown};

/// Both runs, under what tells them apart.
pub fn view(app: &App, context: &Context<App>) -> Html {
    let differences = app.model.differences();
    let told = |second: bool| {
        let of = |difference: &switchyard_web::model::Difference| {
            let value = if second { &difference.second } else { &difference.first };
            html! { <li key={difference.key.clone()}><code>{ &difference.key }</code>{ " = " }<strong>{ value }</strong></li> }
        };
        html! {
            if differences.is_empty() { <p>{ "Both runs are alike: choose a field below." }</p> }
            else { <ul class="differences">{ for differences.iter().map(of) }</ul> }
        }
    };
    html! {
        <main class="compare">
            { chooser(app, context) }
            { for app.model.panes.iter().enumerate().map(|(slot, pane)| {
                let (scope, name) = if slot == 0 { ("a", "A") } else { ("b", "B") };
                let shown = Shown { pane, other: app.model.panes.get(1 - slot.min(1)), scope };
                html! {
                    <section key={scope} aria-labelledby={format!("run-{scope}")}>
                        <div class="compare-head">
                            <h2 id={format!("run-{scope}")}>{ format!("Run {name}") }</h2>
                            { told(slot == 1) }
                            <p>{ format!("step {}", pane.step()) }</p>
                        </div>
                        <div class="columns">
                            { sheet::yard(context, shown, None) }
                            { sheet::output(context, shown) }
                            { sheet::more(context, shown, None) }
                        </div>
                    </section>
                }
            }) }
        </main>
    }
}

/// What the second run does differently: a field to choose, and the controls of those that differ.
fn chooser(app: &App, context: &Context<App>) -> Html {
    let Some(versus) = &app.model.versus else { return Html::default() };
    let rows: Vec<Row> = app.model.groups().into_iter().flat_map(|group| group.rows).collect();
    let differing = |row: &&Row| {
        row.versus.is_some() || app.model.refused.contains_key(&format!("versus.{}", row.field.key))
    };
    let add = {
        let values: Vec<(String, String)> =
            versus.values().map(|(field, value)| (field.key.to_owned(), value.to_string())).collect();
        context.link().batch_callback(move |event: Event| {
            let select: HtmlSelectElement = event.target()?.dyn_into().ok()?;
            let key = select.value();
            select.set_value("");
            let (_, text) = values.iter().find(|(known, _)| *known == key)?;
            let text = another(&key, text)?;
            Some(Message::Act(Action::SetVersus { key, text }))
        })
    };
    let second = |row: &Row| {
        let refused = app.model.refused.get(&format!("versus.{}", row.field.key));
        Row {
            text: refused.map(|refused| refused.text.clone()).or(row.versus.clone()).unwrap_or_default(),
            was: Some(row.text.clone()),
            refused: refused.map(|refused| refused.reason.clone()),
            versus: None,
            ..row.clone()
        }
    };
    html! {
        <section class="compare-fields" aria-labelledby="versus-heading">
            <h2 id="versus-heading" class="station">{ "What run B does differently" }</h2>
            <div class="field">
                <label for="versus-add">{ "Let one more field differ" }</label>
                <select id="versus-add" class="select" onchange={add}>
                    <option value="" selected=true>{ "choose a field" }</option>
                    { for rows.iter().filter(|row| row.versus.is_none()).map(|row| html! {
                        <option key={row.field.key} value={row.field.key}>{ format!("{} ({})", row.field.label, row.field.key) }</option>
                    }) }
                </select>
            </div>
            <div class="fields">{ for rows.iter().filter(differing).map(|row| versus_field(context, &second(row))) }</div>
        </section>
    }
}

/// Another value than this one, to begin with: the next choice, the other flag, one more, the double.
fn another(key: &str, text: &str) -> Option<String> {
    use switchyard::experiment::{Kind, Registry};
    let field =
        Registry::standard().labs().iter().flat_map(|lab| lab.fields()).find(|field| field.key == key)?;
    let candidates: Vec<String> = match field.kind {
        Kind::Choice(options) | Kind::ChoiceList { options, .. } => {
            options.iter().map(|option| (*option).to_owned()).collect()
        }
        Kind::Flag => vec!["true".to_owned(), "false".to_owned()],
        Kind::Integer { .. } => {
            let value: i64 = text.parse().ok()?;
            vec![(value * 2).to_string(), (value + 1).to_string(), (value - 1).to_string()]
        }
        Kind::Number { min, max } => {
            let value: f64 = text.parse().ok()?;
            vec![(value * 2.0).to_string(), (value / 2.0).to_string(), max.to_string(), min.to_string()]
        }
        Kind::IntegerList { .. } | Kind::NumberList { .. } => vec![(field.default)().to_string()],
    };
    candidates.into_iter().find(|candidate| candidate != text && field.parse(candidate).is_ok())
}
