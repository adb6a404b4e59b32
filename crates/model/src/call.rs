//! Calls: what ports return, and the three ways to await more than one thing that stay deterministic.

use crate::outcome::{Doubt, Outcome};
use crate::port::Runtime;
use crate::time::Span;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A request under way. Dropping it abandons the reply, not the request: what was sent may still take effect.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Awaits all calls at once and gives their results in the order of the calls.
///
/// Polled in that order at every wake, so it needs no waker of its own; meant for tens of calls, not thousands.
pub async fn join_all<T>(calls: Vec<Call<'_, T>>) -> Vec<T> {
    let mut calls: Vec<Option<Call<'_, T>>> = calls.into_iter().map(Some).collect();
    let mut results: Vec<Option<T>> = calls.iter().map(|_| None).collect();
    let mut left = calls.len();
    poll_fn(move |cx| {
        for (slot, result) in calls.iter_mut().zip(&mut results) {
            if let Some(call) = slot
                && let Poll::Ready(value) = call.as_mut().poll(cx)
            {
                *result = Some(value);
                *slot = None;
                left -= 1;
            }
        }
        if left > 0 {
            return Poll::Pending;
        }
        Poll::Ready(results.iter_mut().filter_map(Option::take).collect())
    })
    .await
}

/// Awaits two calls at once.
pub async fn join<A, B>(mut a: Call<'_, A>, mut b: Call<'_, B>) -> (A, B) {
    let (mut done_a, mut done_b) = (None, None);
    poll_fn(move |cx| {
        if done_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            done_a = Some(value);
        }
        if done_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            done_b = Some(value);
        }
        match (done_a.take(), done_b.take()) {
            (Some(value_a), Some(value_b)) => Poll::Ready((value_a, value_b)),
            (value_a, value_b) => {
                (done_a, done_b) = (value_a, value_b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Awaits a call for at most `limit`; after that the outcome is unknown, and the request may still take effect.
///
/// A reply that comes at the very moment of the limit counts.
pub async fn timeout<T>(runtime: &dyn Runtime, limit: Span, mut call: Call<'_, Outcome<T>>) -> Outcome<T> {
    let mut alarm = runtime.sleep(limit);
    poll_fn(move |cx| {
        if let Poll::Ready(outcome) = call.as_mut().poll(cx) {
            return Poll::Ready(outcome);
        }
        alarm.as_mut().poll(cx).map(|()| Err(Doubt::TimedOut.into()))
    })
    .await
}
