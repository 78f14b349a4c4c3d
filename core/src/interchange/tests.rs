//! What is read, what is refused and with which words, and that what is written is read again.

#![allow(clippy::unwrap_used)]

mod foreign_tables;
mod refusals;
mod round_trip;

use super::{Contents, Options, Routes, read};

fn routes(text: &str) -> Routes {
    match read(text.as_bytes(), &Options::default()) {
        Ok(Contents::Routes(routes)) => routes,
        other => panic!("no routes: {other:?}"),
    }
}

fn refusal(text: &str) -> String {
    read(text.as_bytes(), &Options::default()).expect_err("it is refused").to_string()
}
