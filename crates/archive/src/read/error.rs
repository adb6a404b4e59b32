//! Why a file could not be read as a history.

use crate::column::Column;
use crate::nearest::nearest;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that could not be read as a history: where, what was found, and what was expected.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The row, the first being 0 as pandas shows it; `None` where the file as a whole is to blame.
    pub row: Option<u64>,
    /// The column, where one is to blame.
    pub column: Option<&'static str>,
    /// What was found.
    pub found: Box<str>,
    /// What was expected there instead.
    pub expected: Box<str>,
    /// The nearest right word, or a way out.
    pub help: Option<String>,
    source: Option<std::io::Error>,
}

/// An error before it is known which file it is about.
pub(super) struct Fault {
    pub(super) row: Option<u64>,
    column: Option<Column>,
    found: String,
    expected: String,
    help: Option<String>,
    source: Option<std::io::Error>,
}

/// What may fail while a file is read. Faults are rare and large, so they are boxed.
pub(super) type Read<T> = Result<T, Box<Fault>>;

impl Fault {
    /// Something is wrong with the file as a whole.
    pub(super) fn whole(found: impl Into<String>, expected: impl Into<String>) -> Box<Self> {
        let (found, expected) = (found.into(), expected.into());
        Box::new(Self { row: None, column: None, found, expected, help: None, source: None })
    }

    /// Something is wrong with a column, wherever it is filled.
    pub(super) fn column(column: Column, found: impl Into<String>, expected: impl Into<String>) -> Box<Self> {
        Box::new(Self { column: Some(column), ..*Self::whole(found, expected) })
    }

    /// Something is wrong with a cell.
    pub(super) fn cell(
        row: u64,
        column: Column,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self { row: Some(row), ..*Self::column(column, found, expected) })
    }

    /// The machine did not let us read.
    pub(super) fn unreadable(error: std::io::Error) -> Box<Self> {
        let fault = *Self::whole(format!("it cannot be read: {error}"), "a file that you may read");
        Box::new(Self { source: Some(error), ..fault })
    }

    pub(super) fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    /// With the nearest right word, where there is one.
    pub(super) fn did_you_mean<'c>(
        self: Box<Self>,
        word: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Box<Self> {
        match nearest(word, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    pub(super) fn about(self, path: &Path) -> ReadError {
        ReadError {
            path: path.to_owned(),
            row: self.row,
            column: self.column.map(Column::name),
            found: self.found.into(),
            expected: self.expected.into(),
            help: self.help,
            source: self.source,
        }
    }
}

impl ReadError {
    /// The exit status that a command ends with: 3 where the machine did not let us read, 64 where the file is no history.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        if self.source.is_some() { 3 } else { 64 }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(row) = self.row {
            write!(f, ", row {row} (the first is 0)")?;
        }
        if let Some(column) = self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}; expected {}", self.found, self.expected)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as &(dyn std::error::Error + 'static))
    }
}

/// A word out of the file as a message shows it: in backticks, on one line, and not without end.
pub(super) fn quoted(word: &str) -> String {
    const SHOWN: usize = 40;
    let mut text = String::from("`");
    for c in word.chars().take(SHOWN) {
        if c.is_control() { text.extend(c.escape_default()) } else { text.push(c) }
    }
    if word.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text.push('`');
    text
}

/// What is expected where one of some words is.
pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(quoted).collect();
    match words.as_slice() {
        [] => "nothing: the file lists none".to_owned(),
        [word] => word.clone(),
        words => format!("one of {}", words.join(", ")),
    }
}
