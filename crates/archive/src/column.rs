//! The columns of a file, in order: one place for names, types and meanings.

use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// A column of the file, by its place in [`COLUMNS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    At,
    Event,
    Group,
    Process,
    Sink,
    Transaction,
    Table,
    Key,
    Value,
    View,
    Write,
    Version,
    UpdatedAt,
    Before,
    BeforeTransaction,
    BeforeWrite,
    BeforeVersion,
    BeforeUpdatedAt,
    Commit,
    Lsn,
    CommittedAt,
    Watermark,
    Started,
    Intended,
    Operation,
    Outcome,
    Stage,
    Fault,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A moment: nanoseconds, or a timestamp.
    Moment,
    /// A whole number.
    Number,
    /// One of a few words, or a name.
    Word,
    /// Any text; numbers stand for themselves.
    Text,
    /// A number, or a name.
    Id,
}

/// Every column with its name and what stands in it.
pub(crate) const COLUMNS: [(Column, &str, Content); 28] = [
    (Column::At, "at", Content::Moment),
    (Column::Event, "event", Content::Word),
    (Column::Group, "group", Content::Number),
    (Column::Process, "process", Content::Word),
    (Column::Sink, "sink", Content::Word),
    (Column::Transaction, "transaction", Content::Id),
    (Column::Table, "table", Content::Word),
    (Column::Key, "key", Content::Text),
    (Column::Value, "value", Content::Text),
    (Column::View, "view", Content::Word),
    (Column::Write, "write", Content::Number),
    (Column::Version, "version", Content::Number),
    (Column::UpdatedAt, "updated_at", Content::Moment),
    (Column::Before, "before", Content::Text),
    (Column::BeforeTransaction, "before_transaction", Content::Id),
    (Column::BeforeWrite, "before_write", Content::Number),
    (Column::BeforeVersion, "before_version", Content::Number),
    (Column::BeforeUpdatedAt, "before_updated_at", Content::Moment),
    (Column::Commit, "commit", Content::Number),
    (Column::Lsn, "lsn", Content::Number),
    (Column::CommittedAt, "committed_at", Content::Moment),
    (Column::Watermark, "watermark", Content::Number),
    (Column::Started, "started", Content::Moment),
    (Column::Intended, "intended", Content::Moment),
    (Column::Operation, "operation", Content::Word),
    (Column::Outcome, "outcome", Content::Word),
    (Column::Stage, "stage", Content::Word),
    (Column::Fault, "fault", Content::Number),
];

/// The columns without which nothing can be told.
pub(crate) const OBLIGATORY: [Column; 2] = [Column::At, Column::Event];

impl Column {
    /// Its name in the file.
    pub(crate) const fn name(self) -> &'static str {
        COLUMNS[self as usize].1
    }
}

impl Content {
    /// The type as which driftlab writes it.
    fn written_as(self) -> DataType {
        match self {
            Self::Moment | Self::Number | Self::Id => DataType::Int64,
            Self::Word => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            Self::Text => DataType::Utf8,
        }
    }

    /// The types that are read, for messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Moment => "nanoseconds since the beginning of the run as 64-bit integers, or timestamps",
            Self::Number => "whole numbers",
            Self::Word => "text",
            Self::Text => "text, whole numbers, reals or booleans",
            Self::Id => "whole numbers or text",
        }
    }
}

/// The schema of the files that driftlab writes.
pub(crate) fn schema() -> Arc<Schema> {
    let field = |&(column, name, content): &(Column, &str, Content)| {
        Field::new(name, content.written_as(), !OBLIGATORY.contains(&column))
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_stands_at_its_place() {
        for (place, (column, name, _)) in COLUMNS.iter().enumerate() {
            assert_eq!(*column as usize, place, "{name}");
        }
    }

    /// Who exports a history knows the columns from the documentation alone.
    #[test]
    fn the_documentation_has_every_column_and_event() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/history.md");
        let page = std::fs::read_to_string(path).unwrap();
        let names = COLUMNS.iter().map(|(_, name, _)| *name);
        for name in names.chain(crate::kind::KINDS.iter().map(|(name, _)| *name)) {
            assert!(page.contains(&format!("\n| `{name}` |")), "{name}");
        }
    }
}
