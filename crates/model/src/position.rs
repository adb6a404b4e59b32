//! Positions: where in a log, a queue, a partition somebody stands. Each is its own type, so none can be
//! mistaken for another.

use std::fmt;

macro_rules! position {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// The position that follows this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }
        impl From<$name> for Bookmark {
            fn from(position: $name) -> Self {
                Self(position.0)
            }
        }
        impl From<Bookmark> for $name {
            fn from(bookmark: Bookmark) -> Self {
                Self(bookmark.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

position! {
    /// Log sequence number: the byte of the source's write-ahead log at which a commit record ends.
    ///
    /// Grows with every commit; 0 stands for the initial load.
    Lsn
}
position! {
    /// An offset in one partition of a log; the first record has offset 0.
    Offset
}
position! {
    /// A number out of a database sequence, as an outbox or a change table carries.
    ///
    /// Allocated when the statement runs, outside the transaction: the order of sequences is not the order of commits, and
    /// a rolled-back transaction leaves a gap. The first is 1.
    Sequence
}
position! {
    /// A place in the commit order: 0 is the initial load, 1 the first committed transaction.
    CommitIndex
}

/// What a process stores to find its place again: any position, or a watermark, as a bare number whose
/// meaning only its owner knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bookmark(pub u64);

impl From<crate::time::Time> for Bookmark {
    fn from(time: crate::time::Time) -> Self {
        Self(time.nanos())
    }
}
impl From<Bookmark> for crate::time::Time {
    fn from(bookmark: Bookmark) -> Self {
        Self::from_nanos(bookmark.0)
    }
}
