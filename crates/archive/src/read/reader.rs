//! The reader: a file that tells its history to an observer.

use super::assembler::{Assembler, Pass};
use super::attribution::Attribution;
use super::error::{Read, ReadError};
use super::file::{Source, wrong_header};
use super::names::Names;
use driftlab_model::{Cast, Event, History, Observer, Time, TransactionId};
use std::path::{Path, PathBuf};

/// A history in a file, in any language's hand.
///
/// A file that driftlab wrote is read as it is told, in memory that does not grow with it. Any other is read twice: first to learn who takes
/// part, which columns there are and who wrote which value.
pub struct Reader {
    path: PathBuf,
    source: Source,
    names: Names,
    cast: Cast,
    attribution: Option<Attribution>,
}

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: Time, _: &Event) {}
}

impl Reader {
    /// Opens a file and learns who takes part.
    ///
    /// # Errors
    /// What keeps it from being read as a history.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Self::look(path).map_err(|fault| fault.about(path))
    }

    fn look(path: &Path) -> Read<Self> {
        let source = Source::open(path)?;
        let header = &source.header;
        let schema = header.schema().map_err(|why| wrong_header(&why))?;
        let mut names = Names::new(header, schema.as_ref());
        let is_complete =
            header.complete && header.processes.is_some() && header.sinks.is_some() && schema.is_some();
        let mut attribution = (!is_complete).then(Attribution::default);
        let pass = attribution.as_mut().map_or(Pass::Load, Pass::Survey);
        let mut assembler = Assembler::new(&mut names, pass);
        through(&source, &mut assembler, &mut Nobody)?;
        let load = assembler.load;
        let mut cast = names.cast(header, schema).map_err(|why| wrong_header(&why))?;
        cast.load = load;
        Ok(Self { path: path.to_owned(), source, names, cast, attribution })
    }

    /// Who takes part, and what was there at the beginning.
    #[must_use]
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// How many rows the file has; an event takes one or more.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.source.rows()
    }

    /// What the file calls a transaction, where it calls transactions by names and not by numbers.
    #[must_use]
    pub fn transaction_name(&self, transaction: TransactionId) -> Option<&str> {
        self.names.transaction_name(transaction)
    }

    /// Tells the history from its beginning. Gives the number of events.
    ///
    /// # Errors
    /// What is wrong with the file; the observer was told what comes before it.
    pub fn tell(&mut self, observer: &mut dyn Observer) -> Result<u64, ReadError> {
        let pass = Pass::Telling(&self.cast, self.attribution.as_mut());
        let mut assembler = Assembler::new(&mut self.names, pass);
        through(&self.source, &mut assembler, observer).map_err(|fault| fault.about(&self.path))?;
        Ok(assembler.events)
    }
}

fn through(source: &Source, assembler: &mut Assembler<'_>, observer: &mut dyn Observer) -> Read<()> {
    let mut sheets = source.sheets()?;
    while let Some(mut sheet) = sheets.next()? {
        for place in 0..sheet.rows() {
            if !assembler.row(&mut sheet, place, observer)? {
                return Ok(());
            }
        }
    }
    assembler.finish(observer);
    Ok(())
}

/// Reads a whole history into memory.
///
/// # Errors
/// What keeps the file from being read as a history.
pub fn read(path: &Path) -> Result<History, ReadError> {
    let mut reader = Reader::open(path)?;
    let mut history = History { cast: reader.cast().clone(), events: Vec::new() };
    reader.tell(&mut history)?;
    Ok(history)
}
