//! The page: one sheet, drawn from [`switchyard_web::model::Model`], and the effects that the model asks for.

mod app;
mod browser;
mod compare;
mod controls;
mod effects;
mod fields;
mod masthead;
mod screens;
mod share;
mod sheet;
mod status;
mod theme;
mod worker;

/// Draws the page.
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
