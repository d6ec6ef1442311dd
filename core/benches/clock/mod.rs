//! How long work takes, for every bench.

use std::time::{Duration, Instant};

/// Seconds that some work takes, done for so long at least.
pub(crate) fn time(least: Duration, work: &mut dyn FnMut()) -> f64 {
    let (start, mut runs) = (Instant::now(), 0);
    let took = once(|| {
        while start.elapsed() < least || runs == 0 {
            work();
            runs += 1;
        }
    });
    took / f64::from(runs)
}

/// Seconds that some work takes.
pub(crate) fn once(work: impl FnOnce()) -> f64 {
    let (start, begin) = (Instant::now(), processor());
    work();
    let took = begin.zip(processor()).map(|(begin, end)| end.saturating_sub(begin));
    // Where the system does not count what is this short, the clock does.
    took.filter(|took| !took.is_zero()).unwrap_or(start.elapsed()).as_secs_f64()
}

/// Time that a processor gave to this thread, which is what counts on a machine that others use too;
/// `None` where the system does not say.
fn processor() -> Option<Duration> {
    // The system counts up to the last time that it switched threads, or ticked.
    std::thread::yield_now();
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    said.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
