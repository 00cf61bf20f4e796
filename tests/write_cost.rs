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
        let methods = ["scale", "frequency", "duration", "binary", "assessment"];
        for method in methods {
            let mut costs = Vec::new();
            for entries in [200, 10_000] {
                let target = if method == "binary" { 1 } else { 8 };
                let goal = clinic.aims(&ann, &lee, Aim { method, baseline: None, target: Some(target), ..SCALE }).await;
                for (kind, target) in OPEN {
                    opens(&clinic, &goal, kind, target).await;
                }
                // Every other day, until yesterday.
                let first = day(2026, 2, 28) - chrono::Days::new(2 * (entries - 1));
                let values: Vec<_> = (0..entries).map(|_| 1).collect();
                clinic.has_entries(&goal, first, 2, &values).await;
                let input = json!({ "goalId": goal.id, "value": "1", "entryDate": "2026-02-27",
                    "context": (method == "assessment").then_some("ASSESSMENT") });
                let answer = clinic.sends_input(&lee, "recordProgress", &input, "entry { id }").await;
                assert!(answer.at("/payload/entry/id").is_string(), "{}", answer.body);
                costs.push((answer.statements, answer.rows));
            }
            assert_eq!(costs[0], costs[1], "{method}");
            assert!(costs[0].1 < 80, "{costs:?} of {method}");
        }
    }
}
