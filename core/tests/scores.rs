//! What holds for scores, whatever the weights.

use configstream_core::Timestamp;
use configstream_core::score::{Evidence, Issues, Own, Reliability, Safety, Share, Weights, score};
use proptest::prelude::*;
use proptest::sample::select;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn share() -> impl Strategy<Value = Share> {
    (0.0..=1.0).prop_map(Share::new)
}

fn reliability() -> impl Strategy<Value = Reliability> {
    let measured = (0..40_u32, 0..40_u32)
        .prop_map(|(answered, failed)| Reliability::Measured { answered, tests: answered + failed });
    prop_oneof![measured, share().prop_map(Reliability::Predicted)]
}

prop_compose! {
    fn evidence()(
        working in any::<Option<bool>>(),
        latency in prop::option::of(0..4_000_u32),
        ago in prop::option::of(0..90_000_000_u64),
        sources in 0..9_usize,
        safety in select([Safety::Open, Safety::Unverified, Safety::Verified].as_slice()),
        issues in any::<u8>(),
        reliability in prop::option::of(reliability()),
        own in prop::option::of((share(), any::<bool>())),
    ) -> Evidence {
        Evidence {
            working,
            latency,
            tested_at: ago.map(|ago| Timestamp::from_millis(NOW.millis() - ago)),
            sources,
            safety,
            issues: Issues::from_bits(issues),
            reliability,
            own: own.map(|(share, was_used)| Own { share, was_used }),
        }
    }
}

prop_compose! {
    fn weights()(list in any::<[u8; 6]>()) -> Weights {
        let [reliability, latency, age, security, sources, experience] = list;
        Weights { reliability, latency, age, security, sources, experience }
    }
}

/// The same evidence, each time with one thing better.
fn better(evidence: Evidence, less: u32, later: u64, gain: f64) -> Vec<Evidence> {
    let more = |share: Share| Share::new(share.get() + gain);
    let reliable = evidence.reliability.map(|known| match known {
        Reliability::Measured { answered, tests } => {
            Reliability::Measured { answered: answered + less, tests: tests + less }
        }
        Reliability::Predicted(share) => Reliability::Predicted(more(share)),
    });
    let fresher = evidence.tested_at.map(|at| Timestamp::from_millis(NOW.millis().min(at.millis() + later)));
    let without = |issues: Issues| Issues::from_bits(issues.bits() & (issues.bits() >> (less % 8)));
    vec![
        Evidence { latency: evidence.latency.map(|ms| ms.saturating_sub(less)), ..evidence },
        Evidence { tested_at: fresher, ..evidence },
        Evidence { working: Some(true), ..evidence },
        Evidence { safety: Safety::Verified, ..evidence },
        Evidence { issues: without(evidence.issues), ..evidence },
        Evidence { sources: evidence.sources + 1, ..evidence },
        Evidence { reliability: reliable, ..evidence },
        Evidence { own: evidence.own.map(|own| Own { share: more(own.share), ..own }), ..evidence },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_is_the_sum_of_its_reasons_whatever_the_weights(evidence in evidence(), weights in weights()) {
        let (total, reasons) = weights.score(&evidence, NOW);
        prop_assert_eq!(reasons.iter().map(|reason| u32::from(reason.points)).sum::<u32>(), u32::from(total));
        prop_assert_eq!(reasons.iter().map(|reason| u32::from(reason.of)).sum::<u32>(), 100);
        prop_assert!(reasons.iter().all(|reason| reason.points <= reason.of && !reason.what.is_empty()));
        prop_assert_eq!(weights.total(&evidence, NOW), total);
        prop_assert_eq!(score(&evidence, NOW), Weights::default().score(&evidence, NOW));
    }

    #[test]
    fn more_of_any_good_thing_never_lowers_a_score(
        evidence in evidence(), weights in weights(), less in 1..500_u32, later in 1..50_000_000_u64, gain in 0.0..1.0,
    ) {
        let total = |evidence: &Evidence| weights.score(evidence, NOW).0;
        for better in better(evidence, less, later, gain) {
            prop_assert!(total(&better) >= total(&evidence), "{:?} {:?}", better, evidence);
        }
    }

    #[test]
    fn who_is_no_worse_in_any_reason_is_no_worse_in_all(a in evidence(), b in evidence(), weights in weights()) {
        let ((a, why_a), (b, why_b)) = (weights.score(&a, NOW), weights.score(&b, NOW));
        let dominates = why_a.iter().zip(&why_b).all(|(a, b)| a.points >= b.points);
        prop_assert!(!dominates || a >= b);
    }

}

#[test]
fn reasons_are_words_and_numbers() {
    let evidence = Evidence {
        working: Some(true),
        latency: Some(187),
        tested_at: Some(Timestamp::from_millis(NOW.millis() - 12 * 60_000)),
        sources: 3,
        safety: Safety::Verified,
        reliability: Some(Reliability::Measured { answered: 12, tests: 14 }),
        own: Some(Own { share: Share::new(0.8), was_used: true }),
        ..Evidence::default()
    };
    let (total, reasons) = score(&evidence, NOW);
    let said: Vec<_> =
        reasons.iter().map(|reason| format!("{}/{} {}", reason.points, reason.of, reason.what)).collect();
    let expected = [
        "26/30 answered its last test, answered 12 of 14 tests",
        "20/25 187 ms",
        "10/10 tested 12 min ago",
        "15/15 encrypted to a verified proxy",
        "3/5 listed by 3 sources",
        "12/15 used before, 80 % expected to work",
    ];
    assert_eq!((total, said), (86, expected.map(str::to_owned).to_vec()));
}
