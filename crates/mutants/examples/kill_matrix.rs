//! Hunts and pursues all mutants, and writes what came of it to `docs/mutants.md`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "the generator of a page writes it")]

use driftlab_mutants::{MUTANTS, Matrix, Pursuit, pursue};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> std::io::Result<()> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mutants.md");
    std::fs::write(page, Matrix::hunt().to_markdown_with(&pursuits()))
}

/// All pursuits, in the order of the registry.
fn pursuits() -> Vec<Pursuit> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![None; MUTANTS.len()]));
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = MUTANTS.get(place) else { break };
            let pursuit = pursue(mutant);
            done.lock().expect("no thread panics while it holds the list")[place] = Some(pursuit);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    done.into_inner().expect("no thread panicked").into_iter().flatten().collect()
}
