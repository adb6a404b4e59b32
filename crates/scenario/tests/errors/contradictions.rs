//! What cannot be together: worlds that cannot run, names that are taken, settings that contradict each other.

use crate::support::message;
use insta::assert_snapshot;

#[test]
fn worlds_that_cannot_run() {
    assert_snapshot!(message("kind = \"virtual\"", "kind = \"services\""), @r#"
    error: a world of the kind `services` cannot run yet
     --> scenarios/family/story.toml:6:8
      |
    6 | kind = "services"
      |        ^^^^^^^^^^ expected one of `virtual`, `embedded`
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
