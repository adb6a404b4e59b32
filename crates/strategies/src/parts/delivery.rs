//! Changes on their last leg: what a store is sent, and when what it answers counts as done.

use driftlab_model::port::{Condition, Delivery, Reply, Request, Scanned, Sink};
use driftlab_model::{
    Failure, Key, Kind, Outcome, Refusal, Setting, Settings, TransactionId, Version, WriteId,
};

/// The write that stands for a deletion of which nobody knows who made it.
///
/// A batch sees that a row is gone and not which transaction removed it. A checker reads it as: no row, whoever deleted it.
pub const UNKNOWN_DELETION: WriteId = WriteId { transaction: TransactionId(u64::MAX), index: 1 };

/// The setting `versioned`, on where a pipeline carries versions anyway.
pub(crate) const VERSIONED: Setting = Setting {
    name: "versioned",
    summary: "A sink refuses a change that is not newer than what it holds (external versions; tombstones count).",
    kind: Kind::Switch,
    default: Some("true"),
};

/// The setting `deduplicate`.
pub(crate) const DEDUPLICATE: Setting = Setting {
    name: "deduplicate",
    summary: "A sink that adds up or appends remembers the events it has applied, and applies none twice.",
    kind: Kind::Switch,
    default: Some("false"),
};

/// The condition under which a pipeline delivers, by its settings `versioned` and `deduplicate`.
///
/// For a store of rows "no write twice" and "nothing that is not newer" come to the same, so the stricter promise is the one sent.
pub(crate) fn guard(settings: &Settings) -> Condition {
    match (settings.switch("deduplicate"), settings.switch("versioned")) {
        (true, _) => Condition::Once,
        (false, true) => Condition::Newer,
        (false, false) => Condition::Always,
    }
}

/// The delivery of a row as a scan found it: without a before image, and where it is softly deleted, without knowing by whom.
pub(crate) fn of_scanned(scanned: Scanned, condition: Condition) -> Delivery {
    match scanned.row {
        Some(row) => Delivery {
            key: scanned.key,
            before: None,
            write: row.write(),
            version: row.version(),
            after: Some(row),
            condition,
        },
        None => deletion_of(scanned.key),
    }
}

/// The unconditional deletion of a key that the source does not have any more.
pub(crate) fn deletion_of(key: Key) -> Delivery {
    Delivery {
        key,
        before: None,
        after: None,
        write: UNKNOWN_DELETION,
        version: Version::default(),
        condition: Condition::Always,
    }
}

/// Sends one change.
///
/// Refused as outdated is as good as done: the store has this change or a later one.
pub(crate) fn put(sink: &Sink, delivery: Delivery) -> impl Future<Output = Outcome<()>> {
    // Made at once: a delivery that waited in this future to be sent would be carried through every future around it.
    let call = sink.store.call(Request::Put(delivery));
    async { settled(call.await.map(drop)) }
}

/// Sends many changes in one request, each of which succeeds or fails on its own; the first failure is given.
pub(crate) async fn bulk(sink: &Sink, deliveries: Vec<Delivery>) -> Outcome<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    match sink.store.call(Request::Bulk(deliveries)).await? {
        Reply::Each(outcomes) => outcomes.into_iter().try_for_each(settled),
        _ => Ok(()),
    }
}

/// Takes "outdated" for success.
fn settled(outcome: Outcome<()>) -> Outcome<()> {
    match outcome {
        Err(Failure::Refused(Refusal::Outdated)) => Ok(()),
        other => other,
    }
}
