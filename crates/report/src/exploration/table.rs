use super::{AnomalyExploration, Exploration, StrategyExploration};
use crate::terminal::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use driftlab_scenario::Colour;
use std::fmt::Write;

/// The table of an exploration for a person at a prompt: for each strategy and anomaly, how often.
#[must_use]
pub fn render(exploration: &Exploration, style: Style) -> String {
    let bold = |text: &str| match style.colour {
        Colour::On => format!("\u{1b}[1m{text}\u{1b}[0m"),
        Colour::Off => text.to_owned(),
    };
    let mut out = String::new();
    let shards = match exploration.of_shards {
        1 => String::new(),
        of => format!(", {} of {of} shards", exploration.shards.len()),
    };
    let _ = writeln!(out, "{}  {}{shards}\n", bold(&exploration.title), extent(exploration));
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["strategy", "anomaly", "schedules", "latencies as declared (95 %)", "first seed"]);
    for strategy in &exploration.strategies {
        rows(&mut table, strategy);
    }
    for column in [2, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for line in table.to_string().lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for strategy in exploration.strategies.iter().filter(|strategy| strategy.is_exhaustive()) {
        let _ = writeln!(out, "\n{}", proof(exploration, strategy));
    }
    if exploration.interrupted {
        let _ = writeln!(out, "\ncut short: what was run is counted");
    }
    out
}

/// Through how much was looked.
pub(super) fn extent(exploration: &Exploration) -> String {
    if exploration.strategies.iter().any(StrategyExploration::is_exhaustive) {
        return "every schedule".to_owned();
    }
    format!("{} seeds", grouped(exploration.seeds))
}

/// What a search through every schedule has proved.
pub(super) fn proof(exploration: &Exploration, strategy: &StrategyExploration) -> String {
    let (name, total) = (&strategy.name, grouped(strategy.total()));
    let states = strategy.states.map_or_else(String::new, |states| format!(" ({} states)", grouped(states)));
    if exploration.interrupted {
        return format!(
            "{name}: {total} schedules{states}, and there are more: take fewer operations, clients or copies"
        );
    }
    if strategy.anomalies.is_empty() {
        return format!("{name}: all {total} schedules{states}: none shows any anomaly");
    }
    let shown: Vec<String> = strategy
        .anomalies
        .iter()
        .map(|(anomaly, seen)| format!("{anomaly} in {}", grouped(seen.total())))
        .collect();
    format!("{name}: all {total} schedules{states}: {}", shown.join(", "))
}

fn rows(table: &mut Table, strategy: &StrategyExploration) {
    if strategy.anomalies.is_empty() {
        table.add_row([
            strategy.name.clone(),
            "none".to_owned(),
            format!("0 of {}", grouped(strategy.total())),
            String::new(),
            String::new(),
        ]);
    }
    let mut name = strategy.name.clone();
    for (anomaly, seen) in &strategy.anomalies {
        table.add_row([
            std::mem::take(&mut name),
            anomaly.clone(),
            format!("{} of {}", grouped(seen.total()), grouped(strategy.total())),
            natural(strategy, seen),
            first(strategy, seen),
        ]);
    }
}

/// The first seed that showed it; of an exhaustive search there is none.
pub(super) fn first(strategy: &StrategyExploration, seen: &AnomalyExploration) -> String {
    if strategy.is_exhaustive() { String::new() } else { seen.first_seed.to_string() }
}

/// How often where latencies are as declared: `227 of 334: 62.8 % to 72.7 %`.
pub(super) fn natural(strategy: &StrategyExploration, seen: &AnomalyExploration) -> String {
    let natural = strategy.natural(seen);
    if natural.of == 0 {
        return String::new();
    }
    let (low, high) = natural.interval;
    format!("{} of {}: {} to {}", grouped(natural.seen), grouped(natural.of), percent(low), percent(high))
}

/// Digits in groups of three: `10,000`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.095 { format!("{percent:.3} %") } else { format!("{percent:.1} %") }
}
