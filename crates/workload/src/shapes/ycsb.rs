//! The core workloads of YCSB (Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010), by their published mixes.

use crate::common::was_given;
use crate::draw::{Draws, below};
use crate::keyspace::Keyspace;
use crate::mix::{Action, Mix};
use crate::plan::Plan;
use crate::popularity::Popularity;
use crate::registry::{Build, ShapeEntry};
use crate::shape::{Operation, Shape};
use driftlab_model::hash::mix;
use driftlab_model::{
    Assignment, ColumnId, ColumnType, Contradiction, Key, Kind, Schema, Setting, Settings, Statement,
    Statements, Table, TableId, Value,
};
use std::rc::Rc;
use std::sync::Arc;

/// Workload A.
pub(crate) const A: ShapeEntry =
    entry("ycsb_a", "YCSB A: half reads, half updates", |settings, seed, _| build(&CORES[0], settings, seed));
/// Workload B.
pub(crate) const B: ShapeEntry =
    entry("ycsb_b", "YCSB B: 95 % reads, 5 % updates", |settings, seed, _| build(&CORES[1], settings, seed));
/// Workload C.
pub(crate) const C: ShapeEntry =
    entry("ycsb_c", "YCSB C: reads only", |settings, seed, _| build(&CORES[2], settings, seed));
/// Workload D.
pub(crate) const D: ShapeEntry =
    entry("ycsb_d", "YCSB D: 95 % reads of the latest rows, 5 % inserts", |settings, seed, _| {
        build(&CORES[3], settings, seed)
    });
/// Workload E.
pub(crate) const E: ShapeEntry = entry(
    "ycsb_e",
    "YCSB E: 95 % short scans, each as a read of its first key, 5 % inserts",
    |settings, seed, _| build(&CORES[4], settings, seed),
);
/// Workload F.
pub(crate) const F: ShapeEntry = entry(
    "ycsb_f",
    "YCSB F: half reads, half read-modify-writes under the row's lock",
    |settings, seed, _| build(&CORES[5], settings, seed),
);

/// A core workload: its name and its published mix, in percent. A scan of E counts as a read, a read-modify-write of F as an update.
struct Core {
    name: &'static str,
    insert: f64,
    update: f64,
    read: f64,
    latest: bool,
}

static CORES: [Core; 6] = [
    Core { name: "ycsb_a", insert: 0.0, update: 50.0, read: 50.0, latest: false },
    Core { name: "ycsb_b", insert: 0.0, update: 5.0, read: 95.0, latest: false },
    Core { name: "ycsb_c", insert: 0.0, update: 0.0, read: 100.0, latest: false },
    Core { name: "ycsb_d", insert: 5.0, update: 0.0, read: 95.0, latest: true },
    Core { name: "ycsb_e", insert: 5.0, update: 0.0, read: 95.0, latest: false },
    Core { name: "ycsb_f", insert: 0.0, update: 50.0, read: 50.0, latest: false },
];

const FIELDS: usize = 10;
const USER: TableId = TableId(0);

mod purpose {
    use crate::draw::Purpose;

    pub(super) const LOAD: Purpose = Purpose::named("ycsb.load");
    pub(super) const READ: Purpose = Purpose::named("ycsb.read");
    pub(super) const INSERT: Purpose = Purpose::named("ycsb.insert");
    pub(super) const UPDATE: Purpose = Purpose::named("ycsb.update");
    pub(super) const FIELD: Purpose = Purpose::named("ycsb.field");
    pub(super) const TEXT: Purpose = Purpose::named("ycsb.text");
}

const SETTINGS: &[Setting] = &[Setting {
    name: "field_length",
    summary: "how many characters each of a row's ten fields has; YCSB's own is 100",
    kind: Kind::Count(1, 65_536),
    default: Some("20"),
}];

const fn entry(name: &'static str, summary: &'static str, build: Build) -> ShapeEntry {
    ShapeEntry { name, summary, settings: SETTINGS, needs_dataset: false, build }
}

fn build(core: &Core, settings: &Settings, seed: u64) -> Result<Rc<dyn Shape>, Contradiction> {
    Ok(Rc::new(Ycsb::new(core, settings, seed)?))
}

/// A table of users with ten text fields.
///
/// An update sets one field. Two things differ from YCSB, because operations here are transactions and reads of one key: a scan (E) reads its first key
/// only, and the read of a read-modify-write (F) happens within the update, under the row's lock, so that F differs from A in name alone.
/// The mix is fixed, and D always favours the latest rows; a scenario that says otherwise is refused.
#[derive(Clone, Copy)]
struct Ycsb {
    plan: Plan,
    keys: Keyspace,
    field_length: u64,
}

impl Ycsb {
    fn new(core: &Core, settings: &Settings, seed: u64) -> Result<Self, Contradiction> {
        for weight in ["mix.insert", "mix.update", "mix.delete", "mix.read"] {
            if was_given(settings, weight) {
                return Err(Contradiction::at(
                    weight,
                    format!("the mix of {} is fixed: leave mix out, or choose the shape \"kv\"", core.name),
                ));
            }
        }
        let mix = Mix { insert: core.insert, update: core.update, delete: 0.0, read: core.read };
        let plan = Plan::new(settings, seed)?.with_mix(mix);
        let keys = if core.latest {
            if was_given(settings, "keys.distribution") && settings.word("keys.distribution") != "latest" {
                return Err(Contradiction::at(
                    "keys.distribution",
                    "ycsb_d reads the latest rows: leave distribution out, or choose another shape",
                ));
            }
            Keyspace::with(Popularity::latest(settings, settings.count("keys.count")), &plan)?
        } else {
            Keyspace::new(settings, &plan)?
        };
        Ok(Self { plan, keys, field_length: settings.count("field_length") })
    }

    /// Readable text of the declared length.
    fn text(&self, draw: u64) -> Value {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let letter = |at: u64| {
            // One hash gives eight characters.
            let bits = mix(draw, at / 8) >> (at % 8 * 8);
            char::from(LETTERS[(bits % 32) as usize])
        };
        Value::text(&(0..self.field_length).map(letter).collect::<String>())
    }

    fn row(&self, key: i64, draw: u64) -> Arc<[Value]> {
        std::iter::once(Value::from(key))
            .chain((0..FIELDS as u64).map(|field| self.text(mix(draw, field))))
            .collect()
    }
}

impl Shape for Ycsb {
    fn schema(&self) -> Schema {
        let names: Vec<String> = (0..FIELDS).map(|field| format!("field{field}")).collect();
        let mut columns = vec![("id", ColumnType::Integer)];
        columns.extend(names.iter().map(|name| (name.as_str(), ColumnType::Text)));
        Schema::new(vec![Table::new("usertable", "user", 1, &columns)])
    }

    fn load(&self) -> Vec<(Key, Arc<[Value]>)> {
        let draws = Draws::of_the_load();
        self.keys
            .loaded()
            .map(|key| (Key::integer(USER, key), self.row(key, draws.at(purpose::LOAD, key as u64, 0))))
            .collect()
    }

    fn operation(&self, index: u64) -> Operation {
        let plan = &self.plan;
        let draw = |purpose, row| plan.draws().at(purpose, index, row);
        let statements: Statements = match plan.action(index) {
            Action::Insert => (0..plan.rows(index))
                .map(|row| {
                    let key = self.keys.inserted(plan, index, row);
                    Statement::Insert {
                        key: Key::integer(USER, key),
                        values: self.row(key, draw(purpose::INSERT, row)),
                    }
                })
                .collect(),
            Action::Update => (0..)
                .zip(self.keys.keys(plan, purpose::UPDATE, index))
                .map(|(row, key)| {
                    let field = 1 + below(draw(purpose::FIELD, row), FIELDS as u64) as u16;
                    Statement::Update {
                        key: Key::integer(USER, key),
                        assignments: vec![(
                            ColumnId(field),
                            Assignment::Set(self.text(draw(purpose::TEXT, row))),
                        )],
                    }
                })
                .collect(),
            Action::Read | Action::Delete => {
                return Operation::Read(Key::integer(USER, self.keys.key(plan, purpose::READ, index)));
            }
        };
        plan.write(index, statements)
    }

    fn reseeded(&self, seed: u64) -> Rc<dyn Shape> {
        Rc::new(Self { plan: self.plan.reseeded(seed), ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::COMMON;

    fn settings() -> Settings {
        let mut settings = Settings::defaults(COMMON);
        for (name, datum) in Settings::defaults(SETTINGS).iter() {
            settings.set(name, datum.clone());
        }
        settings
    }

    #[test]
    fn each_workload_has_its_published_mix() {
        for core in &CORES {
            let shape = Ycsb::new(core, &settings(), 8).unwrap();
            let mut seen = [0f64; 3];
            for index in 0..20_000 {
                let kind = match shape.operation(index) {
                    Operation::Read(_) => 2,
                    Operation::Write(transaction) => {
                        usize::from(matches!(transaction.statements[0], Statement::Update { .. }))
                    }
                };
                seen[kind] += 100.0 / 20_000.0;
            }
            for (seen, published) in seen.iter().zip([core.insert, core.update, core.read]) {
                assert!(
                    (seen - published).abs() < 1.2,
                    "{}: {seen} %, not {published} %, with seed 8",
                    core.name
                );
            }
        }
    }

    #[test]
    fn fields_are_readable_and_of_the_declared_length() {
        let shape = Ycsb::new(&CORES[0], &settings().with(SETTINGS, "field_length", "33"), 1).unwrap();
        let mut fields = 0;
        for (_, values) in shape.load().iter().take(20) {
            for value in &values[1..] {
                fields += 1;
                let Value::Text(text) = value else { panic!("{value} is no text") };
                assert!(text.len() == 33 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
            }
        }
        assert_eq!(fields, 20 * 10);
    }

    #[test]
    fn a_fixed_mix_cannot_be_changed() {
        let refused = |core: usize, setting, text| {
            Ycsb::new(&CORES[core], &settings().with(COMMON, setting, text), 1).err().map(|why| why.setting)
        };
        assert_eq!(refused(1, "mix.update", "50"), Some("mix.update"));
        assert_eq!(refused(3, "keys.distribution", "uniform"), Some("keys.distribution"));
        assert_eq!(refused(3, "keys.distribution", "latest"), None);
        assert_eq!(refused(0, "keys.distribution", "uniform"), None);
    }
}
