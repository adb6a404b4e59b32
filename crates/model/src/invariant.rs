//! Rules of a domain that every state of a store should satisfy.

use crate::key::Key;
use crate::row::Row;

/// A rule such as "balances sum to a constant", followed change by change.
///
/// The checker keeps one instance for the source and one for each sink ([`Invariant::fresh`]), feeds it every row that the
/// store comes to show, and asks after each atomic step whether the rule is broken.
pub trait Invariant {
    /// Its name, for findings: `balances sum to a constant`.
    fn name(&self) -> &'static str;
    /// An instance for an empty store.
    fn fresh(&self) -> Box<dyn Invariant>;
    /// A key's row changed, in the order shown; `None` stands for no row.
    fn change(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>);
    /// How the rule is broken now, in a few words with the numbers: `the balances sum to 990, not 1000`.
    fn broken(&self) -> Option<String>;
}
