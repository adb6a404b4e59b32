//! What a cell says, as an unsigned number or as one of the words of its column.

use crate::column::Column;
use crate::read::error::{Fault, Read, one_of, quoted};
use crate::read::sheet::Sheet;
use crate::words::{Words, meaning_of};

pub(super) fn unsigned(n: Option<i64>) -> Option<u64> {
    n.map(|n| n as u64)
}

pub(super) fn bad_text(
    sheet: &Sheet,
    i: usize,
    column: Column,
    text: &str,
    why: &str,
    expected: &str,
) -> Box<Fault> {
    Fault::cell(sheet.row(i), column, format!("{}: {why}", quoted(text)), expected)
}

pub(super) fn read_word<T: Copy>(
    sheet: &Sheet,
    i: usize,
    column: Column,
    words: &Words<T>,
) -> Read<Option<T>> {
    let Some(word) = sheet.word(column, i) else { return Ok(None) };
    let known = || words.iter().map(|(word, _)| *word);
    meaning_of(words, word)
        .map(Some)
        .ok_or_else(|| sheet.wrong(column, i, word, &one_of(known())).did_you_mean(word, known()))
}

pub(super) fn needed_word<T: Copy>(sheet: &Sheet, i: usize, column: Column, words: &Words<T>) -> Read<T> {
    let known = words.iter().map(|(word, _)| *word);
    read_word(sheet, i, column, words)?.ok_or_else(|| sheet.missing(column, i, &one_of(known)))
}
