//! Adya's phenomena ("Weak Consistency", 1999), found in the direct serialization graph of a history. Nothing here knows how the database works.

use crate::history::{History, Tx, Version};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phenomenon {
    /// A cycle of write dependencies.
    G0,
    /// A committed transaction read what an aborted one wrote.
    G1a,
    /// A committed transaction read what its writer overwrote itself.
    G1b,
    /// A cycle of write and read dependencies, at least one of these.
    G1c,
    /// A transaction saw another, and later a row as it was before that one (Bailis et al., 2014).
    Otv,
    /// A cycle with exactly one anti-dependency.
    GSingle,
    /// Anti-dependencies by item that close a cycle only with each other.
    G2Item,
    /// The same, where one by predicate is needed.
    G2,
    /// Of two committed transactions that changed one row, neither had ended when the other began: the first committer did not win.
    ConcurrentWriters,
}

/// A direct dependency: the second transaction must come after the first.
type Edge = (Tx, Tx);

#[derive(Default)]
struct Graph {
    /// The second installed the next version of what the first installed.
    write: BTreeSet<Edge>,
    /// The second read what the first installed.
    read: BTreeSet<Edge>,
    /// The second installed the next version of what the first read.
    anti_by_item: BTreeSet<Edge>,
    anti_by_predicate: BTreeSet<Edge>,
}

/// All phenomena of a history.
pub(crate) fn of(history: &History) -> BTreeSet<Phenomenon> {
    let mut found = BTreeSet::new();
    for (tx, transaction) in history.committed() {
        for read in &transaction.reads {
            let Version::Written(writer, index) = read.version else { continue };
            if writer == tx {
                continue;
            }
            if !history.is_committed(writer) {
                found.insert(Phenomenon::G1a);
            } else if !history.versions(read.key).contains(&(writer, index)) {
                found.insert(Phenomenon::G1b);
            }
        }
        if sees_one_vanish(history, tx) {
            found.insert(Phenomenon::Otv);
        }
    }
    found.extend(cycles(&graph(history)));
    if writers_are_concurrent(history) {
        found.insert(Phenomenon::ConcurrentWriters);
    }
    found
}

fn graph(history: &History) -> Graph {
    let mut graph = Graph::default();
    for versions in history.installed.values() {
        graph.write.extend(versions.windows(2).map(|pair| (pair[0].0, pair[1].0)));
    }
    for (tx, transaction) in history.committed() {
        for read in &transaction.reads {
            let Some(place) = history.place(read.key, read.version) else { continue };
            if let Version::Written(writer, _) = read.version {
                graph.read.insert((writer, tx));
            }
            if let Some(&(next, _)) = history.versions(read.key).get(place) {
                let kind =
                    if read.by_predicate { &mut graph.anti_by_predicate } else { &mut graph.anti_by_item };
                kind.insert((tx, next));
            }
        }
    }
    for edges in [&mut graph.write, &mut graph.read, &mut graph.anti_by_item, &mut graph.anti_by_predicate] {
        edges.retain(|(from, to)| from != to);
    }
    graph
}

fn cycles(graph: &Graph) -> Vec<Phenomenon> {
    let mut found = Vec::new();
    let information: BTreeSet<Edge> = &graph.write | &graph.read;
    let by_item: BTreeSet<Edge> = &information | &graph.anti_by_item;
    let all: BTreeSet<Edge> = &by_item | &graph.anti_by_predicate;
    let closes = |edges: &BTreeSet<Edge>, (from, to): Edge| leads(edges, to, from);
    if graph.write.iter().any(|&edge| closes(&graph.write, edge)) {
        found.push(Phenomenon::G0);
    }
    if graph.read.iter().any(|&edge| closes(&information, edge)) {
        found.push(Phenomenon::G1c);
    }
    let anti: BTreeSet<Edge> = &graph.anti_by_item | &graph.anti_by_predicate;
    let alone = |edge: &Edge| closes(&information, *edge);
    if anti.iter().any(alone) {
        found.push(Phenomenon::GSingle);
    }
    if graph.anti_by_item.iter().any(|edge| !alone(edge) && closes(&by_item, *edge)) {
        found.push(Phenomenon::G2Item);
    }
    if anti.iter().any(|edge| !closes(&by_item, *edge) && closes(&all, *edge)) {
        found.push(Phenomenon::G2);
    }
    found
}

fn leads(edges: &BTreeSet<Edge>, from: Tx, to: Tx) -> bool {
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for &(_, next) in edges.range((at, Tx::MIN)..=(at, Tx::MAX)) {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached.contains(&to)
}

/// Whether a transaction read something of another, and afterwards a row in a version before the one that the other installed.
fn sees_one_vanish(history: &History, tx: Tx) -> bool {
    let reads = &history.transactions[&tx].reads;
    reads.iter().any(|first| {
        let Version::Written(seen, _) = first.version else { return false };
        seen != tx
            && reads.iter().filter(|later| later.at > first.at).any(|later| {
                let installed = history.place(later.key, Version::Written(seen, 0));
                let shown = history.place(later.key, later.version);
                matches!((shown, installed), (Some(shown), Some(installed)) if shown < installed)
            })
    })
}

fn writers_are_concurrent(history: &History) -> bool {
    history.installed.values().any(|versions| {
        let spans = || versions.iter().map(|(tx, _)| history.transactions[tx].span);
        spans().enumerate().any(|(i, one)| spans().skip(i + 1).any(|two| one.0 < two.1 && two.0 < one.1))
    })
}
