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
    let _ = writeln!(out, "{}  {} seeds{shards}\n", bold(&exploration.title), grouped(exploration.seeds));
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
    if exploration.interrupted {
        let _ = writeln!(out, "\ninterrupted: what was run is counted");
    }
    out
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
            seen.first_seed.to_string(),
        ]);
    }
}

/// How often where latencies are as declared: `227 of 334: 62.8 % to 72.7 %`.
pub(super) fn natural(strategy: &StrategyExploration, seen: &AnomalyExploration) -> String {
    let natural = strategy.natural(seen);
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
