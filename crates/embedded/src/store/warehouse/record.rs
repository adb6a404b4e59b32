use driftlab_model::port::{Condition, Delivery};
use driftlab_model::{Key, Row, Span, Time, Version, WriteId};
use driftlab_sink::Total;

/// One row of a data file: what one delivery, or one row of a load, made of a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) key: Key,
    /// Grows from record to record over all tables.
    pub(super) sequence: u64,
    /// The delivery's write, whose effect it is.
    pub(super) write: WriteId,
    /// The version that a conditional delivery is compared with.
    pub(super) version: Version,
    /// Until when the version counts.
    pub(super) guarded_until: Time,
    /// Whether it came with a load and is no effect of a delivery.
    pub(super) loaded: bool,
    /// The row before; kept by warehouses that add up.
    pub(super) before: Option<Row>,
    /// The row; `None` for a deletion.
    pub(super) after: Option<Row>,
}

impl Record {
    pub(super) fn delivered(delivery: &Delivery, sequence: u64, now: Time, tombstones: Span) -> Self {
        let guarded_until = match (&delivery.after, delivery.condition) {
            (Some(_), _) => Time::NEVER,
            (None, Condition::Newer | Condition::Once) => now + tombstones,
            (None, Condition::Always) => Time::ZERO,
        };
        Self {
            key: delivery.key.clone(),
            sequence,
            write: delivery.write,
            version: delivery.version,
            guarded_until,
            loaded: false,
            before: delivery.before.clone(),
            after: delivery.after.clone(),
        }
    }

    pub(super) fn loaded(key: &Key, row: &Row, sequence: u64) -> Self {
        Self {
            key: key.clone(),
            sequence,
            write: row.write(),
            version: row.version(),
            guarded_until: Time::NEVER,
            loaded: true,
            before: None,
            after: Some(row.clone()),
        }
    }

    /// Adds what it says to a key's totals: a loaded row is where they begin anew, any other is an effect.
    pub(super) fn add_to(&self, total: &mut Total) {
        let Self { key, before, after, write, .. } = self;
        if self.loaded {
            *total = after.as_ref().map_or_else(Total::default, |row| Total::of(key, row));
        } else {
            total.apply(key, before.as_ref(), after.as_ref(), *write);
        }
    }
}
