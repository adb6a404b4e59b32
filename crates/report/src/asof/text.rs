//! It for a person at a prompt.

use super::{AsOf, ChangeAsOf, StoreAsOf, StrategyAsOf};
use crate::terminal::{Style, wrap};
use crate::wording;
use driftlab_model::Time;
use driftlab_scenario::Colour;
use std::fmt::Write;

/// How many changes are told; of longer stories, the last.
const TOLD: usize = 12;

impl AsOf {
    /// What is known, strategy by strategy.
    #[must_use]
    pub fn text(&self, style: Style) -> String {
        let paint = |text: &str| match style.colour {
            Colour::On => format!("\u{1b}[1m{text}\u{1b}[0m"),
            Colour::Off => text.to_owned(),
        };
        let mut out = String::new();
        for (place, strategy) in self.strategies.iter().enumerate() {
            let moment =
                format!("at {}, position {}", Time::from_nanos(strategy.at_nanos), strategy.position);
            let gap = if place == 0 { "" } else { "\n" };
            let _ = writeln!(out, "{gap}{}  {} {moment}", paint(&strategy.strategy), self.key);
            strategy.tell(&mut out, style.width);
        }
        out
    }
}

impl StrategyAsOf {
    fn tell(&self, out: &mut String, width: usize) {
        let line = |out: &mut String, name: &str, text: &str| {
            let _ = writeln!(out, "{}", wrap(&format!("  {name:<12} {text}"), width, &" ".repeat(15)));
        };
        line(out, "true", &self.truth.says);
        for copy in &self.copies {
            line(out, &copy.sink, &copy.says);
        }
        let all = self.changes.len();
        let before = all.saturating_sub(TOLD);
        let heading = match (all, before) {
            (0, _) => "  nobody had changed it: it was as it was loaded".to_owned(),
            (1, _) => "  1 change led there".to_owned(),
            (_, 0) => format!("  {all} changes led there"),
            _ => format!("  {all} changes led there; the last {TOLD} of them (--format json tells all)"),
        };
        let _ = writeln!(out, "{heading}");
        for change in &self.changes[before..] {
            let _ = writeln!(out, "{}", wrap(&format!("    {}", change.says()), width, "      "));
        }
        let _ = writeln!(out, "  {} itself can still say", self.strategy);
        for store in &self.stores {
            let text = format!("    {}: {}", store.store, store.told(all));
            let _ = writeln!(out, "{}", wrap(&text, width, "      "));
        }
        let _ = writeln!(out, "{}", wrap(&format!("  {}", self.conclusion()), width, "    "));
    }

    /// Whether the strategy can answer, by name.
    fn conclusion(&self) -> String {
        let all = self.changes.len();
        let knows = self.stores.iter().find(|store| store.says.is_some());
        let state = match knows {
            Some(store) if store.right == Some(true) => format!("known, from its {}", store.store),
            Some(store) => format!("its {} say something else than what was true", store.store),
            None => format!("not known: {} kept nothing that tells", self.strategy),
        };
        let most = |of: fn(&StoreAsOf) -> usize| self.stores.iter().map(of).max().unwrap_or_default();
        let share = |count: usize| if count == all { "all".to_owned() } else { format!("{count} of {all}") };
        if all == 0 {
            return format!("what it was: {state}");
        }
        let causes = match most(|store| store.causes) {
            0 => "not known".to_owned(),
            count => share(count),
        };
        let changes = share(most(|store| store.changes));
        format!("what it was: {state}; its changes: {changes}; who and why: {causes}")
    }
}

impl ChangeAsOf {
    fn says(&self) -> String {
        let mut text = format!(
            "{}  position {}  {} in {}: {}",
            Time::from_nanos(self.at_nanos),
            self.position,
            self.client,
            self.transaction,
            match (self.before.exists, self.after.exists) {
                (false, _) => self.after.says.clone(),
                (true, false) => format!("deleted, it was {}", self.before.says),
                (true, true) => format!("{} (before: {})", self.after.says, self.before.says),
            }
        );
        if let (Some(who), Some(why)) = (&self.who, &self.why) {
            let _ = write!(text, "; {who} {why}");
        }
        if !self.with.is_empty() {
            let _ = write!(text, "; with {}", self.with.join(", "));
        }
        text
    }
}

impl StoreAsOf {
    fn told(&self, all: usize) -> String {
        let mut text = match (&self.says, self.right) {
            (Some(row), Some(true)) => row.says.clone(),
            (Some(row), _) => format!("{}, which was not so", row.says),
            (None, _) => {
                format!("not known: {}", self.why_not.as_deref().unwrap_or("it has nothing of this row"))
            }
        };
        if all > 0 {
            let _ = write!(text, "; {} of {}", self.changes, wording::counted(all, "change"));
            if self.causes > 0 {
                let _ = write!(text, ", who and why of {}", self.causes);
            }
        }
        text
    }
}
