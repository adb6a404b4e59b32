use super::*;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs::{self, File};
use std::path::PathBuf;

fn data_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "parquet")).collect();
    paths.sort();
    paths
}

#[test]
fn columns_have_the_declared_types_for_any_reader_of_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = sink("warehouse", &[], folder.path());
    warehouse.store.preload(&rows(&[(1, 1), (2, 1)])).unwrap();
    let [path] = data_files(folder.path()).try_into().expect("one file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema();
    let kind = |name| schema.field_with_name(name).unwrap().data_type().clone();
    assert_eq!(["id", "quantity", "name"].map(kind), [DataType::Int64, DataType::Int64, DataType::Utf8]);
    assert_eq!(reader.metadata().file_metadata().num_rows(), 2);
}

/// Each step is a file; a reader of the whole table must not have to open thousands, and a restart must find what it would have found without.
#[test]
fn small_files_are_joined_and_nothing_changes_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let given = [("tombstones", Datum::Span(Span::from_secs(5)))];
    let mut warehouse = sink("warehouse", &given, folder.path());
    warehouse.store.preload(&(0..100).map(|n| (key(n), row(n, 1))).collect::<Vec<_>>()).unwrap();
    for version in 2..200 {
        let n = version as i64 * 7 % 100;
        let delivery = if version % 3 == 0 {
            delete(n, version, Condition::Newer)
        } else {
            set(n, version, Condition::Newer)
        };
        warehouse.at(version as f64 / 10.0).put(delivery).unwrap();
        assert!(data_files(folder.path()).len() <= 17, "{} files", data_files(folder.path()).len());
    }
    let before = warehouse.contents();
    let now = warehouse.now;
    drop(warehouse);
    let mut warehouse = Sink { now, ..sink("warehouse", &given, folder.path()) };
    assert_eq!(warehouse.contents(), before);
    // Deletions of the last seconds still guard, and are remembered across the restart.
    let deleted = (2..200).rev().find(|version| version % 3 == 0).unwrap();
    assert_eq!(warehouse.put(set(deleted as i64 * 7 % 100, deleted - 1, Condition::Newer)), OUTDATED);
}

/// What a crash left half written must not be taken for data, nor stay for ever.
#[test]
fn files_that_no_manifest_names_are_removed_when_the_folder_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut warehouse = sink("warehouse", &[], folder.path());
    warehouse.put(set(1, 1, Condition::Always)).unwrap();
    drop(warehouse);
    fs::write(folder.path().join("0000000099-table-0.parquet"), "half a file").unwrap();
    fs::write(folder.path().join("manifest.new"), "half a manifest").unwrap();
    let mut warehouse = sink("warehouse", &[], folder.path());
    assert_eq!(warehouse.contents(), rows(&[(1, 1)]));
    assert_eq!(data_files(folder.path()).len(), 1);
    assert!(!folder.path().join("manifest.new").exists());
}

#[test]
fn a_folder_that_cannot_be_this_warehouse_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let open = |mode| {
        let entry = BackendEntry::named("warehouse").unwrap();
        (entry.open)(&settings("warehouse", &[("mode", Datum::Word(mode))]), &place(folder.path())).map(drop)
    };
    let mut held = sink("warehouse", &[], folder.path());
    held.put(set(1, 1, Condition::Always)).unwrap();
    assert!(open("merge").unwrap_err().to_string().contains("open already"));
    drop(held);
    assert!(open("append").unwrap_err().to_string().contains("made with mode \"merge\""));
    fs::write(folder.path().join("manifest.json"), "{}").unwrap();
    assert!(open("merge").unwrap_err().to_string().contains("manifest.json"));
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    open("merge").unwrap();
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Integer),
        any::<u64>().prop_map(|bits| Value::Real(f64::from_bits(bits))),
        ".{0,12}".prop_map(|text: String| Value::text(&text)),
        vec(any::<u8>(), 0..12).prop_map(|bytes| Value::Blob(bytes.into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// SQLite lets any value stand in any column: a copy that turned 1 into 1.0, or lost the bits of a NaN, would differ from its source.
    #[test]
    fn rows_of_any_values_and_any_width_come_back_as_they_went(
        all in vec((any::<u16>(), vec(any_value(), 0..3), vec(any_value(), 0..6), any::<[u64; 3]>()), 1..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut warehouse = sink("warehouse", &[], folder.path());
        let mut expected = std::collections::BTreeMap::new();
        let mut step = Vec::new();
        for (table, parts, values, [transaction, version, stamp]) in all {
            let key = Key::new(TableId(table % 2), &parts);
            let row = Row::new(write(transaction), Version(version), Time::from_nanos(stamp), values.into());
            let after = Some(row.clone());
            let (key_of, condition) = (key.clone(), Condition::Always);
            step.push(Delivery { key: key_of, before: None, after, write: write(1), version: Version(1), condition });
            expected.insert(key, row);
        }
        warehouse.step(step, 0, 1).unwrap();
        for (key, row) in &expected {
            let got = warehouse.call(&Request::Get(key.clone()));
            prop_assert_eq!(&got, &Ok(Reply::Row(Some(row.clone()))));
            let Ok(Reply::Row(Some(got))) = got else { unreachable!("it was just compared") };
            prop_assert_eq!((got.version(), got.updated_at()), (row.version(), row.updated_at()));
        }
        let expected: Vec<(Key, Row)> = expected.into_iter().collect();
        prop_assert_eq!(&warehouse.contents(), &expected);
        drop(warehouse);
        prop_assert_eq!(sink("warehouse", &[], folder.path()).contents(), expected);
    }
}
