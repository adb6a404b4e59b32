//! Columns under construction. Most rows leave most columns empty, so emptiness costs nothing until a value comes.

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, Int64Array, NullBufferBuilder, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whole numbers.
pub(super) struct Numbers {
    values: Vec<i64>,
    filled: NullBufferBuilder,
}

impl Numbers {
    pub(super) fn new() -> Self {
        Self { values: Vec::new(), filled: NullBufferBuilder::new(0) }
    }

    /// Sets the value of a row, the highest so far.
    pub(super) fn set(&mut self, row: usize, value: i64) {
        self.pad(row);
        self.values.push(value);
        self.filled.append_non_null();
    }

    fn pad(&mut self, rows: usize) {
        let empty = rows - self.values.len();
        if empty > 0 {
            self.values.resize(rows, 0);
            self.filled.append_n_nulls(empty);
        }
    }

    fn take(&mut self, rows: usize) -> Int64Array {
        self.pad(rows);
        Int64Array::new(ScalarBuffer::from(std::mem::take(&mut self.values)), self.filled.finish())
    }

    pub(super) fn finish(&mut self, rows: usize) -> ArrayRef {
        Arc::new(self.take(rows))
    }
}

/// Words, each stored once.
pub(super) struct Words {
    codes: Numbers,
    words: Vec<String>,
    places: BTreeMap<String, i64>,
}

impl Words {
    /// A column in which a word's code is its place among these, and others may come.
    pub(super) fn new(words: Vec<String>) -> Self {
        let places = words.iter().zip(0..).map(|(word, code)| (word.clone(), code)).collect();
        Self { codes: Numbers::new(), words, places }
    }

    pub(super) fn set_code(&mut self, row: usize, code: usize) {
        self.codes.set(row, code as i64);
    }

    pub(super) fn set(&mut self, row: usize, word: &str) {
        let code = match self.places.get(word) {
            Some(code) => *code,
            None => {
                let code = self.words.len() as i64;
                self.words.push(word.to_owned());
                self.places.insert(word.to_owned(), code);
                code
            }
        };
        self.codes.set(row, code);
    }

    pub(super) fn finish(&mut self, rows: usize) -> ArrayRef {
        let codes = self.codes.take(rows);
        let keys: Vec<i32> = codes.values().iter().map(|code| *code as i32).collect();
        let keys = Int32Array::new(keys.into(), codes.into_parts().2);
        let words = StringArray::from_iter_values(&self.words);
        Arc::new(DictionaryArray::new(keys, Arc::new(words)))
    }
}

/// Texts.
pub(super) struct Texts {
    text: String,
    ends: Vec<i32>,
    filled: NullBufferBuilder,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { text: String::new(), ends: vec![0], filled: NullBufferBuilder::new(0) }
    }

    /// Sets the text of a row, the highest so far, to what is appended.
    pub(super) fn set(&mut self, row: usize, append: impl FnOnce(&mut String)) {
        self.pad(row);
        append(&mut self.text);
        self.ends.push(self.text.len() as i32);
        self.filled.append_non_null();
    }

    fn pad(&mut self, rows: usize) {
        let empty = rows + 1 - self.ends.len();
        if empty > 0 {
            self.ends.resize(rows + 1, self.text.len() as i32);
            self.filled.append_n_nulls(empty);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn finish(&mut self, rows: usize) -> ArrayRef {
        self.pad(rows);
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let text = Buffer::from(std::mem::take(&mut self.text).into_bytes());
        Arc::new(StringArray::new(OffsetBuffer::new(ends.into()), text, self.filled.finish()))
    }
}
