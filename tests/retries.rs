//! A retry with the same idempotency key gets the first answer again, and nothing is done twice: not
//! after a crash, not when both come at once.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use chrono::TimeDelta;
use entity::request;
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Clinic, Person, id_at, problems, with};

const SHOWN: &str = "entry { id value recordedAt } achievedMilestones { title }";

both! {
    async fn the_same_key_and_input_give_the_first_answer_again(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        let first = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;
        let after = clinic.everything().await;
        clinic.later(TimeDelta::hours(24));

        let second = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;

        assert_eq!(second, first);
        assert_eq!(first["achievedMilestones"], json!([{ "title": "VALUE 5" }]));
        assert_eq!(clinic.everything().await, after);
        let other_fields = clinic.does(&ann, "recordProgress", input, "entry { entryDate }").await;
        assert_eq!(other_fields, json!({ "entry": { "entryDate": "2026-03-01" } }));
    }

    async fn every_mutation_can_be_retried(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let entry = id_at(&clinic.records(&ann, &goal, "3").await, "/entry/id");
        let milestone = clinic.adds_milestone(&lee, &goal, "CUSTOM", "1").await;
        let (of_goal, of_milestone) = (json!({ "goalId": goal }), json!({ "milestoneId": milestone }));
        let score = json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 3 });
        let score =
            id_at(&clinic.does(&lee, "recordAssessment", score, "assessment { id }").await, "/assessment/id");
        let reminder = clinic.does(&lee, "scheduleReminder", of_goal.clone(), "reminder { id }").await;
        let reminder = json!({ "reminderId": id_at(&reminder, "/reminder/id") });
        let of = |object: &Value, fields: Value| with(object.clone(), fields);
        let acts = [
            ("createGoal", json!({ "patientId": ann.id, "description": "Run" }), "goal { id }"),
            ("updateGoal", of(&of_goal, json!({ "category": "Body" })), "goal { category }"),
            ("changeGoalStatus", of(&of_goal, json!({ "status": "ON_HOLD" })), "goal { status }"),
            ("configureTracking", of(&of_goal, json!({ "method": "SCALE" })), "tracking { id }"),
            (
                "importProgress",
                of(&of_goal, json!({ "entries": [{ "value": "4", "entryDate": "2026-02-01" }] })),
                "entries { id }",
            ),
            ("updateProgress", json!({ "entryId": entry, "value": "4" }), "entry { value }"),
            ("addMilestone", of(&of_goal, json!({ "title": "Two" })), "milestone { id }"),
            ("updateMilestone", of(&of_milestone, json!({ "title": "Two" })), "milestone { title }"),
            ("achieveMilestone", of_milestone.clone(), "milestone { achievedAt }"),
            ("revokeMilestone", of_milestone.clone(), "milestone { achievedAt }"),
            (
                "recordAssessment",
                json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 4 }),
                "assessment { id }",
            ),
            ("updateAssessment", json!({ "assessmentId": score, "score": 5 }), "assessment { score }"),
            ("scheduleReminder", of_goal.clone(), "reminder { id }"),
            (
                "updateReminder",
                of(&reminder, json!({ "scheduledDays": [1, 2] })),
                "reminder { scheduledDays }",
            ),
            ("deleteProgress", json!({ "entryId": entry }), "deletedId"),
            ("deleteMilestone", of_milestone, "deletedId"),
            ("deleteAssessment", json!({ "assessmentId": score }), "deletedId"),
            ("deleteReminder", reminder, "deletedId"),
            ("deleteGoal", of_goal, "deletedId deletedEntries deletedMilestones"),
        ];
        for (mutation, input, selection) in acts {
            let keyed = with(input, json!({ "idempotencyKey": mutation }));
            let first = clinic.does(&lee, mutation, keyed.clone(), selection).await;
            let after = clinic.everything().await;
            assert_eq!(clinic.does(&lee, mutation, keyed, selection).await, first, "{mutation}");
            assert_eq!(clinic.everything().await, after, "{mutation}");
        }
    }

    async fn the_same_key_for_something_else_is_a_conflict(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = |value: Value| json!({ "goalId": goal, "value": value, "idempotencyKey": "one" });
        clinic.does(&ann, "recordProgress", input(json!("6")), SHOWN).await;

        let conflict = ["CONFLICT input.idempotencyKey"];
        assert_eq!(clinic.is_refused(&ann, "recordProgress", input(json!("7"))).await, conflict);
        let noted = with(input(json!("6")), json!({ "notes": "" }));
        assert_eq!(clinic.is_refused(&ann, "recordProgress", noted).await, conflict);
        let reminder = json!({ "goalId": goal, "idempotencyKey": "one" });
        assert_eq!(clinic.is_refused(&ann, "scheduleReminder", reminder).await, conflict);
    }

    /// What was sent is compared as it was meant: a client may write its fields in another order, or in the
    /// document in place of variables.
    async fn the_same_input_written_otherwise_is_a_retry(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "6", "context": "SELF_REPORT", "idempotencyKey": "one" });
        let first = clinic.does(&ann, "recordProgress", input, SHOWN).await;
        let fields = [
            r#"idempotencyKey: "one""#.to_owned(),
            "context: SELF_REPORT".to_owned(),
            format!(r#"goalId: "{goal}""#),
        ];
        let document = |value: &str| {
            let fields = fields.join(", ");
            format!("mutation {{ again: recordProgress(input: {{ value: {value}, {fields} }}) {{ {SHOWN} userErrors {{ code }} }} }}")
        };

        let second = clinic.asks(&ann, &document("\"6\""), json!({})).await;
        let other = clinic.asks(&ann, &document("\"7\""), json!({})).await;

        assert_eq!(second.at("/again/entry"), &first["entry"]);
        assert_eq!(other.at("/again/userErrors"), &json!([{ "code": "CONFLICT" }]));
        assert_eq!(clinic.entries().await.len(), 1);
    }

    /// In an update null clears and absent keeps: they are not the same input.
    async fn null_is_not_a_retry_of_nothing(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "idempotencyKey": "one" });
        clinic.does(&lee, "updateGoal", input.clone(), "goal { id }").await;
        let cleared = with(input, json!({ "category": null }));
        assert_eq!(clinic.is_refused(&lee, "updateGoal", cleared).await, ["CONFLICT input.idempotencyKey"]);
    }

    async fn after_a_day_a_key_is_forgotten(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        let first = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;
        clinic.later(TimeDelta::hours(24) + TimeDelta::microseconds(1));

        let second = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;

        assert_ne!(second["entry"]["id"], first["entry"]["id"]);
        assert_eq!(clinic.entries().await.len(), 2);
        // From now on it is the key of the second.
        assert_eq!(clinic.does(&ann, "recordProgress", input, SHOWN).await, second);
    }

    async fn answers_are_kept_no_longer_than_their_keys(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        for key in ["old", "new"] {
            clinic.later(TimeDelta::hours(13));
            clinic.records_with(&ann, &goal, "6", json!({ "idempotencyKey": key })).await;
        }
        clinic.later(TimeDelta::hours(13));

        let forgotten = server::service::forget_old_answers(clinic.store(), &clinic.app.clock).await;

        assert_eq!(forgotten.expect("an answer"), 1);
        let left = request::Entity::find().all(clinic.db()).await.expect("requests");
        assert_eq!(left.iter().map(|left| left.key.as_str()).collect::<Vec<_>>(), ["new"]);
    }

    /// Gone, or not theirs to see any more: neither is told again.
    async fn what_is_gone_is_not_told_again(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (gone, left) = (clinic.sets_a_goal(&lee, &ann).await, clinic.sets_a_goal(&lee, &ann).await);
        let entry = |goal: &str| json!({ "goalId": goal, "value": "6", "idempotencyKey": goal });
        let score = json!({ "patientId": ann.id, "assessmentType": "PHQ-9", "score": 9, "idempotencyKey": "9" });
        for goal in [&gone, &left] {
            clinic.does(&ann, "recordProgress", entry(goal), SHOWN).await;
        }
        clinic.does(&lee, "recordAssessment", score.clone(), "assessment { id }").await;
        let delete = json!({ "goalId": gone, "idempotencyKey": "delete" });
        let deleted = clinic.does(&lee, "deleteGoal", delete.clone(), "deletedId deletedEntries").await;

        let lost = ["NOT_FOUND input.idempotencyKey"];
        assert_eq!(clinic.is_refused(&ann, "recordProgress", entry(&gone)).await, lost);
        assert_eq!(clinic.does(&lee, "deleteGoal", delete, "deletedId deletedEntries").await, deleted);
        let shown = "entry { goal { id } }";
        let again = clinic.does(&ann, "recordProgress", entry(&left), shown).await;
        assert_eq!(again, json!({ "entry": { "goal": { "id": left } } }));
        clinic.no_longer_treats(&lee, &ann).await;
        assert_eq!(clinic.is_refused(&lee, "recordAssessment", score).await, lost);
    }

    async fn everyone_has_keys_of_their_own(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        let by_ann = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;
        let by_lee = clinic.does(&lee, "recordProgress", input, SHOWN).await;
        assert_ne!(by_ann["entry"]["id"], by_lee["entry"]["id"]);
    }

    async fn a_refusal_is_not_kept(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = |value: &str| json!({ "goalId": goal, "value": value, "idempotencyKey": "one" });
        assert_eq!(
            clinic.is_refused(&ann, "recordProgress", input("11")).await,
            ["OUT_OF_RANGE input.value"]
        );
        clinic.does(&ann, "recordProgress", input("10"), SHOWN).await;
    }

    async fn a_key_is_a_short_text(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = |key: &str| json!({ "goalId": goal, "value": "6", "idempotencyKey": key });
        let cases =
            [("", "REQUIRED"), (" ", "REQUIRED"), ("a\u{0}b", "INVALID"), (&"x".repeat(201), "TOO_LONG")];
        for (key, code) in cases {
            let problems = clinic.is_refused(&ann, "recordProgress", input(key)).await;
            assert_eq!(problems, [format!("{code} input.idempotencyKey")]);
        }
        clinic.does(&ann, "recordProgress", input(&"\u{1F642}".repeat(200)), SHOWN).await;
    }

    async fn of_many_at_once_one_is_done_and_all_get_its_answer(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": "one" });
        let answers =
            join_all((0..8).map(|_| clinic.does(&ann, "recordProgress", input.clone(), SHOWN))).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(clinic.entries().await.len(), 1);
    }

    async fn of_many_different_at_once_one_is_done_and_the_others_conflict(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let inputs: Vec<_> =
            (1..=8).map(|value| json!({ "goalId": goal, "value": value, "idempotencyKey": "one" })).collect();
        let answers =
            join_all(inputs.iter().map(|input| clinic.sends_input(&ann, "recordProgress", input, SHOWN)))
                .await;
        let mut found: Vec<_> = answers.iter().map(|answer| problems(answer.at("/payload"))).collect();
        found.sort();
        assert_eq!(found[0], [""; 0]);
        assert!(
            found[1..].iter().all(|problems| problems == &["CONFLICT input.idempotencyKey"]),
            "{found:?}"
        );
        assert_eq!(clinic.entries().await.len(), 1);
    }

    /// Killed at any moment, the answer lost: whether it had been done or not, the retry leaves it done
    /// once, with all that belongs to it.
    async fn however_far_the_first_came_the_retry_finds_it_done_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let milestone = clinic.adds_milestone(&lee, &goal, "VALUE", "5").await;
        let mut answers_lost = 0;
        for attempt in 1..=60 {
            let key = format!("attempt {attempt}");
            let input = json!({ "goalId": goal, "value": "6", "idempotencyKey": key });
            let answered = sends_for(&clinic, &ann, &input, attempt % 20).await;
            answers_lost += usize::from(!answered && clinic.entries().await.len() == attempt);

            let payload = clinic.does(&ann, "recordProgress", input.clone(), SHOWN).await;

            assert_eq!(payload["achievedMilestones"], json!([{ "title": "VALUE 5" }]), "{key}");
            assert_eq!(clinic.entries().await.len(), attempt, "{key}");
            assert_eq!(clinic.events_of("progress_recorded").await.len(), attempt, "{key}");
            assert_eq!(clinic.events_of("milestone_achieved").await.len(), attempt, "{key}");
            let revoke = json!({ "milestoneId": milestone });
            clinic.does(&lee, "revokeMilestone", revoke, "goal { id }").await;
        }
        assert_ne!(answers_lost, 0, "none was done without its answer");
    }
}

/// Sends a mutation and drops it after so many steps, as a crash would; whether it was answered before.
async fn sends_for(clinic: &Clinic, person: &Person, input: &Value, steps: usize) -> bool {
    // Reading goes on after the transaction, so that the answer may be lost in it.
    let selection = "entry { recordedBy { fullName } goal { entries { totalCount } } }";
    let request = pin!(clinic.sends_input(person, "recordProgress", input, selection));
    Steps { request, left: steps }.await
}

/// A future that is polled so often and no more.
struct Steps<F> {
    request: F,
    left: usize,
}

impl<F: Future + Unpin> Future for Steps<F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        if self.left == 0 {
            return Poll::Ready(false);
        }
        self.left -= 1;
        Pin::new(&mut self.request).poll(context).map(|_| true)
    }
}
