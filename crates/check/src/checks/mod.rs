//! The registry of checks: adding one is one file and one line here.

mod arrivals;
mod cache_prefix;
mod convergence;
mod disagreement;
mod effects;
mod intervals;
mod invariants;
mod key_order;
mod partitions;
mod prefix;
mod sessions;
mod states;
mod torn;
mod tracks;
mod uncommitted;
mod witness;

use crate::casebook::Casebook;
use crate::check::Check;
use crate::judgement::Judgement;
use crate::timeline::{Applied, Changed, CommitNo, Moved, Outdated, Timeline};
use driftlab_model::{Fingerprint, Operation, Read, TransactionId};

/// Makes one check out of many, which are called in this order.
///
/// What comes with every row is always inlined, so that a check that takes no interest is not even called.
macro_rules! registry {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $check:ty,)* }) => {
        $(#[$doc])*
        pub(crate) struct $name {
            $(pub(crate) $field: $check,)*
        }

        impl Check for $name {
            fn new(timeline: &Timeline) -> Self {
                Self { $($field: <$check>::new(timeline),)* }
            }
            fn restart(&mut self, timeline: &Timeline) {
                $(self.$field.restart(timeline);)*
            }
            #[inline(always)]
            fn outdated(&mut self, timeline: &Timeline, step: &Outdated, book: &mut Casebook) {
                $(self.$field.outdated(timeline, step, book);)*
            }
            #[inline(always)]
            fn changed(&mut self, timeline: &Timeline, step: &Changed, book: &mut Casebook) {
                $(self.$field.changed(timeline, step, book);)*
            }
            #[inline]
            fn committed(&mut self, timeline: &Timeline, commit: CommitNo, book: &mut Casebook) {
                $(self.$field.committed(timeline, commit, book);)*
            }
            fn committed_empty(&mut self, timeline: &Timeline, transaction: TransactionId, book: &mut Casebook) {
                $(self.$field.committed_empty(timeline, transaction, book);)*
            }
            #[inline(always)]
            fn moved(&mut self, timeline: &Timeline, step: &Moved, book: &mut Casebook) {
                $(self.$field.moved(timeline, step, book);)*
            }
            fn applied(&mut self, timeline: &Timeline, step: &Applied, book: &mut Casebook) {
                $(self.$field.applied(timeline, step, book);)*
            }
            fn loaded(&mut self, timeline: &Timeline, sink: usize) {
                $(self.$field.loaded(timeline, sink);)*
            }
            fn read(&mut self, timeline: &Timeline, read: &Read) {
                $(self.$field.read(timeline, read);)*
            }
            fn finished(&mut self, timeline: &Timeline, operation: &Operation) {
                $(self.$field.finished(timeline, operation);)*
            }
            fn fault(&mut self, timeline: &Timeline, fault: u16, active: bool) {
                $(self.$field.fault(timeline, fault, active);)*
            }
            fn load_ended(&mut self, timeline: &Timeline) {
                $(self.$field.load_ended(timeline);)*
            }
            #[inline]
            fn instant_over(&mut self, timeline: &Timeline, book: &mut Casebook) {
                $(self.$field.instant_over(timeline, book);)*
            }
            fn fingerprint(&self, timeline: &Timeline, book: &Casebook, print: &mut Fingerprint<'_>) {
                $(self.$field.fingerprint(timeline, book, print);)*
            }
            fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, judgement: &mut Judgement) {
                $(self.$field.conclude(timeline, book, judgement);)*
            }
        }
    };
}
pub(crate) use registry;

registry! {
    /// The checks that look for anomalies.
    Checks {
        key_order: key_order::KeyOrder,
        uncommitted: uncommitted::Uncommitted,
        torn: torn::Torn,
        prefix: prefix::Prefix,
        cache_prefix: cache_prefix::CachePrefix,
        partitions: partitions::Partitions,
        invariants: invariants::Invariants,
        effects: effects::Effects,
        sessions: sessions::Sessions,
        convergence: convergence::Convergence,
        disagreement: disagreement::Disagreement,
    }
}
