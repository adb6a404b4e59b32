//! What each class of mistake is told like.

mod contradictions;
mod expectations;
mod form;
mod several;
#[path = "../support/mod.rs"]
mod support;
mod values;
