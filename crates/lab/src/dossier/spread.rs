use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does pieces of work on so many threads; the results are in the order of the pieces.
pub(super) fn spread<T: Send>(pieces: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let done: Vec<Mutex<Option<T>>> = (0..pieces).map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let share = || {
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = done.get(piece) else { break };
            let result = work(piece);
            *place.lock().expect("no thread panics while it holds a result") = Some(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, pieces.max(1)) {
            scope.spawn(share);
        }
        share();
    });
    let result = |place: Mutex<Option<T>>| place.into_inner().expect("no thread panicked");
    done.into_iter().map(|place| result(place).expect("every piece was done")).collect()
}
