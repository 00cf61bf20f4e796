//! Which addresses are public, and when what failed is tried again.

use chrono::{NaiveDateTime, TimeDelta};
use entity::event::Kind;
use proptest::prelude::*;

use crate::rules::address::{Networks, is_public};
use crate::rules::input::webhook::stored_kinds;
use crate::rules::retry::{LASTING, next_try};

#[test]
fn the_public_internet_is_public_and_nothing_else() {
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.215.14",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "223.255.255.255",
        "2001:200::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "2003::1",
    ];
    let others = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:1.1.1.1",
        "::1.1.1.1",
        "64:ff9b::1.1.1.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:101:101::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in public {
        assert!(is_public(address.parse().expect("an address")), "{address}");
    }
    for address in others {
        assert!(!is_public(address.parse().expect("an address")), "{address}");
    }
}

#[test]
fn networks_hold_what_they_say() {
    let networks: Networks = " 10.1.0.0/16, fd00::/8 ,127.0.0.1,".parse().expect("networks");
    for (address, held) in [
        ("10.1.2.3", true),
        ("::ffff:10.1.2.3", true),
        ("10.2.0.0", false),
        ("127.0.0.1", true),
        ("127.0.0.2", false),
        ("fd12::1", true),
        ("fe80::1", false),
    ] {
        assert_eq!(networks.hold(address.parse().expect("an address")), held, "{address}");
    }
    assert!(!Networks::default().hold("127.0.0.1".parse().expect("an address")));
    for wrong in ["*", "localhost", "10.0.0.0/33", "10.0.0"] {
        assert!(wrong.parse::<Networks>().is_err(), "{wrong}");
    }
}

#[test]
fn kinds_are_stored_once_in_their_order() {
    assert_eq!(
        stored_kinds(&[Kind::ReminderDue, Kind::GoalCreated, Kind::ReminderDue]),
        "goal_created reminder_due"
    );
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(&stored_kinds(&[*kind])), Some(*kind));
    }
}

fn moment(text: &str) -> NaiveDateTime {
    text.parse().expect("a moment")
}

#[test]
fn waits_double_up_to_four_hours() {
    let now = moment("2026-03-01T12:00:00");
    for (attempts, longest) in
        [(0, 10), (1, 10), (2, 20), (3, 40), (10, 5_120), (11, 10_240), (12, 14_400), (99, 14_400)]
    {
        let next = next_try(attempts, now, now + LASTING, 1.0).expect("a try");
        assert_eq!(next - now, TimeDelta::seconds(longest), "{attempts}");
        let half = next_try(attempts, now, now + LASTING, 0.5).expect("a try");
        assert_eq!(half - now, TimeDelta::seconds(longest) / 2, "{attempts}");
        let shortest = next_try(attempts, now, now + LASTING, 0.0).expect("a try");
        assert_eq!(shortest - now, TimeDelta::seconds(1), "{attempts}");
    }
}

proptest! {
    /// A last try is made when the time is over, and none after it; whatever chance says, it comes to that.
    #[test]
    fn tries_end_exactly_when_the_time_is_over(chances in prop::collection::vec(0.0..1.0, 1..30)) {
        let begun = moment("2026-03-01T12:00:00");
        let end = begun + LASTING;
        let mut now = begun;
        for attempts in 1..100_000 {
            let chance = chances[attempts as usize % chances.len()];
            let Some(next) = next_try(attempts, now, end, chance) else { break };
            prop_assert!(next > now && next <= end);
            now = next;
        }
        prop_assert_eq!(now, end);
    }
}
