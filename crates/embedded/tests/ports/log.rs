//! The log between capture and sinks, which events are replayed from.

use crate::arm::{Arm, price, product};
use driftlab_model::port::{Demands, Fetched, Log};
use driftlab_model::{Change, ChangeEvent, Lsn, Offset, Row, Span, Time, TransactionId, Version, WriteId};

fn with_log() -> Demands {
    Demands { partitions: 2, ..Demands::default() }
}

fn event(position: u64) -> ChangeEvent {
    let write = WriteId { transaction: TransactionId(position), index: 0 };
    let row = Row::new(write, Version(position), Time::ZERO, price(1, position as i64));
    let (before, version) = (None, Version(position));
    let change = Change { key: product(1), before, after: Some(row), write, version };
    ChangeEvent { position: Lsn(position), transaction: write.transaction, index: 0, of: Some(1), change }
}

async fn read(log: &dyn Log, from: u64, limit: usize) -> Vec<ChangeEvent> {
    let Fetched { records, .. } = log.read(0, Offset(from), limit, Span::ZERO).await.unwrap();
    let places = records.iter().map(|record| record.offset.0);
    assert!(places.eq((from..).take(records.len())), "nothing is missing between {records:?}");
    records.into_iter().map(|record| record.event).collect()
}

/// Whoever replays must find every event, as it was and where it was, as often as anybody asks.
pub(crate) fn what_is_appended_is_read_again_and_again_from_any_place<A: Arm>() {
    A::run(with_log(), async |ports| {
        let log = ports.log.as_ref();
        assert_eq!(log.partitions(), 2);
        assert_eq!(log.append(0, (1..=4).map(event).collect()).await, Ok(Offset(0)));
        assert_eq!(log.append(0, vec![event(5)]).await, Ok(Offset(4)));
        assert_eq!(log.append(1, vec![event(9)]).await, Ok(Offset(0)));
        let all: Vec<ChangeEvent> = (1..=5).map(event).collect();
        for _ in 0..2 {
            assert_eq!(read(log, 0, 100).await, all);
            assert_eq!(read(log, 0, 2).await, all[..2]);
            assert_eq!(read(log, 3, 100).await, all[3..]);
            assert_eq!(read(log, 5, 100).await, []);
        }
    });
}

pub(crate) fn a_read_at_the_end_waits_for_what_comes_and_no_longer_than_it_should<A: Arm>() {
    A::run(with_log(), async |ports| {
        let log = ports.log.as_ref();
        let began = ports.runtime.now();
        assert!(log.read(0, Offset(0), 9, Span::from_millis(40)).await.unwrap().records.is_empty());
        assert!(ports.runtime.now() - began >= Span::from_millis(40));
        let late = async {
            ports.runtime.sleep(Span::from_millis(20)).await;
            log.append(0, vec![event(1)]).await.unwrap();
        };
        let waiting = log.read(0, Offset(0), 9, Span::from_secs(3));
        let (fetched, ()) = driftlab_model::call::join(waiting, Box::pin(late)).await;
        assert_eq!(fetched.unwrap().records.len(), 1);
    });
}
