//! A result that is there, shown again.

use crate::outcome::{self, Outcome};
use crate::output::{complain, say};
use crate::status::Status;
use crate::terminal;
use driftlab_report::sweep::Sweep;
use driftlab_report::{ENVIRONMENT_FILE, Environment, terminal as table, write_whole};
use std::path::Path;

/// Prints the table of a run or a matrix; of a matrix, draws its page anew too.
pub(super) fn again(folder: &Path) -> Result<Status, Status> {
    let result = outcome::read(folder).map_err(|(status, message)| {
        complain(&message);
        status
    })?;
    let (verdict, text) = match result {
        Outcome::One(summary) => (summary.verdict, table::render(&summary, terminal::style(), Some(folder))),
        Outcome::Matrix(sweep) => {
            draw(&sweep, folder)?;
            (sweep.verdict, sweep.render(terminal::style(), Some(folder)))
        }
    };
    Ok(Status::from(verdict).max(say(&format!("{text}\n"))))
}

fn draw(sweep: &Sweep, folder: &Path) -> Result<(), Status> {
    // Where nobody knows any more how it was run, the scenario's name says most of it.
    let environment = std::fs::read_to_string(folder.join(ENVIRONMENT_FILE)).ok();
    let environment: Option<Environment> = environment.and_then(|text| serde_json::from_str(&text).ok());
    let again = environment.map(|environment| environment.again).filter(|again| !again.is_empty());
    let again = again.unwrap_or_else(|| format!("driftlab run scenarios/{}.toml", sweep.scenario.name));
    for (file, text) in [("report.html", sweep.html(&again)), ("report.md", sweep.markdown())] {
        write_whole(&folder.join(file), text).map_err(|error| {
            complain(&error.to_string());
            Status::Impossible
        })?;
    }
    Ok(())
}
