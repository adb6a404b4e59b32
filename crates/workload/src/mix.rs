//! How often clients do what.

use crate::draw::{Draws, Purpose};
use driftlab_model::{Settings, open_unit};

const ACTION: Purpose = Purpose::named("action");

/// What an operation is meant to do; each shape says what that is in its domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Adds something.
    Insert,
    /// Changes something.
    Update,
    /// Removes something.
    Delete,
    /// Reads a key.
    Read,
}

/// The shares of the four actions, by weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mix {
    /// Inserts.
    pub(crate) insert: f64,
    /// Updates.
    pub(crate) update: f64,
    /// Deletions.
    pub(crate) delete: f64,
    /// Reads.
    pub(crate) read: f64,
}

impl Mix {
    /// The weights that a scenario gives.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            insert: settings.number("mix.insert"),
            update: settings.number("mix.update"),
            delete: settings.number("mix.delete"),
            read: settings.number("mix.read"),
        }
    }

    /// The sum of all weights.
    pub(crate) fn total(&self) -> f64 {
        self.insert + self.update + self.delete + self.read
    }

    /// The action of an operation.
    pub(crate) fn action(&self, draws: Draws, index: u64) -> Action {
        let mut left = open_unit(draws.at(ACTION, index, 0)) * self.total();
        // The last of the positive weights takes what rounding leaves over.
        let mut chosen = Action::Read;
        for (weight, action) in [
            (self.insert, Action::Insert),
            (self.update, Action::Update),
            (self.delete, Action::Delete),
            (self.read, Action::Read),
        ] {
            if weight > 0.0 {
                chosen = action;
                if left < weight {
                    break;
                }
                left -= weight;
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_come_in_their_shares_and_those_of_no_weight_never() {
        let mix = Mix { insert: 2.0, update: 7.0, delete: 0.0, read: 1.0 };
        let draws = Draws::new(5);
        let mut seen = [0u32; 4];
        for index in 0..100_000 {
            seen[match mix.action(draws, index) {
                Action::Insert => 0,
                Action::Update => 1,
                Action::Delete => 2,
                Action::Read => 3,
            }] += 1;
        }
        for (count, share) in seen.iter().zip([0.2, 0.7, 0.0, 0.1]) {
            assert!((f64::from(*count) / 1e5 - share).abs() < 0.006, "{seen:?} with seed 5");
        }
        assert_eq!(seen[2], 0);
    }
}
