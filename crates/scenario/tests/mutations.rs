//! No input makes the parser panic.

mod support;

use driftlab_scenario::Colour;
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use support::{VALID, parse};

/// Pieces that change the meaning of a TOML file, or of a value in it.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\t",
    "-",
    "-5ms",
    "0x",
    "1e999",
    "nan",
    "inf",
    "true",
    "1979-05-27",
    "99999999999999999999999",
    "ü",
    "e\u{301}",
    "日本",
    "\u{feff}",
    "\u{202e}",
    "exp(",
    "<= ",
    "*",
    "\\u0000",
    "\\",
    "[world]\n",
    "[[sink]]\n",
    "[[expect]]\n",
    "[workload.keys]\n",
    "kind = ",
    "name = \"CDC\"\n",
    "sink = 3\n",
    "strategy = []\n",
    "world = 1\n",
    "keys = 2\n",
    "a.b.c = 1\n",
];

fn mutated(seed: u64) -> String {
    let mut choices = ChaCha8Rng::seed_from_u64(seed);
    let mut text: Vec<char> = VALID.chars().collect();
    for _ in 0..=choices.random_range(0..4) {
        let at = choices.random_range(0..text.len() + 1);
        let length = choices.random_range(0..12).min(text.len() - at);
        let piece = PIECES.choose(&mut choices).expect("there are pieces");
        match choices.random_range(0..5) {
            0 => drop(text.drain(at..at + length)),
            1 => drop(text.splice(at..at, piece.chars())),
            2 => drop(text.splice(at..at + length, piece.chars())),
            3 => {
                let copy: Vec<char> = text[at..at + length].to_vec();
                let to = choices.random_range(0..text.len() + 1);
                text.splice(to..to, copy);
            }
            _ => drop(text.drain(at..)),
        }
    }
    text.into_iter().collect()
}

/// A scenario is written by hand, half finished most of the time: whatever stands in it, the answer is a message with a place.
#[test]
fn no_mutation_of_a_valid_file_makes_the_parser_panic() {
    let (mut right, mut wrong) = (0, 0);
    for seed in 0..3_000 {
        let text = mutated(seed);
        let outcome = std::panic::catch_unwind(|| match parse(&text) {
            Ok(_) => true,
            Err(problems) => {
                assert!(!problems.all().is_empty(), "refused without a reason");
                assert!(!problems.to_string().is_empty() && !problems.render(Colour::On).is_empty());
                false
            }
        });
        match outcome {
            Ok(true) => right += 1,
            Ok(false) => wrong += 1,
            Err(_) => panic!("panicked at seed {seed}, with this text:\n{text}"),
        }
    }
    // Else the mutations test nothing: all harmless, or all broken at the first byte.
    assert!(right > 50 && wrong > 1_000, "{right} right, {wrong} wrong");
}

#[test]
fn deep_and_endless_files_are_refused() {
    for text in [
        "a.".repeat(100_000),
        format!("{}x = 1", "a.".repeat(100_000)),
        "[".repeat(100_000),
        format!("x = {}", "[".repeat(100_000)),
        format!("x = {}", "{a=".repeat(100_000)),
        format!("{} = 1", "k".repeat(200_000)),
        format!("[workload]\n{}.count = 1", "keys.".repeat(50)),
        String::new(),
        "\u{feff}".to_owned(),
        "\n".repeat(1_000),
    ] {
        let problems = parse(&text).unwrap_err();
        assert!(!problems.to_string().is_empty());
    }
}
