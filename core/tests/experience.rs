//! What holds for experience.

use configstream_core::experience::{
    BadExperience, Belief, Experience, Local, Neighbourhood, Outcome, SourceKey, Subject,
};
use configstream_core::score::Share;
use configstream_core::{Fingerprint, Protocol, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: u64 = 86_400_000;

fn id(number: u64) -> Fingerprint {
    format!("{number:016x}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn experience_reads_back_from_its_bytes(steps in steps()) {
        let experience = lived(&steps);
        let bytes = experience.encode();
        prop_assert_eq!(Experience::from_text(&experience.to_text()), Ok(experience.clone()));
        prop_assert_eq!(Experience::decode(&bytes, Experience::HALF_LIFE), Ok(experience));
    }

    #[test]
    fn damaged_experience_is_refused_and_any_bytes_are_safe(
        steps in steps(), at in any::<prop::sample::Index>(), bit in 0..8_u32, noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = lived(&steps).encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Experience::decode(&bytes, 14.0).is_err());
        prop_assert!(Experience::decode(&bytes[..at], 14.0).is_err());
        _ = Experience::decode(&noise, 14.0);
    }

    #[test]
    fn one_more_success_never_lowers_what_is_expected_and_one_more_failure_never_raises_it(
        steps in steps(), number in 0..6_u64, local in locals(),
    ) {
        let sources = [SourceKey::of("a")];
        let before = lived(&steps);
        let mut after = [before.clone(), before.clone()];
        after[0].record(&subject(number, &sources), local, Outcome::Worked { latency: None }, NOW);
        after[1].record(&subject(number, &sources), local, Outcome::Unreachable, NOW);
        let expected = |experience: &Experience| {
            let prior = Belief::of(Share::new(0.5), 2.0, None);
            experience.belief(&subject(number, &sources), local, prior, NOW).share()
        };
        let [good, bad] = after.each_ref().map(expected);
        prop_assert!(good >= expected(&before) && bad <= expected(&before));
    }
}

fn subject(number: u64, sources: &[SourceKey]) -> Subject<'_> {
    let network = Neighbourhood::of(&format!("8.8.{}.1", number % 2), None);
    Subject { id: id(number), network, protocol: Protocol::Socks5, sources }
}

fn locals() -> impl Strategy<Value = Local> {
    select(["wifi", "cellular", ""].as_slice())
        .prop_map(|key| if key.is_empty() { Local::ALL } else { Local::of(key) })
}

type Step = (u64, Local, Outcome, u64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        prop::option::of(1..5_000_u32).prop_map(|latency| Outcome::Worked { latency }),
        Just(Outcome::Unreachable),
        Just(Outcome::Refused),
        Just(Outcome::Tampered),
        Just(Outcome::Offline),
    ];
    prop::collection::vec((0..6_u64, locals(), outcome, 0..40 * DAY), 0..30)
}

fn lived(steps: &[Step]) -> Experience {
    let mut experience = Experience::default();
    for (number, local, outcome, ago) in steps {
        let at = Timestamp::from_millis(NOW.millis() - ago);
        experience.record(&subject(*number, &[SourceKey::of("a")]), *local, *outcome, at);
    }
    experience
}

const WORKED: Outcome = Outcome::Worked { latency: Some(200) };

fn tried(subject: &Subject<'_>, local: Local, outcome: Outcome, times: usize) -> Experience {
    let mut experience = Experience::default();
    (0..times).for_each(|_| experience.record(subject, local, outcome, NOW));
    experience
}

#[test]
fn a_proxy_without_history_borrows_from_its_network_protocol_and_source() {
    let (a, b) = ([SourceKey::of("a")], [SourceKey::of("b")]);
    let local = Local::of("wifi");
    let failed = tried(&subject(0, &a), local, Outcome::Unreachable, 5);
    let share = |subject: Subject<'_>| failed.own(&subject, local, NOW).map_or(0.5, |own| own.share.get());
    let other = |network: &str, protocol, sources| Subject {
        id: id(99),
        network: Neighbourhood::of(network, None),
        protocol,
        sources,
    };
    let itself = share(subject(0, &a));
    let neighbour = share(other("8.8.0.7", Protocol::Http, &b));
    let alike = share(other("1.1.1.1", Protocol::Socks5, &b));
    let listed = share(other("1.1.1.1", Protocol::Http, &a));
    let stranger = share(other("1.1.1.1", Protocol::Http, &b));
    assert!(itself < neighbour && neighbour < stranger && alike < stranger && listed < stranger);
    assert!(share(other("8.8.0.7", Protocol::Socks5, &a)) < neighbour);
    assert!((stranger - 0.5).abs() < 1e-9);
}

#[test]
fn what_fails_on_one_network_may_work_on_another() {
    let (wifi, cellular) = (Local::of("wifi"), Local::of("cellular"));
    let one = subject(0, &[]);
    let mut experience = tried(&one, wifi, WORKED, 10);
    (0..10).for_each(|_| experience.record(&one, cellular, Outcome::Unreachable, NOW));
    let share = |local| experience.own(&one, local, NOW).unwrap().share.get();
    assert!(share(wifi) > 0.75 && share(cellular) < 0.25);
    let elsewhere = share(Local::of("hotel"));
    assert!(elsewhere > share(cellular) && elsewhere < share(wifi), "an unknown network falls back to all");
}

#[test]
fn experience_fades_by_half_in_a_half_life() {
    let one = subject(0, &[]);
    let experience = tried(&one, Local::ALL, WORKED, 40);
    let share =
        |days: u64| experience.own(&one, Local::ALL, NOW.plus(days * DAY)).map_or(0.5, |own| own.share.get());
    let odds = |days| share(days) / (1.0 - share(days));
    let [now, half, quarter] = [0, 14, 28].map(odds);
    assert!((now / half / 2.0 - 1.0).abs() < 0.2, "{now} {half}");
    assert!((half / quarter / 2.0 - 1.0).abs() < 0.2, "{half} {quarter}");
    assert!((share(40_000) - 0.5).abs() < 0.01);
}

#[test]
fn a_refused_login_says_nothing_of_the_network_and_no_network_nothing_at_all() {
    let one = subject(0, &[]);
    let neighbour = subject(2, &[]);
    let refused = tried(&one, Local::ALL, Outcome::Refused, 3);
    assert!(refused.own(&one, Local::ALL, NOW).unwrap().share.get() < 0.2);
    assert_eq!(refused.own(&neighbour, Local::ALL, NOW), None);
    assert!(tried(&one, Local::ALL, Outcome::Offline, 3).is_empty());
}

#[test]
fn experience_is_of_bounded_size_and_forgets_the_oldest() {
    let mut experience = Experience::default();
    for number in 0..5_000_u64 {
        let network = Neighbourhood::of(&format!("9.{}.{}.1", number / 250, number % 250), None);
        let one = Subject { network, ..subject(number, &[]) };
        experience.record(&one, Local::of("wifi"), WORKED, NOW.plus(number * 60_000));
        assert!(experience.len() <= Experience::MOST);
    }
    assert!(experience.encode().len() < 61_000);
    let known = |number| {
        let alone = Subject { network: None, protocol: Protocol::Http, ..subject(number, &[]) };
        experience.own(&alone, Local::of("wifi"), NOW).is_some()
    };
    assert!(known(4_999) && !known(0));
}

#[test]
fn other_forms_are_told_from_damage() {
    let bytes = [2, 0, 0, 0, 0];
    assert_eq!(Experience::decode(&bytes, 14.0), Err(BadExperience::Form(2)));
    assert_eq!(Experience::decode(&[], 14.0), Err(BadExperience::Damaged(0)));
    assert_eq!(Experience::from_text("no base64"), Err(BadExperience::Damaged(0)));
    let words = Experience::decode(&[1, 0, 0, 0, 0], 14.0).unwrap_err().to_string();
    assert_eq!(words, "the stored experience is damaged at byte 1; it starts anew");
}

#[test]
fn neighbours_share_a_24_a_48_or_a_system() {
    let of = |host| Neighbourhood::of(host, None);
    assert_eq!(of("8.8.8.1"), of("8.8.8.254"));
    assert_ne!(of("8.8.8.1"), of("8.8.9.1"));
    assert_eq!(of("2606:4700:10::1"), of("2606:4700:10:ffff::2"));
    assert_ne!(of("2606:4700:10::1"), of("2606:4700:11::1"));
    assert_eq!(of("::ffff:8.8.8.1"), of("8.8.8.2"));
    assert_eq!(of("proxy.example"), None);
    assert_eq!(Neighbourhood::of("1.2.3.4", Some(13335)), Neighbourhood::of("proxy.example", Some(13335)));
}
