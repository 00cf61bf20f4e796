//! Which scores a score is compared with.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;

use super::date;
use crate::rules::episode::{Episode, Taken, of_last};

/// Scores on days counted from the first of 2023, of no goal (0) or a numbered one.
fn scores(taken: &[(u64, u128, i32)]) -> Vec<Taken> {
    let score = |(id, (days, goal, score)): (u128, &(u64, u128, i32))| Taken {
        id: Uuid::from_u128(id),
        goal: (*goal > 0).then(|| Uuid::from_u128(*goal)),
        day: on(*days),
        score: *score,
    };
    (1..).zip(taken).map(score).collect()
}

fn on(days: u64) -> NaiveDate {
    date("2023-01-01").checked_add_days(Days::new(days)).expect("a date")
}

/// Start, first and previous score.
fn read(taken: &[(u64, u128, i32)]) -> (NaiveDate, Option<i32>, Option<i32>) {
    let Episode { start, first, previous } = of_last(&scores(taken)).expect("a score");
    (start, first.map(|score| score.score), previous.map(|score| score.score))
}

#[test]
fn a_goals_score_is_compared_within_the_goal() {
    let course = [(0, 0, 20), (90, 0, 4), (700, 1, 16), (707, 2, 27), (714, 0, 26), (1500, 1, 12)];
    assert_eq!(read(&course), (on(700), Some(16), Some(16)));
    assert_eq!(read(&course[..3]), (on(700), None, None));
}

#[test]
fn a_score_without_a_goal_is_compared_up_to_a_gap_of_more_than_180_days() {
    assert_eq!(read(&[(0, 0, 20), (180, 0, 18), (360, 0, 9)]), (on(0), Some(20), Some(18)));
    assert_eq!(read(&[(0, 0, 20), (180, 0, 18), (361, 0, 9)]), (on(361), None, None));
    // The person is the same, whatever goal a score belongs to.
    assert_eq!(read(&[(0, 0, 20), (10, 1, 18), (15, 0, 9)]), (on(0), Some(20), Some(18)));
    assert_eq!(of_last(&[]), None);
}

proptest! {
    #[test]
    fn an_episode_has_no_gap_and_nothing_before_it_belongs_to_it(
        mut days in proptest::collection::vec((0..2_000_u64, 0..3_u128, 0..27_i32), 1..20),
    ) {
        days.sort_by_key(|(day, ..)| *day);
        let taken = scores(&days);
        let episode = of_last(&taken).expect("a score");
        let last = taken.last().expect("a score");
        let (before, within): (Vec<&Taken>, Vec<&Taken>) = taken.iter().partition(|score| score.day < episode.start);
        if last.goal.is_some() {
            prop_assert!(before.iter().all(|score| score.goal != last.goal));
        } else {
            let gap = |earlier: NaiveDate, later: NaiveDate| (later - earlier).num_days();
            prop_assert!(within.windows(2).all(|pair| gap(pair[0].day, pair[1].day) <= 180));
            prop_assert!(before.last().is_none_or(|score| gap(score.day, episode.start) > 180));
        }
        prop_assert_eq!(episode.first.is_some(), episode.previous.is_some());
        prop_assert!(episode.first.is_none_or(|first| first.day == episode.start && first.id != last.id));
    }
}
