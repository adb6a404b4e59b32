//! Drawings as SVG: no script, no font of their own, colours and dashes by class so that the page's style decides.

mod chart;
mod scale;

pub(crate) use chart::{Axis, Band, Chart, Course, Line, Tag, Words};
pub(crate) use scale::Scale;
