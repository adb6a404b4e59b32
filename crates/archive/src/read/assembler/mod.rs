//! Puts events together from rows.
//!
//! Rows come in order; those of one commit, and those of one group of a sink's, become one event. What a row stands for is read by kind of
//! event, and whatever it names by what is named.

mod cell;
mod committed;
mod load;
mod named;
mod shown;
mod single;
mod values;

use super::attribution::{Attribution, Identity};
use super::commit::{Pending, What};
use super::error::{Fault, Read, one_of, quoted};
use super::names::Names;
use super::order::Order;
use super::sheet::Sheet;
use crate::column::Column;
use crate::kind::{KINDS, Kind};
use driftlab_model::{Cast, Event, Key, Lookup, Observer, Row, Time};

/// What the rows are read for.
pub(super) enum Pass<'a> {
    /// The load alone, of a file that says everything else where it is needed.
    Load,
    /// To learn who and what there is. Only commits become events.
    Survey(&'a mut Attribution),
    /// To tell it all. Without an attribution every value must name its write.
    Telling(&'a Cast, Option<&'a mut Attribution>),
}

/// Puts events together from rows, which it is given in order.
pub(super) struct Assembler<'a> {
    names: &'a mut Names,
    pass: Pass<'a>,
    order: Order,
    pending: Option<Pending>,
    has_begun: bool,
    loaded: Lookup<Key, u64>,
    pub(super) load: Vec<(Key, Row)>,
    pub(super) events: u64,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(names: &'a mut Names, pass: Pass<'a>) -> Self {
        Self {
            names,
            pass,
            order: Order::default(),
            pending: None,
            has_begun: false,
            loaded: Lookup::default(),
            load: Vec::new(),
            events: 0,
        }
    }

    /// Takes a row. Gives whether there is any use in more of them.
    pub(super) fn row(&mut self, sheet: &mut Sheet, i: usize, out: &mut dyn Observer) -> Read<bool> {
        let expected = || one_of(KINDS.iter().map(|(name, _)| *name));
        let code = sheet.code(Column::Event, i, |word| {
            KINDS.iter().position(|(name, _)| *name == word).ok_or_else(|| {
                Fault::column(Column::Event, format!("{} is no event", quoted(word)), expected())
                    .did_you_mean(word, KINDS.iter().map(|(name, _)| *name))
            })
        })?;
        let Some(code) = code else { return Err(sheet.missing(Column::Event, i, &expected())) };
        let kind = KINDS[code].1;
        if kind == Kind::Load {
            self.loads(sheet, i)?;
            return Ok(true);
        }
        if matches!(self.pass, Pass::Load) {
            return Ok(false);
        }
        self.has_begun = true;
        let is_ours = matches!(self.pass, Pass::Telling(_, None));
        let at = self.order.at(sheet, i, is_ours)?;
        let by = self.process(sheet, i)?;
        let group = sheet.number(Column::Group, i)?;
        match kind {
            Kind::Committed => self.committed(sheet, i, at, by, group, out)?,
            Kind::Shown => self.shown(sheet, i, at, by, group, out)?,
            other => {
                self.flush(out);
                if let Some(event) = self.single(sheet, i, at, by, other)? {
                    self.tell(at, &event, out);
                }
            }
        }
        Ok(true)
    }

    /// There are no more rows.
    pub(super) fn finish(&mut self, out: &mut dyn Observer) {
        self.flush(out);
    }

    fn tell(&mut self, at: Time, event: &Event, out: &mut dyn Observer) {
        self.events += 1;
        if matches!(self.pass, Pass::Telling(..)) {
            out.observe(at, event);
        }
    }

    fn flush(&mut self, out: &mut dyn Observer) {
        let Some(pending) = self.pending.take() else { return };
        let event = match pending.what {
            What::Commit(commit) => {
                let index = commit.index.unwrap_or_default();
                let event = commit.complete(pending.by, index);
                self.learn(pending.row, &event);
                event
            }
            What::Shown { sink, keys } => {
                Event::Shown { by: pending.by, sink, keys: keys.into_iter().collect() }
            }
        };
        self.tell(pending.at, &event, out);
    }

    fn learn(&mut self, row: u64, event: &Event) {
        let (Pass::Survey(attribution), Event::Committed { commit, .. }) = (&mut self.pass, event) else {
            return;
        };
        for change in &commit.changes {
            attribution.learn_index(&change.key, change.write);
            if let Some(after) = &change.after {
                let identity =
                    Identity { write: change.write, version: change.version, updated_at: after.updated_at() };
                attribution.learn(row, &change.key, after.values(), identity);
            }
        }
    }
}
