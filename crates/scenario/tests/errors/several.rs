//! Several mistakes at once, and those of the command line.

use crate::support::{VALID, message, parse, parse_with, with};
use driftlab_model::Span;
use driftlab_scenario::Overrides;
use insta::assert_snapshot;
use std::path::PathBuf;

#[test]
fn a_command_line_that_does_not_fit_the_file() {
    let overrides = Overrides {
        seed: None,
        seeds: Some(0),
        strategies: vec!["dual write".to_owned()],
        world: Some("Virtual".to_owned()),
        database: Some(PathBuf::from("chinook.sqlite")),
        profile: None,
        duration: Some(Span::ZERO),
    };
    assert_snapshot!(parse_with(VALID, &overrides).unwrap_err(), @r"
    error: unknown kind of world `Virtual`
     |
     = note: expected one of `virtual`, `embedded`, `services`
     = help: did you mean `virtual`?

    error: impossible value for `seeds`
     |
     = note: expected a whole number from 1 to 1000000000, found 0

    error: a duration of nothing
     |
     = note: expected a duration above zero

    error: the shape `orders` makes its own rows and reads no `database`
     |
     = note: leave it out; a database is read by `database`

    error: no strategy of this scenario is called `dual write`
     |
     = note: expected one of `dual writes`, `CDC`
     = help: did you mean `dual writes`?
    ");
}

/// One mistake at a time is a morning lost: whoever corrects a file sees all that is wrong with it.
#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = with("seed = 7", "seed = -7")
        .replace("clients = 4", "client = 4")
        .replace("kind = \"cache\"", "kind = \"cash\"")
        .replace("[\"*\"]", "[\"phantoms\"]");
    let problems = parse(&text).unwrap_err();
    let lines: Vec<usize> = problems.all().iter().map(|problem| problem.position.unwrap().line).collect();
    assert!(lines.is_sorted());
    let messages: Vec<&str> = problems.all().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "impossible value for `seed`",
            "unknown setting `client`",
            "unknown kind of sink `cash`",
            "unknown anomaly `phantoms`"
        ]
    );
}

#[test]
fn several_messages_are_separated_by_a_blank_line() {
    assert_snapshot!(message("seed = 7\nseeds = 3", "seed = \"x\"\nseeds = 0"), @r#"
    error: impossible value for `seed`
     --> scenarios/family/story.toml:7:8
      |
    7 | seed = "x"
      |        ^^^ expected a whole number, 0 or more, found `x`

    error: impossible value for `seeds`
     --> scenarios/family/story.toml:8:9
      |
    8 | seeds = 0
      |         ^ expected a whole number from 1 to 1000000000, found `0`
    "#);
}
