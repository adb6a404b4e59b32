//! What each class of mistake is told like.

mod support;

use driftlab_model::Span;
use driftlab_scenario::Overrides;
use insta::assert_snapshot;
use std::path::PathBuf;
use support::{VALID, message, parse, parse_with, with};

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
               `checkpoint`, `sink`, `strategy`, `fault`, `expect`
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
              `checkpoint`, `sink`, `strategy`, `fault`, `expect`
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
              `checkpoint`, `sink`, `strategy`, `fault`, `expect`
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
       | ^^^^^^^ the sink `search` takes `refresh`, `latency`, `per_row`, `network`, `servers`, `timeout`
       |
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
fn values_of_the_wrong_type_or_out_of_range() {
    assert_snapshot!(message("refresh = \"500ms\"", "refresh = 1"), @r#"
    error: impossible value for `refresh`
      --> scenarios/family/story.toml:30:11
       |
    30 | refresh = 1
       |           ^ expected a duration such as "250ms" (units: ns, us, ms, s, min, h), found `1`
    "#);
    assert_snapshot!(message("refresh = \"500ms\"", "refresh = \"-5ms\""), @r#"
    error: impossible value for `refresh`
      --> scenarios/family/story.toml:30:11
       |
    30 | refresh = "-5ms"
       |           ^^^^^^ expected a duration that is not negative, such as "250ms", found `-5ms`
    "#);
    assert_snapshot!(message("partitions = 4", "partitions = 65"), @r"
    error: impossible value for `partitions`
      --> scenarios/family/story.toml:44:14
       |
    44 | partitions = 65
       |              ^^ expected a whole number from 1 to 64, found `65`
    ");
    assert_snapshot!(message("partitions = 4", "partitions = [4, 8]"), @r"
    error: impossible value for `partitions`
      --> scenarios/family/story.toml:44:14
       |
    44 | partitions = [4, 8]
       |              ^^^^^^ expected a whole number from 1 to 64, found a list
    ");
    assert_snapshot!(message("theta = 0.99", "theta = nan"), @r"
    error: impossible value for `keys.theta`
      --> scenarios/family/story.toml:16:33
       |
    16 | keys = { count = 1_000, theta = nan }
       |                                 ^^^ expected a number from 0 to 10, found `nan`
    ");
    assert_snapshot!(message("isolation = \"snapshot\"", "isolation = \"snapshots\""), @r#"
    error: impossible value for `isolation`
      --> scenarios/family/story.toml:24:13
       |
    24 | isolation = "snapshots"
       |             ^^^^^^^^^^^ expected one of "read_committed", "snapshot", found `snapshots`
       |
       = help: did you mean `snapshot`?
    "#);
    assert_snapshot!(message("target = \"app\"", "target = 1979-05-27"), @r"
    error: impossible value for `target`
      --> scenarios/family/story.toml:48:10
       |
    48 | target = 1979-05-27
       |          ^^^^^^^^^^ expected a text, found a date
    ");
    assert_snapshot!(message("settle = \"auto\"", "settle = \"automatic\""), @r#"
    error: impossible value for `settle`
      --> scenarios/family/story.toml:10:10
       |
    10 | settle = "automatic"
       |          ^^^^^^^^^^^ expected a duration such as "250ms" (units: ns, us, ms, s, min, h), found `automatic`
       |
       = help: or write "auto"
    "#);
    assert_snapshot!(message("rate = \"200/s\"", "rate = 200"), @r#"
    error: impossible value for `rate`
      --> scenarios/family/story.toml:15:8
       |
    15 | rate = 200
       |        ^^^ expected a rate above zero such as "200/s" (or /min, /h), found `200`
    "#);
    assert_snapshot!(message("latency = \"exp(5ms)\"", "latency = \"5ms ± 1ms — 日本\""), @r#"
    error: impossible value for `latency`
      --> scenarios/family/story.toml:31:11
       |
    31 | latency = "5ms ± 1ms — 日本"
       |           ^^^^^^^^^^^^^^^^^^
       |
       = note: expected a latency such as "5ms", "exp(5ms)", "uniform(1ms, 9ms)" or "lognormal(2ms, p99 =
               20ms)", found `5ms ± 1ms — 日本`
    "#);
}

#[test]
fn kinds_that_there_are_not() {
    assert_snapshot!(message("kind = \"search\"", "kind = \"serach\""), @r#"
    error: unknown kind of sink `serach`
      --> scenarios/family/story.toml:29:8
       |
    29 | kind = "serach"
       |        ^^^^^^^^ expected one of `search`, `cache`
       |
       = help: did you mean `search`?
    "#);
    assert_snapshot!(message("kind = \"log_cdc\"\n", ""), @r"
    error: this strategy has no `kind`
      --> scenarios/family/story.toml:41:1
       |
    41 | [[strategy]]
       | ^^^^^^^^^^^^ expected one of `dual_writes`, `log_cdc`
    ");
    assert_snapshot!(message("shape = \"orders\"", "shape = \"order\""), @r#"
    error: unknown shape `order`
      --> scenarios/family/story.toml:13:9
       |
    13 | shape = "order"
       |         ^^^^^^^ expected one of `orders`, `database`
       |
       = help: did you mean `orders`?
    "#);
    assert_snapshot!(message("shape = \"orders\"\n", ""), @r#"
    error: the workload has no `shape`
      --> scenarios/family/story.toml:12:1
       |
    12 | [workload]
       | ^^^^^^^^^^ expected one of `orders`, `database`
       |
       = help: write `shape = "orders"` under `[workload]`
    "#);
}

#[test]
fn worlds_that_cannot_run() {
    assert_snapshot!(message("kind = \"virtual\"", "kind = \"services\""), @r#"
    error: a world of the kind `services` cannot run yet
     --> scenarios/family/story.toml:6:8
      |
    6 | kind = "services"
      |        ^^^^^^^^^^ this version of driftlab runs the `virtual` world only
    "#);
    assert_snapshot!(message("duration = \"30s\"", "duration = \"0\""), @r#"
    error: a duration of nothing
     --> scenarios/family/story.toml:9:12
      |
    9 | duration = "0"
      |            ^^^ expected a duration above zero
    "#);
    assert_snapshot!(message("seed = 7", "seed = 18446744073709551615"), @r"
    error: the seeds run out of numbers
     --> scenarios/family/story.toml:7:8
      |
    7 | seed = 18446744073709551615
      |        ^^^^^^^^^^^^^^^^^^^^ expected a `seed` so low that `seeds` more of them exist
    ");
}

#[test]
fn names_that_are_taken_or_blank() {
    assert_snapshot!(message("name = \"CDC\"", "name = \"dual writes\""), @r#"
    error: another strategy is called `dual writes` already
      --> scenarios/family/story.toml:42:8
       |
    42 | name = "dual writes"
       |        ^^^^^^^^^^^^^ expected a name of its own

    error: no strategy of this scenario is called `CDC`
      --> scenarios/family/story.toml:61:12
       |
    61 | strategy = "CDC"
       |            ^^^^^ expected `dual writes`
    "#);
    assert_snapshot!(
        message("name = \"main search\"\nkind = \"search\"\nrefresh = \"500ms\"", "kind = \"cache\""),
        @r#"
    error: another sink is called `cache` already
      --> scenarios/family/story.toml:31:1
       |
    31 | [[sink]]
       | ^^^^^^^^ add a `name` of its own

    error: no sink of this scenario is called `main search`
      --> scenarios/family/story.toml:55:8
       |
    55 | sink = "main search"
       |        ^^^^^^^^^^^^^ expected `cache`
    "#);
    assert_snapshot!(message("name = \"CDC\"", "name = \" \""), @r#"
    error: `name` is blank
      --> scenarios/family/story.toml:42:8
       |
    42 | name = " "
       |        ^^^ expected a text that says something

    error: no strategy of this scenario is called `CDC`
      --> scenarios/family/story.toml:61:12
       |
    61 | strategy = "CDC"
       |            ^^^^^ expected one of `dual writes`, `log_cdc`
    "#);
}

#[test]
fn contradictions_point_at_the_setting_or_at_the_header() {
    assert_snapshot!(message("order = \"sink_first\"", "order = \"sink_first\"\nversioned = true"), @r#"
    error: only the database gives versions: write it first
      --> scenarios/family/story.toml:39:9
       |
    39 | order = "sink_first"
       |         ^^^^^^^^^^^^ given here
    "#);
    assert_snapshot!(message("order = \"sink_first\"", "tombstones = true"), @r"
    error: tombstones are compared by version: add `versioned = true`
      --> scenarios/family/story.toml:36:1
       |
    36 | [[strategy]]
       | ^^^^^^^^^^^^ `versioned` is not given here
    ");
    assert_snapshot!(message("clients = 4", "clients = 13"), @r"
    error: thirteen clients do not agree
      --> scenarios/family/story.toml:14:11
       |
    14 | clients = 13
       |           ^^ given here
    ");
}

#[test]
fn expectations_of_what_is_not_there() {
    assert_snapshot!(message("strategy = \"dual writes\"", "strategy = \"dual_writes\""), @r#"
    error: no strategy of this scenario is called `dual_writes`
      --> scenarios/family/story.toml:56:12
       |
    56 | strategy = "dual_writes"
       |            ^^^^^^^^^^^^^ expected one of `dual writes`, `CDC`
       |
       = help: did you mean `dual writes`?
    "#);
    assert_snapshot!(message("sink = \"main search\"", "sink = \"warehouse\""), @r#"
    error: no sink of this scenario is called `warehouse`
      --> scenarios/family/story.toml:57:8
       |
    57 | sink = "warehouse"
       |        ^^^^^^^^^^^ expected one of `main search`, `cache`
    "#);
    assert_snapshot!(message("\"lost_update\"]", "\"lost_updates\", \"*\"]"), @r#"
    error: unknown anomaly `lost_updates`
      --> scenarios/family/story.toml:58:29
       |
    58 | shows = ["stale_overwrite", "lost_updates", "*"]
       |                             ^^^^^^^^^^^^^^
       |
       = note: expected one of `lost_update`, `stale_overwrite`, `resurrected`, `missed_delete`,
               `phantom`, `early_visibility`, `torn_transaction`, `not_a_prefix`, `non_monotonic`,
               `missed_change`, `duplicate_effect`, `sink_disagreement`, `broken_invariant`,
               `unbounded_lag`
       = help: did you mean `lost_update`?

    error: `*` stands for all anomalies, which no run shows
      --> scenarios/family/story.toml:58:45
       |
    58 | shows = ["stale_overwrite", "lost_updates", "*"]
       |                                             ^^^ name those that are to be seen
    "#);
    assert_snapshot!(message("never = [\"*\"]", "stale_overwrite = false"), @r#"
    error: unknown expectation `stale_overwrite`
      --> scenarios/family/story.toml:62:1
       |
    62 | stale_overwrite = false
       | ^^^^^^^^^^^^^^^
       |
       = note: expected one of `strategy`, `sink`, `shows`, `never`, `converges`, `freshness_p50`,
               `freshness_p99`, `freshness_max`, `staleness_max`, `write_p99`
       = help: write `shows = ["stale_overwrite"]` or `never = ["stale_overwrite"]`
    "#);
    assert_snapshot!(message("never = [\"*\"]", "freshness = \"<= 1s\""), @r#"
    error: unknown expectation `freshness`
      --> scenarios/family/story.toml:62:1
       |
    62 | freshness = "<= 1s"
       | ^^^^^^^^^
       |
       = note: expected one of `strategy`, `sink`, `shows`, `never`, `converges`, `freshness_p50`,
               `freshness_p99`, `freshness_max`, `staleness_max`, `write_p99`
       = help: did you mean `freshness_p50`?
    "#);
    assert_snapshot!(message("shows = [\"stale_overwrite\", \"lost_update\"]", ""), @r"
    error: this expectation expects nothing
      --> scenarios/family/story.toml:55:1
       |
    55 | [[expect]]
       | ^^^^^^^^^^
       |
       = note: add `shows`, `never`, `converges`, `freshness_p50`, `freshness_p99`, `freshness_max`,
               `staleness_max`, `write_p99`
    ");
    assert_snapshot!(
        message("shows = [\"stale_overwrite\", \"lost_update\"]", "shows = []\nnever = \"lost_update\""),
        @r#"
    error: `shows` lists nothing
      --> scenarios/family/story.toml:58:9
       |
    58 | shows = []
       |         ^^ expected the name of an anomaly at least

    error: impossible value for `never`
      --> scenarios/family/story.toml:59:9
       |
    59 | never = "lost_update"
       |         ^^^^^^^^^^^^^ expected a list such as ["lost_update"], found `lost_update`
    "#);
}

#[test]
fn expectations_that_cannot_be_judged() {
    assert_snapshot!(message("\"<= 250ms\"", "\"250ms\""), @r#"
    error: impossible value for `freshness_p99`
      --> scenarios/family/story.toml:64:17
       |
    64 | freshness_p99 = "250ms"
       |                 ^^^^^^^ expected a comparison such as "<= 250ms" or ">= 1s", found `250ms`
       |
       = help: write `freshness_p99 = "<= 250ms"`
    "#);
    assert_snapshot!(message("\"<= 250ms\"", "\"< fast\""), @r#"
    error: impossible value for `freshness_p99`
      --> scenarios/family/story.toml:64:17
       |
    64 | freshness_p99 = "< fast"
       |                 ^^^^^^^^ expected a comparison such as "<= 250ms" or ">= 1s", found `< fast`
    "#);
    assert_snapshot!(
        message(
            "shows = [\"stale_overwrite\"",
            "write_p99 = \">= 1s\"\nnever = [\"lost_update\"]\nshows = [\"lost_update\""
        ),
        @r#"
    error: `write_p99` is measured at the clients, not at a sink
      --> scenarios/family/story.toml:57:1
       |
    57 | sink = "main search"
       | ^^^^ leave `sink` out, or put `write_p99` into an `[[expect]]` of its own

    error: `lost_update` is expected and ruled out at once
      --> scenarios/family/story.toml:59:1
       |
    59 | never = ["lost_update"]
       | ^^^^^ name it under `shows` or under `never`, or split the `[[expect]]` by strategy or sink

    error: `lost_update` is listed twice
      --> scenarios/family/story.toml:60:25
       |
    60 | shows = ["lost_update", "lost_update"]
       |                         ^^^^^^^^^^^^^ expected it once
    "#);
    assert_snapshot!(message("converges = true", "converges = \"yes\""), @r#"
    error: impossible value for `converges`
      --> scenarios/family/story.toml:63:13
       |
    63 | converges = "yes"
       |             ^^^^^ expected true or false, found `yes`
    "#);
}

#[test]
fn databases_where_they_do_not_belong_or_are_missing() {
    assert_snapshot!(message("shape = \"orders\"", "shape = \"database\""), @r#"
    error: the shape `database` needs the rows of a database
      --> scenarios/family/story.toml:12:1
       |
    12 | [workload]
       | ^^^^^^^^^^
       |
       = note: add `database = "file.sqlite"`, a path from the scenario's folder, or give `--database
               FILE`
    "#);
    assert_snapshot!(
        message("shape = \"orders\"", "shape = \"orders\"\ndatabase = \"chinook.sqlite\""),
        @r#"
    error: the shape `orders` makes its own rows and reads no `database`
      --> scenarios/family/story.toml:14:1
       |
    14 | database = "chinook.sqlite"
       | ^^^^^^^^ leave it out; a database is read by `database`
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

#[test]
fn a_command_line_that_does_not_fit_the_file() {
    let overrides = Overrides {
        seed: None,
        seeds: Some(0),
        strategies: vec!["dual write".to_owned()],
        world: Some("Virtual".to_owned()),
        database: Some(PathBuf::from("chinook.sqlite")),
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
