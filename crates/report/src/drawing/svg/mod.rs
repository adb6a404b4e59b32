//! The scene as a picture: lanes are columns, and time runs down.

mod arrows;
mod backdrop;
mod bars;
mod columns;
mod crossing;
mod ink;
mod marks;
mod measure;
mod paint;
mod plan;

use super::scene::Scene;
use ink::escaped;
use paint::Painter;
use plan::Plan;
use std::fmt::Write;

pub(crate) const STYLE: &str = include_str!("style.css");

/// The scene as an SVG document, readable by itself: colours follow the reader's light or dark, and inside a report the report's own.
///
/// It names no font of its own, loads nothing, runs nothing. Equal scenes give equal documents.
#[must_use]
pub fn svg(scene: &Scene) -> String {
    document(scene, "drawing", Stand::Alone)
}

/// The same as a part of a page: without a namespace, with ids that begin with `id`, which must be unique in the page.
///
/// Put it into an element that scrolls sideways: it shrinks to about two thirds of its size and no further, so that it can be read on a phone.
#[must_use]
pub fn svg_in_page(scene: &Scene, id: &str) -> String {
    document(scene, id, Stand::InPage)
}

/// The same for a page that has the drawings' style once for all of them.
pub(crate) fn svg_in_report(scene: &Scene, id: &str) -> String {
    document(scene, id, Stand::AmongMany)
}

/// Where a picture stands.
#[derive(Clone, Copy)]
enum Stand {
    Alone,
    InPage,
    AmongMany,
}

fn document(scene: &Scene, id: &str, stand: Stand) -> String {
    let plan = Plan::of(scene, &legend(scene));
    let (width, height) = plan.size;
    let (width, height) = (width.ceil(), height.ceil());
    let id = escaped(id);
    let mut out = String::from(r#"<svg role="img" class="st""#);
    let _ = match stand {
        Stand::Alone => {
            write!(out, r#" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}""#)
        }
        Stand::InPage | Stand::AmongMany => {
            write!(
                out,
                r#" style="width:100%;height:auto;max-width:{}px;min-width:{}px""#,
                width * 1.15,
                (width * 0.66).ceil()
            )
        }
    };
    let _ = writeln!(out, r#" viewBox="0 0 {width} {height}" aria-labelledby="{id}-title {id}-desc">"#);
    let _ = writeln!(out, r#"<title id="{id}-title">{}</title>"#, escaped(&scene.title()));
    let told = super::story::story(scene).join(" ");
    let _ = writeln!(out, r#"<desc id="{id}-desc">{}</desc>"#, escaped(&told));
    if !matches!(stand, Stand::AmongMany) {
        let _ = writeln!(out, "<style>{}</style>", STYLE.trim_end());
    }
    out.push_str(&Painter::paint(scene, &plan));
    out.push_str("</svg>\n");
    out
}

/// What the signs mean, and what is not drawn.
fn legend(scene: &Scene) -> String {
    let mut legend = "Time runs down; distances do not tell how long. A number in a disc is a change's place in the source's order of commits, 0 the initial load; a bar's colour is whose change a store holds.".to_owned();
    if !scene.undrawn.sinks.is_empty() {
        let _ = write!(legend, " Not drawn: {}.", scene.undrawn.sinks.join(", "));
    }
    legend
}
