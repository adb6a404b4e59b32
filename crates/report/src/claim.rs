//! Expectations in words.

use driftlab_scenario::{Claim, Comparison, Expectation};
use std::fmt;

/// An expectation, to be shown in words: `dual writes shows stale_overwrite in search`.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a>(pub &'a Expectation);

impl fmt::Display for Claimed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(expectation) = self;
        f.write_str(expectation.strategy.as_deref().unwrap_or("every strategy"))?;
        match &expectation.claim {
            Claim::Shows(anomaly) => write!(f, " shows {anomaly}")?,
            Claim::Never(anomaly) => write!(f, " never shows {anomaly}")?,
            Claim::NeverAny => {
                f.write_str(" shows nothing that its design rules out, and nothing permanent")?;
            }
            Claim::Bound { measure, comparison, bound } => {
                let comparison = match comparison {
                    Comparison::AtMost => "at most",
                    Comparison::AtLeast => "at least",
                };
                write!(f, " has a {} of {comparison} {bound}", measure.name())?;
            }
            Claim::Converges(true) => f.write_str(" converges")?,
            Claim::Converges(false) => f.write_str(" does not converge")?,
        }
        match &expectation.sink {
            Some(sink) => write!(f, " in {sink}"),
            None => Ok(()),
        }
    }
}
