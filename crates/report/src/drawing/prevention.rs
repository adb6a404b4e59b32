//! What would have prevented an anomaly, by strategy.

use super::cause;
use driftlab_check::Anomaly;
use driftlab_model::Settings;

/// An entry of the table: an anomaly, the kinds of strategies that it is about (none for all that have no entry of their own), and the remedy.
struct Remedy(Anomaly, &'static [&'static str], &'static str);

const QUEUES: &[&str] = &["outbox", "trigger_cdc"];

/// The remedies. Where a strategy has an entry of its own, that one is told; the entry without strategies is for all others.
const REMEDIES: &[Remedy] = &[
    Remedy(
        Anomaly::LostUpdate,
        &["none"],
        "Nobody carries changes to this copy: any strategy that reads what was committed would have.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &["batch_incremental"],
        "The job looks for stamps above its watermark, and a stamp is given before the commit: a transaction that is open while the job runs ends below it. \
         Read back over a stretch longer than the longest transaction, or read the database's log, which is in the order of commits.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &["dual_writes"],
        "The write of the copy is no part of the transaction, so it can be lost alone. Commit the intention to write the copy together with the data (an outbox), \
         or read it from the database's own log (change data capture); a retry alone does not outlive the process.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &["cache_aside"],
        "A reader filled in what it had read before the write, or the invalidation was lost. Leases let an invalidation revoke the permission to fill; \
         a time to live bounds what is left, and invalidating from the database's log outlives a crash.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        QUEUES,
        "Sequence numbers are given out before the commit, so a poll for numbers above the last one seen passes over a transaction that commits late. \
         Wait until gaps are closed, or read in the order of commits: by the database's log, or not beyond the oldest transaction that is still open.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &["event_sourcing"],
        "The projection passed over an event whose form it did not know. Make events of an older form into those of today before anybody reads them (an upcaster for each step), \
         and stand still before events of a newer one.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &["log_cdc"],
        "The position was stored before the changes up to it were applied, so a crash between the two skips them. Apply first and acknowledge then, \
         or save the position in the same transaction as the data.",
    ),
    Remedy(
        Anomaly::LostUpdate,
        &[],
        "The change was committed and its delivery was not made certain: let the delivery be written down in the same transaction as the change, \
         and repeat it until the copy has confirmed it.",
    ),
    Remedy(
        Anomaly::StaleOverwrite,
        &["dual_writes"],
        "Nothing keeps two clients' writes to the copy in the order of their commits. Send the version that the database gave the row, and let the copy refuse what is \
         not newer (external versions); or let one process write the copy, in the order of the database's log.",
    ),
    Remedy(
        Anomaly::StaleOverwrite,
        &["cache_aside"],
        "A slow reader filled in a row that was older than what the cache had shown. Leases let only the reader fill whose permission no invalidation has revoked since.",
    ),
    Remedy(
        Anomaly::StaleOverwrite,
        &["log_cdc"],
        "A row of the first copy, or of a batch sent again, arrived after a newer change of the same key. Fit the snapshot into the stream by watermarks, \
         keep each key in one partition, and let the copy refuse versions that are not newer.",
    ),
    Remedy(
        Anomaly::StaleOverwrite,
        &[],
        "Something older arrived after something newer. Carry the row's version with each change and let the copy refuse what is not newer, \
         and give each key one writer at a time.",
    ),
    Remedy(
        Anomaly::Resurrected,
        &["cache_aside"],
        "A reader filled in a row that it had read before the deletion. Leases revoke that permission when the key is invalidated.",
    ),
    Remedy(
        Anomaly::Resurrected,
        &[],
        "A write from before the deletion arrived after it, and the copy no longer knew that there had been one. Keep tombstones with their versions, \
         and let the copy refuse what is not newer than they are.",
    ),
    Remedy(
        Anomaly::MissedDelete,
        &["batch_incremental"],
        "A deleted row has no stamp to be found by. Compare the sets of keys, mark rows as deleted instead of removing them, or read the database's log, which has deletions.",
    ),
    Remedy(
        Anomaly::MissedDelete,
        &["event_sourcing"],
        "The projection passed over the event that took the row away, because it did not know its form. Stand still before events of a newer form, until the projection is rolled over too.",
    ),
    Remedy(
        Anomaly::MissedDelete,
        &["log_cdc"],
        "The position was stored before the deletion was applied. Apply first and acknowledge then, or save the position in the same transaction as the data.",
    ),
    Remedy(
        Anomaly::MissedDelete,
        &[],
        "The deletion was committed and its delivery was not made certain: write it down in the same transaction (an outbox), or read the database's log, which has deletions.",
    ),
    Remedy(
        Anomaly::Phantom,
        &["dual_writes"],
        "The copy is written before anybody knows whether the database will commit. Write the database first; \
         better, write the copy only from what was committed: an outbox or the database's log.",
    ),
    Remedy(
        Anomaly::Phantom,
        &["event_sourcing"],
        "An event of an old form was read as one of today's, so a number was taken in another unit. Name the form in each event, and upcast before anybody reads it.",
    ),
    Remedy(
        Anomaly::Phantom,
        &[],
        "The copy was given what was not committed. Carry to a copy only what an outbox or the database's log says is committed.",
    ),
    Remedy(
        Anomaly::EarlyVisibility,
        &[],
        "The copy was written before the commit. Write it only from what is committed: after the transaction, or better from an outbox or the database's log.",
    ),
    Remedy(
        Anomaly::TornTransaction,
        &["batch_full"],
        "The rows were read or loaded piece by piece while transactions went on. Read all tables in one snapshot, load it aside, and swap it in atomically.",
    ),
    Remedy(
        Anomaly::TornTransaction,
        &["log_cdc", "outbox", "trigger_cdc"],
        "The changes of a transaction were applied row by row. Keep them together: one partition, and one atomic step of the copy for each transaction.",
    ),
    Remedy(
        Anomaly::TornTransaction,
        &[],
        "Each row of the transaction goes to the copy in a request of its own. Give the copy whole transactions, in one atomic step each.",
    ),
    Remedy(
        Anomaly::NotAPrefix,
        &["batch_full"],
        "Rows of different moments were put together. Read all of them in one snapshot and swap the load in atomically.",
    ),
    Remedy(
        Anomaly::NotAPrefix,
        &["log_cdc"],
        "Partitions, or the rows of a transaction, run ahead of each other. One partition, applied transaction by transaction, is always a state that the source had.",
    ),
    Remedy(
        Anomaly::NotAPrefix,
        &[],
        "Changes of different keys overtake each other on their way. Apply all of them in the order of commits, through one ordered log.",
    ),
    Remedy(
        Anomaly::NonMonotonic,
        &[],
        "The copy went back to an earlier state. Save the position together with the data, let a step that begins before it do nothing, \
         and let the copy refuse versions that are not newer.",
    ),
    Remedy(
        Anomaly::MissedChange,
        &["batch_full", "batch_incremental"],
        "A batch sees what a row is, not what it was in between. Where every version counts, read the database's log or an outbox.",
    ),
    Remedy(
        Anomaly::MissedChange,
        QUEUES,
        "Sequence numbers are given out before the commit, and the poll had passed this one. Wait until gaps are closed, or read in the order of commits.",
    ),
    Remedy(
        Anomaly::MissedChange,
        &[],
        "The delivery of this change was not made certain. Store the position only after the change is applied, or write the change down in the transaction that makes it.",
    ),
    Remedy(
        Anomaly::DuplicateEffect,
        &[],
        "What is delivered at least once must be applied at most once: let the copy remember each event's id in the same transaction as its effect, \
         or save the position together with the data; or make the effect idempotent, a value in place of an increment.",
    ),
    Remedy(
        Anomaly::SinkDisagreement,
        &["dual_writes"],
        "Each copy hears the clients in an order of its own. Send the row's version and let each copy refuse what is not newer, or feed all copies from one ordered log.",
    ),
    Remedy(
        Anomaly::SinkDisagreement,
        &[],
        "The copies are fed apart from each other. Feed all of them from one ordered log, each with a position of its own that is saved with its data.",
    ),
    Remedy(
        Anomaly::BrokenInvariant,
        &["event_sourcing"],
        "Two decisions were made upon the same state. Append with the expected version, and decide again where it has moved on.",
    ),
    Remedy(
        Anomaly::BrokenInvariant,
        &[],
        "The rule spans rows that do not arrive together. Apply whole transactions atomically; and where the source itself breaks it, let the transaction check and lock what the rule reads.",
    ),
    Remedy(
        Anomaly::UnboundedLag,
        &[],
        "Changes come faster than they are applied, so no buffer is large enough. Apply in batches, spread the keys over partitions, or slow the writers down.",
    ),
];

/// What would have prevented an anomaly where this kind of strategy (`dual_writes`) showed it with these settings: one or two sentences.
#[must_use]
pub fn prevention(anomaly: Anomaly, strategy: &str, settings: &Settings) -> &'static str {
    let of_anomaly = || REMEDIES.iter().filter(|remedy| remedy.0 == anomaly);
    let own = of_anomaly().find(|remedy| remedy.1.contains(&strategy));
    let general = || of_anomaly().find(|remedy| remedy.1.is_empty());
    let told = || own.or_else(general).map_or("", |remedy| remedy.2);
    cause::remedy(anomaly, strategy, settings).unwrap_or_else(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_check::ANOMALIES;

    #[test]
    fn every_anomaly_has_a_remedy_for_every_strategy() {
        let known: Vec<&str> = driftlab_lab::strategies().iter().map(|entry| entry.name).collect();
        for entry in ANOMALIES {
            for strategy in known.iter().chain(&["external"]) {
                assert!(
                    !prevention(entry.anomaly, strategy, &Settings::default()).is_empty(),
                    "{} of {strategy}",
                    entry.name
                );
            }
        }
        for Remedy(anomaly, strategies, _) in REMEDIES {
            for strategy in *strategies {
                let is_known = known.contains(strategy) || *strategy == "event_sourcing";
                assert!(is_known, "{anomaly}: no strategy is called {strategy}");
            }
        }
    }
}
