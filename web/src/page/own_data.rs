//! Data of one's own: the section of the sheet that offers to draw, paste or upload them.

use std::rc::Rc;

use switchyard::data::OwnKind;
use switchyard_web::model::Action;
use yew::{Context, Html, html};

use super::app::{App, Message, PageMessage};
use super::own_data_panel::OwnDataPanel;

/// The section, for labs that take such data.
pub fn section(app: &App, context: &Context<App>) -> Html {
    let Some(kind) = app.model.checked.lab().own_data() else { return Html::default() };
    if matches!(kind, OwnKind::Pairs | OwnKind::Sentences) {
        return of_the_command_line(app, kind);
    }
    let on_data = context.link().callback(|data| Message::Act(Action::Own(data)));
    let on_refuse = context.link().callback(|text| Message::Page(PageMessage::Say(text)));
    let classes = app.model.checked.value("data.classes").and_then(|value| value.to_string().parse().ok());
    let source = app.model.checked.value("data.source").map(ToString::to_string);
    let is_missing = source.as_deref() == Some("own") && app.model.own_data.is_none();
    html! {
        <details class="fields" open={is_missing}>
            <summary><h3>{ "Your own data" }</h3></summary>
            <OwnDataPanel {kind} classes={classes.unwrap_or(2_usize)} current={app.model.own_data.as_ref().map(Rc::clone)} {on_data} {on_refuse} />
        </details>
    }
}

/// A corpus is packed and read by the command line only: how.
fn of_the_command_line(app: &App, kind: OwnKind) -> Html {
    let (what, files, packed) = match kind {
        OwnKind::Sentences => {
            ("Sentences", "--text --train a.en --validation b.en --test c.en", "en.sentences")
        }
        _ => {
            ("Pairs of sentences", "--train a.en a.de --validation b.en b.de --test c.en c.de", "en-de.pairs")
        }
    };
    let pack = format!("switchyard data pack {files} --out {packed}");
    let run =
        format!("switchyard run {} --set data.source=own --data {packed}", app.model.checked.preset().name);
    html! {
        <details class="fields">
            <summary><h3>{ "Your own data" }</h3></summary>
            <p class="field-help">{ format!("{what} of your own are read by the command line, not by this page. Pack them, then train:") }</p>
            <p><code class="link-text">{ pack }</code></p>
            <p><code class="link-text">{ run }</code></p>
        </details>
    }
}
