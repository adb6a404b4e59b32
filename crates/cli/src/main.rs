//! The driftlab command.
fn main() {}
