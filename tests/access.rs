//! Who sees what. Whatever may not be seen answers as if it did not exist, to the byte.

use axum::http::StatusCode;
use entity::{assessment, goal};
use sea_orm::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both;
use crate::support::{Answer, Clinic, Database, Person, day};

/// Ann's care and everyone around it.
struct Cast {
    clinic: Clinic,
    ann: Person,
    /// Another patient, of Kim's.
    bob: Person,
    /// Treats Ann and owns her goal to walk.
    lee: Person,
    /// Treats Bob, never Ann.
    kim: Person,
    /// Treated Ann once, owns nothing.
    fox: Person,
    /// Treated Ann once and owns her goal to sleep.
    gray: Person,
    /// Owns Ann's goal to rest, but never treated her.
    hall: Person,
    root: Person,
    walk: goal::Model,
    sleep: goal::Model,
    rest: goal::Model,
    /// Bob's goal, Kim's to own.
    bobs: goal::Model,
}

impl Cast {
    async fn on(clinic: Clinic) -> Self {
        let (ann, lee) = clinic.couple("Ann", "Lee").await;
        let (bob, kim) = clinic.couple("Bob", "Kim").await;
        let (fox, gray) = (clinic.therapist("Fox").await, clinic.therapist("Gray").await);
        for former in [&fox, &gray] {
            clinic.treats(former, &ann).await;
            clinic.no_longer_treats(former, &ann).await;
        }
        let hall = clinic.therapist("Hall").await;
        let root = clinic.admin("Root").await;
        let walk = clinic.goal(&ann, &lee, "Walk").await;
        let sleep = clinic.goal(&ann, &gray, "Sleep").await;
        let rest = clinic.goal(&ann, &hall, "Rest").await;
        let bobs = clinic.goal(&bob, &kim, "Run").await;
        Self { clinic, ann, bob, lee, kim, fox, gray, hall, root, walk, sleep, rest, bobs }
    }

    fn everyone(&self) -> [&Person; 8] {
        [&self.ann, &self.bob, &self.lee, &self.kim, &self.fox, &self.gray, &self.hall, &self.root]
    }

    /// The names of those to whom a document answers with `id` in it.
    async fn who_sees(&self, document: &str, variables: &Value, id: Uuid) -> Vec<&str> {
        let mut names = Vec::new();
        for person in self.everyone() {
            let answer = self.clinic.asks(person, document, variables.clone()).await;
            answer.data();
            if answer.text.contains(&id.to_string()) {
                names.push(person.name.as_str());
            }
        }
        names
    }

    /// The names of those who can look a row up by its id; for all others it is as if it did not exist.
    async fn who_finds(&self, id: Uuid) -> Vec<&str> {
        let mut names = Vec::new();
        for person in self.everyone() {
            let [found, absent] = [id, Uuid::nil()].map(|id| json!({ "id": id }));
            let document = "query($id: ID!) { node(id: $id) { id } }";
            let answer = self.clinic.asks(person, document, found).await;
            if *answer.data() == json!({ "node": { "id": id } }) {
                names.push(person.name.as_str());
            } else {
                assert_same(&answer, &self.clinic.asks(person, document, absent).await);
            }
        }
        names
    }
}

/// Not a byte and not a statement tells what is hidden from what is absent.
#[track_caller]
fn assert_same(hidden: &Answer, absent: &Answer) {
    assert_eq!(
        (hidden.status, &hidden.text, hidden.statements),
        (absent.status, &absent.text, absent.statements)
    );
}

// -- every field of the root --------------------------------------------------------------------

/// What a root field shows of Ann, and to whom. A field that is missing here fails the test below.
struct Promise {
    field: &'static str,
    document: &'static str,
    /// Names a row of Ann's in [`rows_of_ann`].
    shows: &'static str,
    to: &'static [&'static str],
}

const AROUND_ANN: &[&str] = &["Ann", "Lee", "Gray", "Hall", "Root"];
const HER_OWN: &[&str] = &["Ann", "Lee", "Root"];

const PROMISES: &[Promise] = &[
    Promise { field: "viewer", document: "{ viewer { id } }", shows: "ann", to: &["Ann"] },
    Promise {
        field: "person",
        document: "query($ann: ID!) { person(id: $ann) { id } }",
        shows: "ann",
        to: AROUND_ANN,
    },
    Promise { field: "patients", document: "{ patients { nodes { id } } }", shows: "ann", to: HER_OWN },
    Promise {
        field: "node",
        document: "query($walk: ID!) { node(id: $walk) { id } }",
        shows: "walk",
        to: HER_OWN,
    },
    Promise {
        field: "nodes",
        document: "query($walk: ID!) { nodes(ids: [$walk]) { id } }",
        shows: "walk",
        to: HER_OWN,
    },
    Promise {
        field: "goal",
        document: "query($walk: ID!) { goal(id: $walk) { id } }",
        shows: "walk",
        to: HER_OWN,
    },
    Promise { field: "goals", document: "{ goals { nodes { id } } }", shows: "walk", to: HER_OWN },
    Promise {
        field: "assessment",
        document: "query($score: ID!) { assessment(id: $score) { id } }",
        shows: "score",
        to: HER_OWN,
    },
    // The catalogue is the same for all and tells nothing of anybody.
    Promise {
        field: "instruments",
        document: "{ instruments { code name sources } }",
        shows: "score",
        to: &[],
    },
    Promise {
        field: "instrument",
        document: "{ instrument(code: \"PHQ-9\") { code name sources } }",
        shows: "score",
        to: &[],
    },
    // Numbers alone. Whose reminders they count is tried in reminder_deliveries.rs.
    Promise {
        field: "reminderCounts",
        document: "{ reminderCounts { sent late skipped failed } }",
        shows: "walk",
        to: &[],
    },
    // For admins, and nothing of Ann's. Who sees them is tried in webhook_access.rs.
    Promise { field: "webhooks", document: "{ webhooks { nodes { id url } } }", shows: "walk", to: &[] },
    Promise {
        field: "webhookCounts",
        document: "{ webhookCounts { delivered dead pending } }",
        shows: "walk",
        to: &[],
    },
];

both! {
    async fn every_root_field_keeps_its_promise(clinic) {
        let cast = Cast::on(clinic).await;
        let score = cast.clinic.assessment(&cast.ann, None, "PHQ-9", 9, day(2026, 2, 1)).await.id;
        let rows = json!({ "ann": cast.ann.id, "walk": cast.walk.id, "score": score });
        for Promise { field, document, shows, to } in PROMISES {
            let id = rows[*shows].as_str().and_then(|id| id.parse().ok()).expect("a row of Ann's");
            assert_eq!(cast.who_sees(document, &rows, id).await, *to, "{field}");
        }
    }

    async fn every_root_field_has_a_promise(clinic) {
        let ann = clinic.patient("Ann").await;
        let answer = clinic.asks(&ann, "{ __schema { queryType { fields { name } } } }", json!({})).await;
        let fields = answer.at("/__schema/queryType/fields").as_array().cloned().unwrap_or_default();
        let names: Vec<_> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
        let promised: Vec<_> = PROMISES.iter().map(|promise| promise.field).collect();
        let broken: Vec<_> = names.iter().filter(|name| !promised.contains(*name)).collect();
        assert!(broken.is_empty(), "write down who may see {broken:?}");
    }
}

// -- goals and what hangs on them ---------------------------------------------------------------

both! {
    async fn a_goal_is_seen_by_its_patient_those_who_treat_them_now_its_owner_and_admins(clinic) {
        let cast = Cast::on(clinic).await;
        assert_eq!(cast.who_finds(cast.walk.id).await, ["Ann", "Lee", "Root"]);
        assert_eq!(cast.who_finds(cast.sleep.id).await, ["Ann", "Lee", "Gray", "Root"]);
        assert_eq!(cast.who_finds(cast.rest.id).await, ["Ann", "Lee", "Hall", "Root"]);
        assert_eq!(cast.who_finds(cast.bobs.id).await, ["Bob", "Kim", "Root"]);
    }

    async fn whatever_hangs_on_a_goal_is_seen_with_it(clinic) {
        let cast = Cast::on(clinic).await;
        for row in everything_on(&cast.clinic, &cast.ann, &cast.sleep).await {
            assert_eq!(cast.who_finds(row).await, ["Ann", "Lee", "Gray", "Root"]);
        }
    }

    async fn a_list_and_its_count_hold_what_is_seen_and_nothing_else(clinic) {
        let cast = Cast::on(clinic).await;
        let document = "{ goals(orderBy: CREATED_AT_ASC) { totalCount nodes { description } } }";
        for (person, goals) in [
            (&cast.ann, vec!["Walk", "Sleep", "Rest"]),
            (&cast.bob, vec!["Run"]),
            (&cast.lee, vec!["Walk", "Sleep", "Rest"]),
            (&cast.kim, vec!["Run"]),
            (&cast.fox, vec![]),
            (&cast.gray, vec!["Sleep"]),
            (&cast.hall, vec!["Rest"]),
            (&cast.root, vec!["Walk", "Sleep", "Rest", "Run"]),
        ] {
            let answer = cast.clinic.asks(person, document, json!({})).await;
            let nodes: Vec<_> = goals.iter().map(|goal| json!({ "description": goal })).collect();
            assert_eq!(*answer.data(), json!({ "goals": { "totalCount": goals.len(), "nodes": nodes } }));
        }
    }

    async fn several_nodes_are_null_where_they_are_hidden(clinic) {
        let cast = Cast::on(clinic).await;
        let ids = [cast.walk.id, cast.bobs.id, cast.ann.id, Uuid::nil(), cast.bob.id, cast.walk.id];
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";

        let answer = cast.clinic.asks(&cast.ann, document, json!({ "ids": ids })).await;

        assert_eq!(*answer.data(), json!({ "nodes": [
            { "id": cast.walk.id }, null, { "id": cast.ann.id }, null, null, { "id": cast.walk.id },
        ] }));
    }

    async fn every_field_by_id_answers_the_same_for_hidden_and_absent(clinic) {
        let cast = Cast::on(clinic).await;
        let score = cast.clinic.assessment(&cast.bob, Some(&cast.bobs), "PHQ-9", 9, day(2026, 2, 1)).await.id;
        for (field, id) in [("goal", cast.bobs.id), ("person", cast.bob.id), ("assessment", score), ("node", score)] {
            let document = format!("query($id: ID!) {{ {field}(id: $id) {{ id __typename }} }}");
            for person in [&cast.ann, &cast.lee, &cast.fox] {
                let [hidden, absent] = [id, Uuid::nil()].map(|id| json!({ "id": id }));
                let hidden = cast.clinic.asks(person, &document, hidden).await;
                assert_eq!(*hidden.data(), json!({ field: null }));
                assert_same(&hidden, &cast.clinic.asks(person, &document, absent).await);
            }
        }
    }

    async fn filtering_by_a_stranger_finds_as_little_as_filtering_by_nobody(clinic) {
        let cast = Cast::on(clinic).await;
        let session = cast.clinic.session(&cast.bob, &cast.kim, day(2026, 2, 1).into()).await;
        for (person, filter) in [
            (&cast.ann, json!({ "patientId": cast.bob.id })),
            (&cast.ann, json!({ "therapistId": cast.kim.id })),
            (&cast.ann, json!({ "sessionId": session })),
            (&cast.ann, json!({ "search": "run" })),
            (&cast.lee, json!({ "patientId": cast.bob.id })),
            (&cast.fox, json!({ "patientId": cast.ann.id })),
            (&cast.gray, json!({ "therapistId": cast.lee.id })),
            (&cast.kim, json!({ "search": "walk", "patientId": cast.ann.id })),
        ] {
            let document = "query($filter: GoalFilter) { goals(filter: $filter) {
                totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor } } }";
            let hidden = cast.clinic.asks(person, document, json!({ "filter": filter })).await;
            let nobody = json!({ "filter": { "patientId": Uuid::nil() } });
            assert_eq!(hidden.at("/goals/totalCount"), 0);
            assert_same(&hidden, &cast.clinic.asks(person, document, nobody).await);
        }
    }

    async fn a_cursor_of_another_person_opens_nothing(clinic) {
        let cast = Cast::on(clinic).await;
        let document = "query($after: String, $before: String) { goals(after: $after, before: $before) {
            edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage } } }";
        let hers = cast.clinic.asks(&cast.ann, document, json!({})).await;
        let cursor = hers.at("/goals/edges/1/cursor");

        for sent in [json!({ "after": cursor }), json!({ "before": cursor })] {
            let nothing = cast.clinic.asks(&cast.fox, document, sent.clone()).await;
            assert_eq!(*nothing.data(), json!({ "goals": { "edges": [], "totalCount": 0,
                "pageInfo": { "hasNextPage": false, "hasPreviousPage": false } } }));
            let bobs = cast.clinic.asks(&cast.kim, document, sent).await;
            assert_eq!(bobs.at("/goals/totalCount"), 1);
            assert!(!bobs.text.contains(&cast.ann.id.to_string()) && !bobs.text.contains(&cast.walk.id.to_string()));
        }
    }

    async fn a_goal_is_lost_from_sight_when_its_patient_leaves(clinic) {
        let cast = Cast::on(clinic).await;
        cast.clinic.no_longer_treats(&cast.lee, &cast.ann).await;
        assert_eq!(cast.who_finds(cast.walk.id).await, ["Ann", "Lee", "Root"]);
        assert_eq!(cast.who_finds(cast.sleep.id).await, ["Ann", "Gray", "Root"]);
        assert_eq!(cast.who_finds(cast.rest.id).await, ["Ann", "Hall", "Root"]);
    }
}

// -- people, sessions, assessments --------------------------------------------------------------

both! {
    async fn people_are_seen_by_those_who_work_with_them(clinic) {
        let cast = Cast::on(clinic).await;
        assert_eq!(cast.who_finds(cast.ann.id).await, ["Ann", "Lee", "Gray", "Hall", "Root"]);
        assert_eq!(cast.who_finds(cast.bob.id).await, ["Bob", "Kim", "Root"]);
        assert_eq!(cast.who_finds(cast.lee.id).await, ["Ann", "Lee", "Root"]);
        assert_eq!(cast.who_finds(cast.kim.id).await, ["Bob", "Kim", "Root"]);
        assert_eq!(cast.who_finds(cast.fox.id).await, ["Fox", "Root"]);
        assert_eq!(cast.who_finds(cast.gray.id).await, ["Ann", "Lee", "Gray", "Root"]);
        assert_eq!(cast.who_finds(cast.root.id).await, ["Root"]);
    }

    async fn patients_are_the_present_ones(clinic) {
        let cast = Cast::on(clinic).await;
        let document = "{ patients { totalCount nodes { fullName } } }";
        for (person, patients) in [
            (&cast.ann, vec!["Ann"]),
            (&cast.lee, vec!["Ann"]),
            (&cast.kim, vec!["Bob"]),
            (&cast.fox, vec![]),
            (&cast.gray, vec![]),
            (&cast.hall, vec![]),
            (&cast.root, vec!["Ann", "Bob"]),
        ] {
            let answer = cast.clinic.asks(person, document, json!({})).await;
            let nodes: Vec<_> = patients.iter().map(|name| json!({ "fullName": name })).collect();
            assert_eq!(*answer.data(), json!({ "patients": { "totalCount": patients.len(), "nodes": nodes } }));
        }
    }

    async fn searching_for_a_stranger_finds_nobody(clinic) {
        let cast = Cast::on(clinic).await;
        let document = "query($text: String) { patients(search: $text) { totalCount nodes { id } } }";
        let [stranger, nobody] = ["Bob", "Nobody"].map(|text| json!({ "text": text }));
        let hidden = cast.clinic.asks(&cast.lee, document, stranger).await;
        assert_eq!(hidden.at("/patients/totalCount"), 0);
        assert_same(&hidden, &cast.clinic.asks(&cast.lee, document, nobody).await);
    }

    async fn a_session_is_seen_by_its_patient_its_therapist_and_those_who_treat_now(clinic) {
        let cast = Cast::on(clinic).await;
        let held = cast.clinic.session(&cast.ann, &cast.fox, day(2025, 6, 1).into()).await;
        assert_eq!(cast.who_finds(held).await, ["Ann", "Lee", "Fox", "Root"]);
        // Who held it is known to Ann and to Lee from now on, and Ann to whoever held it.
        assert_eq!(cast.who_finds(cast.fox.id).await, ["Ann", "Lee", "Fox", "Root"]);
        assert_eq!(cast.who_finds(cast.ann.id).await, ["Ann", "Lee", "Fox", "Gray", "Hall", "Root"]);
        // But her goals are not.
        let document = "query($id: ID!) { person(id: $id) { goals { totalCount } assessments { totalCount }
            sessions { totalCount nodes { id } } reminders { id } } }";
        let answer = cast.clinic.asks(&cast.fox, document, json!({ "id": cast.ann.id })).await;
        assert_eq!(*answer.data(), json!({ "person": {
            "goals": { "totalCount": 0 }, "assessments": { "totalCount": 0 },
            "sessions": { "totalCount": 1, "nodes": [{ "id": held }] }, "reminders": [],
        } }));
    }

    async fn an_assessment_is_seen_by_its_patient_those_who_treat_now_and_the_owner_of_its_goal(clinic) {
        let cast = Cast::on(clinic).await;
        let clinic = &cast.clinic;
        let alone = clinic.assessment(&cast.ann, None, "PHQ-9", 9, day(2026, 2, 1)).await.id;
        let on_walk = clinic.assessment(&cast.ann, Some(&cast.walk), "PHQ-9", 9, day(2026, 2, 1)).await.id;
        let on_sleep = clinic.assessment(&cast.ann, Some(&cast.sleep), "PHQ-9", 9, day(2026, 2, 1)).await.id;
        assert_eq!(cast.who_finds(alone).await, ["Ann", "Lee", "Root"]);
        assert_eq!(cast.who_finds(on_walk).await, ["Ann", "Lee", "Root"]);
        assert_eq!(cast.who_finds(on_sleep).await, ["Ann", "Lee", "Gray", "Root"]);

        let document = "query($id: ID!) { person(id: $id) { assessments { totalCount nodes { id } } } }";
        let answer = clinic.asks(&cast.gray, document, json!({ "id": cast.ann.id })).await;
        let seen = json!({ "totalCount": 1, "nodes": [{ "id": on_sleep }] });
        assert_eq!(*answer.data(), json!({ "person": { "assessments": seen } }));
    }

    async fn the_goals_of_a_person_are_those_the_viewer_sees(clinic) {
        let cast = Cast::on(clinic).await;
        let document = "query($id: ID!) { person(id: $id) {
            goals(orderBy: CREATED_AT_ASC) { totalCount nodes { description } } } }";
        for (viewer, of, goals) in [
            (&cast.ann, &cast.ann, vec!["Walk", "Sleep", "Rest"]),
            (&cast.lee, &cast.ann, vec!["Walk", "Sleep", "Rest"]),
            (&cast.gray, &cast.ann, vec!["Sleep"]),
            // A therapist's goals are those they own, here as far as Ann or Lee may see them.
            (&cast.ann, &cast.gray, vec!["Sleep"]),
            (&cast.lee, &cast.gray, vec!["Sleep"]),
            (&cast.lee, &cast.lee, vec!["Walk"]),
            (&cast.root, &cast.kim, vec!["Run"]),
        ] {
            let answer = cast.clinic.asks(viewer, document, json!({ "id": of.id })).await;
            let nodes: Vec<_> = goals.iter().map(|goal| json!({ "description": goal })).collect();
            let seen = json!({ "totalCount": goals.len(), "nodes": nodes });
            assert_eq!(*answer.data(), json!({ "person": { "goals": seen } }), "{} of {}", viewer.name, of.name);
        }
    }
}

// -- what rows refer to -------------------------------------------------------------------------

both! {
    async fn whoever_sees_a_goal_can_read_everything_that_must_be_there(clinic) {
        let cast = Cast::on(clinic).await;
        let clinic = &cast.clinic;
        let session = clinic.session(&cast.ann, &cast.gray, day(2026, 1, 5).into()).await;
        let goal = clinic.goal_with(&cast.ann, &cast.gray, "Eat", |row| row.session_id = Set(Some(session))).await;
        everything_on(clinic, &cast.ann, &goal).await;

        let document = "query($id: ID!) { goal(id: $id) { patient { id } therapist { id }
            session { patient { id } therapist { id } } tracking { id }
            entries { nodes { goal { id } } } milestones { goal { id } }
            reminders { goal { id } patient { id } }
            assessments { nodes { patient { id } goal { id } } } } }";
        let (ann, gray) = (json!({ "id": cast.ann.id }), json!({ "id": cast.gray.id }));
        let goal_id = json!({ "id": goal.id });
        let wanted = json!({
            "patient": ann, "therapist": gray, "session": { "patient": ann, "therapist": gray },
            "entries": { "nodes": [{ "goal": goal_id }] }, "milestones": [{ "goal": goal_id }],
            "reminders": [{ "goal": goal_id, "patient": ann }],
            "assessments": { "nodes": [{ "patient": ann, "goal": goal_id }] },
        });
        for person in [&cast.ann, &cast.lee, &cast.gray, &cast.root] {
            let mut answer = clinic.asks(person, document, json!({ "id": goal.id })).await.data()["goal"].clone();
            assert!(answer["tracking"].take()["id"].is_string());
            answer.as_object_mut().expect("a goal").remove("tracking");
            assert_eq!(answer, wanted, "{}", person.name);
        }
    }

    async fn an_entry_does_not_lead_to_a_session_or_person_of_others(clinic) {
        let cast = Cast::on(clinic).await;
        let clinic = &cast.clinic;
        let strange = clinic.session(&cast.bob, &cast.kim, day(2026, 1, 5).into()).await;
        let configuration = clinic.tracking(&cast.bobs, "scale").await.id;
        clinic.entry_with(&cast.walk, day(2026, 2, 1), 3, |row| {
            row.session_id = Set(Some(strange));
            row.recorded_by = Set(Some(cast.kim.id));
            row.tracking_config_id = Set(Some(configuration));
        }).await;

        let document = "query($id: ID!) { goal(id: $id) { entries { nodes {
            value session { id } recordedBy { id } trackingConfig { id } } } } }";
        for person in [&cast.ann, &cast.lee] {
            let answer = clinic.asks(person, document, json!({ "id": cast.walk.id })).await;
            let entry = json!({ "value": "3.00", "session": null, "recordedBy": null, "trackingConfig": null });
            assert_eq!(*answer.data(), json!({ "goal": { "entries": { "nodes": [entry] } } }));
        }
        let answer = clinic.asks(&cast.root, document, json!({ "id": cast.walk.id })).await;
        assert_eq!(*answer.at("/goal/entries/nodes/0"), json!({
            "value": "3.00", "session": { "id": strange }, "recordedBy": { "id": cast.kim.id },
            "trackingConfig": { "id": configuration },
        }));
    }

    async fn a_goal_does_not_lead_to_a_session_of_others(clinic) {
        let cast = Cast::on(clinic).await;
        let strange = cast.clinic.session(&cast.bob, &cast.kim, day(2026, 1, 5).into()).await;
        let change = |row: &mut goal::ActiveModel| row.session_id = Set(Some(strange));
        let goal = cast.clinic.goal_with(&cast.ann, &cast.lee, "Eat", change).await;
        let document = "query($id: ID!) { goal(id: $id) { id session { id patient { id } } } }";
        for person in [&cast.ann, &cast.lee] {
            let answer = cast.clinic.asks(person, document, json!({ "id": goal.id })).await;
            assert_eq!(*answer.data(), json!({ "goal": { "id": goal.id, "session": null } }));
        }
        assert_eq!(cast.who_finds(strange).await, ["Bob", "Kim", "Root"]);
    }

    async fn an_assessment_does_not_lead_to_a_person_of_others(clinic) {
        let cast = Cast::on(clinic).await;
        let by_kim = |row: &mut assessment::ActiveModel| row.administered_by = Set(Some(cast.kim.id));
        let score = cast.clinic.assessment_with(&cast.ann, None, "PHQ-9", by_kim).await.id;
        let document = "query($id: ID!) { assessment(id: $id) { score administeredBy { fullName } } }";
        let answer = cast.clinic.asks(&cast.ann, document, json!({ "id": score })).await;
        assert_eq!(*answer.data(), json!({ "assessment": { "score": 10, "administeredBy": null } }));
        let answer = cast.clinic.asks(&cast.root, document, json!({ "id": score })).await;
        assert_eq!(answer.at("/assessment/administeredBy/fullName"), "Kim");
    }
}

// -- odd rows of other writers ------------------------------------------------------------------

both! {
    async fn a_reminder_that_names_another_patient_than_its_goal_is_not_shown(clinic) {
        let cast = Cast::on(clinic).await;
        let odd = cast.clinic.reminder_for(cast.bob.id, &cast.walk, None).await.id;
        let sound = cast.clinic.reminder(&cast.walk, None).await.id;
        assert_eq!(cast.who_finds(odd).await, [""; 0]);
        assert_eq!(cast.who_finds(sound).await, ["Ann", "Lee", "Root"]);

        let document = "query($goal: ID!, $ann: ID!, $bob: ID!) { goal(id: $goal) { reminders { id } }
            ann: person(id: $ann) { reminders { id } } bob: person(id: $bob) { reminders { id } } }";
        let variables = json!({ "goal": cast.walk.id, "ann": cast.ann.id, "bob": cast.bob.id });
        let seen = json!({ "reminders": [{ "id": sound }] });
        for (person, answer) in [
            (&cast.ann, json!({ "goal": seen, "ann": seen, "bob": null })),
            (&cast.bob, json!({ "goal": null, "ann": null, "bob": { "reminders": [] } })),
            (&cast.root, json!({ "goal": seen, "ann": seen, "bob": { "reminders": [] } })),
        ] {
            assert_eq!(*cast.clinic.asks(person, document, variables.clone()).await.data(), answer);
        }
    }

    async fn an_assessment_on_a_goal_of_another_patient_stays_with_its_own(clinic) {
        let cast = Cast::on(clinic).await;
        let odd = cast.clinic.assessment(&cast.bob, Some(&cast.walk), "PHQ-9", 9, day(2026, 2, 1)).await.id;
        assert_eq!(cast.who_finds(odd).await, ["Bob", "Kim", "Root"]);

        let document = "query($goal: ID!, $odd: ID!) { assessment(id: $odd) { patient { fullName } goal { id } }
            goal(id: $goal) { assessments { totalCount nodes { id } } } }";
        let variables = json!({ "goal": cast.walk.id, "odd": odd });
        let none = json!({ "assessments": { "totalCount": 0, "nodes": [] } });
        let bobs = json!({ "patient": { "fullName": "Bob" }, "goal": null });
        for (person, answer) in [
            (&cast.ann, json!({ "assessment": null, "goal": none })),
            (&cast.lee, json!({ "assessment": null, "goal": none })),
            (&cast.bob, json!({ "assessment": bobs, "goal": null })),
            (&cast.kim, json!({ "assessment": bobs, "goal": null })),
        ] {
            assert_eq!(*cast.clinic.asks(person, document, variables.clone()).await.data(), answer);
        }
    }

    async fn a_status_of_another_program_is_shown_as_it_is_stored(clinic) {
        let cast = Cast::on(clinic).await;
        for (stored, status) in [("paused", "UNKNOWN"), ("Completed", "COMPLETED"), ("", "UNKNOWN"), ("on hold", "UNKNOWN")] {
            let change = |row: &mut goal::ActiveModel| row.status = Set(Some(stored.to_owned()));
            let goal = cast.clinic.goal_with(&cast.ann, &cast.lee, "Odd", change).await.id;
            let document = "query($id: ID!) { goal(id: $id) { status statusText } }";
            let answer = cast.clinic.asks(&cast.ann, document, json!({ "id": goal })).await;
            assert_eq!(*answer.data(), json!({ "goal": { "status": status, "statusText": stored } }));
        }
    }

    async fn a_person_with_an_unknown_role_cannot_sign_in(clinic) {
        let cast = Cast::on(clinic).await;
        for role in ["nurse", "", "therapist2"] {
            let nurse = cast.clinic.stranger_to_us("Nurse", role).await;
            cast.clinic.treats(&nurse, &cast.ann).await;
            let answer = cast.clinic.asks(&nurse, "{ viewer { id } }", json!({})).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
            let gone = Person { token: cast.clinic.token(Uuid::nil()), ..nurse };
            assert_same(&answer, &cast.clinic.asks(&gone, "{ viewer { id } }", json!({})).await);
        }
    }

    async fn a_person_with_an_unknown_role_reads_as_a_patient(clinic) {
        let cast = Cast::on(clinic).await;
        let nurse = cast.clinic.stranger_to_us("Nurse", "nurse").await;
        let document = "query($id: ID!) { person(id: $id) { fullName role goals { totalCount } } }";
        let answer = cast.clinic.asks(&cast.root, document, json!({ "id": nurse.id })).await;
        assert_eq!(*answer.data(), json!({ "person": {
            "fullName": "Nurse", "role": "PATIENT", "goals": { "totalCount": 0 },
        } }));
    }

    async fn a_role_may_be_stored_in_capital_letters(clinic) {
        let cast = Cast::on(clinic).await;
        let patient = cast.clinic.stranger_to_us("Zoe", "PATIENT").await;
        let therapist = cast.clinic.stranger_to_us("Yang", "Therapist").await;
        let admin = cast.clinic.stranger_to_us("Xena", "ADMIN").await;
        cast.clinic.treats(&therapist, &patient).await;
        let goal = cast.clinic.goal(&patient, &cast.kim, "Swim").await.id;

        let document = "{ viewer { role } goals { nodes { id } } patients(search: \"zoe\") { nodes { id } } }";
        for (person, role) in [(&patient, "PATIENT"), (&therapist, "THERAPIST"), (&admin, "ADMIN")] {
            let answer = cast.clinic.asks(person, document, json!({})).await;
            assert_eq!(answer.at("/viewer/role"), role);
            assert_eq!(answer.ids("/goals/nodes")[..1], [goal]);
            assert_eq!(answer.ids("/patients/nodes"), [patient.id]);
        }
    }
}

/// One row of each kind on a goal, and their ids.
async fn everything_on(clinic: &Clinic, patient: &Person, goal: &goal::Model) -> [Uuid; 5] {
    let tracking = clinic.tracking(goal, "scale").await;
    let entry = clinic.entry(goal, day(2026, 2, 1), 3).await;
    let milestone = clinic.milestone(goal, "Half way", false).await;
    let score = clinic.assessment(patient, Some(goal), "PHQ-9", 9, day(2026, 2, 1)).await;
    let reminder = clinic.reminder(goal, None).await;
    [tracking.id, entry.id, milestone.id, score.id, reminder.id]
}

#[tokio::test]
async fn capital_and_small_letters_are_alike_in_every_locale() {
    let clinic = Clinic::on(Database::of_ascii().await).await;
    let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
    let goal = clinic.goal(&ann, &lee, "Tägliche ÜBUNG [5 ^ 2] (a|b) 100 % \\o/").await;
    let document = "query($text: String) { goals(filter: { search: $text }) { nodes { id } } }";
    for text in ["übung", "TÄGLICHE", "[5 ^ 2]", "(a|b)", "100 %", "\\o/"] {
        let answer = clinic.asks(&lee, document, json!({ "text": text })).await;
        assert_eq!(answer.ids("/goals/nodes"), [goal.id], "{text}");
    }
    for text in ["ubung", ".", "a|b|", "100_%"] {
        let answer = clinic.asks(&lee, document, json!({ "text": text })).await;
        assert!(answer.ids("/goals/nodes").is_empty(), "{text}");
    }
}
