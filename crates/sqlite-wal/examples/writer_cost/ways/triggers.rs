use super::Way;
use rusqlite::{Connection, Error};

/// Three row triggers write table, operation, key and both images as JSON to a change table. Nobody reads or deletes it.
pub(crate) struct Triggers;

impl Way for Triggers {
    fn name(&self) -> &'static str {
        "triggers"
    }

    fn prepare(&self, connection: &Connection) -> Result<(), Error> {
        connection.execute_batch(
            "CREATE TABLE changes(seq INTEGER PRIMARY KEY, tab TEXT, op TEXT, key INTEGER, old TEXT, new TEXT);
             CREATE TRIGGER t_i AFTER INSERT ON t BEGIN INSERT INTO changes(tab, op, key, new)
                 VALUES ('t', 'i', new.id, json_object('id', new.id, 'name', new.name, 'note', new.note)); END;
             CREATE TRIGGER t_u AFTER UPDATE ON t BEGIN INSERT INTO changes(tab, op, key, old, new)
                 VALUES ('t', 'u', new.id, json_object('id', old.id, 'name', old.name, 'note', old.note),
                         json_object('id', new.id, 'name', new.name, 'note', new.note)); END;
             CREATE TRIGGER t_d AFTER DELETE ON t BEGIN INSERT INTO changes(tab, op, key, old)
                 VALUES ('t', 'd', old.id, json_object('id', old.id, 'name', old.name, 'note', old.note)); END;",
        )
    }
}
