//! A scenario with a `[matrix]`: one combination after another.

use super::{Arguments, in_the_lab};
use crate::command::Format;
use crate::output::{complain, say};
use crate::status::Status;
use crate::{interrupt, step_summary, terminal};
use driftlab_report::sweep::Sweep;
use driftlab_report::{Album, Environment, OutputFolder, Report, Summary};
use driftlab_scenario::Matrix;
use std::time::Instant;

/// Runs all combinations, writes their results and those of the whole, and prints the tables.
pub(super) fn run_all(
    arguments: &Arguments,
    matrix: &Matrix,
    folder: OutputFolder,
) -> (Status, Option<Sweep>) {
    let began = Instant::now();
    let mut sweep = Sweep::begun(matrix);
    let mut written = Ok(());
    for (cell, number) in matrix.cells.iter().zip(1..) {
        if interrupt::asked() {
            sweep.interrupt();
            break;
        }
        let name = format!("{} {number}/{}", cell.scenario.name, matrix.cells.len());
        let experiment = match in_the_lab(arguments, &cell.scenario, &name) {
            Ok(experiment) => experiment,
            // What was interrupted before its first run ended tells nothing; what was done before is kept.
            Err(_) if interrupt::asked() && !sweep.cells.is_empty() => {
                sweep.interrupt();
                break;
            }
            Err(status) => {
                folder.abandon();
                return (status, None);
            }
        };
        sweep.add(cell, &experiment);
        // Hundreds of combinations are told apart by their numbers; whoever wants the findings of one shrunk and drawn runs it alone.
        let (summary, album) = (Summary::of(&experiment), Album::default());
        let report = Report { experiment: &experiment, summary: &summary, album: &album };
        written = written.and_then(|()| folder.write_combination(number, &report));
    }
    let mut status = Status::from(sweep.verdict);
    let first = &matrix.cells[0].scenario;
    let environment = Environment::here(&first.file, began.elapsed()).of_run(first, &sweep.seeds);
    written = written.and_then(|()| folder.write_sweep(&sweep, &environment));
    let told = written.as_ref().map_err(ToString::to_string).copied();
    if let Err(error) = told.and_then(|()| step_summary::append(|| sweep.markdown().into_bytes())) {
        complain(&error);
        status = status.max(Status::Impossible);
    }
    if arguments.format == Format::Table && !arguments.quiet {
        let path = written.is_ok().then(|| folder.path());
        status = status.max(say(&format!("{}\n", sweep.render(terminal::style(), path))));
    }
    if sweep.interrupted {
        complain(&format!(
            "interrupted: {} of {} combinations were run, and only what was finished is counted",
            sweep.cells.len(),
            matrix.cells.len()
        ));
    }
    (status, Some(sweep))
}
