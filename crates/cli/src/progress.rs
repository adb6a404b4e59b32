//! The progress bar.

use crate::interrupt;
use driftlab_lab::Progress;
use driftlab_lab::explore::Watch;
use driftlab_model::Span;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Parts that a run is counted in, so that the bar moves within a long run.
const PARTS: u64 = 1_000;

fn target() -> ProgressDrawTarget {
    if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

/// A bar on standard error while schedules are explored; it also passes Control-C on to them.
pub(crate) struct Schedules(ProgressBar);

impl Schedules {
    /// A bar for a strategy, where it is wanted and standard error is a terminal.
    pub(crate) fn new(strategy: &str, schedules: Option<u64>, quiet: bool) -> Self {
        // Nobody knows beforehand how many schedules there are in all.
        let template = match schedules {
            Some(_) => {
                "{prefix} {bar:24.cyan/dim} {human_pos} of {human_len} schedules, {per_sec}  {wide_msg}"
            }
            None => "{prefix} {spinner} {human_pos} schedules, {per_sec}  {wide_msg}",
        };
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━━─");
        let target = if quiet { ProgressDrawTarget::hidden() } else { target() };
        let bar = ProgressBar::with_draw_target(schedules, target).with_style(style);
        Self(bar.with_prefix(strategy.to_owned()))
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Watch for Schedules {
    fn explored(&self, schedules: u64, telling: u64) {
        self.0.set_position(schedules);
        self.0.set_message(format!("{telling} of them wrong"));
    }

    fn interrupted(&self) -> bool {
        interrupt::asked()
    }
}

/// A bar on standard error while runs are under way; it also passes Control-C on to them.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// How many parts of each run under way are done.
    parts: Mutex<BTreeMap<usize, u64>>,
}

impl Bar {
    /// A bar for a scenario, where standard error is a terminal.
    pub(crate) fn shown(scenario: &str) -> Self {
        let style = ProgressStyle::with_template(
            "{prefix} {bar:24.cyan/dim} {percent:>3} %  {eta:>4} left  {wide_msg}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━─");
        let bar =
            ProgressBar::with_draw_target(None, target()).with_style(style).with_prefix(scenario.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, parts: Mutex::default() }
    }

    /// No bar.
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), parts: Mutex::default() }
    }

    /// Takes the bar off the screen.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// What is counted stays right whoever panicked while counting.
    fn parts(&self) -> MutexGuard<'_, BTreeMap<usize, u64>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, run: usize, to: u64) {
        let before = self.parts().insert(run, to).unwrap_or(0);
        self.bar.inc(to.saturating_sub(before));
    }
}

impl Progress for Bar {
    fn started(&self, total_runs: usize, each: Option<Span>) {
        self.parts().clear();
        self.bar.reset();
        self.bar.set_length(total_runs as u64 * PARTS);
        if let Some(each) = each {
            let all = each.scaled(total_runs as f64);
            self.bar.println(format!(
                "{}: {total_runs} runs of {each} each, one after another: {all}, and the time to come to rest",
                self.bar.prefix()
            ));
        }
    }

    fn progress(&self, run: usize, fraction_of_load: f64) {
        self.advance(run, (fraction_of_load.clamp(0.0, 1.0) * PARTS as f64) as u64);
    }

    fn finished(&self, run: usize, strategy: &str, seed: u64, anomalies: u64) {
        self.advance(run, PARTS);
        self.bar.set_message(format!("{strategy}, seed {seed}: {anomalies} anomalies"));
    }

    fn interrupted(&self) -> bool {
        interrupt::asked()
    }
}
