//! Deliveries: what is to be taken of them becomes one atomic step.

use super::manifest::Mode;
use super::record::Record;
use super::swap::Told;
use super::{Warehouse, compaction};
use crate::store::{StoreError, Visible};
use driftlab_model::port::{Condition, Delivery};
use driftlab_model::{Key, Refusal, TableId, Time, Version, WriteId};
use driftlab_sink::Intake;
use std::collections::{BTreeMap, BTreeSet};

/// What an atomic step has so far.
#[derive(Default)]
struct Step {
    records: Vec<Record>,
    versions: BTreeMap<Key, (Version, Time)>,
    effects: BTreeSet<(Key, WriteId)>,
}

impl Warehouse {
    /// Takes what is to be taken of some deliveries in one atomic step, and the intake with it.
    pub(super) fn deliver(
        &mut self,
        now: Time,
        deliveries: &[Delivery],
        intake: Option<Intake>,
        visible: &mut Visible,
    ) -> Result<Vec<Result<(), Refusal>>, StoreError> {
        let mut step = Step::default();
        let outcomes = deliveries.iter().map(|delivery| self.admit(now, delivery, &mut step)).collect();
        if !step.records.is_empty() || intake.is_some() {
            let mut records = step.records;
            if self.mode == Mode::Merge {
                // Nobody sees what is superseded within the step.
                let mut seen = BTreeSet::new();
                records.reverse();
                records.retain(|record| seen.insert(record.key.clone()));
                records.reverse();
            }
            let tables: BTreeSet<TableId> = records.iter().map(|record| record.key.table()).collect();
            let fresh = self.dataset.write(records)?;
            self.append_files(fresh, intake, visible, Told::AsEffects)?;
            for table in tables {
                compaction::compact(&mut self.dataset, &mut self.index, self.mode, table, now)?;
            }
        }
        Ok(outcomes)
    }

    /// Refuses a delivery, or adds it to a step.
    fn admit(&mut self, now: Time, delivery: &Delivery, step: &mut Step) -> Result<(), Refusal> {
        let key = &delivery.key;
        match self.mode {
            Mode::Merge if delivery.condition != Condition::Always => {
                let held = match step.versions.get(key) {
                    Some((version, until)) => (now < *until).then_some(*version),
                    None => self.index.version(now, key),
                };
                if held.is_some_and(|held| held >= delivery.version) {
                    return Err(Refusal::Outdated);
                }
            }
            Mode::Append | Mode::Sum if delivery.condition == Condition::Once => {
                let effect = (key.clone(), delivery.write);
                if self.index.has_effect(key, delivery.write) || step.effects.contains(&effect) {
                    return Ok(());
                }
            }
            _ => {}
        }
        let mut record = Record::delivered(delivery, self.next_sequence, now, self.tombstones);
        self.next_sequence += 1;
        if self.mode != Mode::Sum {
            record.before = None;
        }
        step.versions.insert(key.clone(), (record.version, record.guarded_until));
        if self.mode != Mode::Merge {
            step.effects.insert((key.clone(), delivery.write));
        }
        step.records.push(record);
        Ok(())
    }
}
