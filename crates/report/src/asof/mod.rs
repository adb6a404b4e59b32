//! What was true of a row at a moment of a recorded run, what each copy showed of it, what led there, and who could still say so.

mod keys;
mod reasons;
mod story;
mod text;

pub use keys::{Keys, UnknownKey};

use driftlab_check::recall::{Recollection, Truth, same, with_versions};
use driftlab_model::{
    Event, History, Key, Moment, Observer, Row, Schema, SinkForm, SinkId, Testimony, Time, View, WriteId,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A row at a moment, under every strategy of a run.
#[derive(Clone, Debug, Serialize)]
pub struct AsOf {
    /// driftlab's version.
    pub driftlab: String,
    /// The row: `reservation of seat 3`.
    pub key: String,
    /// What is known of it under each strategy, in the order of the scenario.
    pub strategies: Vec<StrategyAsOf>,
}

/// A row at a moment, under one strategy.
#[derive(Clone, Debug, Serialize)]
pub struct StrategyAsOf {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The moment that was asked for.
    pub at_nanos: u64,
    /// The last commit by then ends at this position of the source's log; 0 for the initial load.
    pub position: u64,
    /// What was true: the source's row.
    pub truth: RowAsOf,
    /// What each copy showed.
    pub copies: Vec<CopyAsOf>,
    /// The changes that led there, in the order of their commits.
    pub changes: Vec<ChangeAsOf>,
    /// What its own stores could still say of it when the run had ended.
    pub stores: Vec<StoreAsOf>,
}

/// A row, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowAsOf {
    /// Whether there was one.
    pub exists: bool,
    /// What it said, without its key: `customer 7`.
    pub says: String,
}

/// What a copy showed.
#[derive(Clone, Debug, Serialize)]
pub struct CopyAsOf {
    /// The sink's name.
    pub sink: String,
    /// What it showed; `None` where it claimed nothing.
    pub shown: Option<RowAsOf>,
    /// How it compares with what was true.
    pub standing: CopyStanding,
    /// It in words.
    pub says: String,
}

/// How what a copy showed compares with what was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyStanding {
    /// The strategy does not serve it.
    NotServed,
    /// It claims nothing: a cache that does not hold the key, a copy that was never loaded.
    ClaimsNothing,
    /// As in the source.
    Equal,
    /// An older version.
    Behind,
    /// Something that was not true by then.
    Wrong,
}

/// A change that led there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeAsOf {
    /// When it was committed.
    pub at_nanos: u64,
    /// Where its commit's record ends in the source's log.
    pub position: u64,
    /// The client.
    pub client: String,
    /// Its transaction.
    pub transaction: String,
    /// What the row said before.
    pub before: RowAsOf,
    /// What the row said after.
    pub after: RowAsOf,
    /// What else the transaction changed.
    pub with: Vec<String>,
    /// On whose behalf, where a store of the strategy still says so: `customer 7`.
    pub who: Option<String>,
    /// What for, where a store of the strategy still says so: `cancelled`.
    pub why: Option<String>,
}

/// What a store could still say when the run had ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreAsOf {
    /// The store: `tables`, `log`, `event streams`, `outbox`, `change table`, or a sink's name.
    pub store: String,
    /// What it says that the row was; `None` where it does not know.
    pub says: Option<RowAsOf>,
    /// Whether that is true; `None` where it does not know.
    pub right: Option<bool>,
    /// Why it does not know.
    pub why_not: Option<String>,
    /// How many of the changes that led there it still has.
    pub changes: usize,
    /// Of how many of them it says who asked for it, and what for.
    pub causes: usize,
}

/// The moment that somebody asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By the run's clock.
    Time(Time),
    /// By the source's log.
    Position(u64),
}

/// Why a moment cannot be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// The run ended before it.
    Time(Time),
    /// The source's log ended before it.
    Position(u64),
}

/// A run as it was recorded: its history, and what its stores kept.
pub struct Recorded<'a> {
    /// The strategy's name in the scenario.
    pub strategy: &'a str,
    /// What happened.
    pub history: &'a History,
    /// What its stores kept.
    pub kept: &'a Testimony,
}

impl StrategyAsOf {
    /// A row of a recorded run at a moment.
    ///
    /// # Errors
    /// Where the run ended, when the moment lies beyond it.
    pub fn of(recorded: &Recorded<'_>, key: &Key, asked: Asked) -> Result<Self, Beyond> {
        let history = recorded.history;
        let mut truth = Truth::about(&history.cast, key.clone());
        history.replay(&mut truth as &mut dyn Observer);
        let (moment, until) = moment(history, truth.commits(), asked)?;
        let schema = &history.cast.schema;
        let loaded = || history.cast.load.iter().find(|(loaded, _)| loaded == key).map(|(_, row)| row);
        let known = truth.key(key);
        let now = known.map_or_else(loaded, |known| known.at(moment));
        let kept = with_versions(recorded.kept.clone(), &truth);
        let recollection = Recollection::of(&kept, &BTreeSet::from([key]));
        let changes = known.map_or(&[][..], |known| &known.changes);
        let led = changes.iter().take_while(|change| change.moment.position <= moment.position);
        let led: Vec<_> = led.collect();
        Ok(Self {
            strategy: recorded.strategy.to_owned(),
            at_nanos: until.nanos(),
            position: moment.position.0,
            truth: RowAsOf::of(schema, key, now),
            copies: copies(history, key, until, now, &led),
            changes: led.iter().map(|change| story::change(history, &recollection, key, change)).collect(),
            stores: reasons::stores(schema, &recollection, key, (moment, now), &led),
        })
    }
}

impl RowAsOf {
    fn of(schema: &Schema, key: &Key, row: Option<&Row>) -> Self {
        Self { exists: row.is_some(), says: row.map_or("no row".to_owned(), |row| says(schema, key, row)) }
    }
}

/// The last commit by the moment that is asked about, and until when what copies showed counts.
fn moment(history: &History, commits: &[Moment], asked: Asked) -> Result<(Moment, Time), Beyond> {
    let ended = history.events.last().map_or(Time::ZERO, |(at, _)| *at);
    let last = commits.last().copied().unwrap_or_default();
    let by = |is_by: &dyn Fn(&Moment) -> bool| {
        let count = commits.partition_point(is_by);
        (count.checked_sub(1).map(|last| commits[last]).unwrap_or_default(), count)
    };
    match asked {
        Asked::Time(at) if at > ended => Err(Beyond::Time(ended)),
        Asked::Time(at) => Ok((by(&|commit| commit.at <= at).0, at)),
        Asked::Position(position) if position > last.position.0 => Err(Beyond::Position(last.position.0)),
        Asked::Position(position) => {
            let (moment, _) = by(&|commit| commit.position.0 <= position);
            Ok((moment, moment.at))
        }
    }
}

/// What a row says, without its key: `customer 7`.
fn says(schema: &Schema, key: &Key, row: &Row) -> String {
    let table = (usize::from(key.table().0) < schema.len()).then(|| schema.table(key.table()));
    let cell = |(place, value): (usize, &driftlab_model::Value)| {
        let column = driftlab_model::ColumnId(place as u16);
        match table.and_then(|table| Some((table, table.columns.get(place)?))) {
            Some((table, _)) if table.is_key(column) => None,
            Some((_, named)) => Some(format!("{} {value}", named.name)),
            None => Some(value.to_string()),
        }
    };
    let cells: Vec<String> = row.values().iter().enumerate().filter_map(cell).collect();
    if cells.is_empty() { "a row of its key alone".to_owned() } else { cells.join(", ") }
}

/// What each copy showed at a moment.
fn copies(
    history: &History,
    key: &Key,
    until: Time,
    now: Option<&Row>,
    led: &[&driftlab_check::recall::TrueChange],
) -> Vec<CopyAsOf> {
    let schema = &history.cast.schema;
    let mut all = Vec::new();
    for (id, sink) in (0..).map(SinkId).zip(&history.cast.sinks) {
        let copy =
            |shown, standing, says: String| CopyAsOf { sink: sink.name.clone(), shown, standing, says };
        if !sink.served {
            all.push(copy(None, CopyStanding::NotServed, "not served".to_owned()));
            continue;
        }
        if sink.form == SinkForm::Totals {
            let says = "adds up what it is given: the history does not record its sums".to_owned();
            all.push(copy(None, CopyStanding::ClaimsNothing, says));
            continue;
        }
        let loaded = history.cast.load.iter().find(|(loaded, _)| loaded == key).map(|(_, row)| row.clone());
        let mut view = match (sink.preloaded, loaded) {
            (true, Some(row)) => View::Row(row),
            (true, None) => View::Missing,
            (false, _) => View::NotHeld,
        };
        let mut since = Time::ZERO;
        for (at, event) in history.events.iter().take_while(|(at, _)| *at <= until) {
            match event {
                Event::Shown { sink: of, keys, .. } if *of == id => {
                    if let Some(shown) = keys.iter().find(|shown| shown.key == *key) {
                        (view, since) = (shown.view.clone(), *at);
                    }
                }
                Event::Loaded { sink: of } if *of == id && matches!(view, View::NotHeld) => {
                    view = View::Missing;
                }
                _ => {}
            }
        }
        let row = match &view {
            View::NotHeld => {
                let says = "holds nothing of it, and claims nothing".to_owned();
                all.push(copy(None, CopyStanding::ClaimsNothing, says));
                continue;
            }
            View::Row(row) => Some(row),
            View::Deleted(_) | View::Missing => None,
        };
        let shown = RowAsOf::of(schema, key, row);
        let (standing, said) = standing(row, now, led, until);
        let since = if since == Time::ZERO { String::new() } else { format!(", since {since}") };
        let says = format!("{}{since}: {said}", shown.says);
        all.push(copy(Some(shown), standing, says));
    }
    all
}

/// How a row that is shown compares with what is true, and in words.
fn standing(
    shown: Option<&Row>,
    now: Option<&Row>,
    led: &[&driftlab_check::recall::TrueChange],
    until: Time,
) -> (CopyStanding, String) {
    if same(shown, now) {
        return (CopyStanding::Equal, "as in the source".to_owned());
    }
    // The newest version that is what is shown; the load is before the first.
    let is_shown = |row: Option<&Row>| same(row, shown) && row.map(Row::write) == shown.map(Row::write);
    let place = led.iter().rposition(|change| is_shown(change.after.as_ref())).map(|place| place + 1);
    let was_loaded = || shown.is_none_or(|row| row.write() == WriteId::LOAD);
    let place = place.or_else(|| was_loaded().then_some(0));
    match place {
        Some(place) if place < led.len() => {
            let missed = led.len() - place;
            let first = led[place].moment.at;
            let changes = if missed == 1 { "1 change" } else { &format!("{missed} changes") };
            (CopyStanding::Behind, format!("{changes} behind, for {}", until - first))
        }
        _ => (CopyStanding::Wrong, "the source had no such row by then".to_owned()),
    }
}
