//! `driftlab report`.

use crate::command::replay;
use crate::output::{complain, say};
use crate::status::{self, Status};
use crate::tale::Tale;
use crate::terminal;
use driftlab_report::exploration::{self, Exploration, ToldFinding};
use driftlab_report::{OutputFolder, WriteError};
use std::path::{Path, PathBuf};

/// Put the shards of an exploration together, and draw what they found anew.
///
/// Each folder is one that `driftlab explore --shard` wrote, on whatever machine. The counts add up to those of a run without shards; of each anomaly the case of the first seed is
/// kept, run again and drawn. Shards of another scenario, another version of driftlab or other seeds are refused, and so is one that comes twice.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Arguments {
    /// The folders, each with the explore.json of a shard.
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The folder for the whole.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

fn after_help() -> String {
    format!(
        "\
Here 0 stands for a whole exploration, and 2 for one of which shards are missing or were cut short.

Examples:
  driftlab explore scenarios/compare.toml --seeds 1000000 --shard 0/2 --out shard-0
  driftlab explore scenarios/compare.toml --seeds 1000000 --shard 1/2 --out shard-1
  driftlab report shard-0/compare/latest shard-1/compare/latest

{}",
        status::TABLE
    )
}

pub(crate) fn execute(arguments: &Arguments) -> Status {
    match whole(&arguments.folders).and_then(|(whole, findings)| write(&arguments.out, &whole, findings)) {
        Ok(status) => status,
        Err(status) => status,
    }
}

/// A finding of a shard: the file below its folder, the text, and its drawing.
struct Kept {
    file: String,
    text: String,
    told: ToldFinding,
}

/// All shards, added up, and the first case of each anomaly.
fn whole(folders: &[PathBuf]) -> Result<(Exploration, Vec<Kept>), Status> {
    let (first, others) = folders.split_first().expect("clap asks for one at least");
    let mut whole = shard(first)?;
    let mut from = vec![(first, whole.clone())];
    for folder in others {
        let shard = shard(folder)?;
        whole.add(&shard).map_err(|why| {
            complain(&format!("{}: {why}", folder.display()));
            Status::Refused
        })?;
        from.push((folder, shard));
    }
    let mut kept = Vec::new();
    for strategy in &whole.strategies {
        for (anomaly, seen) in &strategy.anomalies {
            let Some(file) = &seen.finding else { continue };
            let has_it = |(_, shard): &&(&PathBuf, Exploration)| {
                let theirs = shard.strategies.iter().find(|theirs| theirs.name == strategy.name);
                theirs
                    .and_then(|theirs| theirs.anomalies.get(anomaly))
                    .is_some_and(|a| a.first_seed == seen.first_seed)
            };
            if let Some((folder, _)) = from.iter().find(has_it) {
                kept.push(finding(&folder.join(file), file)?);
            }
        }
    }
    Ok((whole, kept))
}

fn shard(folder: &Path) -> Result<Exploration, Status> {
    let path = folder.join("explore.json");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        complain(&format!("{}: no shard of an exploration can be read here: {error}", path.display()));
        Status::Impossible
    })?;
    Exploration::parse(&text).map_err(|why| {
        complain(&format!("{}: {why}", path.display()));
        Status::Refused
    })
}

fn finding(path: &Path, file: &str) -> Result<Kept, Status> {
    let told = Tale::again(&replay::read(path)?).for_page(file);
    let text = std::fs::read_to_string(path).map_err(|error| {
        complain(&format!("{}: it cannot be read: {error}", path.display()));
        Status::Impossible
    })?;
    Ok(Kept { file: file.to_owned(), text, told })
}

fn write(out: &Path, whole: &Exploration, kept: Vec<Kept>) -> Result<Status, Status> {
    let impossible = |error: WriteError| {
        complain(&error.to_string());
        Status::Impossible
    };
    let missing: Vec<String> = (0..whole.of_shards)
        .filter(|shard| !whole.shards.contains(shard))
        .map(|shard| shard.to_string())
        .collect();
    let mut said = Vec::new();
    if !missing.is_empty() {
        said.push(format!("of {} shards, these are missing: {}", whole.of_shards, missing.join(", ")));
    }
    let folder =
        OutputFolder::of_exploration(out, &whole.scenario, &whole.digest, whole.first_seed, whole.seeds)
            .map_err(impossible)?;
    let mut findings = Vec::new();
    for Kept { file, text, told } in kept {
        folder.put(&file, &text).map_err(impossible)?;
        findings.push(told);
    }
    for (file, text) in [
        ("explore.html", exploration::html(whole, &findings, &said)),
        ("explore.md", exploration::markdown(whole, &findings, &said)),
        ("explore.json", whole.json()),
    ] {
        folder.put(file, &text).map_err(impossible)?;
    }
    folder.publish().map_err(impossible)?;
    let mut text = exploration::render(whole, terminal::style());
    for sentence in &said {
        text.push_str(&format!("\n{sentence}\n"));
    }
    text.push_str(&format!("\nReport: {}\n", folder.path().join("explore.html").display()));
    let status = if said.is_empty() && !whole.interrupted { Status::Holds } else { Status::Unknown };
    Ok(status.max(say(&text)))
}
