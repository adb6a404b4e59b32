//! Values and kinds.

use crate::support::message;
use insta::assert_snapshot;

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
