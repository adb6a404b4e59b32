//! Keys as bytes whose order is the order of keys, so that the index's term dictionary lists them in order.
//!
//! Table first; then a key of one integer as its eight bytes, sign flipped; any other as its parts, each with a tag that sorts as types sort. A number
//! is its nearest real, made to sort as bytes, then whether it is an integer or a real, then the exact integer. Texts and blobs end with two
//! zeros, a zero within them is followed by 255.

use crate::log::codec::Malformed;
use driftlab_model::{Key, TableId, Value};

const ONE_INTEGER: u8 = 0;
const PARTS: u8 = 1;

const END: u8 = 0;
const NULL: u8 = 1;
const NUMBER: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

const INTEGER: u8 = 0;
const REAL: u8 = 1;

const SIGN: u64 = 1 << 63;

pub(super) fn encode(key: &Key) -> Vec<u8> {
    let mut out = key.table().0.to_be_bytes().to_vec();
    if let Some(n) = key.as_integer() {
        out.push(ONE_INTEGER);
        out.extend_from_slice(&(n as u64 ^ SIGN).to_be_bytes());
        return out;
    }
    out.push(PARTS);
    for part in key.values() {
        match part {
            Value::Null => out.push(NULL),
            Value::Integer(n) => {
                put_number(&mut out, n as f64, INTEGER);
                out.extend_from_slice(&(n as u64 ^ SIGN).to_be_bytes());
            }
            Value::Real(x) => put_number(&mut out, x, REAL),
            Value::Text(text) => put_bytes(&mut out, TEXT, text.as_bytes()),
            Value::Blob(bytes) => put_bytes(&mut out, BLOB, &bytes),
        }
    }
    out.push(END);
    out
}

pub(super) fn decode(bytes: &[u8]) -> Result<Key, Malformed> {
    let mut rest = bytes;
    let table = TableId(u16::from_be_bytes(take(&mut rest)?));
    let [form] = take(&mut rest)?;
    if form == ONE_INTEGER {
        return Ok(Key::integer(table, (u64::from_be_bytes(take(&mut rest)?) ^ SIGN) as i64));
    }
    let mut parts = Vec::new();
    loop {
        let [tag] = take(&mut rest)?;
        parts.push(match tag {
            END => return Ok(Key::new(table, &parts)),
            NULL => Value::Null,
            NUMBER => {
                let sorted = u64::from_be_bytes(take(&mut rest)?);
                let [kind] = take(&mut rest)?;
                if kind == INTEGER {
                    Value::Integer((u64::from_be_bytes(take(&mut rest)?) ^ SIGN) as i64)
                } else {
                    Value::Real(f64::from_bits(if sorted & SIGN == 0 { !sorted } else { sorted ^ SIGN }))
                }
            }
            TEXT => {
                let text = String::from_utf8(take_bytes(&mut rest)?).map_err(|_| Malformed)?;
                Value::text(&text)
            }
            BLOB => Value::Blob(take_bytes(&mut rest)?.into()),
            _ => return Err(Malformed),
        });
    }
}

fn put_number(out: &mut Vec<u8>, x: f64, kind: u8) {
    let bits = x.to_bits();
    out.push(NUMBER);
    out.extend_from_slice(&(if bits & SIGN == 0 { bits | SIGN } else { !bits }).to_be_bytes());
    out.push(kind);
}

fn put_bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    for &byte in bytes {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, left) = rest.split_first_chunk().ok_or(Malformed)?;
    *rest = left;
    Ok(*taken)
}

fn take_bytes(rest: &mut &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::new();
    loop {
        match take(rest)? {
            [0] => match take(rest)? {
                [0] => return Ok(bytes),
                [0xff] => bytes.push(0),
                _ => return Err(Malformed),
            },
            [byte] => bytes.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let edges = [i64::MIN, -1, 0, 1, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, i64::MAX];
        let reals = [f64::NEG_INFINITY, -0.0, 0.0, 1.0, 9_007_199_254_740_992.0, f64::NAN, f64::INFINITY];
        prop_oneof![
            Just(Value::Null),
            prop::sample::select(edges.to_vec()).prop_map(Value::Integer),
            prop::sample::select(reals.to_vec()).prop_map(Value::Real),
            any::<i64>().prop_map(Value::Integer),
            any::<u64>().prop_map(|bits| Value::Real(f64::from_bits(bits))),
            "[\0ab]{0,3}".prop_map(|text: String| Value::text(&text)),
            vec(prop::sample::select(vec![0u8, 1, 0xfe, 0xff]), 0..4)
                .prop_map(|bytes| Value::Blob(bytes.into())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Pages of keys are read off the term dictionary: were its order another, a reader of pages would miss keys or never end.
        #[test]
        fn bytes_sort_as_their_keys_and_come_back_as_they_went(
            a in (0..3u16, vec(any_value(), 0..3)), b in (0..3u16, vec(any_value(), 0..3)),
        ) {
            let (a, b) = (Key::new(TableId(a.0), &a.1), Key::new(TableId(b.0), &b.1));
            prop_assert_eq!(encode(&a).cmp(&encode(&b)), a.cmp(&b));
            prop_assert_eq!(decode(&encode(&a)), Ok(a));
        }
    }
}
