//! The shards of an exploration, put together.

use crate::command::replay;
use crate::output::{complain, say};
use crate::status::Status;
use crate::tale::Tale;
use crate::terminal;
use driftlab_check::ANOMALIES;
use driftlab_lab::finding::{FindingFile, Sighting};
use driftlab_report::exploration::{self, Exploration};
use driftlab_report::{OutputFolder, Verdict, WriteError};
use driftlab_scenario::{Overrides, Registries, Scenario};
use std::path::{Path, PathBuf};

/// Adds the shards up, draws what they found, and writes the whole below a folder.
pub(super) fn put_together(folders: &[PathBuf], out: &Path) -> Result<Status, Status> {
    let (whole, findings) = whole(folders)?;
    write(out, &whole, findings)
}

/// A finding of a shard: its file below the folder of the whole, the text, and its drawing.
struct Kept {
    file: String,
    text: String,
    tale: Tale,
}

/// All shards, added up, and the first case of each anomaly.
fn whole(folders: &[PathBuf]) -> Result<(Exploration, Vec<Kept>), Status> {
    let (first, others) = folders.split_first().expect("clap asks for one at least");
    let mut whole = shard(first)?;
    let mut shards = vec![(first, whole.clone())];
    for folder in others {
        let shard = shard(folder)?;
        whole.add(&shard).map_err(|why| {
            complain(&format!("{}: {why}", folder.display()));
            Status::Refused
        })?;
        shards.push((folder, shard));
    }
    let mut kept = Vec::new();
    for strategy in &mut whole.strategies {
        let of = strategy.total();
        for entry in ANOMALIES {
            let Some(seen) = strategy.anomalies.get_mut(entry.name) else { continue };
            let of_shard = |(folder, shard): &(&PathBuf, Exploration)| {
                let theirs = shard.strategies.iter().find(|theirs| theirs.name == strategy.name)?;
                Some(folder.join(theirs.anomalies.get(entry.name)?.finding.as_ref()?))
            };
            let files = shards.iter().filter_map(of_shard);
            let findings = files
                .map(|path| Ok::<_, Status>((finding(&path)?, path)))
                .collect::<Result<Vec<_>, Status>>()?;
            // What stays before what heals, and then the first, as where all schedules are explored at once.
            let Some((mut finding, path)) =
                findings.into_iter().min_by_key(|(finding, _)| (!finding.permanent, finding.case.seed))
            else {
                continue;
            };
            finding.sighting = Sighting { schedules: seen.total(), of, first_seed: seen.first_seed };
            let file = format!("findings/{}", finding.file_name());
            seen.finding = Some(file.clone());
            kept.push(Kept { file, text: finding.json(), tale: Tale::again(&replay::read(&path)?) });
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

fn finding(path: &Path) -> Result<FindingFile, Status> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        complain(&format!("{}: it cannot be read: {error}", path.display()));
        Status::Impossible
    })?;
    FindingFile::parse(&text).map_err(|error| {
        complain(&format!("{}: {error}", path.display()));
        Status::Refused
    })
}

/// What the whole says of the scenario's expectations, and of itself.
fn judged(whole: &Exploration) -> (Verdict, Vec<String>) {
    let (file, registries) = (format!("{}.toml", whole.scenario), Registries::standard());
    let (mut verdict, mut said) =
        match Scenario::parse(&whole.text, &file, &Overrides::default(), &registries) {
            Ok(scenario) => exploration::judge(&scenario, whole),
            // It was explored with a database or a profile that is not here.
            Err(_) => {
                (Verdict::Unknown, vec!["the scenario's expectations cannot be judged here".to_owned()])
            }
        };
    let missing: Vec<String> = whole.missing().iter().map(u64::to_string).collect();
    if !missing.is_empty() {
        verdict = verdict.max(Verdict::Unknown);
        said.push(format!("of {} shards, these are missing: {}", whole.of_shards, missing.join(", ")));
    }
    (verdict, said)
}

fn write(out: &Path, whole: &Exploration, kept: Vec<Kept>) -> Result<Status, Status> {
    let impossible = |error: WriteError| {
        complain(&error.to_string());
        Status::Impossible
    };
    let (verdict, said) = judged(whole);
    let folder =
        OutputFolder::of_exploration(out, &whole.scenario, &whole.digest, whole.first_seed, whole.seeds)
            .map_err(impossible)?;
    let style = terminal::style();
    let mut text = exploration::render(whole, style);
    let mut findings = Vec::new();
    for Kept { file, text: json, tale } in kept {
        folder.put(&file, &json).map_err(impossible)?;
        text.push_str(&format!("\n{}", tale.text(style)));
        text.push_str(&format!("Again: driftlab replay {}\n", folder.path().join(&file).display()));
        findings.push(tale.for_page(&file));
    }
    for (file, text) in [
        ("explore.html", exploration::html(whole, &findings, &said)),
        ("explore.md", exploration::markdown(whole, &findings, &said)),
        ("explore.json", whole.json()),
    ] {
        folder.put(file, &text).map_err(impossible)?;
    }
    folder.publish().map_err(impossible)?;
    for sentence in &said {
        text.push_str(&format!("\n{sentence}\n"));
    }
    text.push_str(&format!("\nReport: {}\n", folder.path().join("explore.html").display()));
    Ok(Status::from(verdict).max(say(&text)))
}
