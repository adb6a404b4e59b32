//! The hunt: a mutant, or the original that it was made of, over all seeds within which it must be caught.

use crate::mutant::{Mutant, Specimen};
use crate::sabotage::{Blindfolded, Sabotage, is_seen};
use driftlab_check::{ANOMALIES, Checker, Judgement};
use driftlab_lab::Stage;
use driftlab_model::{Event, Observer, Span, Time};
use driftlab_strategies::StrategyEntry;
use std::cell::RefCell;
use std::rc::Rc;

/// What the hunt for a mutant came to.
#[derive(Clone, Debug)]
pub struct Catch {
    /// The seed by which all that it must be caught as had been seen; `None` where something of it never was.
    pub by: Option<u64>,
    /// What was never seen of it.
    pub missing: Vec<&'static str>,
    /// What else was reported, over all seeds.
    pub beside: Vec<&'static str>,
    /// The sabotaged checkers that never saw all that it must be caught as.
    pub survives: Vec<Sabotage>,
}

/// What the original showed over the same seeds.
#[derive(Clone, Debug)]
pub struct Survival {
    /// What it must not show, with the seed and what was found.
    pub faults: Vec<String>,
}

/// Hunts a mutant over all its seeds, with the checker and all sabotaged ones looking on.
#[must_use]
pub fn catch(mutant: &Mutant) -> Catch {
    let arena = Arena::of(mutant, Specimen::Mutant);
    let watchers = Rc::new(RefCell::new(Watchers::of(&arena, mutant)));
    let mut by = None;
    let mut seen: Vec<&'static str> = Vec::new();
    for seed in 1..=mutant.within {
        watchers.borrow_mut().restart();
        arena.run(seed, watchers.clone());
        let judgement = watchers.borrow_mut().conclude();
        for entry in ANOMALIES {
            if is_seen(&judgement, entry.name) && !seen.contains(&entry.name) {
                seen.push(entry.name);
            }
        }
        if by.is_none() && mutant.caught_as.iter().all(|name| seen.contains(name)) {
            by = Some(seed);
        }
    }
    let known = |name: &&&str| !mutant.caught_as.contains(name);
    let in_order = ANOMALIES.iter().map(|entry| entry.name).filter(|name| seen.contains(name));
    let beside = in_order.filter(|name| known(&name)).collect();
    let missing = mutant.caught_as.iter().copied().filter(|name| !seen.contains(name)).collect();
    let survives = watchers.borrow().survived();
    Catch { by, missing, beside, survives }
}

/// Runs the original over the same seeds: it must show nothing that its row of the truth table forbids, and nothing that the mutant is caught as.
#[must_use]
pub fn survive(mutant: &Mutant) -> Survival {
    let scenario = mutant.scenario();
    let choice = &scenario.strategies[0];
    let entry = StrategyEntry::named(choice.kind).expect("a parsed scenario names known strategies");
    let allowed = (entry.may_show)(&choice.settings);
    let arena = Arena::of(mutant, Specimen::Original);
    let checker = Rc::new(RefCell::new(arena.0.checker()));
    let mut faults = Vec::new();
    for seed in 1..=mutant.within {
        checker.borrow_mut().restart();
        arena.run(seed, checker.clone());
        let judgement = checker.borrow_mut().finish();
        if !judgement.quiescent {
            faults.push(format!("seed {seed} never came to rest"));
        }
        for finding in &judgement.findings {
            let name = finding.anomaly.name();
            if !allowed.contains(&name) || mutant.caught_as.contains(&name) {
                faults.push(format!("seed {seed} shows {name}: {}", finding.sentence));
            }
        }
    }
    Survival { faults }
}

/// Runs one seed, and judges it in full.
///
/// # Panics
/// As [`Mutant::scenario`].
#[must_use]
pub fn judge(mutant: &Mutant, specimen: Specimen, seed: u64) -> Judgement {
    let arena = Arena::of(mutant, specimen);
    let checker = Rc::new(RefCell::new(arena.0.checker()));
    arena.run(seed, checker.clone());
    checker.borrow_mut().finish()
}

/// A stage on which a strategy is run seed by seed.
struct Arena(Stage);

impl Arena {
    fn of(mutant: &Mutant, specimen: Specimen) -> Self {
        let (scenario, strategy) = mutant.specimen(specimen);
        let stage = Stage::with_strategy(&scenario, mutant.name, strategy, None);
        Self(stage.unwrap_or_else(|why| panic!("mutant {} ({}): {why}", mutant.number, mutant.name)))
    }

    fn run(&self, seed: u64, observer: Rc<RefCell<dyn Observer>>) {
        self.0.prepare(seed);
        self.0.world().run(seed, observer, Span::from_secs(7_200), &mut |_| true);
    }
}

/// The checker, and all sabotaged ones beside it.
struct Watchers {
    sound: Checker,
    sabotaged: Vec<(Blindfolded, Vec<&'static str>)>,
}

impl Watchers {
    fn of(arena: &Arena, mutant: &Mutant) -> Self {
        let blindfolded =
            |sabotage| (Blindfolded::new(sabotage, arena.0.checker()), mutant.caught_as.to_vec());
        Self { sound: arena.0.checker(), sabotaged: Sabotage::ALL.map(blindfolded).into() }
    }

    fn restart(&mut self) {
        self.sound.restart();
        for (watcher, _) in &mut self.sabotaged {
            watcher.restart();
        }
    }

    /// The sound checker's judgement; what each of the others was told of is struck from what it must still see.
    fn conclude(&mut self) -> Judgement {
        for (watcher, missing) in &mut self.sabotaged {
            let judgement = watcher.checker.finish();
            missing.retain(|name| !watcher.sabotage.tells(&judgement, name));
        }
        self.sound.finish()
    }

    fn survived(&self) -> Vec<Sabotage> {
        let blind = self.sabotaged.iter().filter(|(_, missing)| !missing.is_empty());
        blind.map(|(watcher, _)| watcher.sabotage).collect()
    }
}

impl Observer for Watchers {
    fn observe(&mut self, at: Time, event: &Event) {
        self.sound.observe(at, event);
        for (watcher, _) in &mut self.sabotaged {
            watcher.observe(at, event);
        }
    }
}
