//! Shapes for tests: every one of the registry, the database over a small dataset of awkward tables.

use driftlab_model::{Column, ColumnId, ColumnType, Key, Schema, Setting, Settings, Table, TableId, Value};
use driftlab_workload::{COMMON, Dataset, Shape, ShapeEntry};
use std::rc::Rc;
use std::sync::Arc;

/// The settings of a shape: all defaults, and then what is given.
pub(crate) fn settings(entry: &ShapeEntry, given: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::defaults(COMMON);
    for (name, datum) in Settings::defaults(entry.settings).iter() {
        settings.set(name, datum.clone());
    }
    given.iter().fold(settings, |settings, (name, text)| {
        let declared: &'static [Setting] =
            if COMMON.iter().any(|setting| setting.name == *name) { COMMON } else { entry.settings };
        settings.with(declared, name, text)
    })
}

/// A shape with a few settings of its own.
pub(crate) fn shape(entry: &ShapeEntry, seed: u64, given: &[(&str, &str)]) -> Rc<dyn Shape> {
    let dataset = entry.needs_dataset.then(|| Arc::new(dataset()));
    (entry.build)(&settings(entry, given), seed, dataset.as_ref())
        .unwrap_or_else(|why| panic!("{}: {}: {}", entry.name, why.setting, why.message))
}

/// Four tables: an ordinary one, a join table of nothing but its key, one whose keys are texts in the second column, and one without rows.
pub(crate) fn dataset() -> Dataset {
    use ColumnType::{Blob, Integer, Real, Text};
    let mut track =
        Table::new("Track", "track", 1, &[("id", Integer), ("name", Text), ("price", Real), ("cover", Blob)]);
    track.columns[3] = Column { name: "cover".into(), kind: Blob, nullable: true };
    let mut country = Table::new("Country", "country", 1, &[("name", Text), ("code", Text)]);
    country.key = vec![ColumnId(1)];
    let schema = Schema::new(vec![
        track,
        Table::new("PlaylistTrack", "playlist track", 2, &[("playlist", Integer), ("track", Integer)]),
        country,
        Table::new("Empty", "empty", 1, &[("id", Integer)]),
    ]);
    let mut rows: Vec<(Key, Arc<[Value]>)> = Vec::new();
    let mut add = |table: u16, values: &[Value]| {
        rows.push((Key::of(TableId(table), schema.table(TableId(table)), values), values.into()));
    };
    for id in 1..=300 {
        let cover = if id % 3 == 0 { Value::Null } else { Value::Blob([id as u8].as_slice().into()) };
        add(0, &[Value::from(id), Value::text(&format!("track {id}")), Value::from(0.99), cover]);
    }
    for n in 0..120 {
        add(1, &[Value::from(1 + n / 20), Value::from(1 + n % 20)]);
    }
    for (name, code) in [("Austria", "AT"), ("Norway", "NO"), ("Brazil", "BR")] {
        add(2, &[Value::from(name), Value::from(code)]);
    }
    Dataset { schema, rows }
}
