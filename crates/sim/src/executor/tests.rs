use super::*;
use driftlab_model::Span;
use std::task::Poll;

type Diary = Rc<RefCell<Vec<(u64, &'static str)>>>;

fn world() -> (Rc<Executor>, Diary) {
    (Rc::new(Executor::default()), Diary::default())
}

fn ms(n: u64) -> Time {
    Time::ZERO + Span::from_millis(n)
}

#[test]
fn time_jumps_from_timer_to_timer() {
    let (executor, diary) = world();
    for (name, at) in [("late", 20), ("early", 10)] {
        let (clock, diary) = (Rc::clone(&executor), Rc::clone(&diary));
        executor.spawn(at, async move {
            clock.sleep_until(ms(at)).await;
            diary.borrow_mut().push((clock.now().nanos() / 1_000_000, name));
        });
    }
    assert_eq!(executor.run_until(Time::NEVER), Step::Idle);
    assert_eq!(*diary.borrow(), [(10, "early"), (20, "late")]);
    assert_eq!(executor.now(), ms(20));
}

/// A timeout that lost the race must not hold the world open until its deadline.
#[test]
fn a_dropped_timer_neither_wakes_nor_moves_time() {
    let (executor, _) = world();
    let clock = Rc::clone(&executor);
    executor.spawn(1, async move {
        let mut alarm = clock.sleep_until(ms(1_000));
        std::future::poll_fn(|cx| {
            let _ = Pin::new(&mut alarm).poll(cx);
            Poll::Ready(())
        })
        .await;
        drop(alarm);
        clock.sleep_until(ms(5)).await;
    });
    assert_eq!(executor.run_until(Time::NEVER), Step::Idle);
    assert_eq!(executor.now(), ms(5));
}

#[test]
fn a_cancelled_task_is_dropped_where_it_stands_and_may_start_others() {
    struct LastWill(Rc<Executor>, Diary);
    impl Drop for LastWill {
        fn drop(&mut self) {
            let (clock, diary) = (Rc::clone(&self.0), Rc::clone(&self.1));
            self.0.spawn(9, async move {
                clock.sleep_until(ms(7)).await;
                diary.borrow_mut().push((7, "delivered after death"));
            });
        }
    }
    let (executor, diary) = world();
    let (clock, will) = (Rc::clone(&executor), LastWill(Rc::clone(&executor), Rc::clone(&diary)));
    let victim = executor.spawn(1, async move {
        let _will = will;
        clock.sleep_until(ms(100)).await;
    });
    executor.run_until(ms(5));
    executor.cancel(victim);
    assert!(!executor.is_alive(victim));
    executor.run_until(Time::NEVER);
    assert_eq!(*diary.borrow(), [(7, "delivered after death")]);
    assert_eq!(executor.now(), ms(7));
}

/// A worker that is paused and goes on with what it knew is the zombie of many incidents.
#[test]
fn a_paused_task_misses_its_moment_and_goes_on_later() {
    let (executor, diary) = world();
    let (clock, notes) = (Rc::clone(&executor), Rc::clone(&diary));
    let task = executor.spawn(1, async move {
        clock.sleep_until(ms(10)).await;
        notes.borrow_mut().push((clock.now().nanos() / 1_000_000, "acted"));
    });
    let clock = Rc::clone(&executor);
    executor.spawn(2, async move { clock.sleep_until(ms(60)).await });
    executor.run_until(ms(1));
    executor.pause(task);
    executor.run_until(ms(50));
    assert!(diary.borrow().is_empty());
    executor.resume(task);
    executor.run_until(Time::NEVER);
    assert_eq!(*diary.borrow(), [(50, "acted")]);
}

#[test]
fn servers_are_given_in_the_order_of_coming_and_never_leak() {
    let (executor, diary) = world();
    let servers = Rc::new(Servers::new(Rc::clone(&executor), 1));
    let mut tasks = Vec::new();
    for (i, name) in ["first", "second", "third"].into_iter().enumerate() {
        let (clock, diary, servers) = (Rc::clone(&executor), Rc::clone(&diary), Rc::clone(&servers));
        tasks.push(executor.spawn(i as u64, async move {
            let Ok(_permit) = servers.acquire(ms(25)).await else {
                diary.borrow_mut().push((clock.now().nanos() / 1_000_000, name));
                return;
            };
            clock.sleep_until(clock.now() + Span::from_millis(20)).await;
            diary.borrow_mut().push((clock.now().nanos() / 1_000_000, name));
        }));
    }
    executor.run_until(ms(10));
    assert_eq!(servers.waiting(), 2);
    // The second is granted the server at 20 ms; the third gives up at 25 ms.
    executor.run_until(Time::NEVER);
    assert_eq!(*diary.borrow(), [(20, "first"), (25, "third"), (40, "second")]);
    let again = Rc::clone(&servers);
    let free = executor.spawn(7, async move { assert!(again.acquire(Time::NEVER).await.is_ok()) });
    executor.run_until(Time::NEVER);
    assert!(!executor.is_alive(free));
}

#[test]
fn a_signal_wakes_who_waits_and_a_deadline_ends_the_wait() {
    let (executor, diary) = world();
    let (signal, flag) = (Rc::new(Signal::default()), Rc::new(Cell::new(false)));
    for (name, limit) in [("patient", 100), ("impatient", 5)] {
        let (clock, diary) = (Rc::clone(&executor), Rc::clone(&diary));
        let (signal, flag) = (Rc::clone(&signal), Rc::clone(&flag));
        executor.spawn(limit, async move {
            let found = signal.wait_for(&clock, ms(limit), || flag.get().then_some(())).await;
            diary
                .borrow_mut()
                .push((clock.now().nanos() / 1_000_000, if found.is_ok() { name } else { "gave up" }));
        });
    }
    executor.run_until(ms(10));
    flag.set(true);
    signal.raise(&executor);
    executor.run_until(Time::NEVER);
    assert_eq!(*diary.borrow(), [(5, "gave up"), (10, "patient")]);
}

#[test]
fn a_reset_executor_behaves_as_a_new_one() {
    let run = |executor: &Rc<Executor>| {
        executor.reset(3);
        let diary = Diary::default();
        for name in 0..20u64 {
            let (clock, notes) = (Rc::clone(executor), Rc::clone(&diary));
            executor.spawn(name, async move {
                for round in 1..5 {
                    clock.sleep_until(ms(round)).await;
                    notes.borrow_mut().push((name, "woke"));
                }
            });
        }
        executor.run_until(Time::NEVER);
        (diary.take(), executor.steps())
    };
    let used = Rc::new(Executor::default());
    let first = run(&used);
    assert_eq!(run(&used), first);
    assert_eq!(run(&Rc::new(Executor::default())), first);
}
