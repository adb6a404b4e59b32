//! `[workload]`: a shape, its settings, and the database file of a shape that needs one.

use crate::nearest::{listed, nearest, one_of, quoted};
use crate::problem::{Place, Problem};
use crate::registries::Registries;
use crate::scenario::WorkloadChoice;
use crate::settings::Declared;
use crate::table::{Entry, Table};
use crate::value::text;
use driftlab_workload::ShapeEntry;
use std::path::{Path, PathBuf};

/// Where the rest of a scenario bears on its workload.
pub(crate) struct Around<'a> {
    /// The folder of the scenario's file, against which its database file is resolved.
    pub(crate) folder: &'a Path,
    /// The database file of the command line.
    pub(crate) database: Option<&'a PathBuf>,
}

pub(crate) fn workload(
    mut table: Table<'_>,
    registries: &Registries,
    around: &Around<'_>,
    problems: &mut Vec<Problem>,
) -> Option<WorkloadChoice> {
    let header = table.header.clone();
    let shape = shape(&mut table, registries.shapes, problems);
    let given = table.take("database");
    let shape = shape?;
    let database = database(shape, registries, given, &header, around, problems);
    let declared = Declared { own: shape.settings, common: registries.workload };
    let reading = declared.read(table, &format!("the shape {}", quoted(shape.name)), problems);
    if reading.sound
        && let Err(why) = shape.check(&reading.settings)
    {
        problems.push(reading.contradiction(&why));
    }
    Some(WorkloadChoice { shape: shape.name, settings: reading.settings, database })
}

fn shape(
    table: &mut Table<'_>,
    shapes: &'static [ShapeEntry],
    problems: &mut Vec<Problem>,
) -> Option<&'static ShapeEntry> {
    let names = || shapes.iter().map(|entry| entry.name);
    let Some(entry) = table.take("shape") else {
        let missing = match table.header {
            Place::File => "the scenario has no `[workload]`",
            _ => "the workload has no `shape`",
        };
        let example =
            shapes.first().map(|entry| format!("write `shape = \"{}\"` under `[workload]`", entry.name));
        problems.push(Problem::new(table.header.clone(), missing, one_of(names())).help(example));
        return None;
    };
    let word = text("shape", entry.value, problems)?;
    let chosen = shapes.iter().find(|entry| entry.name == word);
    if chosen.is_none() {
        problems.push(
            Problem::new(entry.value.span(), format!("unknown shape {}", quoted(word)), one_of(names()))
                .did_you_mean(nearest(word, names())),
        );
    }
    chosen
}

fn database(
    shape: &ShapeEntry,
    registries: &Registries,
    given: Option<Entry<'_>>,
    header: &Place,
    around: &Around<'_>,
    problems: &mut Vec<Problem>,
) -> Option<PathBuf> {
    if !shape.needs_dataset {
        let place = match (&given, around.database) {
            (Some(entry), _) => entry.key.clone().into(),
            (None, Some(_)) => Place::CommandLine,
            (None, None) => return None,
        };
        let readers = registries.shapes.iter().filter(|entry| entry.needs_dataset).map(|entry| entry.name);
        problems.push(Problem::new(
            place,
            format!("the shape {} makes its own rows and reads no `database`", quoted(shape.name)),
            format!("leave it out; a database is read by {}", listed(readers)),
        ));
        return None;
    }
    let in_file =
        given.map(|entry| text("database", entry.value, problems).map(|file| around.folder.join(file)));
    if let Some(path) = around.database {
        return Some(path.clone());
    }
    if in_file.is_none() {
        problems.push(Problem::new(
            header.clone(),
            format!("the shape {} needs the rows of a database", quoted(shape.name)),
            "add `database = \"file.sqlite\"`, a path from the scenario's folder, or give `--database FILE`",
        ));
    }
    in_file.flatten()
}
