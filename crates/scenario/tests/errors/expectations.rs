//! Expectations.

use crate::support::message;
use insta::assert_snapshot;

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
       = note: expected one of `strategy`, `sink`, `when`, `shows`, `never`, `converges`, `freshness_p50`,
               `freshness_p99`, `freshness_max`, `staleness_max`, `write_p99`, `reach`
       = help: write `shows = ["stale_overwrite"]` or `never = ["stale_overwrite"]`
    "#);
    assert_snapshot!(message("never = [\"*\"]", "freshness = \"<= 1s\""), @r#"
    error: unknown expectation `freshness`
      --> scenarios/family/story.toml:62:1
       |
    62 | freshness = "<= 1s"
       | ^^^^^^^^^
       |
       = note: expected one of `strategy`, `sink`, `when`, `shows`, `never`, `converges`, `freshness_p50`,
               `freshness_p99`, `freshness_max`, `staleness_max`, `write_p99`, `reach`
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
               `staleness_max`, `write_p99`, `reach`
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
