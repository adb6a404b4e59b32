//! Where a process resumes after a restart, and where it keeps that knowledge.

use crate::parts::retry::persist;
use driftlab_model::port::{Ports, Reply, Request, Runtime, Sink};
use driftlab_model::{Bookmark, Kind, Outcome, Refusal, Setting, Settings};

/// Where a pipeline keeps the position up to which a sink has everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// In a checkpoint, after the sink took the changes: what is applied and not yet saved is applied again.
    Checkpoint,
    /// In the sink, in the same atomic step as the changes: each is applied once.
    WithData,
}

impl Position {
    /// Its words, for the setting `position`.
    pub(crate) const WORDS: Kind = Kind::Choice(&[
        ("checkpoint", "in a checkpoint, saved after the sink took the changes (at least once)"),
        ("with_data", "in the sink, saved in one atomic step with the changes (exactly once)"),
    ]);
    const SUMMARY: &'static str = "Where the position is saved from which the process resumes.";

    /// The setting `position` with a default.
    pub(crate) const fn setting(default: &'static str) -> Setting {
        Setting { name: "position", summary: Self::SUMMARY, kind: Self::WORDS, default: Some(default) }
    }

    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.word("position") {
            "with_data" => Self::WithData,
            _ => Self::Checkpoint,
        }
    }
}

/// The bookmark last saved under a name; the beginning where there is none.
pub(crate) async fn saved(ports: &Ports, name: &str) -> Bookmark {
    persist(ports.runtime.as_ref(), async || ports.checkpoint.load(name).await).await.unwrap_or_default()
}

/// Saves a bookmark under a name.
pub(crate) async fn save(ports: &Ports, name: &str, bookmark: Bookmark) {
    persist(ports.runtime.as_ref(), async || ports.checkpoint.save(name, bookmark).await).await;
}

/// The bookmark that a sink keeps with its data; the beginning where it has none.
pub(crate) async fn held(runtime: &dyn Runtime, sink: &Sink) -> Bookmark {
    persist(runtime, async || ask(sink).await).await
}

/// As [`held`], in one attempt.
pub(crate) async fn ask(sink: &Sink) -> Outcome<Bookmark> {
    match sink.store.call(Request::Bookmark).await? {
        Reply::Bookmark(bookmark) => Ok(bookmark.unwrap_or_default()),
        _ => Err(Refusal::Unsupported.into()),
    }
}
