//! The page: one sheet, drawn from [`switchyard_web::model::Model`], and the effects that the model asks for.

mod app;
mod browser;
mod compare;
mod controls;
mod dialogs;
mod effects;
mod entry;
mod fetching;
mod fields;
mod file_field;
mod icons;
mod lesson;
mod masthead;
mod moments;
mod own_data;
mod own_data_panel;
mod plate;
mod probe;
mod prose;
mod route_file;
mod screens;
mod share;
mod sheet;
mod status;
mod theme;
mod timing;
mod worker;

/// Draws the page.
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
