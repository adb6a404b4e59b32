//! One thing wrong with a scenario.

use crate::lines::Position;
use std::ops::Range;

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What was expected there instead, or what is to be added.
    pub expected: String,
    /// The nearest right word, or another way out.
    pub help: Option<String>,
    /// Where; `None` where something is missing from the file as a whole, or the command line is to blame.
    pub position: Option<Position>,
    pub(crate) place: Place,
}

/// What a problem points at, in the order in which problems are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The file as a whole.
    File,
    /// Some bytes of it.
    At(Range<usize>),
    /// What the command line changed.
    CommandLine,
}

impl Place {
    /// A key to sort problems by.
    pub(crate) fn order(&self) -> (u8, usize) {
        match self {
            Self::File => (0, 0),
            Self::At(span) => (1, span.start),
            Self::CommandLine => (2, 0),
        }
    }
}

impl From<Range<usize>> for Place {
    fn from(span: Range<usize>) -> Self {
        Self::At(span)
    }
}

impl Problem {
    pub(crate) fn new(
        place: impl Into<Place>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            expected: expected.into(),
            help: None,
            position: None,
            place: place.into(),
        }
    }

    pub(crate) fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into).or(self.help);
        self
    }

    /// With the nearest right word, where there is one.
    pub(crate) fn did_you_mean(self, nearest: Option<&str>) -> Self {
        self.help(nearest.map(|word| format!("did you mean `{word}`?")))
    }
}
