//! The isolation levels of the simulated database, held against the phenomena that the literature defines them by.
//!
//! - `schedule`: what sessions do, as data; `play`: runs it on the database; `history`: what it left behind.
//! - `anomaly`: what each anomaly is, and what each level makes of its schedule; the families are `dirty`, `vanishing`, `predicates`,
//!   `lost_update`, `skew`. The list is also the page docs/isolation.md (`page`).
//! - `phenomena`: Adya's phenomena of a history, found in its graph; `canaries` shows that it can find each of them.
//! - `random`: random schedules, judged by that checker and by nothing that the database says of itself.

mod anomaly;
mod canaries;
mod dirty;
mod history;
mod lost_update;
mod page;
mod phenomena;
mod play;
mod predicates;
mod random;
mod schedule;
mod skew;
mod vanishing;
