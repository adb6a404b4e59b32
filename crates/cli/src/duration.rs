//! Durations on the command line.

use driftlab_model::{Span, notation};

/// Reads a duration above zero; a complaint about one of nothing shows the example.
pub(crate) fn such_as(example: &'static str) -> impl Fn(&str) -> Result<Span, String> + Clone {
    move |text| match notation::span(text) {
        Ok(Span::ZERO) => Err(format!("expected a duration above zero, such as \"{example}\"")),
        Ok(span) => Ok(span),
        Err(expected) => Err(format!("expected {}", expected.0)),
    }
}

/// Reads a moment, as the time since the beginning.
pub(crate) fn moment(text: &str) -> Result<Span, String> {
    notation::span(text).map_err(|expected| format!("expected {}", expected.0))
}
