//! Hunts all mutants and writes what came of it to `docs/mutants.md`.
#![allow(clippy::disallowed_methods, reason = "the generator of a page writes it")]

use driftlab_mutants::Matrix;

fn main() -> std::io::Result<()> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mutants.md");
    std::fs::write(page, Matrix::hunt().to_markdown())
}
