//! The words of the columns `view`, `operation`, `stage` and `outcome`, and of the cast.

use driftlab_model::{
    ColumnType, Doubt, Failure, Finish, Milestone, Offset, OperationKind, Refusal, SinkForm, SinkKind, Stage,
};

/// Words with what they mean.
pub(crate) type Words<T> = [(&'static str, T)];

/// What it means that a sink shows no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    Deleted,
    Missing,
    NotHeld,
}

pub(crate) const ABSENCES: &Words<Absence> =
    &[("deleted", Absence::Deleted), ("missing", Absence::Missing), ("not_held", Absence::NotHeld)];

pub(crate) const OPERATIONS: &Words<OperationKind> =
    &[("write", OperationKind::Write), ("read", OperationKind::Read)];

/// Stages that are one word; [`HALTED`] goes with a refusal in the column `outcome`.
pub(crate) const STAGES: &Words<Stage> = &[
    ("started", Stage::Started),
    ("crashed", Stage::Crashed),
    ("paused", Stage::Paused),
    ("resumed", Stage::Resumed),
    ("lost", Stage::Lost),
    ("restored", Stage::Restored),
];

/// The word of [`Stage::Halted`].
pub(crate) const HALTED: &str = "halted";

/// Whether a fault is active after its event.
pub(crate) const FAULT_STAGES: &Words<bool> = &[("began", true), ("ended", false)];

pub(crate) const MILESTONES: &Words<Milestone> = &[
    ("load_ended", Milestone::LoadEnded),
    ("quiescent", Milestone::Quiescent),
    ("gave_up", Milestone::GaveUp),
];

pub(crate) const SINK_KINDS: &Words<SinkKind> =
    &[("cache", SinkKind::Cache), ("search", SinkKind::Search), ("warehouse", SinkKind::Warehouse)];

pub(crate) const SINK_FORMS: &Words<SinkForm> =
    &[("rows", SinkForm::Rows), ("versions", SinkForm::Versions), ("totals", SinkForm::Totals)];

pub(crate) const COLUMN_TYPES: &Words<ColumnType> = &[
    ("integer", ColumnType::Integer),
    ("real", ColumnType::Real),
    ("text", ColumnType::Text),
    ("blob", ColumnType::Blob),
];

/// Refusals that are one word; [`OUT_OF_RANGE`] is followed by an offset, [`UNKNOWN_FORM`] by stream, version, form and the last form known.
const REFUSALS: &Words<Refusal> = &[
    ("rolled_back", Refusal::RolledBack),
    ("deadlock", Refusal::Deadlock),
    ("serialization_failure", Refusal::SerializationFailure),
    ("conflict", Refusal::Conflict),
    ("outdated", Refusal::Outdated),
    ("no_such_load", Refusal::NoSuchLoad),
    ("unavailable", Refusal::Unavailable),
    ("state_lost", Refusal::StateLost),
    ("slot_lost", Refusal::SlotLost),
    ("unsupported", Refusal::Unsupported),
];

const DOUBTS: &Words<Doubt> = &[("timed_out", Doubt::TimedOut), ("disconnected", Doubt::Disconnected)];

const OUT_OF_RANGE: &str = "out_of_range:";
const UNKNOWN_FORM: &str = "unknown_form:";
const DONE: &str = "done";

/// The word for something.
pub(crate) fn word_for<T: PartialEq>(words: &Words<T>, meaning: &T) -> &'static str {
    words.iter().find(|(_, other)| other == meaning).expect("every meaning has a word").0
}

/// What a word means.
pub(crate) fn meaning_of<T: Copy>(words: &Words<T>, text: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
}

pub(crate) fn refusal_text(why: Refusal) -> String {
    match why {
        Refusal::OutOfRange { earliest } => format!("{OUT_OF_RANGE}{earliest}"),
        Refusal::UnknownForm { stream, version, form, known } => {
            format!("{UNKNOWN_FORM}{stream}:{version}:{form}:{known}")
        }
        other => word_for(REFUSALS, &other).to_owned(),
    }
}

pub(crate) fn refusal_of(text: &str) -> Option<Refusal> {
    if let Some(offset) = text.strip_prefix(OUT_OF_RANGE) {
        return offset.parse().ok().map(|n| Refusal::OutOfRange { earliest: Offset(n) });
    }
    match text.strip_prefix(UNKNOWN_FORM) {
        Some(place) => unknown_form_of(place),
        None => meaning_of(REFUSALS, text),
    }
}

fn unknown_form_of(place: &str) -> Option<Refusal> {
    let mut numbers = place.split(':');
    let refusal = Refusal::UnknownForm {
        stream: numbers.next()?.parse().ok()?,
        version: numbers.next()?.parse().ok()?,
        form: numbers.next()?.parse().ok()?,
        known: numbers.next()?.parse().ok()?,
    };
    numbers.next().is_none().then_some(refusal)
}

pub(crate) fn finish_text(ending: Finish) -> String {
    match ending {
        Finish::Done => DONE.to_owned(),
        Finish::Failed(Failure::Refused(why)) => refusal_text(why),
        Finish::Failed(Failure::Unknown(doubt)) => word_for(DOUBTS, &doubt).to_owned(),
    }
}

pub(crate) fn finish_of(text: &str) -> Option<Finish> {
    if text == DONE {
        return Some(Finish::Done);
    }
    match meaning_of(DOUBTS, text) {
        Some(doubt) => Some(Finish::Failed(doubt.into())),
        None => refusal_of(text).map(|why| Finish::Failed(why.into())),
    }
}

/// The words that say why something was refused, for messages.
pub(crate) fn refusal_words() -> impl Iterator<Item = &'static str> {
    REFUSALS
        .iter()
        .map(|(word, _)| *word)
        .chain(["out_of_range:OFFSET", "unknown_form:STREAM:VERSION:FORM:KNOWN"])
}

/// The words that say how an operation ended, for messages.
pub(crate) fn finish_words() -> impl Iterator<Item = &'static str> {
    [DONE].into_iter().chain(DOUBTS.iter().map(|(word, _)| *word)).chain(refusal_words())
}
