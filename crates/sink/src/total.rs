use driftlab_model::{Key, Row, Value, WriteId};

/// What the effects on one key add up to.
///
/// Whole numbers are exact. Reals are added in the order of arrival, so that two orders may differ in the last bits, as in any warehouse.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// One for each column; null where no number was ever added.
    sums: Vec<Value>,
    effects: u64,
    writes_sum: u64,
    writes_xor: u64,
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
}

impl Total {
    /// The totals of a loaded row, before any effect.
    #[must_use]
    pub fn of(key: &Key, row: &Row) -> Self {
        let mut total = Self::default();
        total.add(key, row, Sign::Plus);
        total
    }

    /// Adds what a delivery changed, after minus before, and its write to the fingerprint.
    pub fn apply(&mut self, key: &Key, before: Option<&Row>, after: Option<&Row>, write: WriteId) {
        if let Some(before) = before {
            self.add(key, before, Sign::Minus);
        }
        if let Some(after) = after {
            self.add(key, after, Sign::Plus);
        }
        self.count(write);
    }

    /// What a reader sees: the newest row with totals in place of its numbers, followed by three whole numbers, the
    /// fingerprint of the effects applied since the load: their count, the sum of their writes' digests, and its exclusive or.
    #[must_use]
    pub fn row(&self, newest: &Row) -> Row {
        let columns = newest.values().iter().zip(self.sums.iter().chain(std::iter::repeat(&Value::Null)));
        let totals = columns.map(|(value, sum)| if is_number(sum) { sum } else { value }.clone());
        let fingerprint = [self.effects, self.writes_sum, self.writes_xor].map(|n| Value::Integer(n as i64));
        let values = totals.chain(fingerprint).collect();
        Row::new(newest.write(), newest.version(), newest.updated_at(), values)
    }

    fn count(&mut self, write: WriteId) {
        self.effects += 1;
        self.writes_sum = self.writes_sum.wrapping_add(write.digest());
        self.writes_xor ^= write.digest();
    }

    fn add(&mut self, key: &Key, row: &Row, sign: Sign) {
        let values = row.values();
        if self.sums.len() < values.len() {
            self.sums.resize(values.len(), Value::Null);
        }
        let keys = leading_keys(key, values);
        for (sum, value) in self.sums.iter_mut().zip(values.iter()).skip(keys) {
            let Some(signed) = signed(value, sign) else { continue };
            *sum = match (&*sum, &signed) {
                (Value::Integer(a), Value::Real(b)) | (Value::Real(b), Value::Integer(a)) => {
                    Value::Real(*a as f64 + b)
                }
                (sum, signed) => sum.plus(signed).unwrap_or_else(|| signed.clone()),
            };
        }
    }
}

/// How many leading columns spell the key. The store knows no schema, and an identifier is no quantity.
fn leading_keys(key: &Key, values: &[Value]) -> usize {
    match key.as_integer() {
        Some(n) => usize::from(values.first().and_then(Value::as_integer) == Some(n)),
        None => key.values().iter().zip(values).take_while(|(part, value)| part == value).count(),
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Integer(_) | Value::Real(_))
}

fn signed(value: &Value, sign: Sign) -> Option<Value> {
    match (value, sign) {
        (Value::Integer(_) | Value::Real(_), Sign::Plus) => Some(value.clone()),
        (Value::Integer(n), Sign::Minus) => Some(Value::Integer(n.wrapping_neg())),
        (Value::Real(x), Sign::Minus) => Some(Value::Real(-x)),
        (Value::Null | Value::Text(_) | Value::Blob(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftlab_model::{TableId, Time, TransactionId, Version};

    fn row(stock: i64, number: u64) -> Row {
        let write = WriteId { transaction: TransactionId(number), index: 0 };
        Row::new(write, Version(number), Time::ZERO, [Value::from(7), Value::from(stock)].into())
    }

    /// Applied once, a key's totals are its row; applied twice, they are not, and the fingerprint says so.
    #[test]
    fn a_change_applied_twice_is_in_the_totals_twice() {
        let key = Key::integer(TableId(0), 7);
        let (loaded, sold) = (row(10, 0), row(8, 1));
        let mut total = Total::of(&key, &loaded);
        total.apply(&key, Some(&loaded), Some(&sold), sold.write());
        let once = total.row(&sold);
        assert_eq!(once.values()[..2], sold.values()[..]);
        let digest = Value::Integer(sold.write().digest() as i64);
        assert_eq!(once.values()[2..], [Value::from(1), digest.clone(), digest]);
        total.apply(&key, Some(&loaded), Some(&sold), sold.write());
        let twice = total.row(&sold);
        assert_eq!((&twice.values()[1], &twice.values()[2]), (&Value::from(6), &Value::from(2)));
        assert_eq!(twice.values()[4], Value::from(0), "what comes twice cancels itself out");
    }
}
