//! What is seen of work under way: at a terminal, and nowhere else.

use crate::interrupt;
use driftlab_lab::Progress;
use driftlab_lab::explore::Watch;
use driftlab_model::Span;
use driftlab_scenario::Scenario;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
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
        let target = if quiet { ProgressDrawTarget::hidden() } else { target() };
        let bar = ProgressBar::with_draw_target(schedules, target).with_style(style(template));
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

/// A view on standard error while runs are under way: how far all of them are, and a line for each that runs now. It also passes Control-C on to them.
pub(crate) struct Bar {
    all: MultiProgress,
    bar: ProgressBar,
    /// The strategies of the runs, the control after them, and how many seeds each has; none where the pieces of work are no runs.
    strategies: Vec<String>,
    seeds: usize,
    duration: Span,
    under_way: Mutex<BTreeMap<usize, UnderWay>>,
}

/// A run that has begun.
#[derive(Default)]
struct UnderWay {
    /// How many parts of it are done.
    parts: u64,
    anomalies: u64,
    /// Its line, until it is done.
    line: Option<ProgressBar>,
}

impl Bar {
    /// A view of the runs of a scenario under some name, where standard error is a terminal.
    pub(crate) fn shown(name: &str, scenario: &Scenario) -> Self {
        let names = scenario.strategies.iter().map(|choice| choice.name.clone());
        Self {
            strategies: names.chain(["none".to_owned()]).collect(),
            seeds: usize::try_from(scenario.world.count("seeds")).unwrap_or(usize::MAX),
            duration: scenario.world.span("duration"),
            ..Self::of(name, target())
        }
    }

    /// A bar for what comes after the runs.
    pub(crate) fn drawing(scenario: &Scenario) -> Self {
        Self::of(&format!("{}: each fault alone, then its findings, shrunk", scenario.name), target())
    }

    /// No view.
    pub(crate) fn hidden() -> Self {
        Self::of("", ProgressDrawTarget::hidden())
    }

    fn of(prefix: &str, target: ProgressDrawTarget) -> Self {
        let style = style("{prefix} {bar:24.cyan/dim} {percent:>3} %  {eta:>4} left  {wide_msg}");
        let all = MultiProgress::with_draw_target(target);
        let bar = all.add(ProgressBar::no_length().with_style(style).with_prefix(prefix.to_owned()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { all, bar, strategies: Vec::new(), seeds: 1, duration: Span::ZERO, under_way: Mutex::default() }
    }

    /// Takes the view off the screen.
    pub(crate) fn clear(&self) {
        for run in self.under_way().values_mut() {
            run.line = None;
        }
        self.bar.finish_and_clear();
        let _ = self.all.clear();
    }

    /// What is counted stays right whoever panicked while counting.
    fn under_way(&self) -> MutexGuard<'_, BTreeMap<usize, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, run: &mut UnderWay, to: u64) {
        self.bar.inc(to.saturating_sub(run.parts));
        run.parts = to;
    }

    fn begun(&self, run: usize) -> UnderWay {
        UnderWay { line: self.line(run), ..UnderWay::default() }
    }

    /// A line for a run that has begun.
    fn line(&self, run: usize) -> Option<ProgressBar> {
        let name = self.strategies.get(run / self.seeds)?;
        let line = ProgressBar::no_length().with_style(style("  {prefix:24!} {wide_msg}"));
        Some(self.all.add(line.with_prefix(name.clone())))
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("━━─")
}

impl Progress for Bar {
    fn started(&self, total_runs: usize, each: Option<Span>) {
        self.under_way().clear();
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
        let part = fraction_of_load.clamp(0.0, 1.0);
        let mut all = self.under_way();
        let this = all.entry(run).or_insert_with(|| self.begun(run));
        self.advance(this, (part * PARTS as f64) as u64);
        if let Some(line) = &this.line {
            let now = Span::from_secs_f64((self.duration.seconds() * part * 10.0).round() / 10.0);
            line.set_message(format!("{now} of {}, {} anomalies", self.duration, this.anomalies));
        }
    }

    fn anomalies(&self, run: usize, so_far: u64) {
        let mut all = self.under_way();
        all.entry(run).or_insert_with(|| self.begun(run)).anomalies = so_far;
        let total: u64 = all.values().map(|run| run.anomalies).sum();
        self.bar.set_message(format!("{total} anomalies so far"));
    }

    fn finished(&self, run: usize, _strategy: &str, _seed: u64, anomalies: u64) {
        let mut all = self.under_way();
        let this = all.entry(run).or_default();
        this.anomalies = anomalies;
        self.advance(this, PARTS);
        if let Some(line) = this.line.take() {
            line.finish_and_clear();
            self.all.remove(&line);
        }
    }

    fn interrupted(&self) -> bool {
        interrupt::asked()
    }
}
