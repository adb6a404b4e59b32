use super::Measured;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// All tables of a `cargo bench`, in a form that another version can tell from its own.
#[derive(Serialize)]
pub struct Report {
    /// The version of this form.
    pub version: u32,
    /// What it was measured on.
    pub machine: String,
    /// The tables.
    pub sections: Vec<Section>,
}

/// One table.
#[derive(Serialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What the clients did.
    pub load: String,
    /// A row a trial.
    pub rows: Vec<Measured>,
}

const HEADER: &str = "\
| strategy | writes/s | against none | write p50 / p99 ms | changes/s end to end | fresh p50 / p99 ms, by copy | never shown | log bytes | extra rows | copies' bytes |
|---|---:|---:|---:|---:|---|---:|---:|---:|---:|
";

impl Report {
    /// The tables as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# The strategies on real stores\n\n{}. Bytes and rows are for each row change. End to end: from the first write until the slowest copy had shown the last.\n",
            self.machine
        );
        for section in &self.sections {
            let _ = write!(text, "\n## {}\n\n{}\n\n{HEADER}", section.title, section.load);
            for row in &section.rows {
                text.push_str(&line(row));
            }
        }
        text
    }

    /// Writes `summary.md` and `summary.json` into a folder, each whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self).map_err(std::io::Error::other)? + "\n";
        for (name, text) in [("summary.md", self.markdown()), ("summary.json", json)] {
            let new = folder.join(format!(".{name}.new"));
            std::fs::write(&new, text)?;
            std::fs::rename(&new, folder.join(name))?;
        }
        Ok(())
    }
}

fn line(row: &Measured) -> String {
    let both = |pair: Option<[f64; 2]>| {
        pair.map_or("-".to_owned(), |[p50, p99]| format!("{} / {}", short(p50), short(p99)))
    };
    let fresh: Vec<String> =
        row.copies.iter().map(|copy| format!("{} {}", copy.name, both(copy.freshness_ms))).collect();
    let never: u64 = row.copies.iter().map(|copy| copy.never_shown).sum();
    // The sum of nothing would be -0.
    let bytes = row.copies.iter().fold(0.0, |sum, copy| sum + copy.bytes_per_change);
    format!(
        "| {} | {:.0} | {:.2} | {} | {} | {} | {never} | {:.0} | {:.2} | {bytes:.0} |\n",
        row.name,
        row.writes_per_s,
        row.writes_against_none,
        both(row.write_ms),
        row.changes_per_s.map_or("-".to_owned(), |rate| format!("{rate:.0}")),
        if fresh.is_empty() { "-".to_owned() } else { fresh.join("; ") },
        row.log_bytes_per_change,
        row.extra_rows_per_change,
    )
}

/// Three significant digits, and two behind the point at most.
fn short(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::MeasuredCopy;

    /// A column that slips makes every number under it another measure.
    #[test]
    fn every_row_has_a_cell_under_every_heading() {
        let copy = |name: &str, freshness_ms| MeasuredCopy {
            name: name.to_owned(),
            freshness_ms,
            never_shown: 2,
            bytes_per_change: 40.4,
        };
        let row = Measured {
            name: "log_cdc".to_owned(),
            writes_per_s: 5_123.4,
            writes_against_none: 0.973,
            changes_per_s: Some(4_001.6),
            caught_up_s: Some(0.25),
            write_ms: Some([0.061, 1.26]),
            log_bytes_per_change: 2_166.7,
            extra_rows_per_change: 0.0,
            copies: vec![
                copy("cache", Some([1.5, 4.25])),
                copy("search", Some([52.34, 123.4])),
                copy("warehouse", None),
            ],
            changes: 1_000,
        };
        let idle = Measured {
            name: "none".to_owned(),
            changes_per_s: None,
            caught_up_s: None,
            write_ms: None,
            copies: Vec::new(),
            ..row
        };
        let section = Section {
            title: "As fast as it goes".to_owned(),
            load: "Four clients.".to_owned(),
            rows: vec![idle, row],
        };
        let report = Report { version: 1, machine: "2 cores".to_owned(), sections: vec![section] };
        let text = report.markdown();
        assert!(
            text.ends_with(
                "| none | 5123 | 0.97 | - | - | - | 0 | 2167 | 0.00 | 0 |\n\
                 | log_cdc | 5123 | 0.97 | 0.06 / 1.26 | 4002 | cache 1.50 / 4.25; search 52.3 / 123; warehouse - | 6 | 2167 | 0.00 | 121 |\n"
            ),
            "{text}"
        );
        let cells = |line: &str| line.matches('|').count();
        let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(table.len(), 4);
        assert!(table.iter().all(|line| cells(line) == cells(table[0])), "{text}");
    }
}
