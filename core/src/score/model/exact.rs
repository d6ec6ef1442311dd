//! `exp` and `ln` from nothing but `+ - * /` and bits, which IEEE 754 fixes to the last one.
//!
//! Those of the standard library are the platform's: native code and wasm differ in their last bits,
//! and a model would then rank the same proxies in two orders.

/// ln 2 in two parts: the first has so few bits that its product with an exponent is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Terms of both series; more would not change a bit.
const TERMS: u32 = 14;

/// e to the power of `x`, within 2 units in the last place; `x` is held within ±700, and what is no
/// number counts as 0.
pub(super) fn exp(x: f64) -> f64 {
    let x = if x.is_nan() { 0.0 } else { x.clamp(-700.0, 700.0) };
    let turns = (x / core::f64::consts::LN_2 + 0.5).floor();
    let rest = x - turns * LN_2_HIGH - turns * LN_2_LOW;
    let series = (1..=TERMS).rev().fold(1.0, |sum, n| 1.0 + sum * rest / f64::from(n));
    series * f64::from_bits(((turns as i64 + 1023) as u64) << 52)
}

/// The natural logarithm, within 2 units in the last place; of what is not above the smallest normal
/// number, that number's.
pub(super) fn ln(x: f64) -> f64 {
    let x = if x > f64::MIN_POSITIVE { x.min(f64::MAX) } else { f64::MIN_POSITIVE };
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let (mantissa, exponent) = if mantissa > core::f64::consts::SQRT_2 {
        (mantissa / 2.0, exponent + 1)
    } else {
        (mantissa, exponent)
    };
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let series = (0..TERMS).rev().fold(0.0, |sum, n| sum * s * s + 1.0 / f64::from(2 * n + 1));
    let exponent = f64::from(exponent);
    exponent * LN_2_HIGH + (2.0 * s * series + exponent * LN_2_LOW)
}

/// The chance of log-odds.
pub(super) fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + exp(-log_odds))
}

/// The log-odds of a chance above 0 and below 1.
pub(super) fn log_odds(chance: f64) -> f64 {
    ln(chance / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bits_are_the_same_on_every_machine() {
        // As native code and wasm have given them.
        let table = [
            (exp(1.0), 0x4005_bf0a_8b14_576a_u64),
            (exp(-0.1), 0x3fec_f46d_99d5_2b3a),
            (ln(10.0), 0x4002_6bb1_bbb5_5516),
            (ln(0.3), 0xbff3_4378_fcbd_a721),
            (chance(-0.47), 0x3fd8_9d8d_72f3_db00),
        ];
        let found = table.map(|(found, _)| format!("{:#x}", found.to_bits()));
        assert_eq!(found, table.map(|(_, bits)| format!("{bits:#x}")));
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_standard_library_to_a_few_bits(x in -700.0..700.0) {
            prop_assert!((exp(x) / x.exp() - 1.0).abs() < 1e-15);
            let positive = x.exp();
            prop_assert!((ln(positive) - positive.ln()).abs() <= 1e-15 * positive.ln().abs().max(0.1));
        }

        #[test]
        fn whatever_is_given_the_result_is_a_number(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assert!(exp(x).is_finite() && ln(x).is_finite());
            prop_assert!((0.0..=1.0).contains(&chance(x)));
        }
    }
}
