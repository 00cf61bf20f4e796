//! Who may do what: every mutation against everyone, and a refusal changes nothing. And who hears of it.

use std::collections::BTreeSet;

use entity::{goal, reminder, webhook, webhook_delivery};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::{Value, json};
use server::outbound::Outbound;
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person, SECRET, day, problems, with};

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// As if there were no such row.
    Hidden,
    /// Seen, and not theirs to change.
    Refused,
}

use Outcome::{Done as D, Hidden as H, Refused as R};

/// Every mutation, the id field that a hidden row is named by, and the outcome for a therapist without
/// patients, the patient, another patient, the own therapist, another's therapist, one who treated the
/// patient and still owns the goal, and an admin.
pub const TABLE: &[(&str, &str, [Outcome; 7])] = &[
    ("createGoal", "patientId", [H, R, H, D, H, R, D]),
    ("updateGoal", "goalId", [H, R, H, D, H, R, D]),
    ("changeGoalStatus", "goalId", [H, R, H, D, H, R, D]),
    ("deleteGoal", "goalId", [H, R, H, D, H, R, D]),
    ("configureTracking", "goalId", [H, R, H, D, H, R, D]),
    // Whoever owns a goal of a former patient can at least pass it on.
    ("transferGoal", "goalId", [H, R, H, D, H, D, D]),
    ("recordProgress", "goalId", [H, D, H, D, H, R, D]),
    ("importProgress", "goalId", [H, D, H, D, H, R, D]),
    // An entry of the patient's own; of somebody else's they may change nothing, see recording.rs.
    ("updateProgress", "entryId", [H, D, H, D, H, R, D]),
    ("deleteProgress", "entryId", [H, D, H, D, H, R, D]),
    ("addMilestone", "goalId", [H, R, H, D, H, R, D]),
    ("updateMilestone", "milestoneId", [H, R, H, D, H, R, D]),
    ("achieveMilestone", "milestoneId", [H, R, H, D, H, R, D]),
    ("revokeMilestone", "milestoneId", [H, R, H, D, H, R, D]),
    ("deleteMilestone", "milestoneId", [H, R, H, D, H, R, D]),
    ("recordAssessment", "patientId", [H, R, H, D, H, R, D]),
    ("updateAssessment", "assessmentId", [H, R, H, D, H, R, D]),
    ("deleteAssessment", "assessmentId", [H, R, H, D, H, R, D]),
    ("scheduleReminder", "goalId", [H, D, H, D, H, R, D]),
    ("updateReminder", "reminderId", [H, D, H, D, H, R, D]),
    ("deleteReminder", "reminderId", [H, D, H, D, H, R, D]),
    // Of a patient; everybody may change their own, see people.rs.
    ("updatePersonSettings", "personId", [H, D, H, D, H, R, D]),
    // The server's own: what others can't see is hidden, and what there is none of yet is refused.
    ("registerWebhook", "url", [R, R, R, R, R, R, D]),
    ("updateWebhook", "webhookId", [H, H, H, H, H, H, D]),
    ("rotateWebhookSecret", "webhookId", [H, H, H, H, H, H, D]),
    ("resendWebhookDelivery", "deliveryId", [H, H, H, H, H, H, D]),
    ("deleteWebhook", "webhookId", [H, H, H, H, H, H, D]),
];

/// Every subscription, and who of the same seven hears of the patient with the own therapist's goal.
const NEWS: &[(&str, [bool; 7])] = &[
    ("milestoneAchieved", [false, true, false, true, false, false, true]),
    ("progressRecorded", [false, true, false, true, false, false, true]),
    ("assessmentRecorded", [false, true, false, true, false, false, true]),
    ("goalChanged", [false, true, false, true, false, false, true]),
    ("reminderDue", [false, true, false, true, false, false, true]),
];

both! {
    async fn every_subscription_is_heard_by_whom_the_table_says(clinic) {
        let ward = Ward::open(clinic).await;
        for (subscription, hearers) in NEWS {
            let query = format!("subscription {{ {subscription} {{ cursor }} }}");
            let mut listeners = Vec::new();
            for person in &ward.people {
                listeners.push(ward.clinic.listens(person, &query, json!({})).await);
            }
            let rows = ward.rows(false).await;
            ward.tells(subscription, &rows).await;
            let hears = listeners.iter_mut().zip(hearers).map(async |(listener, hears)| {
                if *hears {
                    assert!(listener.news().await["cursor"].is_string());
                }
                // No more than that.
                listener.is_silent().await;
            });
            join_all(hears).await;
        }
    }

    async fn the_table_names_every_subscription(clinic) {
        assert_eq!(fields(&clinic, "subscriptionType").await, NEWS.iter().map(|(name, _)| (*name).into()).collect());
    }

    async fn every_mutation_is_done_hidden_or_refused_as_the_table_says(clinic) {
        let ward = Ward::open(clinic).await;
        for (mutation, id, outcomes) in TABLE {
            for (person, outcome) in ward.people.iter().zip(outcomes) {
                let rows = ward.rows(person.name == "Former").await;
                let found = ward.tries(person, mutation, id, rows.input(mutation)).await;
                assert_eq!(found, *outcome, "{mutation} by {}", person.name);
            }
        }
    }

    async fn the_table_names_every_mutation(clinic) {
        assert_eq!(fields(&clinic, "mutationType").await, TABLE.iter().map(|(name, ..)| (*name).into()).collect());
    }

    async fn a_patient_who_moves_on_takes_the_therapists_leave_along(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "5" });
        clinic.no_longer_treats(&lee, &ann).await;
        assert_eq!(clinic.is_refused(&lee, "recordProgress", input.clone()).await, ["NOT_ALLOWED input"]);
        clinic.does(&ann, "recordProgress", input, "entry { id }").await;
    }

    async fn what_somebody_else_keyed_is_not_shown_to_others(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let (ben, _) = clinic.couple("Ben", "Dr. Kim").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let input = json!({ "goalId": goal, "value": "5", "idempotencyKey": "one" });
        clinic.does(&ann, "recordProgress", input.clone(), "entry { id }").await;
        assert_eq!(clinic.is_refused(&ben, "recordProgress", input).await, ["NOT_FOUND input.goalId"]);
    }
}

/// The tables above, for those who read no Rust.
const PRINTED: &str = include_str!("permissions.md");

const EVERYONE: [&str; 7] = [
    "a therapist without patients",
    "the patient",
    "another patient",
    "the patient's therapist",
    "another's therapist",
    "a former therapist",
    "an admin",
];

#[test]
fn the_printed_table_is_up_to_date() {
    let printed = printed();
    assert!(PRINTED == printed, "make tests/permissions.md this:\n{printed}");
}

fn printed() -> String {
    let mutations = TABLE.iter().map(|(name, _, outcomes)| row(name, &outcomes.map(in_words)));
    let news =
        NEWS.iter().map(|(name, hears)| row(name, &hears.map(|hears| if hears { "hears" } else { "-" })));
    [
        "# Who may do what\n\nMade from the tables of `tests/permissions.rs`, which are tried on both databases.\n\n\
         \"Hidden\" is answered as if there were no such row; what is refused is seen, but not theirs to change. A\n\
         former therapist still owns the goal. Of an entry that somebody else recorded, a patient changes nothing.\n\n"
            .to_owned(),
        row("mutation", &EVERYONE),
        row("---", &["---"; 7]),
        mutations.collect(),
        "\n".to_owned(),
        row("subscription", &EVERYONE),
        row("---", &["---"; 7]),
        news.collect(),
    ]
    .concat()
}

fn row(name: &str, cells: &[&str; 7]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Hidden => "hidden",
        Outcome::Refused => "refused",
    }
}

/// The fields of a root type.
async fn fields(clinic: &Clinic, root: &str) -> BTreeSet<String> {
    let ann = clinic.patient("Ann").await;
    let query = format!("{{ __schema {{ {root} {{ fields {{ name }} }} }} }}");
    let answer = clinic.asks(&ann, &query, json!({})).await;
    let fields = answer.at(&format!("/__schema/{root}/fields")).as_array().expect("fields").iter();
    fields.map(|field| field["name"].as_str().expect("a name").to_owned()).collect()
}

/// Everyone of the table, around one patient.
pub struct Ward {
    pub clinic: Clinic,
    /// A colleague of the own therapist, who treats the patient too.
    colleague: Person,
    pub people: Vec<Person>,
}

/// A goal with one of everything.
pub struct Rows {
    patient: Uuid,
    owner: Uuid,
    /// Whom the goal may be handed to.
    heir: Uuid,
    pub goal: goal::Model,
    entry: Uuid,
    milestone: Uuid,
    assessment: Uuid,
    reminder: reminder::Model,
    webhook: Uuid,
    delivery: Uuid,
}

impl Ward {
    pub async fn open(mut clinic: Clinic) -> Self {
        clinic.app = clinic.app.with_webhooks(Outbound::default().with_key(SECRET));
        let (patient, own) = clinic.couple("Patient", "Own therapist").await;
        let (other_patient, other) = clinic.couple("Other patient", "Other therapist").await;
        let (stranger, former) = (clinic.therapist("Stranger").await, clinic.therapist("Former").await);
        clinic.treats(&former, &patient).await;
        clinic.no_longer_treats(&former, &patient).await;
        let (colleague, admin) = (clinic.therapist("Colleague").await, clinic.admin("Admin").await);
        clinic.treats(&colleague, &patient).await;
        clinic.lives_in(&patient, "UTC").await;
        Self { clinic, colleague, people: vec![stranger, patient, other_patient, own, other, former, admin] }
    }

    pub async fn rows(&self, of_the_former: bool) -> Rows {
        let (clinic, ann, lee) = (&self.clinic, &self.people[1], &self.people[3]);
        let owner = if of_the_former { &self.people[5] } else { lee };
        let goal: goal::Model = clinic.goal(ann, owner, "Walk").await;
        clinic.tracking(&goal, "scale").await;
        let (webhook, delivery) = self.webhook(&goal).await;
        let by_ann = |entry: &mut entity::progress::ActiveModel| entry.recorded_by = Set(Some(ann.id));
        Rows {
            patient: ann.id,
            owner: owner.id,
            heir: self.colleague.id,
            entry: clinic.entry_with(&goal, day(2026, 2, 1), 3, by_ann).await.id,
            milestone: clinic.milestone(&goal, "One", true).await.id,
            assessment: clinic.assessment(ann, Some(&goal), "PHQ-9", 3, day(2026, 2, 1)).await.id,
            reminder: clinic.reminder(&goal, None).await,
            webhook,
            delivery,
            goal,
        }
    }

    /// One webhook with a delivery that was given up, as new each time.
    async fn webhook(&self, goal: &goal::Model) -> (Uuid, Uuid) {
        let (id, delivery, db) = (Uuid::from_u128(19), Uuid::from_u128(20), self.clinic.db());
        webhook::Entity::delete_by_id(id).exec(db).await.expect("a statement");
        webhook_delivery::Entity::delete_by_id(delivery).exec(db).await.expect("a statement");
        self.clinic.webhook(id).await;
        self.clinic.dead_delivery(delivery, id, goal).await;
        (id, delivery)
    }

    /// Does what a subscription tells of, once.
    async fn tells(&self, subscription: &str, rows: &Rows) {
        let (clinic, own) = (&self.clinic, &self.people[3]);
        let (mutation, input) = match subscription {
            "milestoneAchieved" => {
                let goal = rows.goal.id.to_string();
                let milestone = clinic.adds_milestone(own, &goal, "CUSTOM", "1").await;
                ("achieveMilestone", json!({ "milestoneId": milestone }))
            }
            "progressRecorded" => ("recordProgress", rows.input("recordProgress")),
            "assessmentRecorded" => ("recordAssessment", rows.input("recordAssessment")),
            "goalChanged" => ("updateGoal", rows.input("updateGoal")),
            _ => {
                // At 8:30 of the next day, for the first time, and none of the others.
                let others = reminder::Column::Id.ne(rows.reminder.id);
                let off = reminder::Entity::update_many().col_expr(reminder::Column::IsActive, false.into());
                off.filter(others).exec(clinic.db()).await.expect("an update");
                clinic.catches_up().await;
                return assert_eq!(clinic.catches_up_at("2026-03-02T08:30:00").await.sent, 1);
            }
        };
        clinic.does(own, mutation, input, "__typename").await;
    }

    async fn tries(&self, person: &Person, mutation: &str, id: &str, input: Value) -> Outcome {
        let before = self.clinic.everything().await;
        let answer = self.clinic.sends_input(person, mutation, &input, "__typename").await;
        let problems = problems(answer.at("/payload"));
        let unchanged = self.clinic.everything().await == before;
        match problems.as_slice() {
            [] => Outcome::Done,
            [hidden] if unchanged && *hidden == format!("NOT_FOUND input.{id}") => Outcome::Hidden,
            [refused] if unchanged && refused == "NOT_ALLOWED input" => Outcome::Refused,
            other => panic!("{mutation}: {other:?}, unchanged: {unchanged}"),
        }
    }
}

impl Rows {
    pub fn input(&self, mutation: &str) -> Value {
        let goal = json!({ "goalId": self.goal.id });
        let milestone = json!({ "milestoneId": self.milestone });
        match mutation {
            "createGoal" => {
                json!({ "patientId": self.patient, "therapistId": self.owner, "description": "Run" })
            }
            "updateGoal" => with(goal, json!({ "description": "Run" })),
            "changeGoalStatus" => with(goal, json!({ "status": "COMPLETED" })),
            "deleteGoal" | "scheduleReminder" => goal,
            "configureTracking" => with(goal, json!({ "method": "BINARY" })),
            "recordProgress" => with(goal, json!({ "value": "5" })),
            "importProgress" => {
                with(goal, json!({ "entries": [{ "value": "5", "entryDate": "2026-02-02" }] }))
            }
            "updateProgress" => json!({ "entryId": self.entry, "value": "4" }),
            "deleteProgress" => json!({ "entryId": self.entry }),
            "addMilestone" => with(goal, json!({ "title": "Two" })),
            "updateMilestone" => with(milestone, json!({ "title": "Two" })),
            "achieveMilestone" | "revokeMilestone" | "deleteMilestone" => milestone,
            "recordAssessment" => {
                json!({ "patientId": self.patient, "goalId": self.goal.id, "assessmentType": "PHQ-9", "score": 1,
                    "idempotencyKey": self.goal.id })
            }
            "updateAssessment" => json!({ "assessmentId": self.assessment, "notes": "By phone" }),
            "deleteAssessment" => json!({ "assessmentId": self.assessment }),
            "updateReminder" => json!({ "reminderId": self.reminder.id, "isActive": false }),
            "deleteReminder" => json!({ "reminderId": self.reminder.id }),
            "transferGoal" => with(goal, json!({ "therapistId": self.heir })),
            "updatePersonSettings" => {
                // Another zone each time.
                let zone = format!("Etc/GMT-{}", self.goal.id.as_u128() % 11 + 1);
                json!({ "personId": self.patient, "timeZone": zone })
            }
            "registerWebhook" => json!({ "url": "https://93.184.215.14/", "kinds": ["GOAL_CREATED"] }),
            "updateWebhook" => json!({ "webhookId": self.webhook, "includeMessage": true }),
            "rotateWebhookSecret" | "deleteWebhook" => json!({ "webhookId": self.webhook }),
            "resendWebhookDelivery" => json!({ "deliveryId": self.delivery }),
            other => panic!("no input for {other}"),
        }
    }
}
