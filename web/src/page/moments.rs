//! Looking back: a slider over what a run showed at earlier steps.

use switchyard_web::model::Action;
use web_sys::HtmlInputElement;
use yew::{Context, Html, InputEvent, TargetCast as _, html};

use super::app::{App, Message};
use super::sheet::Shown;

/// The slider, once there is something to look back at.
pub fn view(context: &Context<App>, shown: Shown<'_>) -> Html {
    let (pane, slot) = (shown.pane, shown.slot());
    let steps: Vec<u64> = pane.moments.steps().collect();
    let Some(last) = steps.len().checked_sub(1).filter(|last| *last > 0) else { return Html::default() };
    let looked = pane.moments.looked();
    let place = looked.and_then(|step| steps.iter().position(|known| *known == step)).unwrap_or(last);
    let look = context.link().callback(move |place| Message::Act(Action::Look(slot, place)));
    let oninput = {
        let look = look.clone();
        move |event: InputEvent| {
            let slider: HtmlInputElement = event.target_unchecked_into();
            look.emit(slider.value().parse().ok());
        }
    };
    let told = match looked {
        Some(step) => format!("as at step {step}"),
        None => format!("now, step {}", steps[last]),
    };
    let id = format!("{}-moment", shown.scope);
    html! {
        <div class="moments">
            <label for={id.clone()}>{ "Look back" }</label>
            <input {id} class="slider" type="range" min="0" max={last.to_string()} step="1" value={place.to_string()} aria-valuetext={told.clone()} {oninput} />
            <span class="moments-told" aria-hidden="true">{ told }</span>
            <button type="button" class="button button-small" aria-disabled={looked.is_none().then_some("true")} onclick={move |_| look.emit(None)}>{ "To now" }</button>
        </div>
    }
}
