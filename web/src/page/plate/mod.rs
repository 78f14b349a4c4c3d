//! Plates on the page: the picture as elements that can be pointed at and reached by the keyboard, its table, and
//! its files; and the answer to a question about one of its marks. What is drawn comes from `switchyard::plate`.

mod actions;
mod answer;
mod canvas;
mod exporting;
mod figure;
mod listening;
mod marks;
mod observing;
mod ring;
mod shared;
mod slot_mark;
mod stage;
mod twin;

pub use answer::AnswerView;
pub use figure::PlateView;
pub use marks::element as svg_element;
