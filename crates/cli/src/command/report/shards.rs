//! The shards of an exploration, put together.

use crate::command::replay;
use crate::output::{complain, say};
use crate::status::Status;
use crate::tale::Tale;
use crate::terminal;
use driftlab_report::exploration::{self, Exploration, ToldFinding};
use driftlab_report::{OutputFolder, WriteError};
use std::path::{Path, PathBuf};

/// Adds the shards up, draws what they found, and writes the whole below a folder.
pub(super) fn put_together(folders: &[PathBuf], out: &Path) -> Result<Status, Status> {
    let (whole, findings) = whole(folders)?;
    write(out, &whole, findings)
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
