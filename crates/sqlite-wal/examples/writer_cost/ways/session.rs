use super::{Capture, Way};
use rusqlite::session::Session;
use rusqlite::{Connection, Error, Transaction};

/// A session of the [session extension](https://www.sqlite.org/sessionintro.html) a transaction, whose changeset (with both images) is kept in the same transaction: a session
/// lives in memory, and what it holds at a crash is lost.
pub(crate) struct SessionExtension;

impl Way for SessionExtension {
    fn name(&self) -> &'static str {
        "session extension"
    }

    fn prepare(&self, connection: &Connection) -> Result<(), Error> {
        connection.execute_batch("CREATE TABLE changesets(seq INTEGER PRIMARY KEY, changeset BLOB)")
    }

    fn begin<'a>(&self, transaction: &'a Transaction<'_>) -> Result<Box<dyn Capture + 'a>, Error> {
        let mut session = Session::new(transaction)?;
        session.attach(Some("t"))?;
        Ok(Box::new(Recording { transaction, session }))
    }
}

struct Recording<'a> {
    transaction: &'a Connection,
    session: Session<'a>,
}

impl Capture for Recording<'_> {
    fn end(mut self: Box<Self>) -> Result<(), Error> {
        let mut changeset = Vec::new();
        self.session.changeset_strm(&mut changeset)?;
        let mut insert = self.transaction.prepare_cached("INSERT INTO changesets(changeset) VALUES (?1)")?;
        insert.execute([changeset]).map(|_| ())
    }
}
