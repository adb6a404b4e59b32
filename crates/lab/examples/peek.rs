use driftlab_lab::explore::*;
use driftlab_lab::*;
use driftlab_scenario::*;
use std::path::Path;
struct W;
impl Watch for W {
    fn explored(&self, _: u64, _: u64) {}
    fn interrupted(&self) -> bool {
        false
    }
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let n: u64 = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let jobs: usize = std::env::args().nth(3).and_then(|n| n.parse().ok()).unwrap_or(1);
    let scenario = Scenario::load(Path::new(&path), &Overrides::default()).unwrap();
    for choice in &scenario.strategies {
        let staging = |s: &Scenario| Stage::new(s, choice, None);
        let make = || staging(&scenario).unwrap();
        let options =
            ExploreOptions { first: 1, seeds: n, shard: (0, 1), jobs, policies: Policies::Portfolio };
        let t = std::time::Instant::now();
        let explored = explore(&make, &options, &W);
        println!(
            "{}: {} schedules in {:?} unsettled {}",
            choice.name,
            explored.tally.schedules.total(),
            t.elapsed(),
            explored.tally.unsettled
        );
        for (a, seen) in &explored.tally.anomalies {
            println!(
                "  {a}: {} of {} first {} {:?}",
                seen.schedules.total(),
                n,
                seen.first,
                seen.schedules.0
            );
        }
        for (cause, seen) in &explored.tally.causes {
            let stage = make();
            let case = case_of(&stage, &options, seen.first);
            let rec = case.record(&stage);
            let target = Target {
                anomaly: cause.anomaly,
                sink: cause.sink.map(|s| stage.sinks()[usize::from(s.0)].clone()),
                is_permanent: cause.is_permanent,
            };
            let t = std::time::Instant::now();
            match shrink(&scenario, &staging, &case, &target).unwrap() {
                None => println!(
                    "  {cause:?} first {}: NOT REPRODUCED ({} findings)",
                    seen.first,
                    rec.judgement.findings.len()
                ),
                Some(s) => {
                    println!(
                        "  {cause:?} first {}: {} ops -> {} in {} runs {:?} minimal {} sinks {:?} stall {:?} windows {:?}",
                        seen.first,
                        stage.script_of(&rec.history).len(),
                        s.case.script.as_ref().unwrap().len(),
                        s.runs,
                        t.elapsed(),
                        s.is_minimal,
                        s.sinks,
                        s.case.stall,
                        s.case.windows
                    );
                    println!("     {}", s.finding.sentence);
                    println!(
                        "     legs {:?}",
                        s.case.lengths.values().map(|l| l.to_string()).collect::<Vec<_>>()
                    );
                    for p in &s.recording.passings {
                        if std::env::var("V").is_ok() {
                            println!(
                                "       {} #{} {}->{} {} {:?}",
                                p.at,
                                p.request,
                                s.recording.history.cast.processes[p.from.0 as usize],
                                s.recording.history.cast.processes[p.to.0 as usize],
                                p.what,
                                p.point
                            );
                        }
                    }
                }
            }
        }
    }
}
