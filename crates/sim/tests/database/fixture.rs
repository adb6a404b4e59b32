//! A database of accounts, and short words for what transactions do to it.

use driftlab_model::port::{Capture, Scan};
use driftlab_model::{
    Assignment, ColumnId, Commit, Key, Refusal, Row, Statement, TableId, Time, TransactionId, Value, WriteId,
    WritePath,
};
use driftlab_sim::database::{Database, DatabaseConfig, Isolation, SessionId, Step};
use std::sync::Arc;

pub(crate) const ACCOUNTS: TableId = TableId(0);

pub(crate) fn account(n: i64) -> Key {
    Key::integer(ACCOUNTS, n)
}

pub(crate) fn values(n: i64, balance: i64) -> Arc<[Value]> {
    [Value::from(n), Value::from(balance)].into()
}

pub(crate) fn put(n: i64, balance: i64) -> Statement {
    Statement::Put { key: account(n), values: values(n, balance) }
}

pub(crate) fn insert(n: i64, balance: i64) -> Statement {
    Statement::Insert { key: account(n), values: values(n, balance) }
}

pub(crate) fn add(n: i64, amount: i64) -> Statement {
    Statement::Update {
        key: account(n),
        assignments: vec![(ColumnId(1), Assignment::Add(Value::from(amount)))],
    }
}

pub(crate) fn delete(n: i64) -> Statement {
    Statement::Delete { key: account(n) }
}

pub(crate) fn balance(row: Option<&Row>) -> Option<i64> {
    row.and_then(|row| row.values()[1].as_integer())
}

/// A database with a running number for transactions and a clock that ticks at each statement.
pub(crate) struct Bank {
    pub(crate) db: Database,
    transactions: u64,
    clock: u64,
}

/// A transaction, which numbers its writes.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) session: SessionId,
    pub(crate) transaction: TransactionId,
}

impl Bank {
    /// Accounts 1 to `accounts`, with 100 each.
    pub(crate) fn new(config: DatabaseConfig, accounts: i64) -> Self {
        let mut db = Database::new(config);
        db.preload((1..=accounts).map(|n| (account(n), values(n, 100))).collect());
        Self { db, transactions: 0, clock: 0 }
    }

    pub(crate) fn at(isolation: Isolation) -> Self {
        Self::new(DatabaseConfig { isolation, ..DatabaseConfig::default() }, 5)
    }

    pub(crate) fn begin(&mut self) -> Client {
        self.begin_with(Capture::Nothing)
    }

    pub(crate) fn begin_with(&mut self, capture: Capture) -> Client {
        self.transactions += 1;
        let transaction = TransactionId(self.transactions);
        Client { session: self.db.begin(transaction, capture), transaction }
    }

    pub(crate) fn now(&mut self) -> Time {
        self.clock += 1;
        Time::from_nanos(self.clock)
    }

    /// Runs a statement whose write is number `index` of its transaction.
    pub(crate) fn try_run(&mut self, client: Client, index: u32, statement: &Statement) -> Step {
        let stamp = self.now();
        self.run_at(client, index, statement, stamp)
    }

    pub(crate) fn run_at(&mut self, client: Client, index: u32, statement: &Statement, stamp: Time) -> Step {
        let write = WriteId { transaction: client.transaction, index };
        self.db.execute(client.session, statement, write, stamp, WritePath::Statements)
    }

    pub(crate) fn run(&mut self, client: Client, index: u32, statement: &Statement) {
        assert_eq!(self.try_run(client, index, statement), Step::Done, "{statement:?}");
    }

    pub(crate) fn commit(&mut self, client: Client) -> Result<Arc<Commit>, Refusal> {
        let now = self.now();
        self.db.commit(client.session, now)
    }

    /// One statement, committed at once.
    pub(crate) fn autocommit(&mut self, statement: &Statement) -> Arc<Commit> {
        let client = self.begin();
        self.run(client, 0, statement);
        self.commit(client).expect("nobody is in the way")
    }

    pub(crate) fn granted(&mut self) -> Vec<SessionId> {
        let mut granted = Vec::new();
        self.db.take_granted(&mut granted);
        granted
    }

    pub(crate) fn balance(&mut self, n: i64) -> Option<i64> {
        balance(self.db.read(&account(n)).as_ref())
    }

    pub(crate) fn balance_in(&mut self, client: Client, n: i64) -> Option<i64> {
        let row = self.db.read_in(client.session, &account(n)).expect("the transaction is in order");
        balance(row.as_ref())
    }
}

pub(crate) fn whole_table(limit: usize) -> Scan {
    Scan { table: ACCOUNTS, after: None, limit, updated_after: None }
}
