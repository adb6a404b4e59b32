//! What driftlab's clients do: keys, arrivals, mixes, transactions, domain shapes with invariants.
//!
//! A five-minute tour:
//!
//! - A [`Shape`] is a domain: its tables, its first rows, the rules that hold in it, and what its clients do. Every shape is a line in [`SHAPES`].
//! - [`Shape::operation`] is a pure function of the seed and the operation's index. Nothing is drawn from a stream: each choice is a hash of seed,
//!   purpose and index ([`Draws`]), so that leaving operation 17 out changes nothing about operation 18, and a failing run can be shrunk.
//! - [`Shape::load`] is the same for all seeds, and [`Shape::reseeded`] is cheap: one world is loaded once and then run for millions of seeds.
//! - [`Arrivals`] says when operations start: as soon as a client is free (a closed loop), or at moments that the system has no say in (an open loop).
//! - [`COMMON`] declares what every workload lets a scenario choose; [`ShapeEntry::settings`] what one shape adds.
//! - A [`Crew`] of clients does all that, in any world ([`driftlab_model::Host`]), or what a [`Script`] says of it.
//! - A [`Dataset`] is a real database, read by somebody else, for the shape `database`.

mod arrivals;
mod clients;
mod common;
mod dataset;
mod draw;
mod keyspace;
mod mix;
mod plan;
mod popularity;
mod registry;
mod scatter;
mod script;
mod shape;
mod shapes;
mod zipf;

pub use arrivals::{Arrivals, OpenArrivals};
pub use clients::{Crew, add_clients};
pub use common::COMMON;
pub use dataset::Dataset;
pub use draw::{Draws, Purpose};
pub use registry::{Build, SHAPES, ShapeEntry};
pub use script::{Script, Task};
pub use shape::{Operation, Shape};
