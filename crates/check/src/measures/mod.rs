//! The registry of measures: how late, how long, how much. Left out where a race is run by the million.

mod gauge;
mod growth;
mod lag;
mod newcomers;
mod reads;
mod recovery;
mod series;
mod weighted;
mod writers;

use crate::casebook::Casebook;
use crate::check::Check;
use crate::checks::registry;
use crate::judgement::Judgement;
use crate::timeline::{Applied, Changed, CommitNo, Moved, Outdated, Timeline};
use driftlab_model::{Fingerprint, Operation, Read, TransactionId};

registry! {
    /// The measures.
    Measures {
        lag: lag::Lag,
        reads: reads::Reads,
        writers: writers::Writers,
        newcomers: newcomers::Newcomers,
    }
}
