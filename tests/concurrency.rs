//! Many writers at once: each waits for its turn, nobody's work is lost, and what may happen once happens
//! once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Answer, Clinic, Person, day, problems, with};

const WRITERS: usize = 24;

both! { in parallel {
    async fn of_many_who_reach_a_milestone_one_achieves_it(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        for (kind, target) in [("PERCENTAGE", "50"), ("VALUE", "5"), ("STREAK", "1")] {
            clinic.adds_milestone(&lee, &goal, kind, target).await;
        }
        let input = json!({ "goalId": goal, "value": "6" });
        let clinic = Arc::new(clinic);

        let answers =
            at_once(&clinic, "recordProgress", vec![(ann, input); WRITERS], "achievedMilestones { title }")
                .await;

        let payloads: Vec<_> =
            answers.iter().map(|answer| answer.at("/payload/achievedMilestones")).collect();
        let all = json!([{ "title": "STREAK 1" }, { "title": "VALUE 5" }, { "title": "PERCENTAGE 50" }]);
        assert_eq!(payloads.iter().filter(|achieved| ***achieved == all).count(), 1);
        assert_eq!(payloads.iter().filter(|achieved| ***achieved == json!([])).count(), WRITERS - 1);
        assert_eq!(clinic.events_of("milestone_achieved").await.len(), 3);
        assert_eq!(clinic.entries().await.len(), WRITERS);
        assert_eq!(clinic.events_of("progress_recorded").await.len(), WRITERS);
    }

    async fn of_many_who_say_it_is_achieved_one_is_told_of(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let milestone = clinic.adds_milestone(&lee, &goal, "CUSTOM", "1").await;
        let input = json!({ "milestoneId": milestone });
        let clinic = Arc::new(clinic);

        let answers =
            at_once(&clinic, "achieveMilestone", vec![(lee, input); WRITERS], "milestone { achievedAt }")
                .await;

        assert!(
            answers.iter().all(|answer| answer.at("/payload/milestone/achievedAt") == "2026-03-01T12:00:00Z")
        );
        assert_eq!(clinic.events_of("milestone_achieved").await.len(), 1);
    }

    async fn imports_and_single_entries_lose_nothing(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let clinic = Arc::new(clinic);
        let rows = |month: u32| {
            (1..=28).map(move |number| json!({ "value": "4", "entryDate": day(2025, month, number) }))
        };
        let imports = (1..=12).map(|month| {
            (lee.clone(), json!({ "goalId": goal, "entries": rows(month).collect::<Vec<_>>() }))
        });
        let records = (0..WRITERS).map(|_| (ann.clone(), json!({ "goalId": goal, "value": "5" })));

        let (imported, recorded) = tokio::join!(
            at_once(&clinic, "importProgress", imports.collect(), "entries { id }"),
            at_once(&clinic, "recordProgress", records.collect(), "entry { id }"),
        );

        assert!(imported.iter().chain(&recorded).all(|answer| problems(answer.at("/payload")).is_empty()));
        assert_eq!(clinic.entries().await.len(), 12 * 28 + WRITERS);
        assert_eq!(clinic.events_of("progress_recorded").await.len(), 12 * 28 + WRITERS);
    }

    async fn the_same_score_is_recorded_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let input = json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 9 });
        let clinic = Arc::new(clinic);

        let answers = at_once(&clinic, "recordAssessment", vec![(lee, input); WRITERS], "__typename").await;

        let refused = answers.iter().filter(|answer| problems(answer.at("/payload")) == ["DUPLICATE input.score"]);
        assert_eq!(refused.count(), WRITERS - 1);
        assert_eq!(clinic.events_of("assessment_recorded").await.len(), 1);
    }

    async fn the_same_import_is_taken_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let rows: Vec<_> =
            (1..=3).map(|number| json!({ "value": "4", "entryDate": day(2026, 2, number) })).collect();
        let clinic = Arc::new(clinic);

        let input = json!({ "goalId": goal, "entries": rows });
        let answers = at_once(&clinic, "importProgress", vec![(lee, input); 8], "entries { id }").await;

        let duplicates = [0, 1, 2].map(|index| format!("DUPLICATE input.entries.{index}"));
        assert_eq!(refusals(&answers), vec![duplicates.to_vec(); 7]);
        assert_eq!(clinic.entries().await.len(), 3);
    }

    async fn of_many_who_change_what_they_all_read_one_wins(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let read = json!({ "goalId": goal, "expectedUpdatedAt": "2026-03-01T12:00:00Z" });
        clinic.later(chrono::TimeDelta::seconds(1));
        let clinic = Arc::new(clinic);
        let inputs = (0..WRITERS).map(|number| {
            (lee.clone(), with(read.clone(), json!({ "category": format!("Number {number}") })))
        });

        let answers = at_once(&clinic, "updateGoal", inputs.collect(), "goal { category }").await;

        assert_eq!(refusals(&answers), vec![["CONFLICT input.expectedUpdatedAt"]; WRITERS - 1]);
        let won =
            answers.iter().find_map(|answer| answer.at("/payload/goal").get("category")).expect("a winner");
        let stored =
            clinic.asks(&ann, "query($id: ID!) { goal(id: $id) { category } }", json!({ "id": goal })).await;
        assert_eq!(stored.at("/goal/category"), won);
        assert_eq!(clinic.events_of("goal_updated").await.len(), 1);
    }

    async fn the_last_place_is_given_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let members = json!({ "milestones": vec![json!({ "title": "One" }); 99] });
        let goal = clinic.sets_a_goal_with(&lee, &ann, members).await;
        let clinic = Arc::new(clinic);

        let input = json!({ "goalId": goal, "title": "The last" });
        let answers = at_once(&clinic, "addMilestone", vec![(lee, input); 8], "milestone { id }").await;

        assert_eq!(refusals(&answers), vec![vec!["OUT_OF_RANGE input.goalId".to_owned()]; 7]);
        assert_eq!(clinic.milestones().await.len(), 100);
    }

    async fn what_is_deleted_meanwhile_is_not_found(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let entry = clinic.records(&ann, &goal, "3").await;
        let clinic = Arc::new(clinic);
        let entry = json!({ "entryId": entry["entry"]["id"], "value": "4" });
        let (on_goal, on_entry) = (json!({ "goalId": goal, "value": "5" }), vec![(ann.clone(), entry); 8]);

        let (recorded, updated, deleted) = tokio::join!(
            at_once(&clinic, "recordProgress", vec![(ann.clone(), on_goal); 8], "entry { id }"),
            at_once(&clinic, "updateProgress", on_entry, "entry { id }"),
            at_once(&clinic, "deleteGoal", vec![(lee.clone(), json!({ "goalId": goal })); 2], "deletedId"),
        );

        assert_eq!(refusals(&deleted), [["NOT_FOUND input.goalId"]]);
        assert!(refusals(&recorded).iter().all(|refusal| refusal == &["NOT_FOUND input.goalId"]));
        assert!(refusals(&updated).iter().all(|refusal| refusal == &["NOT_FOUND input.entryId"]));
        assert_eq!(clinic.entries().await.len(), 0);
    }

    async fn many_goals_at_once_hinder_nobody(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let clinic = Arc::new(clinic);
        let inputs = (0..60).map(|number| {
            let input = json!({
                "patientId": ann.id, "description": format!("Goal {number}"), "reminders": [{}],
                "milestones": [{ "title": "One" }], "tracking": { "method": "BINARY" },
            });
            (lee.clone(), input)
        });
        let answers =
            at_once(&clinic, "createGoal", inputs.collect(), "goal { description milestones { title } }")
                .await;
        assert_eq!(refusals(&answers), [[""; 0]; 0]);
        assert_eq!(clinic.told().await.len(), 60 * 4);
    }

    /// Another program has the goal's row, on SQLite the whole file: the writer waits and then goes on.
    async fn a_writer_waits_for_another_program(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let other =
            sea_orm::Database::connect(one_connection(&clinic.database.url)).await.expect("a connection");
        other.execute_unprepared("BEGIN").await.expect("a transaction");
        let lock = "UPDATE treatment_goals SET category = 'Other'";
        other.execute_unprepared(lock).await.expect("a lock");
        let clinic = Arc::new(clinic);
        let input = json!({ "goalId": goal, "value": "5" });
        let waiting = clinic.clone();
        let mut writer = tokio::spawn(async move {
            waiting.does(&ann, "recordProgress", input, "entry { value } goal { category }").await
        });

        let early = tokio::time::timeout(Duration::from_millis(300), &mut writer).await;
        assert!(early.is_err(), "did not wait: {early:?}");
        assert_eq!(clinic.entries().await.len(), 0);
        other.execute_unprepared("COMMIT").await.expect("a commit");

        let payload = writer.await.expect("an answer");
        assert_eq!(payload, json!({ "entry": { "value": "5.00" }, "goal": { "category": "Other" } }));
    }
} }

/// Sends all inputs at the same time, each from a task of its own.
async fn at_once(
    clinic: &Arc<Clinic>,
    mutation: &'static str,
    inputs: Vec<(Person, Value)>,
    selection: &'static str,
) -> Vec<Answer> {
    let tasks = inputs.into_iter().map(|(person, input)| {
        let clinic = clinic.clone();
        tokio::spawn(async move { clinic.sends_input(&person, mutation, &input, selection).await })
    });
    let tasks: Vec<_> = tasks.collect();
    join_all(tasks).await.into_iter().map(|answer| answer.expect("an answer")).collect()
}

/// The problems of those that were refused.
fn refusals(answers: &[Answer]) -> Vec<Vec<String>> {
    let all = answers.iter().map(|answer| problems(answer.at("/payload")));
    all.filter(|problems| !problems.is_empty()).collect()
}

fn one_connection(url: &str) -> sea_orm::ConnectOptions {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options
}
