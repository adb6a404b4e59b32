use rusqlite::{Connection, Error, Transaction};
use std::path::Path;

/// A way of capturing changes: what is set up once, what runs beside the writer, and what the writer does in each of its transactions.
pub(crate) trait Way {
    fn name(&self) -> &'static str;

    /// Sets up what it needs in a new database, whose table `t` is there already.
    fn prepare(&self, _: &Connection) -> Result<(), Error> {
        Ok(())
    }

    /// Starts what runs beside the writer.
    fn beside(&self, _: &Path) -> Result<Option<Beside>, Box<dyn std::error::Error>> {
        Ok(None)
    }

    /// At the beginning of a transaction.
    fn begin<'a>(&self, _: &'a Transaction<'_>) -> Result<Box<dyn Capture + 'a>, Error> {
        Ok(Box::new(Uninvolved))
    }
}

/// What the writer does for it in one transaction.
pub(crate) trait Capture {
    /// After a row was written.
    fn row(&mut self, _: Told<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Before the commit.
    fn end(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// A row that was written.
pub(crate) struct Told<'a> {
    pub(crate) id: i64,
    pub(crate) name: &'a str,
    pub(crate) note: &'a str,
}

/// What runs beside the writer: it ends, and tells how many gaps it met.
pub(crate) struct Beside(pub(crate) Box<dyn FnOnce() -> u64>);

impl Beside {
    pub(crate) fn stop(self) -> u64 {
        (self.0)()
    }
}

struct Uninvolved;

impl Capture for Uninvolved {}
