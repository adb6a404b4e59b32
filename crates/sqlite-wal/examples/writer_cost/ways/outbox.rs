use super::{Capture, Told, Way};
use rusqlite::{Connection, Error, Transaction};

/// The application inserts one event a changed row, with the row as JSON, in the same transaction.
pub(crate) struct Outbox;

impl Way for Outbox {
    fn name(&self) -> &'static str {
        "outbox"
    }

    fn prepare(&self, connection: &Connection) -> Result<(), Error> {
        connection.execute_batch(
            "CREATE TABLE outbox(seq INTEGER PRIMARY KEY, topic TEXT, key INTEGER, event TEXT)",
        )
    }

    fn begin<'a>(&self, transaction: &'a Transaction<'_>) -> Result<Box<dyn Capture + 'a>, Error> {
        Ok(Box::new(Telling { transaction }))
    }
}

struct Telling<'a> {
    transaction: &'a Connection,
}

impl Capture for Telling<'_> {
    fn row(&mut self, Told { id, name, note }: Told<'_>) -> Result<(), Error> {
        let event = format!(r#"{{"id":{id},"name":"{name}","note":"{note}"}}"#);
        let mut insert =
            self.transaction.prepare_cached("INSERT INTO outbox(topic, key, event) VALUES ('t', ?1, ?2)")?;
        insert.execute((id, event)).map(|_| ())
    }
}
