//! Byte offsets as lines and columns.

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// The offset at which the line of `offset` begins.
    pub(crate) fn start(&self, offset: usize) -> usize {
        self.0[self.line(offset) - 1]
    }

    /// The position of an offset, which must be a boundary between characters.
    pub(crate) fn position(&self, text: &str, offset: usize) -> Position {
        let column = text[self.start(offset)..offset].chars().count() + 1;
        Position { line: self.line(offset), column }
    }
}
