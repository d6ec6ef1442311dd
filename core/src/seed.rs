//! Chance from a seed: the same seed gives the same numbers, on every machine.
//!
//! Not for secrets. Natively and in WebAssembly the logarithm may differ in its last bit, and so may what is
//! drawn from it.

/// A stream of numbers: `SplitMix64` (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*,
/// 2014; constants as in <https://prng.di.unimi.it/splitmix64.c>).
///
/// ```
/// use configstream_core::seed::Chance;
/// assert_eq!(Chance::new(1_234_567).bits(), 6_457_827_717_110_365_317);
/// ```
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of a seed for one of many things, each of which has its own.
    pub const fn of(seed: u64, thing: u64) -> Self {
        Self(mix(seed ^ mix(thing)))
    }

    /// 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform, above 0 and below 1.
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Normal, mean 0, variance 1 (Marsaglia's polar method).
    pub fn normal(&mut self) -> f64 {
        // Each turn ends it with a chance of 79 in 100.
        for _ in 0..64 {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                return x * (-2.0 * square.ln() / square).sqrt();
            }
        }
        0.0
    }

    /// Gamma of a shape, scale 1 (Marsaglia, Tsang: *A simple method for generating gamma variables*, 2000). The
    /// shape is taken into 0.001 to a billion.
    fn gamma(&mut self, shape: f64) -> f64 {
        let shape = if shape > 1e-3 { shape.min(1e9) } else { 1e-3 };
        if shape < 1.0 {
            let raised = self.gamma(shape + 1.0);
            return raised * self.unit().powf(shape.recip());
        }
        let d = shape - 1.0 / 3.0;
        let c = (9.0 * d).sqrt().recip();
        // Each turn ends it with a chance of at least 95 in 100.
        for _ in 0..64 {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
        d
    }

    /// Beta of two shapes, each above 0: 0 to 1, with the mean `a / (a + b)`.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (for_it, against) = (self.gamma(a), self.gamma(b));
        let sum = for_it + against;
        // Shapes near 0 can give nothing at all.
        if sum > 0.0 { for_it / sum } else { 0.5 }
    }
}

/// The finalizer of `SplitMix64`: each bit of the input changes half of the output.
const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let drawn: Vec<f64> = (0..20_000).map(|_| draw()).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let square = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        (mean, square / drawn.len() as f64)
    }

    #[test]
    fn the_numbers_are_those_of_the_published_algorithm() {
        let mut chance = Chance::new(1_234_567);
        let first = [chance.bits(), chance.bits(), chance.bits()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_normal_has_mean_0_and_variance_1() {
        let mut chance = Chance::new(7);
        let (mean, variance) = mean_and_variance(|| chance.normal());
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn a_beta_has_the_mean_and_variance_of_its_shapes() {
        for (a, b) in [(1.0, 1.0), (0.3, 0.7), (2.0, 5.0), (80.0, 20.0), (0.05, 3.0)] {
            let mut chance = Chance::new(11);
            let (mean, variance) = mean_and_variance(|| chance.beta(a, b));
            let sum: f64 = a + b;
            let expected = (a / sum, a * b / (sum * sum * (sum + 1.0)));
            assert!((mean - expected.0).abs() < 0.01, "{a} {b}: {mean}");
            assert!((variance - expected.1).abs() < 0.1 * expected.1 + 1e-3, "{a} {b}: {variance}");
        }
    }

    #[test]
    fn strange_shapes_give_shares_still() {
        let mut chance = Chance::new(3);
        for (a, b) in [(0.0, 0.0), (-1.0, 2.0), (1e300, 1e300), (1e-300, 1.0), (f64::INFINITY, f64::NAN)] {
            let drawn = chance.beta(a, b);
            assert!((0.0..=1.0).contains(&drawn), "{a} {b}: {drawn}");
        }
    }
}
