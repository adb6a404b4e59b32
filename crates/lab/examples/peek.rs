use driftlab_lab::*;
use driftlab_scenario::*;
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let s =
        Scenario::load(std::path::Path::new(&file), &Overrides::default()).unwrap_or_else(|e| panic!("{e}"));
    let t = std::time::Instant::now();
    let e = run(&s, &RunOptions { jobs: 2 }, &Quiet).unwrap_or_else(|e| panic!("{e}"));
    println!("{:?}", t.elapsed());
    for st in &e.strategies {
        for r in st.runs.iter().take(1) {
            println!(
                "{} trace {:032x} steps {} quiescent {} ended {} commits {} done {} unknown {} refused {}",
                st.name,
                r.trace,
                r.steps,
                r.judgement.quiescent,
                r.judgement.ended,
                r.judgement.evidence.commits,
                r.judgement.writer.done,
                r.judgement.writer.unknown,
                r.judgement.writer.refused
            );
            for k in &r.judgement.sinks {
                println!(
                    "   {} served {} fresh p50 {:?} p99 {:?} max {:?} never {} div_end {} level {:?}",
                    k.name,
                    k.served,
                    k.freshness.quantile(0.5),
                    k.freshness.quantile(0.99),
                    k.freshness.max(),
                    k.never_shown,
                    k.divergent_at_end,
                    k.ladder.strongest()
                );
                for (a, t) in k.seen() {
                    println!("      {a} {} permanent {}", t.total, t.permanent);
                }
            }
            for f in r.judgement.findings.iter().take(6) {
                println!("      * {}: {}", f.anomaly, f.sentence);
            }
        }
    }
    for x in &e.expectations {
        println!("{:?} {}", x.verdict, x.reason);
    }
}
