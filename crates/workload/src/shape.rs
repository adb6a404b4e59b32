//! The port of a domain.

use driftlab_model::{Chronicle, EveryChange, Invariant, Key, Schema, Transaction, Value};
use std::rc::Rc;
use std::sync::Arc;

/// A domain: its tables, its first rows, what its clients do, and the rules that hold in it.
///
/// Operations are a pure function of seed and index: an operation does not know which came before it, so leaving one out changes no other.
/// It may therefore aim at a row that is not there yet, or no longer; statements on such a row change nothing, and the rules hold all the same.
///
/// Only operations depend on the seed. Tables, first rows and rules are the same for all seeds, and so is whatever an operation knows of the
/// first rows, such as how many lines an order of the load has: a world is loaded once, from the shape of any seed, and run for others.
pub trait Shape {
    /// Its tables.
    fn schema(&self) -> Schema;
    /// The rows that are there before anybody writes, the same for all seeds.
    fn load(&self) -> Vec<(Key, Arc<[Value]>)>;
    /// The operation with this index.
    fn operation(&self, index: u64) -> Operation;
    /// The same domain with the choices of another seed: what would have been made from the same settings with that seed.
    /// Cheap, because a search runs millions of seeds.
    fn reseeded(&self, seed: u64) -> Rc<dyn Shape>;
    /// The rules of the domain, for the checker. They hold in the source after the load and after each commit, in whatever order
    /// transactions commit, for every isolation level at which an update locks its row until the end of its transaction.
    fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        Vec::new()
    }
    /// The view that keeps history, as this domain would have it, for the checker: what one that joins a run is measured against.
    fn chronicle(&self) -> Rc<dyn Chronicle> {
        Rc::new(EveryChange)
    }
}

/// What a client does.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// A transaction; its id is the operation's index.
    Write(Transaction),
    /// A read of one key, through a copy.
    Read(Key),
}
