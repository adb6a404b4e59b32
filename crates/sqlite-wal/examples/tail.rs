//! Prints what happens in a database: `cargo run -p driftlab-sqlite-wal --example tail DATABASE [STATE]`.

use driftlab_sqlite_wal::{Event, Options, Reader, SchemaChangeKind};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let database = arguments.next().ok_or("which database?")?;
    let mut reader =
        Reader::open(database, Options { state: arguments.next().map(Into::into), ..Options::default() })?;
    loop {
        match reader.next(Duration::from_secs(1))? {
            None => {}
            Some(Event::Gap(gap)) => {
                println!("{} gap: {}, {} pages differ", gap.position, gap.reason, gap.pages);
            }
            Some(Event::Schema(change)) => match change.kind {
                SchemaChangeKind::Created(table) => println!("{} created {}", change.position, table.name),
                SchemaChangeKind::Dropped(table) => println!("{} dropped {}", change.position, table.name),
                SchemaChangeKind::Altered { after, .. } => {
                    println!("{} altered {}", change.position, after.name);
                }
            },
            Some(Event::Transaction(transaction)) => {
                for change in &transaction.changes {
                    let values = change.after.as_ref().or(change.before.as_ref()).map(|row| &row.values);
                    println!("{} {:?} {} {values:?}", transaction.position, change.kind(), change.table.name);
                }
                reader.acknowledge(transaction.position)?;
            }
        }
    }
}
