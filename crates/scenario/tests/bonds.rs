//! Settings that are right by themselves and not beside each other, in sections of their own.

use driftlab_scenario::{Overrides, Registries, Scenario};
use insta::assert_snapshot;

/// A scenario with these sections, read with the kinds of this version.
fn parse(more: &str) -> Result<Scenario, String> {
    let text = format!("title = \"t\"\n[workload]\nshape = \"kv\"\n[[strategy]]\nkind = \"log_cdc\"\n{more}");
    let read = Scenario::parse(&text, "case.toml", &Overrides::default(), &Registries::standard());
    read.map_err(|problems| problems.to_string())
}

/// A sum over a log that leaves changes out would be wrong, and nobody would know by how much.
#[test]
fn a_compacted_log_is_not_for_those_who_need_every_change() {
    assert_snapshot!(
        parse("[log]\ncompact = \"1s\"\n[[sink]]\nkind = \"search\"\n[[sink]]\nname = \"takings\"\nkind = \"warehouse\"\nmode = \"sum\"").unwrap_err(),
        @r#"
    error: `takings` adds up every change, and a compacted log leaves out those that were written over
      --> case.toml:13:8
       |
    13 | mode = "sum"
       |        ^^^^^ use `mode = "merge"`, or leave out `compact` under `[log]`
    "#
    );
    assert_snapshot!(
        parse("[log]\ncompact = \"1s\"\n[[sink]]\nkind = \"warehouse\"\nmode = \"append\"").unwrap_err(),
        @r#"
    error: `warehouse` keeps every change, and a compacted log leaves out those that were written over
      --> case.toml:10:8
       |
    10 | mode = "append"
       |        ^^^^^^^^ use `mode = "merge"`, or leave out `compact` under `[log]`
    "#
    );
    parse("[log]\ncompact = \"1s\"\n[[sink]]\nkind = \"warehouse\"").unwrap();
    parse("[[sink]]\nkind = \"warehouse\"\nmode = \"sum\"").unwrap();
    // What a view that joins can still be told is what the scenario asks.
    parse("[log]\ncompact = \"1s\"\n[[sink]]\nkind = \"warehouse\"\nmode = \"append\"\njoins = \"30s\"")
        .unwrap();
}

#[test]
fn a_log_cannot_be_compacted_all_the_time() {
    assert_snapshot!(parse("[log]\ncompact = \"0\"\n[[sink]]\nkind = \"search\"").unwrap_err(), @r#"
    error: a log that is compacted all the time
     --> case.toml:7:11
      |
    7 | compact = "0"
      |           ^^^ expected a duration above zero; without `compact` it never is
    "#);
    // In a matrix it is told once, with the combination.
    assert_snapshot!(
        driftlab_scenario::Matrix::parse(
            "title = \"t\"\n[workload]\nshape = \"kv\"\n[log]\n[[sink]]\nkind = \"search\"\n[[strategy]]\nkind = \"log_cdc\"\n[matrix]\nlog.compact = [\"1s\", \"0\"]\n",
            "case.toml",
            &Overrides::default(),
            &Registries::standard()
        )
        .map(drop)
        .unwrap_err()
        .to_string(),
        @r#"
    error: a log that is compacted all the time
     --> case.toml:4:1
      |
    4 | [log]
      | ^^^^^ expected a duration above zero; without `compact` it never is
      |
      = help: in the combination `log.compact = 0`
    "#
    );
}

#[test]
fn a_sink_joins_while_there_are_clients_and_is_no_cache() {
    assert_snapshot!(parse("[[sink]]\nkind = \"search\"\njoins = \"60s\"").unwrap_err(), @r#"
    error: it joins when clients have stopped
     --> case.toml:8:9
      |
    8 | joins = "60s"
      |         ^^^^^ expected a time before the end of `duration`
    "#);
    assert_snapshot!(parse("[[sink]]\nkind = \"cache\"\njoins = \"10s\"").unwrap_err(), @r#"
    error: a cache is empty when it is set up, and filled by its readers
     --> case.toml:8:9
      |
    8 | joins = "10s"
      |         ^^^^^ leave it out: a cache is there from the beginning
    "#);
    parse("[[sink]]\nkind = \"search\"\njoins = \"59s\"").unwrap();
}

/// A source that nobody restores would refuse every write from then on, and the run would tell nothing.
#[test]
fn a_state_is_lost_only_where_every_strategy_can_restore_it() {
    let lost = "[[sink]]\nkind = \"search\"\n[[fault]]\nkind = \"lose_state\"";
    assert_snapshot!(parse(lost).unwrap_err(), @r#"
    error: `log_cdc` has nothing that it restores the source's state from: it would be gone for good, and every write refused
     --> case.toml:9:8
      |
    9 | kind = "lose_state"
      |        ^^^^^^^^^^^^ use `restore = "log"` of `log_cdc` or `event_sourcing`, or leave the fault out
    "#);
    parse(&format!("snapshot = \"watermarked\"\nrestore = \"log\"\n{lost}")).unwrap();
    // Who keeps no copies is what the others are compared with.
    parse(&format!("snapshot = \"watermarked\"\nrestore = \"log\"\n[[strategy]]\nkind = \"none\"\n{lost}"))
        .unwrap();
}
