//! The form of the file: TOML, sections and keys.

use crate::support::{message, parse, with};
use insta::assert_snapshot;

#[test]
fn a_text_that_is_not_toml() {
    assert_snapshot!(message("seed = 7\n", "seed = 7 8\n"), @r"
    error: this is not TOML
     --> scenarios/family/story.toml:7:8
      |
    7 | seed = 7 8
      |        ^^^ string values must be quoted, expected literal string
    ");
    assert_snapshot!(message("[source]", "[world]"), @r"
    error: this is not TOML
      --> scenarios/family/story.toml:22:2
       |
    22 | [world]
       |  ^^^^^ duplicate key
    ");
    assert_snapshot!(message("\nstory = \"Two clients", "\nstory = \"Two\nclients"), @r#"
    error: this is not TOML
     --> scenarios/family/story.toml:2:13
      |
    2 | story = "Two
      |             ^ invalid basic string, expected `"`

    error: this is not TOML
     --> scenarios/family/story.toml:3:9
      |
    3 | clients update one product."
      |         ^ key with no value, expected `=`
    "#);
}

#[test]
fn unknown_sections_and_keys() {
    assert_snapshot!(message("[source]", "[sources]"), @"
    error: unknown section or key `sources`
      --> scenarios/family/story.toml:22:2
       |
    22 | [sources]
       |  ^^^^^^^
       |
       = note: expected one of `title`, `story`, `links`, `world`, `workload`, `source`, `log`,
               `checkpoint`, `sink`, `strategy`, `fault`, `expect`, `matrix`
       = help: did you mean `source`?
    ");
    assert_snapshot!(message("[world]\nkind", "duration = \"3s\"\n[world]\nkind"), @r#"
    error: unknown section or key `duration`
     --> scenarios/family/story.toml:5:1
      |
    5 | duration = "3s"
      | ^^^^^^^^
      |
      = note: expected one of `title`, `story`, `links`, `world`, `workload`, `source`, `log`,
              `checkpoint`, `sink`, `strategy`, `fault`, `expect`, `matrix`
      = help: `duration` belongs under `[world]`
    "#);
    assert_snapshot!(message("title = ", "\"\\u0007 no such\\n key\" = 1\ntitle = "), @r#"
    error: unknown section or key `\u{7} no such\n key`
     --> scenarios/family/story.toml:1:1
      |
    1 | "\u0007 no such\n key" = 1
      | ^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: expected one of `title`, `story`, `links`, `world`, `workload`, `source`, `log`,
              `checkpoint`, `sink`, `strategy`, `fault`, `expect`, `matrix`
    "#);
}

#[test]
fn sections_of_the_wrong_form() {
    assert_snapshot!(
        message(
            "[[fault]]\nkind = \"crash\"\ntarget = \"app\"\nevery = \"exp(10s)\"\n\n[[fault]]",
            "[fault]"
        ),
        @r"
    error: `fault` is written as a single table
      --> scenarios/family/story.toml:46:1
       |
    46 | [fault]
       | ^^^^^^^ there may be several: write `[[fault]]`
    ");
    assert_snapshot!(message("[source]", "[[source]]"), @r"
    error: `source` is written as a list
      --> scenarios/family/story.toml:22:3
       |
    22 | [[source]]
       |   ^^^^^^ there is one of it: write `[source]`
    ");
    let text = "title = \"Forms\"\nworld = 3\nsink = 4\nfault = [3]\nstrategy = { kind = \"log_cdc\" }\n[[workload]]";
    assert_snapshot!(parse(text).unwrap_err(), @r#"
    error: `world` is a section
     --> scenarios/family/story.toml:2:9
      |
    2 | world = 3
      |         ^ expected a table under `[world]`, found `3`

    error: `sink` is a section
     --> scenarios/family/story.toml:3:8
      |
    3 | sink = 4
      |        ^ expected tables under `[[sink]]`, found `4`

    error: `fault` holds something that is no table
     --> scenarios/family/story.toml:4:10
      |
    4 | fault = [3]
      |          ^ expected tables under `[[fault]]`, found `3`

    error: `strategy` is written as a single table
     --> scenarios/family/story.toml:5:12
      |
    5 | strategy = { kind = "log_cdc" }
      |            ^^^^^^^^^^^^^^^^^^^^ there may be several: write `[[strategy]]`

    error: `workload` is written as a list
     --> scenarios/family/story.toml:6:3
      |
    6 | [[workload]]
      |   ^^^^^^^^ there is one of it: write `[workload]`
    "#);
}

#[test]
fn unknown_settings() {
    assert_snapshot!(message("refresh =", "refersh ="), @r#"
    error: unknown setting `refersh`
      --> scenarios/family/story.toml:30:1
       |
    30 | refersh = "500ms"
       | ^^^^^^^
       |
       = note: the sink `search` takes `refresh`, `latency`, `per_row`, `network`, `servers`, `timeout`,
               `joins`
       = help: did you mean `refresh`?
    "#);
    assert_snapshot!(message("order = \"sink_first\"", "colour = \"green\""), @r#"
    error: unknown setting `colour`
      --> scenarios/family/story.toml:39:1
       |
    39 | colour = "green"
       | ^^^^^^ the strategy `dual_writes` takes `order`, `versioned`, `tombstones`
    "#);
    assert_snapshot!(message("count = 1_000", "cuont = 1_000"), @r"
    error: unknown setting `keys.cuont`
      --> scenarios/family/story.toml:16:10
       |
    16 | keys = { cuont = 1_000, theta = 0.99 }
       |          ^^^^^ the shape `orders` takes `keys.count`, `keys.theta`
       |
       = help: did you mean `keys.count`?
    ");
    assert_snapshot!(message("clients = 4", "count = 4"), @r"
    error: unknown setting `count`
      --> scenarios/family/story.toml:14:1
       |
    14 | count = 4
       | ^^^^^
       |
       = note: the shape `orders` takes `lines`, `clients`, `rate`, `arrivals`, `think`, `keys`, `mix`,
               `transaction`
       = help: did you mean `keys.count`?
    ");
    assert_snapshot!(message("keys = { count = 1_000, theta = 0.99 }", "keys = 1_000"), @r"
    error: `keys` is a table of settings
      --> scenarios/family/story.toml:16:8
       |
    16 | keys = 1_000
       |        ^^^^^ expected a table with `keys.count`, `keys.theta`
       |
       = help: write `keys = { count = … }`
    ");
    assert_snapshot!(message("[workload.mix]", "\"keys.count\" = 5\n[workload.mix]"), @r#"
    error: `keys.count` is given twice
      --> scenarios/family/story.toml:18:1
       |
    18 | "keys.count" = 5
       | ^^^^^^^^^^^^ expected it once
    "#);
}

#[test]
fn what_is_missing_altogether() {
    assert_snapshot!(parse("story = \"\"\nlinks = [\"javascript:alert(1)\"]").unwrap_err(), @r#"
    error: the scenario has no title
    --> scenarios/family/story.toml
     = note: add `title = "…"` as its first line

    error: the scenario has no `[workload]`
    --> scenarios/family/story.toml
     = note: expected one of `orders`, `database`
     = help: write `shape = "orders"` under `[workload]`

    error: the scenario has no sink
    --> scenarios/family/story.toml
     = note: add a `[[sink]]` with `kind = "search"`, for example

    error: the scenario has no strategy
    --> scenarios/family/story.toml
     = note: add a `[[strategy]]` with `kind = "dual_writes"`, for example

    error: `story` is blank
     --> scenarios/family/story.toml:1:9
      |
    1 | story = ""
      |         ^^ expected a text that says something

    error: `javascript:alert(1)` is no link
     --> scenarios/family/story.toml:2:10
      |
    2 | links = ["javascript:alert(1)"]
      |          ^^^^^^^^^^^^^^^^^^^^^ expected an address that begins with https:// or http://
    "#);
    let sinks = "[[sink]]\nkind = \"cache\"\n".repeat(9);
    let problems = parse(&with("[[strategy]]", &format!("{sinks}\n[[strategy]]"))).unwrap_err();
    let too_many = problems.all().iter().find(|problem| problem.message == "too many sinks").unwrap();
    assert_eq!(too_many.expected, "expected at most 8 of them, found 11");
}
