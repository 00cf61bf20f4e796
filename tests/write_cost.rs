//! What recording costs: statements by what is asked of an entry, and rows that do not grow with the history.

use sea_orm::prelude::Decimal;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::json;

use crate::both;
use crate::support::{Aim, Answer, Clinic, Person, SCALE, day};

const OPEN: [(&str, i64); 3] = [("percentage", 150), ("value", 10), ("streak", 5000)];

/// Records on a day of the past, and is told of nothing but the entry.
async fn record(clinic: &Clinic, person: &Person, goal: uuid::Uuid) -> Answer {
    let input = json!({ "goalId": goal, "value": "1", "entryDate": "2026-02-10" });
    let selection = "entry { id } achievedMilestones { id }";
    let answer = clinic.sends_input(person, "recordProgress", &input, selection).await;
    assert_eq!(*answer.at("/payload/achievedMilestones"), json!([]));
    answer
}

async fn opens(clinic: &Clinic, goal: &entity::goal::Model, kind: &str, target: i64) {
    let mut row = clinic.milestone(goal, kind, false).await.into_active_model();
    row.milestone_type = Set(Some(kind.to_owned()));
    row.target_value = Set(Some(Decimal::from(target)));
    row.update(clinic.db()).await.expect("a milestone");
}

both! {
    async fn an_entry_takes_as_many_statements_as_its_milestones_ask_for(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.aims(&ann, &lee, SCALE).await;
        // BEGIN; the goal, locked, with its patient's zone and whether the viewer treats them; how it is
        // tracked; the entry; open milestones; the event; COMMIT.
        for person in [&ann, &lee] {
            assert_eq!(record(&clinic, person, goal.id).await.statements, 7);
        }
        // Days around the entry, the first and the last day: one more statement.
        opens(&clinic, &goal, OPEN[0].0, OPEN[0].1).await;
        opens(&clinic, &goal, OPEN[1].0, OPEN[1].1).await;
        assert_eq!(record(&clinic, &ann, goal.id).await.statements, 8);
        // Days on hold come with the milestone.
        opens(&clinic, &goal, OPEN[2].0, OPEN[2].1).await;
        for person in [&ann, &lee, &clinic.admin("Root").await] {
            assert_eq!(record(&clinic, person, goal.id).await.statements, 8);
        }
        // The instrument of a goal that is tracked by assessment, once.
        let scores = clinic.aims(&ann, &lee, Aim { method: "assessment", ..SCALE }).await;
        opens(&clinic, &scores, "value", 10).await;
        let input = json!({ "goalId": scores.id, "value": "1", "context": "ASSESSMENT" });
        let score = clinic.sends_input(&lee, "recordProgress", &input, "entry { id }").await;
        assert_eq!(score.statements, 8 + 1);
        // With a key: it is taken at first, and the answer kept at last.
        let input = json!({ "goalId": goal.id, "value": "1", "idempotencyKey": "once" });
        let kept = clinic.sends_input(&ann, "recordProgress", &input, "entry { id }").await;
        assert_eq!(kept.statements, 8 + 2);
    }

    async fn an_entry_costs_no_more_after_a_long_history(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        clinic.session(&ann, &lee, day(1998, 1, 1).and_time(chrono::NaiveTime::MIN)).await;
        let aim = |method, frequency, direction, target| Aim {
            method, frequency, direction: Some(direction), baseline: None, target: Some(target),
        };
        let aims = [
            aim("scale", "daily", "increase", 8),
            aim("scale", "weekly", "decrease", 1),
            aim("frequency", "daily", "increase", 8),
            aim("frequency", "weekly", "decrease", 8),
            aim("duration", "daily", "increase", 8),
            aim("duration", "weekly", "maintain", 8),
            aim("binary", "daily", "increase", 1),
            aim("binary", "weekly", "decrease", 1),
            aim("assessment", "daily", "increase", 8),
            // Of everything there ever was, and of one session that never ends.
            aim("binary", "daily", "increase", 100_000),
            aim("frequency", "session", "increase", 100_000),
        ];
        for aim in aims {
            // Every day, so that streaks have no gap, and every other day.
            for step in [1, 2] {
                let costs = [cost(&clinic, &ann, &lee, aim, step, 200).await, cost(&clinic, &ann, &lee, aim, step, 10_000).await];
                assert_eq!(costs[0], costs[1], "{aim:?}, every {step} days");
                assert!(costs[0].1 < 80, "{costs:?} of {aim:?}, every {step} days");
            }
        }
    }
}

/// Milestones that stay open: no history is long enough for the streak.
const FAR: [(&str, i64); 3] = [("percentage", 1_000_000), ("value", 1_000_000), ("streak", 50_000)];

/// The statements and rows of recording on a day, after so many entries that end with the day before.
async fn cost(clinic: &Clinic, ann: &Person, lee: &Person, aim: Aim, step: u64, entries: u64) -> (u32, u32) {
    let goal = clinic.aims(ann, lee, aim).await;
    for (kind, target) in FAR {
        let far = if aim.direction == Some("increase") || kind != "value" { target } else { -target };
        opens(clinic, &goal, kind, far).await;
    }
    let first = day(2026, 2, 28) - chrono::Days::new(step * (entries - 1));
    let values: Vec<_> = (0..entries).map(|_| 1).collect();
    clinic.has_entries(&goal, first, step, &values).await;
    let context = (aim.method == "assessment").then_some("ASSESSMENT");
    let input = json!({ "goalId": goal.id, "value": "1", "context": context });
    let answer =
        clinic.sends_input(lee, "recordProgress", &input, "entry { id } achievedMilestones { id }").await;
    assert!(answer.at("/payload/entry/id").is_string(), "{}", answer.body);
    assert_eq!(*answer.at("/payload/achievedMilestones"), json!([]));
    (answer.statements, answer.rows)
}
