//! The parts of the page.

pub mod icons;
pub mod lesson;
pub mod lesson_files;
pub mod lesson_list;
