//! The page that follows a run: four addresses below `follow/`. What it shows is a run's own, so it is given only to
//! visitors who came by an address of this machine: a foreign page cannot read it through a name of its own.

use std::sync::{Mutex, PoisonError};

use switchyard::plate::svg::STYLE;

use super::request::Request;
use super::response::{Response, file, moved};
use super::site::Body;
use crate::watch::Followed;

const PAGE: &str = include_str!("../../../static/follow/index.html");
const SCRIPT: &str = include_str!("../../../static/follow/follow.js");
const MORE_STYLE: &str = include_str!("../../../static/follow/follow.css");

/// Answers a request for something below `follow/`; nothing when it is for something else.
pub fn to(request: &Request, followed: &Mutex<Followed>, base: &str) -> Option<Response> {
    if request.method != "GET" && !request.is_head() {
        return None;
    }
    let path = request.path()?;
    let name = path.strip_prefix(base)?;
    if name == "follow" {
        return Some(moved(format!("{base}follow/")));
    }
    let name = match name.strip_prefix("follow/")? {
        "" => "index.html",
        name => name,
    };
    if !["index.html", "follow.js", "follow.css", "content.html"].contains(&name) {
        return None;
    }
    if !request.is_for_this_machine() {
        return Some(Response::text("403 Forbidden", "this run is shown to its own machine only\n"));
    }
    let text = match name {
        "index.html" => PAGE.to_owned(),
        "follow.js" => SCRIPT.to_owned(),
        "follow.css" => format!("{STYLE}\n{MORE_STYLE}"),
        // A panic while the page was made left the run as it was.
        _ => followed.lock().unwrap_or_else(PoisonError::into_inner).content(),
    };
    Some(file(request, name, Body { bytes: text.into_bytes().into(), packed: false }))
}
