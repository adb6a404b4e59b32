//! Drawings: a finding as a space-time diagram, and its story in plain sentences.
//!
//! - A [`Subject`] is what a drawing is made from: a recorded history, where its requests were, and a finding.
//! - A [`Scene`] is what is left of it when only what says something is kept: lanes, arrows, marks, and the moment it went wrong.
//! - [`svg`], [`text`] and [`mermaid`] draw a scene for a page, for a terminal and for Markdown; [`story`] tells it.
//! - [`prevention`] says what would have prevented it.
//!
//! In all drawings time runs down and is ordinal: each moment at which something happened has its place, however long the time between. A number
//! in a circle is the place of a change in the source's order of commits; so the copy's order can be read against the source's.

mod arrange;
mod build;
mod cause;
mod mark;
mod mermaid;
mod prevention;
mod scene;
mod state;
mod story;
mod subject;
mod svg;
mod text;
mod words;

pub use mermaid::mermaid;
pub use prevention::prevention;
pub use scene::Scene;
pub use story::story;
pub use subject::Subject;
pub(crate) use svg::{STYLE, svg_in_report};
pub use svg::{svg, svg_in_page};
pub use text::text;
