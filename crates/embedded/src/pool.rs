//! Pools: threads that serve requests one after the other, each with something that is its own.

use crate::stopwatch::{Served, Service};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What a thread of a pool owns: a connection, a store, a folder.
pub(crate) trait Server: Send + 'static {
    /// When it next has something to do by itself, if ever.
    fn due(&self) -> Option<Instant> {
        None
    }
    /// Does what was due.
    fn tick(&mut self) {}
}

/// Threads that share a queue of requests.
///
/// What was submitted is served, whether or not anybody still waits for the reply. Dropping the pool waits for the requests
/// that are being served, and forgets those that are not.
pub(crate) struct Pool<S> {
    shared: Arc<Shared<S>>,
    threads: Vec<JoinHandle<()>>,
}

/// Serves one request; the moment is that since which the server had been idle.
type Work<S> = Box<dyn FnOnce(&mut S, Instant) + Send>;

struct Shared<S> {
    queue: Mutex<Queue<S>>,
    filled: Condvar,
    /// How long a request takes: an exponential average, in nanoseconds.
    usual_nanos: AtomicU64,
}

struct Queue<S> {
    requests: VecDeque<Request<S>>,
    closed: bool,
}

struct Request<S> {
    /// It takes so many times as long.
    slowness: f64,
    work: Work<S>,
}

impl<S: Server> Pool<S> {
    /// A pool of one thread for each server.
    pub(crate) fn new(name: &str, servers: Vec<S>) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { requests: VecDeque::new(), closed: false }),
            filled: Condvar::new(),
            usual_nanos: AtomicU64::new(0),
        });
        let threads = servers
            .into_iter()
            .map(|mut server| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(name.to_owned())
                    .spawn(move || shared.serve(&mut server))
                    .expect("the machine has room for a thread")
            })
            .collect();
        Self { shared, threads }
    }

    /// Sends a request. The reply never comes when the pool is dropped first.
    pub(crate) fn submit<R: Send + 'static>(
        &self,
        service: Service,
        work: impl FnOnce(&mut S) -> R + Send + 'static,
    ) -> oneshot::Receiver<R> {
        let (reply, receiver) = oneshot::channel();
        let slowness = service.slowness;
        let work: Work<S> = Box::new(move |server, idle_since| {
            let begun = Instant::now();
            let answer = work(server);
            // Before the reply: whoever hears it looks.
            service.note(Served { idle_since, begun, done: Instant::now() });
            // Nobody may be waiting any more.
            let _ = reply.send(answer);
        });
        self.shared.lock().requests.push_back(Request { slowness, work });
        self.shared.filled.notify_one();
        receiver
    }
}

impl<S: Server> Shared<S> {
    fn serve(&self, server: &mut S) {
        let mut idle_since = Instant::now();
        while let Some(request) = self.next(server, &mut idle_since) {
            let usual = self.usual_nanos.load(Ordering::Relaxed);
            if request.slowness > 1.0 {
                // The request's effect comes at the end of its service, as everywhere, so the server is held up before it.
                std::thread::sleep(Duration::from_nanos((usual as f64 * (request.slowness - 1.0)) as u64));
            }
            let begun = Instant::now();
            (request.work)(server, idle_since);
            idle_since = Instant::now();
            let took = (idle_since - begun).as_nanos() as u64;
            self.usual_nanos.store(usual - usual / 16 + took / 16, Ordering::Relaxed);
        }
    }

    /// The next request, with what is due meanwhile done; `None` when the pool is closed.
    fn next(&self, server: &mut S, idle_since: &mut Instant) -> Option<Request<S>> {
        loop {
            let now = Instant::now();
            let due = server.due();
            if due.is_some_and(|due| due <= now) {
                server.tick();
                *idle_since = Instant::now();
                continue;
            }
            let mut queue = self.lock();
            if queue.closed {
                return None;
            }
            if let Some(request) = queue.requests.pop_front() {
                return Some(request);
            }
            match due {
                None => drop(self.filled.wait(queue)),
                Some(due) => drop(self.filled.wait_timeout(queue, due - now)),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<S>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Drop for Pool<S> {
    fn drop(&mut self) {
        {
            let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.closed = true;
            queue.requests.clear();
        }
        self.shared.filled.notify_all();
        for thread in self.threads.drain(..) {
            if let Err(panic) = thread.join()
                && !std::thread::panicking()
            {
                std::panic::resume_unwind(panic);
            }
        }
    }
}
