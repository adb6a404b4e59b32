use super::registry::{StoreEntry, StoreModel};
use super::rows::Rows;
use super::totals::Totals;
use super::versioned::{Absence, TOMBSTONES};
use super::versions::Versions;
use driftlab_model::{Contradiction, Kind, Setting, Settings, SinkKind};

pub(super) const ENTRY: StoreEntry = StoreEntry {
    name: "warehouse",
    summary: "A warehouse of whole tables: snapshot swaps, atomic batches, and three ways to take a change",
    kind: SinkKind::Warehouse,
    settings: SETTINGS,
    build,
};

const SETTINGS: &[Setting] = &[
    Setting {
        name: "mode",
        summary: "What it makes of a change",
        kind: Kind::Choice(&[
            ("merge", "the row takes the place of the one before"),
            ("append", "every version is kept"),
            ("sum", "what changed is added to totals"),
        ]),
        default: Some("merge"),
    },
    TOMBSTONES,
];

fn build(settings: &Settings, _seed: u64) -> Result<Box<dyn StoreModel>, Contradiction> {
    match settings.word("mode") {
        "merge" => Ok(Box::new(Rows::new(Absence::Claimed, settings.span("tombstones")))),
        "append" => Ok(Box::new(Versions::new())),
        "sum" => Ok(Box::new(Totals::new())),
        mode => Err(Contradiction::at("mode", format!("\"{mode}\" is no mode; choose merge, append or sum"))),
    }
}
