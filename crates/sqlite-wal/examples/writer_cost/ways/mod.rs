//! The ways of capturing changes that are compared, one file each.

mod log_reader;
mod none;
mod outbox;
#[cfg(feature = "session")]
mod session;
mod triggers;
mod way;

pub(crate) use way::{Beside, Capture, Told, Way};

/// All of them; the first is what the others are held against.
pub(crate) const WAYS: &[&dyn Way] = &[
    &none::Nothing,
    &log_reader::LogReader,
    &triggers::Triggers,
    &outbox::Outbox,
    #[cfg(feature = "session")]
    &session::SessionExtension,
];
