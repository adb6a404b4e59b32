use crate::{Change, ChangeEvent, Key, Lsn, TableId, TransactionId, Version, WriteId};

/// What a log's connector itself has to say, in the stream: each consumer meets it after all that came before, and before all that comes after.
///
/// A slot can be lost: dropped by hand, invalidated because it held back too much of the log, gone with a failover. A stream that simply goes on behind
/// the gap is the silent loss that people find weeks later. Therefore the gap is declared, in the stream, where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Changes before this place may be missing from the stream.
    Gap,
    /// The first copy is wholly in the stream before this place.
    Copied,
}

impl Word {
    /// The event that carries it: one of a transaction that has none, so that no change can be mistaken for it.
    #[must_use]
    pub fn at(self, position: Lsn) -> ChangeEvent {
        ChangeEvent {
            position,
            transaction: TransactionId::default(),
            index: self as u32,
            of: Some(0),
            change: Change {
                key: Key::new(TableId::default(), &[]),
                before: None,
                after: None,
                write: WriteId::default(),
                version: Version::default(),
            },
        }
    }
}

impl ChangeEvent {
    /// The word that it carries, if it is no change of the source but a word of who fills the log.
    #[must_use]
    pub fn word(&self) -> Option<Word> {
        (self.of == Some(0)).then_some(if self.index == Word::Gap as u32 { Word::Gap } else { Word::Copied })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_was_said_and_no_change_is_one() {
        for word in [Word::Gap, Word::Copied] {
            let event = word.at(Lsn(7));
            assert_eq!(event.word(), Some(word));
            assert_eq!(event.position, Lsn(7));
            let change = ChangeEvent { of: Some(1), ..event.clone() };
            assert_eq!((change.word(), ChangeEvent { of: None, ..event }.word()), (None, None));
        }
    }
}
