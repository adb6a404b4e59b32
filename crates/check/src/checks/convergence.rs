//! `lost_update`, `missed_delete` and `resurrected` at quiescence: what differs from the source now will differ for ever.

use crate::anomaly::Anomaly;
use crate::casebook::Casebook;
use crate::check::Check;
use crate::finding::Until;
use crate::judgement::{Audit, Judgement, Silent};
use crate::phrase::Phrases;
use crate::story::{Story, Told};
use crate::timeline::{KeyNo, Kind, NO_VERSION, Timeline};
use driftlab_model::{Row, Span, TableId, Time, Value};

/// Looks at what diverges in the end.
pub(crate) struct Convergence;

impl Check for Convergence {
    fn new(_: &Timeline) -> Self {
        Self
    }

    fn restart(&mut self, _: &Timeline) {}

    fn conclude(&mut self, timeline: &Timeline, book: &mut Casebook, judgement: &mut Judgement) {
        for (sink, state) in timeline.sinks.iter().enumerate().filter(|(_, state)| state.shows_rows()) {
            if timeline.quiescent && state.loaded.is_none() {
                never_loaded(timeline, sink, book, judgement);
            }
            judgement.sinks[sink].divergent_at_end += state.divergent;
            if state.divergent == 0 || !timeline.quiescent {
                continue;
            }
            let mut divergences = Vec::new();
            for key in 0..timeline.keys.len() as KeyNo {
                if timeline.since(sink, key) != Time::NEVER {
                    name(timeline, sink, key, book);
                    // For how long nobody noticed is a measure.
                    if !timeline.is_race {
                        divergences.push(Divergence::of(timeline, sink, key));
                    }
                }
            }
            if !divergences.is_empty() {
                judgement.sinks[sink].silent = silent(divergences);
            }
        }
    }
}

/// A sink that started empty and never had a complete load claims nothing of the keys it never showed; but what was written in the run is lost there.
fn never_loaded(timeline: &Timeline, sink: usize, book: &mut Casebook, judgement: &mut Judgement) {
    for (number, key) in (0..).zip(&timeline.keys) {
        let is_unclaimed = timeline.slot(sink, number).state.kind == Kind::Unclaimed;
        if is_unclaimed && key.current != key.base && key.row.is_some() {
            judgement.sinks[sink].divergent_at_end += 1;
            let begin = timeline.commit_of(key.current).at;
            lost(timeline, sink, number, begin, book);
        }
    }
}

/// Gives a permanent divergence its name.
fn name(timeline: &Timeline, sink: usize, number: KeyNo, book: &mut Casebook) {
    let (slot, key) = (timeline.slot(sink, number), timeline.key(number));
    let since = timeline.since(sink, number);
    match (&key.row, slot.state.kind) {
        // The newest write has arrived, and not all of what it says.
        (Some(row), Kind::ForeignRow)
            if slot.row.as_ref().is_some_and(|shown| columns_lost(row, shown).is_some()) =>
        {
            lost(timeline, sink, number, since, book);
        }
        // A value that nobody committed has its name already.
        (_, Kind::ForeignRow | Kind::ForeignDeletion) => {}
        // So has a value that took the place of the newest.
        (Some(_), Kind::Row | Kind::Deleted) | (None, _) if slot.regressed_from == key.current => {}
        (Some(_), _) => lost(timeline, sink, number, since, book),
        (None, _) => {
            let anomaly = if slot.gone >= key.current { Anomaly::Resurrected } else { Anomaly::MissedDelete };
            let story = Ghost { sink, key: number, row: slot.row.clone(), anomaly, since };
            book.record(anomaly, Some(sink), Some(number), (since, Until::Permanent), Box::new(story));
        }
    }
}

/// The columns of the newest row that are null in the row shown, where that comes from the same write, and says nothing else that is not so: the first of them, and how many there are.
fn columns_lost(row: &Row, shown: &Row) -> Option<(usize, usize)> {
    if row.write() != shown.write() || row.values().len() != shown.values().len() {
        return None;
    }
    let mut lost = None;
    for (column, (is, shows)) in row.values().iter().zip(shown.values().iter()).enumerate() {
        match (is == shows, shows) {
            (true, _) => {}
            (false, Value::Null) => {
                let (first, count) = lost.unwrap_or((column, 0));
                lost = Some((first, count + 1));
            }
            (false, _) => return None,
        }
    }
    lost
}

fn lost(timeline: &Timeline, sink: usize, key: KeyNo, begin: Time, book: &mut Casebook) {
    let story = Lost {
        sink,
        key,
        row: timeline.key(key).row.clone(),
        shown: timeline.slot(sink, key).row.clone(),
        had_it: timeline.slot(sink, key).high >= timeline.key(key).current,
    };
    let time = (begin, Until::Permanent);
    book.record(Anomaly::LostUpdate, Some(sink), Some(key), time, Box::new(story));
}

struct Lost {
    sink: usize,
    key: KeyNo,
    row: Option<Row>,
    shown: Option<Row>,
    had_it: bool,
}

impl Story for Lost {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let (sink, key) = (phrases.sink(self.sink), phrases.key(self.key));
        let current = phrases.timeline.key(self.key).current;
        let at = phrases.timeline.commit_of(current).at;
        if let (Some(row), Some(shown)) = (&self.row, &self.shown)
            && let Some((first, count)) = columns_lost(row, shown)
        {
            let column = phrases.column(self.key, first);
            let columns = match count {
                1 => format!("{column} of {key} is"),
                2 => format!("{column} and 1 more column of {key} are"),
                _ => format!("{column} and {} more columns of {key} are", count - 1),
            };
            let author = phrases.author(phrases.version(current).commit);
            let transactions = phrases.transactions(&[current]);
            let processes = phrases.clients(&transactions);
            let cell = phrases.cell(self.key, row, first);
            let sentence = format!(
                "{columns} null in {sink} since {author}'s write, committed at {at}; the source has {cell}"
            );
            return Told { sentence, transactions, processes };
        }
        let value = match &self.row {
            Some(row) => phrases.value(self.key, row, self.shown.as_ref()),
            None => "a deletion".to_owned(),
        };
        let when = match phrases.version(current).commit {
            0 => String::new(),
            _ => format!(", committed at {at},"),
        };
        let reached = if self.had_it { "is gone from" } else { "never reached" };
        let instead = match &self.shown {
            Some(row) => format!("it still shows {}", phrases.value_after(self.key, row, self.row.as_ref())),
            None => "it shows no such row".to_owned(),
        };
        let sentence = format!("{value} of {key}{when} {reached} {sink}; {instead}");
        let mut transactions = phrases.transactions(&[current]);
        if let Some(row) = &self.shown
            && phrases.timeline.version_of(self.key, row).is_some_and(|v| phrases.version(v).commit != 0)
        {
            transactions.push(row.write().transaction);
        }
        let processes = phrases.clients(&transactions);
        Told { sentence, transactions, processes }
    }
}

/// A row that the source no longer has.
struct Ghost {
    sink: usize,
    key: KeyNo,
    row: Option<Row>,
    anomaly: Anomaly,
    since: Time,
}

impl Story for Ghost {
    fn tell(&self, phrases: &Phrases<'_>, _: Until) -> Told {
        let (sink, key) = (phrases.sink(self.sink), phrases.key(self.key));
        let deletion = phrases.timeline.key(self.key).current;
        let (author, at) =
            (phrases.author(phrases.version(deletion).commit), phrases.timeline.commit_of(deletion).at);
        let sentence = if self.anomaly == Anomaly::Resurrected {
            let row = self.row.as_ref().map_or("a row".to_owned(), |row| phrases.value(self.key, row, None));
            format!(
                "{key} was deleted by {author} at {at}, and {sink} had let go of it; since {} it shows {row} again",
                self.since
            )
        } else {
            format!("{key} was deleted by {author} at {at}; {sink} still shows it")
        };
        let mut transactions = phrases.transactions(&[deletion]);
        if let Some(row) = &self.row
            && phrases.timeline.version_of(self.key, row).is_some_and(|v| phrases.version(v).commit != 0)
        {
            transactions.push(row.write().transaction);
        }
        let processes = phrases.clients(&transactions);
        Told { sentence, transactions, processes }
    }
}

/// A permanent divergence, as an audit meets it.
struct Divergence {
    begin: Time,
    table: TableId,
    /// Rows of the sink less rows of the source.
    surplus: i64,
    in_source: bool,
}

impl Divergence {
    fn of(timeline: &Timeline, sink: usize, number: KeyNo) -> Self {
        let (slot, key) = (timeline.slot(sink, number), timeline.key(number));
        let in_source = key.current != NO_VERSION && key.row.is_some();
        let surplus = i64::from(slot.row.is_some()) - i64::from(in_source);
        Self { begin: timeline.since(sink, number), table: key.key.table(), surplus, in_source }
    }
}

/// For how long each audit would not have noticed.
fn silent(mut divergences: Vec<Divergence>) -> Silent {
    divergences.sort_by_key(|divergence| divergence.begin);
    let mut silent = Silent { divergences: divergences.len() as u64, ..Silent::default() };
    let mut tables: Vec<TableId> = divergences.iter().map(|divergence| divergence.table).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        let of_table: Vec<_> = divergences.iter().filter(|divergence| divergence.table == table).collect();
        count_rows(&of_table, &mut silent.row_count);
    }
    for divergence in &divergences {
        silent.checksum.noticed.record(Span::ZERO);
        notice(&mut silent.updated_at, divergence.in_source.then_some(Span::ZERO));
    }
    silent
}

/// Row counts differ while the surplus of all divergences that have begun is not zero.
fn count_rows(divergences: &[&Divergence], audit: &mut Audit) {
    let mut surplus = 0;
    let mut waiting: Vec<Time> = Vec::new();
    for (place, divergence) in divergences.iter().enumerate() {
        surplus += divergence.surplus;
        waiting.push(divergence.begin);
        let is_moment_over = divergences.get(place + 1).is_none_or(|next| next.begin > divergence.begin);
        if is_moment_over && surplus != 0 {
            waiting.drain(..).for_each(|begin| audit.noticed.record(divergence.begin - begin));
        }
    }
    audit.never += waiting.len() as u64;
}

fn notice(audit: &mut Audit, after: Option<Span>) {
    match after {
        Some(span) => audit.noticed.record(span),
        None => audit.never += 1,
    }
}
