use super::*;
use driftlab_embedded::log::Retention;
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Append(u32, usize),
    Read(u32, u64, usize),
    Truncate(u32, u64),
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..2u32, 0..6usize).prop_map(|(partition, count)| Step::Append(partition, count)),
        4 => (0..2u32, 0..40u64, 0..12usize).prop_map(|(partition, from, limit)| Step::Read(partition, from, limit)),
        1 => (0..2u32, 0..40u64).prop_map(|(partition, before)| Step::Truncate(partition, before)),
        1 => Just(Step::Reopen),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Integer),
        any::<u64>().prop_map(|bits| Value::Real(f64::from_bits(bits))),
        ".{0,20}".prop_map(|text: String| Value::text(&text)),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Value::Blob(bytes.into())),
    ]
}

fn any_row() -> impl Strategy<Value = Row> {
    (any::<[u64; 3]>(), any::<u32>(), vec(any_value(), 0..7)).prop_map(|([a, b, c], index, values)| {
        let write = WriteId { transaction: TransactionId(a), index };
        Row::new(write, Version(b), Time::from_nanos(c), values.into())
    })
}

fn any_event() -> impl Strategy<Value = ChangeEvent> {
    let rows = (prop::option::of(any_row()), prop::option::of(any_row()));
    let key =
        (any::<u16>(), vec(any_value(), 0..4)).prop_map(|(table, parts)| Key::new(TableId(table), &parts));
    (any::<[u64; 4]>(), any::<[u32; 2]>(), prop::option::of(any::<u32>()), key, rows).prop_map(
        |([position, transaction, writer, version], [index, place], of, key, (before, after))| ChangeEvent {
            position: Lsn(position),
            transaction: TransactionId(transaction),
            index,
            of,
            change: Change {
                key,
                before,
                after,
                write: WriteId { transaction: TransactionId(writer), index: place },
                version: Version(version),
            },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a vector that forgets its first entries.
    #[test]
    fn a_log_is_as_a_list_that_loses_its_beginning(steps in vec(any_step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let options = LogOptions { partitions: 2, segment_bytes: 256, retention: Retention::default(), ..options() };
        let mut log = open(folder.path(), &options);
        let mut model = [(0u64, Vec::new()), (0, Vec::new())];
        let mut number = 0;
        for step in steps {
            match step {
                Step::Append(partition, count) => {
                    let (_, all) = &mut model[partition as usize];
                    let events: Vec<ChangeEvent> = (number..).take(count).map(event).collect();
                    prop_assert_eq!(log.append(at(0), partition, &events).unwrap(), Offset(all.len() as u64));
                    all.extend(number..number + count as u64);
                    number += count as u64;
                }
                Step::Read(partition, from, limit) => {
                    let (start, all) = &model[partition as usize];
                    match read(&log, partition, from, limit) {
                        Err(LogError::OutOfRange { earliest }) => {
                            prop_assert_eq!(earliest, Offset(*start));
                            prop_assert!(from < *start);
                        }
                        given => {
                            prop_assert!(from >= *start);
                            let expected: Vec<(u64, u64)> =
                                (from..).zip(all.iter().skip(from as usize).copied()).take(limit).collect();
                            prop_assert_eq!(given.unwrap(), expected);
                        }
                    }
                }
                Step::Truncate(partition, before) => {
                    log.truncate_before(partition, Offset(before)).unwrap();
                    let (start, all) = &mut model[partition as usize];
                    *start = (*start).max(before.min(all.len() as u64));
                }
                Step::Reopen => {
                    drop(log);
                    log = open(folder.path(), &options);
                }
            }
        }
    }

    /// Reals are compared by their bits, and texts and blobs of any content come back as they went.
    #[test]
    fn every_event_comes_back_as_it_went(events in vec(any_event(), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path(), &options());
        log.append(at(0), 0, &events).unwrap();
        let records = log.read(0, Offset(0), usize::MAX, Duration::ZERO).unwrap().records;
        let came: Vec<ChangeEvent> = records.into_iter().map(|record| record.event).collect();
        prop_assert_eq!(&came, &events);
        for (came, went) in came.iter().zip(&events) {
            let hidden = |event: &ChangeEvent| [&event.change.before, &event.change.after]
                .map(|row| row.as_ref().map(|row| (row.version(), row.updated_at())));
            prop_assert_eq!(hidden(came), hidden(went));
        }
    }
}
