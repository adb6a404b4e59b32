#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]
use driftlab_check::Checker;
use driftlab_model::*;
use std::sync::Arc;
use std::time::Instant;
fn row(w: WriteId, n: i64, p: i64) -> Row { Row::new(w, Version(0), Time::ZERO, [Value::from(n), Value::from(p)].into()) }
fn cast(keys: i64, sinks: usize) -> Cast {
    let kinds = [SinkKind::Search, SinkKind::Warehouse, SinkKind::Cache];
    Cast { strategy: "s".into(), schema: Schema::new(vec![Table::new("product","product",1,&[("id",ColumnType::Integer),("price",ColumnType::Integer)])]), processes: vec!["c".into();4], sinks: (0..sinks).map(|i| SinkCast{name:format!("s{i}"),kind:kinds[i],form:SinkForm::Rows,served:true,preloaded:true}).collect(), partitions:1, load:(0..keys).map(|n|(Key::integer(TableId(0),n),row(WriteId::LOAD,n,0))).collect() }
}
fn main() {
    for (keys, piecemeal) in [(1000, false), (1000, true), (100_000, false)] {
        let cast = cast(keys, 3);
        let mut events = Vec::new();
        let mut x = 88172645463325252u64;
        let mut t = 0u64;
        let mut changes = 0u64;
        for n in 0..300_000u64 {
            t += 5_000_000;
            let mut cs: Vec<Change> = Vec::new();
            for i in 0..3u32 { x ^= x << 13; x ^= x >> 7; x ^= x << 17; let k = (x % keys as u64) as i64; if cs.iter().any(|c| c.key.as_integer()==Some(k)) {continue;}
                let w = WriteId{transaction:TransactionId(n),index:i};
                cs.push(Change{key:Key::integer(TableId(0),k),before:None,after:Some(row(w,k,n as i64)),write:w,version:Version(n)}); }
            changes += cs.len() as u64;
            events.push((Time::from_nanos(t), Event::Began{by:ProcessId(0),transaction:TransactionId(n)}));
            let shown: Vec<Shown> = cs.iter().map(|c| Shown{key:c.key.clone(),view:View::Row(c.after.clone().unwrap())}).collect();
            events.push((Time::from_nanos(t), Event::Committed{by:ProcessId(0),commit:Arc::new(Commit{transaction:TransactionId(n),index:CommitIndex(n+1),lsn:Lsn(n+1),at:Time::from_nanos(t),changes:cs,watermark:None})}));
            for s in 0..3u8 {
                if piecemeal { for (i, one) in shown.iter().enumerate() { events.push((Time::from_nanos(t+1_000_000+u64::from(s)*1000+i as u64), Event::Shown{by:ProcessId(1),sink:SinkId(s),keys:std::iter::once(one.clone()).collect()})); } }
                else { events.push((Time::from_nanos(t+1_000_000+u64::from(s)*1000), Event::Shown{by:ProcessId(1),sink:SinkId(s),keys:shown.clone().into_iter().collect()})); }
            }
        }
        events.push((Time::from_nanos(t+5_000_000), Event::Milestone(Milestone::LoadEnded)));
        events.push((Time::from_nanos(t+6_000_000), Event::Milestone(Milestone::Quiescent)));
        let mut c = Checker::new(&cast);
        let begin = Instant::now();
        for (at, e) in &events { c.observe(*at, e); }
        let judged = c.finish();
        let el = begin.elapsed();
        println!("keys {keys} piecemeal {piecemeal}: {:.0} ns a row change ({} findings, {} changes)", el.as_nanos() as f64 / (changes as f64 * 4.0), judged.findings.len(), changes);
    }
    // a race
    for sinks in [1, 2] {
    let cast = cast(1, sinks);
    let mut events = Vec::new();
    let key = Key::integer(TableId(0), 0);
    let mut shown = Vec::new();
    for n in 0..3u64 {
        let w = WriteId{transaction:TransactionId(n),index:0};
        let r = row(w, 0, n as i64);
        events.push((Time::from_nanos(n*100), Event::Began{by:ProcessId(n as u16),transaction:TransactionId(n)}));
        events.push((Time::from_nanos(n*100+10), Event::Committed{by:ProcessId(n as u16),commit:Arc::new(Commit{transaction:TransactionId(n),index:CommitIndex(n+1),lsn:Lsn(n+1),at:Time::from_nanos(n*100+10),changes:vec![Change{key:key.clone(),before:None,after:Some(r.clone()),write:w,version:Version(n)}],watermark:None})}));
        for s in 0..sinks { shown.push((Time::from_nanos(n*100+50+s as u64), Event::Shown{by:ProcessId(0),sink:SinkId(s as u8),keys:std::iter::once(Shown{key:key.clone(),view:View::Row(r.clone())}).collect()})); }
        shown.push((Time::from_nanos(n*100+60), Event::Finished(Operation{by:ProcessId(n as u16),kind:OperationKind::Write,transaction:TransactionId(n),intended:Time::from_nanos(n*100),started:Time::from_nanos(n*100),ending:Finish::Done})));
    }
    events.extend(shown);
    events.sort_by_key(|e| e.0);
    events.push((Time::from_nanos(500), Event::Milestone(Milestone::LoadEnded)));
    events.push((Time::from_nanos(600), Event::Milestone(Milestone::Quiescent)));
    let mut c = Checker::new(&cast).anomalies_only();
    let n = 1_000_000;
    for mode in ["conclude", "finish"] {
    let begin = Instant::now();
    for _ in 0..n {
        for (at, e) in &events { c.observe(*at, e); }
        if mode == "conclude" { assert!(c.conclude().findings.is_empty()); } else { assert!(c.finish().findings.is_empty()); }
        c.restart();
    }
    println!("race, {sinks} sinks, {} events, {mode}: {} ns", events.len(), begin.elapsed().as_nanos() / n);
    }
    }
}
