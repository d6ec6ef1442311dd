//! How good chances are: pure functions of what was said and what came.

use configstream_core::score::model::Interval;

/// Resamplings behind an interval.
const RESAMPLINGS: usize = 200;
/// Bins of the calibration error.
const BINS: usize = 10;

/// What was said of one test, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// The chance that it works, 0 to 1.
    pub chance: f64,
    /// Whether it worked.
    pub worked: bool,
    /// Which proxy it was of: tests of one proxy are resampled together.
    pub proxy: usize,
    /// Which batch it ran in.
    pub batch: usize,
}

/// The chance that of a working and a failed test the working was given the higher chance, where equal
/// ones count half; 0.5 when there are not both. `weights` says how often each counts, in order.
pub fn auc(said: &[Said], weights: &[f64]) -> f64 {
    Ranked::of(said).auc(weights)
}

/// Tests by their chances, so that resampling need not sort them again.
struct Ranked<'a> {
    said: &'a [Said],
    order: Vec<usize>,
}

impl<'a> Ranked<'a> {
    fn of(said: &'a [Said]) -> Self {
        let mut order: Vec<usize> = (0..said.len()).collect();
        order.sort_by(|a, b| said[*a].chance.total_cmp(&said[*b].chance));
        Self { said, order }
    }

    fn auc(&self, weights: &[f64]) -> f64 {
        let (mut failed, mut worked, mut pairs) = (0.0, 0.0, 0.0);
        let equal = |a: &usize, b: &usize| self.said[*a].chance.total_cmp(&self.said[*b].chance).is_eq();
        for ties in self.order.chunk_by(equal) {
            let sum = |of: bool| -> f64 {
                ties.iter().filter(|at| self.said[**at].worked == of).map(|at| weights[*at]).sum()
            };
            let (now_failed, now_worked) = (sum(false), sum(true));
            pairs += now_worked * (failed + now_failed / 2.0);
            failed += now_failed;
            worked += now_worked;
        }
        if failed * worked > 0.0 { pairs / (failed * worked) } else { 0.5 }
    }
}

/// The mean square of chance less result, weighted.
pub fn brier(said: &[Said], weights: &[f64]) -> f64 {
    let error = |said: &Said| (said.chance - f64::from(said.worked)).powi(2);
    let sum: f64 = said.iter().zip(weights).map(|(said, weight)| error(said) * weight).sum();
    sum / weights.iter().sum::<f64>().max(1.0)
}

/// The mean distance between chance and share of working ones over ten bins with as many tests each.
pub fn calibration_error(said: &[Said]) -> f64 {
    let order = Ranked::of(said).order;
    let size = said.len().div_ceil(BINS).max(1);
    let gap = |bin: &[usize]| {
        let said_sum: f64 = bin.iter().map(|at| said[*at].chance).sum();
        let came: f64 = bin.iter().map(|at| f64::from(said[*at].worked)).sum();
        (said_sum - came).abs()
    };
    order.chunks(size).map(gap).sum::<f64>() / said.len().max(1) as f64
}

/// The share of its tests that each batch needs to find `share` of its working proxies when the likeliest
/// are tested first, in the order of the batches that have a working one.
pub fn tests_needed(said: &[Said], share: f64) -> Vec<f64> {
    batches(said).into_iter().filter_map(|batch| needed_in(batch, share)).collect()
}

/// The same for a random order: what is to be expected.
pub fn tests_needed_at_random(said: &[Said], share: f64) -> Vec<f64> {
    let expected = |batch: &[Said]| {
        let (all, working) = (batch.len() as f64, working(batch) as f64);
        (working > 0.0).then(|| (working * share).ceil() * (all + 1.0) / (working + 1.0) / all)
    };
    batches(said).into_iter().filter_map(expected).collect()
}

fn batches(said: &[Said]) -> Vec<&[Said]> {
    said.chunk_by(|a, b| a.batch == b.batch).collect()
}

fn working(batch: &[Said]) -> usize {
    batch.iter().filter(|said| said.worked).count()
}

fn needed_in(batch: &[Said], share: f64) -> Option<f64> {
    let wanted = (working(batch) as f64 * share).ceil() as usize;
    let mut order: Vec<&Said> = batch.iter().collect();
    // Equal chances come in an order that knows nothing of the result.
    order.sort_by(|a, b| b.chance.total_cmp(&a.chance).then_with(|| mixed(a.proxy).cmp(&mixed(b.proxy))));
    let mut places = order.iter().enumerate().filter(|(_, said)| said.worked).map(|(place, _)| place + 1);
    let place = places.nth(wanted.checked_sub(1)?)?;
    Some(place as f64 / batch.len() as f64)
}

/// A number with as many bits changed as can be (the finalizer of splitmix64).
fn mixed(number: usize) -> u64 {
    let mut bits = (number as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// How often each of `count` things is drawn in one of the resamplings, with replacement.
fn drawn(count: usize, resampling: usize) -> Vec<f64> {
    let mut times = vec![0.0; count];
    for draw in 0..count {
        let bits = mixed(resampling.wrapping_mul(1_000_003).wrapping_add(draw));
        times[(bits % count as u64) as usize] += 1.0;
    }
    times
}

/// The middle 95 of 100 values around the one measured.
fn interval(value: f64, mut resampled: Vec<f64>) -> Interval {
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (resampled.len().saturating_sub(1)) as f64 * share;
        resampled.get(place.round() as usize).copied().unwrap_or(value)
    };
    Interval { value, low: at(0.025), high: at(0.975) }
}

/// A measure with its interval, resampling whole proxies: tests of one proxy tell much the same.
fn resampled(said: &[Said], measure: impl Fn(&[f64]) -> f64) -> Interval {
    let proxies = said.iter().map(|said| said.proxy + 1).max().unwrap_or(0);
    let weights = |resampling| {
        let times = drawn(proxies, resampling);
        said.iter().map(|said| times[said.proxy]).collect::<Vec<_>>()
    };
    let values = (0..RESAMPLINGS).map(|resampling| measure(&weights(resampling))).collect();
    interval(measure(&vec![1.0; said.len()]), values)
}

/// [`auc`] with its interval.
pub fn auc_interval(said: &[Said]) -> Interval {
    let ranked = Ranked::of(said);
    resampled(said, |weights| ranked.auc(weights))
}

/// [`brier`] with its interval.
pub fn brier_interval(said: &[Said]) -> Interval {
    resampled(said, |weights| brier(said, weights))
}

/// By how much the [`auc`] of the first exceeds that of the second on the same tests, with its interval.
pub fn auc_gain(first: &[Said], second: &[Said]) -> Interval {
    let (a, b) = (Ranked::of(first), Ranked::of(second));
    resampled(first, |weights| a.auc(weights) - b.auc(weights))
}

/// The mean of one value for each batch, with its interval, resampling whole batches.
pub fn mean_interval(values: &[f64]) -> Interval {
    let mean = |times: &[f64]| {
        let sum: f64 = values.iter().zip(times).map(|(value, times)| value * times).sum();
        sum / times.iter().sum::<f64>().max(1.0)
    };
    let resampled = (0..RESAMPLINGS).map(|resampling| mean(&drawn(values.len(), resampling))).collect();
    interval(mean(&vec![1.0; values.len()]), resampled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rows: &[(f64, bool)]) -> Vec<Said> {
        let said = |(proxy, (chance, worked)): (usize, &(f64, bool))| Said {
            chance: *chance,
            worked: *worked,
            proxy,
            batch: 0,
        };
        rows.iter().enumerate().map(said).collect()
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn auc_counts_pairs_in_order_and_ties_as_half() {
        let rows = said(&[(0.9, true), (0.5, false), (0.5, true), (0.1, false)]);
        close(auc(&rows, &[1.0; 4]), 3.5 / 4.0);
        close(auc(&rows, &[1.0, 1.0, 0.0, 1.0]), 1.0);
        close(auc(&rows[..1], &[1.0]), 0.5);
    }

    #[test]
    fn auc_is_that_of_counting_every_pair() {
        let rows: Vec<_> =
            (0..80).map(|i| ((mixed(i) % 9) as f64 / 9.0, mixed(i + 99).is_multiple_of(3))).collect();
        let rows = said(&rows);
        let pair = |a: &Said, b: &Said| match a.chance.total_cmp(&b.chance) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        let (worked, failed): (Vec<&Said>, Vec<&Said>) = rows.iter().partition(|said| said.worked);
        let pairs: f64 = worked.iter().flat_map(|a| failed.iter().map(|b| pair(a, b))).sum();
        close(auc(&rows, &[1.0; 80]), pairs / (worked.len() * failed.len()) as f64);
    }

    #[test]
    fn brier_is_the_mean_square_of_the_error() {
        close(brier(&said(&[(1.0, true), (0.5, false)]), &[1.0, 1.0]), 0.125);
    }

    #[test]
    fn what_comes_as_often_as_was_said_is_calibrated() {
        let rows: Vec<_> =
            (0..1000).map(|i| (0.25 + 0.5 * f64::from(i / 500), (i % 4) < 1 + 2 * (i / 500))).collect();
        close(calibration_error(&said(&rows)), 0.0);
        close(calibration_error(&said(&[(0.9, false), (0.9, false)])), 0.9);
    }

    #[test]
    fn the_tests_needed_are_counted_in_the_order_of_the_chances() {
        let rows = said(&[(0.1, true), (0.9, true), (0.8, false), (0.7, true), (0.6, false)]);
        assert_eq!(tests_needed(&rows, 0.3), [0.2]);
        assert_eq!(tests_needed(&rows, 0.6), [0.6]);
        assert_eq!(tests_needed(&rows, 1.0), [1.0]);
        assert_eq!(tests_needed_at_random(&rows, 1.0), [3.0 * 6.0 / 4.0 / 5.0]);
        assert!(tests_needed(&said(&[(0.1, false)]), 0.5).is_empty());
    }

    #[test]
    fn an_interval_holds_its_value_and_shrinks_with_more_proxies() {
        let rows = |count: usize| -> Vec<_> {
            (0..count)
                .map(|i| ((mixed(i) % 100) as f64 / 100.0, mixed(i) % 100 > mixed(i + 7) % 100))
                .collect()
        };
        let (few, many) = (auc_interval(&said(&rows(60))), auc_interval(&said(&rows(2_000))));
        assert!(few.low <= few.value && few.value <= few.high);
        assert!(many.high - many.low < few.high - few.low);
    }
}
