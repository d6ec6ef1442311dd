//! The session: its story in single steps, and its promises under arbitrary events.

use configstream_core::experience::Outcome;
use configstream_core::guard::{Exit, NoExit};
use configstream_core::message::{Chosen, FaultCode, Phase};
use configstream_core::route::{Route, Server, ServerScheme};
use configstream_core::session::{Effect, Event, NoProof, Policy, Refusal, State, Target};
use configstream_core::{Protocol, Timestamp};
use proptest::prelude::*;

fn target(number: u16) -> Target {
    let endpoint = format!("192.0.2.1:{number}");
    let chosen = Chosen {
        id: format!("{number:016x}"),
        name: endpoint.clone(),
        protocol: Protocol::Http,
        endpoint,
        leaks_dns: false,
    };
    let server = Server { scheme: ServerScheme::Http, host: "192.0.2.1".into(), port: number, login: None };
    Target { chosen, server }
}

fn policy(kill_switch: bool) -> Policy {
    Policy { kill_switch, guard_webrtc: true, judges: vec!["https://judge.example/exit".into()] }
}

fn exit() -> Exit {
    Exit { address: "198.51.100.7".parse().unwrap(), country: None }
}

fn connect(kill_switch: bool, targets: u16) -> Event {
    Event::Connect { targets: (1..=targets).map(target).collect(), policy: policy(kill_switch) }
}

/// A session with what the browser was last told.
#[derive(Default)]
struct Story {
    state: State,
    route: Option<Route>,
    generation: u32,
    now: u64,
}

impl Story {
    fn step(&mut self, event: Event) -> Vec<Effect> {
        self.now += 10_000;
        let effects = self.state.step(event, Timestamp::from_millis(self.now));
        for effect in &effects {
            match effect {
                Effect::Route { route, generation } => {
                    self.route = Some(route.clone());
                    self.generation = *generation;
                }
                Effect::Probe { generation, .. } => self.generation = *generation,
                _ => {}
            }
        }
        effects
    }

    fn applied(&mut self, outcome: Result<(), Refusal>) -> Vec<Effect> {
        self.step(Event::Applied { generation: self.generation, outcome })
    }

    fn judged(&mut self, outcome: Result<Exit, NoProof>) -> Vec<Effect> {
        self.step(Event::Judged { generation: self.generation, outcome, latency: Some(80) })
    }

    fn phase(&self) -> Phase {
        self.state.status().phase
    }

    fn fault(&self) -> Option<FaultCode> {
        self.state.status().fault.map(|fault| fault.code)
    }

    fn connected(kill_switch: bool) -> Self {
        let mut story = Self::default();
        story.step(connect(kill_switch, 1));
        story.applied(Ok(()));
        story.judged(Ok(exit()));
        assert_eq!(story.phase(), Phase::Connected);
        story
    }
}

#[test]
fn connected_is_claimed_only_after_a_judge_saw_the_exit() {
    let mut story = Story::default();
    story.step(connect(true, 1));
    assert_eq!(story.phase(), Phase::Connecting);
    story.applied(Ok(()));
    assert_eq!(story.phase(), Phase::Connecting);
    story.judged(Ok(exit()));
    assert_eq!(story.state.status().exit, Some(exit()));
}

#[test]
fn an_answer_to_an_earlier_question_proves_nothing() {
    let mut story = Story::default();
    story.step(connect(true, 1));
    story.applied(Ok(()));
    let earlier = story.generation;
    story.step(connect(true, 2));
    story.step(Event::Judged { generation: earlier, outcome: Ok(exit()), latency: None });
    assert_eq!(story.phase(), Phase::Connecting);
}

#[test]
fn a_dead_proxy_blocks_with_the_kill_switch_and_restores_without() {
    for (kill_switch, route, phase) in
        [(true, Route::Block, Phase::Blocked), (false, Route::Restore, Phase::Failed)]
    {
        let mut story = Story::connected(kill_switch);
        story.step(Event::Trouble);
        story.judged(Err(NoProof::Unreachable));
        assert_eq!(story.phase(), Phase::Connecting, "the claim falls with the first failed check");
        story.judged(Err(NoProof::Unreachable));
        assert_eq!((story.phase(), story.route.clone()), (phase, Some(route)));
        assert_eq!(story.fault(), Some(FaultCode::Unreachable));
    }
}

#[test]
fn a_blocked_session_tries_an_unreachable_proxy_again_but_not_a_lying_one() {
    let mut story = Story::connected(true);
    story.step(Event::Tick);
    story.judged(Err(NoProof::Tampered(NoExit::NotAnExit)));
    assert_eq!(story.fault(), Some(FaultCode::Tampered));
    assert!(story.step(Event::Tick).is_empty());
    let mut story = Story::default();
    story.step(connect(true, 1));
    story.applied(Ok(()));
    story.judged(Err(NoProof::Unreachable));
    assert_eq!(story.phase(), Phase::Blocked);
    story.step(Event::Tick);
    assert_eq!(story.phase(), Phase::Connecting);
}

#[test]
fn the_next_target_stands_in_for_one_that_fails() {
    let mut story = Story::default();
    story.step(connect(true, 2));
    story.applied(Ok(()));
    story.judged(Err(NoProof::Unreachable));
    assert_eq!(story.phase(), Phase::Connecting);
    assert_eq!(story.route, Some(Route::Proxy { server: target(2).server }));
}

#[test]
fn a_refused_login_is_told_when_the_judge_is_not_reached_and_not_tried_again() {
    let mut story = Story::default();
    story.step(connect(true, 1));
    story.applied(Ok(()));
    assert!(story.step(Event::LoginRefused).is_empty());
    story.judged(Err(NoProof::Unreachable));
    assert_eq!((story.fault(), story.route.clone()), (Some(FaultCode::BadCredentials), Some(Route::Block)));
    assert!(story.step(Event::LoginRefused).is_empty());
    assert!(story.step(Event::Tick).is_empty());
}

#[test]
fn a_page_that_plays_a_proxy_asking_for_a_login_only_makes_us_look_again() {
    let mut story = Story::connected(false);
    let effects = story.step(Event::LoginRefused);
    assert!(matches!(effects[..], [Effect::Probe { .. }]));
    assert!(story.step(Event::LoginRefused).is_empty(), "the judge is being asked");
    story.judged(Ok(exit()));
    assert_eq!(story.phase(), Phase::Connected);
}

#[test]
fn failing_requests_do_not_put_off_the_answer_that_they_ask_for() {
    let mut story = Story::connected(true);
    story.step(Event::Trouble);
    let asked = story.generation;
    for event in [Event::Trouble, Event::Tick] {
        assert!(story.step(event).is_empty());
    }
    story.step(Event::Judged { generation: asked, outcome: Err(NoProof::Unreachable), latency: None });
    assert_eq!(story.phase(), Phase::Connecting, "the claim falls");
}

#[test]
fn a_judge_that_is_not_well_is_asked_again_before_and_after_the_block() {
    let mut story = Story::connected(true);
    story.step(Event::Tick);
    let busy = || Err(NoProof::Tampered(NoExit::Status(503)));
    story.judged(busy());
    assert_eq!(story.phase(), Phase::Connecting);
    story.judged(busy());
    assert_eq!((story.phase(), story.fault()), (Phase::Blocked, Some(FaultCode::Unreachable)));
    story.step(Event::Tick);
    story.applied(Ok(()));
    story.judged(Ok(exit()));
    assert_eq!(story.phase(), Phase::Connected);
}

#[test]
fn a_check_that_rings_before_the_route_is_in_force_asks_nobody() {
    let mut story = Story::connected(true);
    story.step(connect(true, 2));
    assert!(story.step(Event::Tick).is_empty());
}

#[test]
fn the_kill_switch_takes_hold_also_after_a_failure() {
    let mut story = Story::connected(false);
    story.step(Event::Tick);
    story.judged(Err(NoProof::Unreachable));
    story.judged(Err(NoProof::Unreachable));
    assert_eq!(story.route, Some(Route::Restore));
    story.step(Event::PolicyChanged(policy(true)));
    assert_eq!((story.phase(), story.route.clone()), (Phase::Blocked, Some(Route::Block)));
}

#[test]
fn a_block_covers_webrtc_and_is_whole_again_after_a_start() {
    let mut story = Story::default();
    let unguarded = Policy { guard_webrtc: false, ..policy(true) };
    story.step(Event::Connect { targets: vec![target(1)], policy: unguarded });
    story.applied(Ok(()));
    for effects in
        [story.judged(Err(NoProof::Unreachable)), story.step(Event::Woke { browser_started: true })]
    {
        assert!(effects.contains(&Effect::GuardWebRtc(true)), "{effects:?}");
        assert!(matches!(effects[0], Effect::Route { route: Route::Block, .. }));
        assert!(effects.contains(&Effect::CheckEvery(Some(1))), "the proxy may come back");
    }
}

#[test]
fn a_kept_session_that_does_not_read_lets_nothing_out_until_the_user_says_so() {
    let mut story = Story { state: State::unreadable(), ..Story::default() };
    assert_eq!((story.phase(), story.state.route()), (Phase::Blocked, Route::Block));
    story.step(Event::Woke { browser_started: true });
    assert_eq!(story.route, Some(Route::Block));
    story.step(Event::Disconnect);
    assert_eq!((story.phase(), story.route.clone()), (Phase::Off, Some(Route::Restore)));
}

#[test]
fn a_browser_that_does_not_take_its_setting_back_is_told() {
    let mut story = Story::connected(true);
    story.step(Event::Disconnect);
    story.applied(Err(Refusal::Browser));
    assert_eq!((story.phase(), story.fault()), (Phase::Failed, Some(FaultCode::Browser)));
    assert!(story.step(Event::PolicyChanged(policy(true))).is_empty(), "nobody wants a proxy any more");
    story.step(Event::Disconnect);
    assert_eq!(story.phase(), Phase::Off);
}

#[test]
fn a_judge_that_seems_to_ask_for_a_password_is_the_proxy_refusing_ours() {
    for status in [401, 407] {
        let mut story = Story::connected(true);
        story.step(Event::Tick);
        story.judged(Err(NoProof::Tampered(NoExit::Status(status))));
        assert_eq!(story.fault(), Some(FaultCode::BadCredentials));
    }
}

#[test]
fn a_setting_held_by_others_is_no_protection_and_is_taken_up_again_when_free() {
    let mut story = Story::connected(true);
    story.step(Event::ControlLost);
    assert_eq!((story.phase(), story.fault()), (Phase::Failed, Some(FaultCode::NotInControl)));
    story.step(Event::ControlRegained);
    assert_eq!(story.phase(), Phase::Connecting);
}

#[test]
fn a_browser_start_needs_a_new_proof_and_a_mere_waking_does_not() {
    let mut story = Story::connected(true);
    assert!(story.step(Event::Woke { browser_started: false }).is_empty());
    assert_eq!(story.phase(), Phase::Connected);
    story.step(Event::Woke { browser_started: true });
    assert_eq!(story.phase(), Phase::Connecting);
}

#[test]
fn disconnect_restores_whatever_came_before() {
    let mut story = Story::connected(true);
    let effects = story.step(Event::Disconnect);
    assert!(matches!(effects.first(), Some(Effect::Route { route: Route::Restore, .. })));
    assert!(effects.contains(&Effect::GuardWebRtc(false)));
    assert_eq!(story.phase(), Phase::Off);
}

#[test]
fn without_a_judge_nothing_is_claimed() {
    let mut story = Story::default();
    let nobody = Policy { judges: Vec::new(), ..policy(true) };
    story.step(Event::Connect { targets: vec![target(1)], policy: nobody });
    story.applied(Ok(()));
    assert_eq!((story.phase(), story.fault()), (Phase::Blocked, Some(FaultCode::NoJudge)));
}

#[test]
fn a_session_keeps_over_sleep_and_its_status_holds_no_password() {
    let mut secret = target(1);
    secret.server.login =
        Some(configstream_core::route::Login { username: "u".into(), password: "hunter2".into() });
    let mut story = Story::default();
    story.step(Event::Connect { targets: vec![secret], policy: policy(true) });
    let kept = serde_json::to_string(&story.state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&kept).unwrap(), story.state);
    assert!(!serde_json::to_string(&story.state.status()).unwrap().contains("hunter2"));
    assert!(!format!("{:?}", story.state).contains("hunter2"));
}

/// What was learnt of whom.
fn learnt(effects: &[Effect]) -> Vec<(String, Outcome)> {
    let learn = |effect: &Effect| match effect {
        Effect::Learn { chosen, outcome } => Some((chosen.id.clone(), *outcome)),
        _ => None,
    };
    effects.iter().filter_map(learn).collect()
}

#[test]
fn a_connection_is_learnt_from_once_and_again_when_it_breaks() {
    let mut story = Story::default();
    story.step(connect(true, 2));
    story.applied(Ok(()));
    let first = learnt(&story.judged(Err(NoProof::Unreachable)));
    assert_eq!(first, [(target(1).chosen.id, Outcome::Unreachable)]);
    story.applied(Ok(()));
    let second = || target(2).chosen.id;
    assert_eq!(learnt(&story.judged(Ok(exit()))), [(second(), Outcome::Worked { latency: Some(80) })]);
    for answer in [Ok(exit()), Err(NoProof::Unreachable), Ok(exit()), Err(NoProof::Unreachable)] {
        story.step(Event::Tick);
        assert!(learnt(&story.judged(answer)).is_empty(), "nothing new, or not sure yet");
    }
    assert_eq!(learnt(&story.judged(Err(NoProof::Unreachable))), [(second(), Outcome::Unreachable)]);
}

#[test]
fn a_block_that_lasts_teaches_nothing_more_and_its_end_does() {
    let mut story = Story::default();
    story.step(connect(true, 1));
    story.applied(Ok(()));
    assert_eq!(learnt(&story.judged(Err(NoProof::Unreachable))).len(), 1);
    for _ in 0..480 {
        story.step(Event::Tick);
        story.applied(Ok(()));
        assert!(learnt(&story.judged(Err(NoProof::Unreachable))).is_empty());
    }
    story.step(Event::Tick);
    story.applied(Ok(()));
    let worked = (target(1).chosen.id, Outcome::Worked { latency: Some(80) });
    assert_eq!(learnt(&story.judged(Ok(exit()))), [worked]);
    story.step(connect(true, 1));
    story.applied(Ok(()));
    assert_eq!(learnt(&story.judged(Err(NoProof::Unreachable))).len(), 1, "a wish is a new attempt");
}

#[test]
fn the_refusal_of_a_judge_is_not_held_against_the_proxy_that_brings_it() {
    for status in [429, 500, 503] {
        let mut story = Story::default();
        story.step(connect(true, 1));
        story.applied(Ok(()));
        assert!(learnt(&story.judged(Err(NoProof::Tampered(NoExit::Status(status))))).is_empty());
    }
}

#[test]
fn a_proxy_that_refuses_a_login_or_forges_an_answer_is_learnt_from_as_such() {
    let refused = NoProof::Tampered(NoExit::Status(407));
    let forged = NoProof::Tampered(NoExit::NotAnExit);
    for (proof, outcome) in [(refused, Outcome::Refused), (forged, Outcome::Tampered)] {
        let mut story = Story::connected(true);
        story.step(Event::Tick);
        assert_eq!(learnt(&story.judged(Err(proof))), [(target(1).chosen.id, outcome)]);
    }
}

#[derive(Clone, Debug)]
enum Move {
    Send(Event),
    Applied(bool, Result<(), Refusal>),
    Judged(bool, Result<Exit, NoProof>),
}

fn moves() -> impl Strategy<Value = Move> {
    let refusal = prop_oneof![
        Just(Ok(())),
        Just(Err(Refusal::NotInControl)),
        Just(Err(Refusal::Browser)),
        Just(Err(Refusal::Permission))
    ];
    let proof = prop_oneof![
        Just(Ok(exit())),
        Just(Err(NoProof::Unreachable)),
        Just(Err(NoProof::Tampered(NoExit::NotAnExit))),
    ];
    prop_oneof![
        1 => (any::<bool>(), 0..3_u16).prop_map(|(kill_switch, targets)| Move::Send(connect(kill_switch, targets))),
        1 => Just(Move::Send(Event::Disconnect)),
        1 => Just(Move::Send(Event::Trouble)),
        1 => Just(Move::Send(Event::LoginRefused)),
        1 => Just(Move::Send(Event::ControlLost)),
        1 => Just(Move::Send(Event::PermissionLost)),
        1 => Just(Move::Send(Event::ControlRegained)),
        1 => Just(Move::Send(Event::Tick)),
        1 => any::<bool>().prop_map(|browser_started| Move::Send(Event::Woke { browser_started })),
        1 => any::<bool>().prop_map(|kill_switch| Move::Send(Event::PolicyChanged(policy(kill_switch)))),
        4 => (any::<bool>(), refusal).prop_map(|(fresh, outcome)| Move::Applied(fresh, outcome)),
        4 => (any::<bool>(), proof).prop_map(|(fresh, outcome)| Move::Judged(fresh, outcome)),
    ]
}

fn event(story: &Story, step: Move) -> Event {
    let generation = |fresh: bool| if fresh { story.generation } else { story.generation.wrapping_sub(1) };
    match step {
        Move::Send(event) => event,
        Move::Applied(fresh, outcome) => Event::Applied { generation: generation(fresh), outcome },
        Move::Judged(fresh, outcome) => {
            Event::Judged { generation: generation(fresh), outcome, latency: None }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn with_the_kill_switch_on_nothing_but_a_disconnect_lets_a_request_go_direct(
        steps in prop::collection::vec(moves(), 1..60)
    ) {
        let mut story = Story::default();
        for step in steps {
            let event = event(&story, step);
            let disconnects = event == Event::Disconnect;
            let effects = story.step(event);
            let protected = story.state.is_wanted() && story.state.status().kill_switch;
            let restores = effects.iter().any(|e| matches!(e, Effect::Route { route: Route::Restore, .. }));
            prop_assert!(!restores || disconnects || !protected);
            if protected {
                prop_assert_ne!(story.state.route(), Route::Restore);
                prop_assert_ne!(story.route.as_ref(), Some(&Route::Restore));
            }
        }
    }

    #[test]
    fn every_claim_of_a_connection_rests_on_an_answer_that_came_through_the_present_route(
        steps in prop::collection::vec(moves(), 1..60)
    ) {
        let mut story = Story::default();
        let (mut in_force, mut proven) = (false, false);
        for step in steps {
            let event = event(&story, step);
            let now = matches!(&event, Event::Applied { generation, outcome: Ok(()) } if *generation == story.generation);
            let answer = matches!(&event, Event::Judged { generation, outcome: Ok(_), .. } if *generation == story.generation);
            let effects = story.step(event);
            let routed = effects.iter().any(|e| matches!(e, Effect::Route { .. }));
            in_force = (in_force || now) && !routed;
            proven = (proven || (answer && in_force)) && !routed;
            let status = story.state.status();
            let worked = learnt(&effects).iter().any(|(_, how)| matches!(how, Outcome::Worked { .. }));
            prop_assert!(!worked || answer && status.phase == Phase::Connected);
            prop_assert!(status.phase != Phase::Connected || proven);
            prop_assert_eq!(status.phase == Phase::Connected, status.exit.is_some());
            prop_assert_eq!(matches!(status.phase, Phase::Blocked | Phase::Failed), status.fault.is_some());
        }
    }
}
