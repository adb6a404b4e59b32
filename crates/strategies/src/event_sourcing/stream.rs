//! Reading a stream: its events in order, and what is true after the last.

use crate::event_sourcing::command::Tables;
use crate::event_sourcing::reader::Reader;
use crate::event_sourcing::seat::Seat;
use driftlab_model::port::{Scan, Snapshot};
use driftlab_model::{Outcome, Value};

/// How many events are read at once. The page in which a stream ends goes on into the next one, so a longer page reads more in vain.
const PAGE: usize = 20;

/// A stream as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// The version of its last event; 0 where there is none.
    pub(crate) version: i64,
    /// What is true after it.
    pub(crate) state: Seat,
}

impl Stream {
    /// Reads the rest of the stream of a seat in a view of the source, and folds its events.
    ///
    /// # Errors
    /// Where the source fails, and where the reader meets an event that it must not guess.
    pub(crate) async fn read_on(
        self,
        view: &dyn Snapshot,
        tables: Tables,
        seat: i64,
        reader: Reader,
    ) -> Outcome<Self> {
        let mut stream = self;
        let mut after = tables.event_key(seat, stream.version);
        loop {
            let scan = Scan { table: tables.event, after: Some(after), limit: PAGE, updated_after: None };
            let page = view.scan(scan).await?;
            for row in page.rows.iter().filter_map(|scanned| scanned.row.as_ref()) {
                let [Value::Integer(of), Value::Integer(version), ..] = row.values()[..] else { continue };
                if of != seat {
                    return Ok(stream);
                }
                stream.version = version;
                if let Some(event) = reader.read(row.values())? {
                    stream.state = stream.state.after(event);
                }
            }
            match page.next {
                Some(next) => after = next,
                None => return Ok(stream),
            }
        }
    }
}
