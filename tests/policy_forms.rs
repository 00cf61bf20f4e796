//! The policy has two forms, one for looking rows up among all that somebody may see, one for judging a few rows
//! each by itself. Both show everybody the same rows.

use std::collections::BTreeSet;

use entity::{assessment, goal, milestone, person, progress, reminder, reminder_delivery, session, tracking};
use sea_orm::{Condition, QuerySelect};
use server::access::{Viewer, Visible};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person, day};

/// Every patient with every therapist: treated now, once, or never; with goals, sessions and scores of each, some
/// of which name another patient than the goal they hang on.
async fn hospital(clinic: &Clinic) -> Vec<Person> {
    let (mut patients, mut therapists) = (Vec::new(), Vec::new());
    for number in 0..3 {
        patients.push(clinic.patient(&format!("Patient {number}")).await);
        therapists.push(clinic.therapist(&format!("Therapist {number}")).await);
    }
    // One who shares nothing with anybody but a goal, and one who shares a session.
    for name in ["Owner", "Session only", "Stranger"] {
        therapists.push(clinic.therapist(name).await);
    }
    for (number, patient) in patients.iter().enumerate() {
        for (other, therapist) in therapists[..3].iter().enumerate() {
            let now_once_never = (number + other) % 3;
            if now_once_never < 2 {
                clinic.treats(therapist, patient).await;
            }
            if now_once_never == 1 {
                clinic.no_longer_treats(therapist, patient).await;
            }
            if number != other {
                hangs_all_on(clinic, patient, therapist, &patients[other]).await;
            }
        }
    }
    hangs_all_on(clinic, &patients[0], &therapists[3], &patients[1]).await;
    clinic.session(&patients[2], &therapists[4], day(2026, 2, 3).and_time(chrono::NaiveTime::MIN)).await;
    let admin = clinic.admin("Root").await;
    patients.into_iter().chain(therapists).chain([admin]).collect()
}

async fn hangs_all_on(clinic: &Clinic, patient: &Person, owner: &Person, other: &Person) {
    let goal = clinic.goal(patient, owner, "Walk").await;
    clinic.tracking(&goal, "scale").await;
    clinic.entry(&goal, day(2026, 2, 1), 3).await;
    clinic.milestone(&goal, "One", false).await;
    clinic.reminder(&goal, None).await;
    clinic.reminder_for(other.id, &goal, None).await;
    clinic.assessment(patient, Some(&goal), "PHQ-9", 3, day(2026, 2, 1)).await;
    clinic.assessment(other, Some(&goal), "PHQ-9", 3, day(2026, 2, 1)).await;
    clinic.assessment(patient, None, "GAD-7", 3, day(2026, 2, 1)).await;
    clinic.session(patient, owner, day(2026, 2, 2).and_time(chrono::NaiveTime::MIN)).await;
}

/// The rows of a kind that somebody sees, whichever form is asked.
async fn seen<E: Visible<Model: Send + Sync>>(viewer: &Viewer) -> BTreeSet<Uuid> {
    let ids = async |rows: sea_orm::Select<E>| {
        let rows: Vec<Uuid> =
            rows.select_only().column(E::id()).into_tuple().all(&viewer.store).await.expect("rows");
        rows.into_iter().collect::<BTreeSet<_>>()
    };
    let all = ids(viewer.all::<E>()).await;
    let table = E::default().table_name().to_owned();
    assert_eq!(ids(viewer.few::<E>(Condition::all())).await, all, "{table} of {}", viewer.id());
    all
}

both! {
    async fn both_forms_of_the_policy_show_the_same_rows(clinic) {
        let people = hospital(&clinic).await;
        clinic.catches_up_at("2026-03-03T12:00:00").await;
        let mut goals_seen = BTreeSet::new();
        for person in &people {
            let viewer = Viewer::identify(clinic.store().clone(), person.id).await.expect("a person");
            let viewer = viewer.expect("a known role");
            goals_seen.insert(seen::<goal::Entity>(&viewer).await.len());
            seen::<person::Entity>(&viewer).await;
            seen::<session::Entity>(&viewer).await;
            seen::<assessment::Entity>(&viewer).await;
            seen::<reminder::Entity>(&viewer).await;
            seen::<reminder_delivery::Entity>(&viewer).await;
            seen::<tracking::Entity>(&viewer).await;
            seen::<progress::Entity>(&viewer).await;
            seen::<milestone::Entity>(&viewer).await;
        }
        // None, some of one patient, some of several, all.
        assert!(goals_seen.len() >= 4 && goals_seen.contains(&0) && goals_seen.contains(&7), "{goals_seen:?}");
    }
}
