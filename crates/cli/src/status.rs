//! Exit statuses.

use driftlab_report::Verdict;
use std::process::ExitCode;

/// How a call ended, the mildest first; of several the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Every expectation holds.
    Holds,
    /// An expectation could not be judged: too little evidence, or an interruption.
    Unknown,
    /// An expectation does not hold.
    Fails,
    /// Bad arguments, or a scenario that is wrong.
    Refused,
    /// What was asked for could not be done: a file that cannot be read or written.
    Impossible,
    /// A fault of driftlab's own.
    Fault,
}

impl Status {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Fails => 1,
            Self::Unknown => 2,
            Self::Impossible => 3,
            Self::Refused => 64,
            Self::Fault => 70,
        }
    }

    /// The status of a code; one that is not ours is a fault of ours.
    pub(crate) const fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Holds,
            1 => Self::Fails,
            2 => Self::Unknown,
            3 => Self::Impossible,
            64 => Self::Refused,
            _ => Self::Fault,
        }
    }
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Holds,
            Verdict::Unknown => Self::Unknown,
            Verdict::Fail => Self::Fails,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        status.code().into()
    }
}

/// What the exit status says, for help texts.
pub(crate) const TABLE: &str = "\
Exit status:
  0   every expectation holds
  1   an expectation does not hold
  2   unknown: too little evidence, or interrupted
  3   the run could not be done: a file that cannot be read or written, a real store that failed
  64  bad arguments, or a scenario that is wrong
  70  a fault of driftlab's own
Of several scenarios the worst counts: 70, 3, 64, 1, 2, 0.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_worst_counts() {
        let codes = [70, 3, 64, 1, 2, 0];
        for pair in codes.windows(2) {
            assert!(Status::of_code(pair[0]) > Status::of_code(pair[1]), "{pair:?}");
        }
        for code in codes {
            assert_eq!(Status::of_code(code).code(), code);
        }
    }
}
