//! The marks of a scene as elements of SVG, each kept by its identifier, so that only what changed is touched.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use switchyard::plate::Scene;
use switchyard::plate::palette::{DARK, LIGHT, Theme};
use switchyard::plate::scene::{Mark, Paint, Shape};
use switchyard::plate::svg::{Attributes, hatch_lines, hatches, look, outline};
use switchyard_web::plate_logic::focus::Stop;
use switchyard_web::plate_logic::parts::parts;
use yew::virtual_dom::{VList, VNode, VTag};
use yew::{AttrValue, Html, Properties, component, html};

use super::shared::Shared;

/// What is drawn, and where the keyboard is in it.
#[derive(Clone, PartialEq, Properties)]
pub struct MarksProperties {
    /// The picture.
    pub scene: Shared<Scene>,
    /// Which marks can have the focus.
    pub stops: Shared<Vec<Stop>>,
    /// What the identifiers begin with.
    pub prefix: AttrValue,
    /// Whether the page is dark.
    pub dark: bool,
    /// The one mark that the Tab key leads to.
    pub current: Option<Rc<Stop>>,
}

/// All marks. It is drawn again only when the picture, the theme or the place of the keyboard changes.
#[component]
pub fn Marks(properties: &MarksProperties) -> Html {
    let scene: &Scene = &properties.scene;
    let part = |(key, range): (String, Range<usize>)| {
        html! { <Part {key} {range} marks={properties.clone()} /> }
    };
    html! {
        <g key="marks">
            { hatch_patterns(&properties.prefix, scene) }
            <g key="all">{ for parts(&scene.marks).into_iter().map(part) }</g>
        </g>
    }
}

/// Some of the marks. They are compared before they are drawn, which is quick, and mostly there is nothing to draw.
#[derive(Properties)]
struct PartProperties {
    marks: MarksProperties,
    range: Range<usize>,
}

impl PartialEq for PartProperties {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.marks, &other.marks);
        (a.dark, &a.prefix, &a.current) == (b.dark, &b.prefix, &b.current)
            && a.scene.marks.get(self.range.clone()) == b.scene.marks.get(other.range.clone())
    }
}

#[component]
fn Part(properties: &PartProperties) -> Html {
    let MarksProperties { scene, stops, prefix, dark, current } = &properties.marks;
    let pen = Pen {
        prefix,
        theme: if *dark { DARK } else { LIGHT },
        stops: stops.iter().map(|stop| (stop.id.as_str(), stop)).collect(),
        current: current.as_deref(),
    };
    let marks = scene.marks.get(properties.range.clone()).unwrap_or_default();
    VList::with_children(marks.iter().map(|mark| pen.mark(mark, false)).collect(), None).into()
}

/// The patterns that the marks are filled with.
fn hatch_patterns(prefix: &str, scene: &Scene) -> Html {
    let pattern = |(hue, cue): (usize, usize)| {
        let lines = hatch_lines(cue).into_iter().map(|(tag, attributes)| element(tag, attributes).into());
        let lines: Vec<VNode> = lines.collect();
        html! {
            <pattern key={cue * 8 + hue} id={format!("{prefix}-hatch-{hue}-{cue}")} class={format!("hatch s{hue}")}
                width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" />{ lines }</pattern>
        }
    };
    html! { <defs key="hatches">{ for hatches(scene).into_iter().map(pattern) }</defs> }
}

struct Pen<'a> {
    prefix: &'a str,
    theme: Theme,
    stops: BTreeMap<&'a str, &'a Stop>,
    current: Option<&'a Stop>,
}

impl Pen<'_> {
    /// A mark; `hidden` when something around it already keeps it from being read out.
    fn mark(&self, mark: &Mark, hidden: bool) -> VNode {
        let (tag, mut attributes) = outline(&mark.shape);
        attributes.extend(self.look(mark.paint));
        let mut hidden = hidden;
        if mark.name.is_some() {
            attributes.push(("id", format!("{}-{}", self.prefix, mark.id)));
        }
        let current = self.current.filter(|stop| stop.id == mark.id);
        if let Some(stop) = current.or_else(|| self.stops.get(mark.id.as_str()).copied()) {
            attributes.push(("role", role(stop).to_owned()));
            attributes.push(("aria-label", stop.name.clone()));
            if current.is_some() {
                attributes.push(("tabindex", "0".to_owned()));
            }
        } else if !hidden && !self.holds_stop(mark) {
            hidden = true;
            attributes.push(("aria-hidden", "true".to_owned()));
        }
        let mut tag = element(tag, attributes);
        match &mark.shape {
            Shape::Group { marks } => {
                let children = marks.iter().map(|mark| self.mark(mark, hidden)).collect();
                tag.add_child(VList::with_children(children, None).into());
            }
            // The space is not drawn; it keeps the words of a mark apart for who reads them without the picture.
            Shape::Text { text, .. } => tag.add_child(VNode::from(format!("{text} "))),
            _ => {}
        }
        tag.key = Some(mark.id.as_str().into());
        tag.into()
    }

    /// Whether the focus can be in a group, or is.
    fn holds_stop(&self, mark: &Mark) -> bool {
        let Shape::Group { marks } = &mark.shape else { return false };
        marks.iter().any(|mark| {
            self.stops.contains_key(mark.id.as_str())
                || self.current.is_some_and(|stop| stop.id == mark.id)
                || self.holds_stop(mark)
        })
    }

    /// The class and the fill. Shades are written as the theme's own colour, because a style of its own on an
    /// element is what the page's policy forbids.
    fn look(&self, paint: Paint) -> Attributes {
        match paint {
            Paint::Shade(shade) => vec![("fill", shade.colour(self.theme))],
            Paint::OnShade(shade) => {
                vec![("class", "on-shade".to_owned()), ("fill", shade.text_colour(self.theme).to_owned())]
            }
            paint => look(paint, self.prefix),
        }
    }
}

fn role(stop: &Stop) -> &'static str {
    match (stop.unit, stop.group) {
        (true, _) => "button",
        (false, true) => "group",
        (false, false) => "img",
    }
}

/// An element of SVG with its attributes.
pub fn element(tag: &'static str, attributes: Attributes) -> VTag {
    let mut element = VTag::new(tag);
    for (name, value) in attributes {
        element.add_attribute(name, value);
    }
    element
}
