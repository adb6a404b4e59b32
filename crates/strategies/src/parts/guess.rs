//! What an application must guess when it writes a copy before, or beside, the database.

use driftlab_model::port::{Condition, Delivery, Ports};
use driftlab_model::{Key, Outcome, Row, Statement, Transaction, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The changes that a transaction will probably make, one a key.
///
/// Statements that say everything need no look at the database. An update does: the application reads the row, applies the update in its own
/// memory, and hopes that nobody changes the row before its own transaction does. No version exists yet that could protect a copy from that.
pub(crate) async fn deliveries(app: &Ports, transaction: &Transaction) -> Outcome<Vec<Delivery>> {
    let clock = app.runtime.wall_clock();
    let mut rows: BTreeMap<&Key, Option<Row>> = BTreeMap::new();
    let mut deliveries: Vec<Delivery> = Vec::new();
    for (index, statement) in transaction.statements.iter().enumerate() {
        let key = statement.key();
        if !statement.is_absolute() && !rows.contains_key(key) {
            rows.insert(key, app.source.read(key).await?);
        }
        let before = rows.get(key).cloned().flatten();
        let after = transaction.guess(index, before.as_ref(), clock);
        let write = transaction.write(index);
        let mut outcomes = Vec::with_capacity(2);
        match statement {
            Statement::Insert { .. } | Statement::Put { .. } | Statement::Update { .. }
                if after.is_some() =>
            {
                outcomes.push((key, after));
            }
            Statement::Delete { .. } => outcomes.push((key, None)),
            Statement::Rekey { to, values, .. } if before.is_some() => {
                let row = Row::new(write, Version::default(), clock, Arc::clone(values));
                outcomes.extend([(key, None), (to, Some(row))]);
            }
            // There is no row to change; and a truncate names none, so the copies are told of none.
            _ => {}
        }
        for (key, after) in outcomes {
            let before = rows.insert(key, after.clone()).flatten();
            match deliveries.iter_mut().find(|delivery| delivery.key == *key) {
                Some(delivery) => (delivery.after, delivery.write) = (after, write),
                None => deliveries.push(Delivery {
                    key: key.clone(),
                    before,
                    after,
                    write,
                    version: Version::default(),
                    condition: Condition::Always,
                }),
            }
        }
    }
    Ok(deliveries)
}
