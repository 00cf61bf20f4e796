//! Services are called with plain values: whatever reads them elsewhere, a file or another system, needs no
//! GraphQL.

use chrono::NaiveDate;
use entity::milestone;
use sea_orm::prelude::Decimal;
use server::access::Viewer;
use server::rules::input::{Patch, Problem, entry, milestone as milestones};
use server::service::{self, Act, Failure, Outcome};
use uuid::Uuid;

use crate::both;
use crate::support::{Clinic, Person};

async fn act(clinic: &Clinic, person: &Person) -> Act {
    let viewer = Viewer::identify(clinic.store().clone(), person.id).await.expect("the database");
    Act {
        viewer: viewer.expect("a person"),
        clock: clinic.app.clock.clone(),
        retry: None,
        unread: Vec::new(),
    }
}

fn refused<T: std::fmt::Debug>(outcome: Outcome<T>) -> Vec<String> {
    let Err(Failure::Refused(problems)) = outcome else { panic!("not refused: {outcome:?}") };
    let line = |problem: Problem| format!("{:?} {}", problem.code, problem.field.join("."));
    problems.into_iter().map(line).collect()
}

fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}

both! {
    async fn an_entry_is_recorded_and_reaches_a_milestone(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let act = act(&clinic, &lee).await;
        let five = Some(Decimal::from(5));
        let draft = milestones::Draft {
            kind: Some(milestone::Kind::Value),
            title: "Five".to_owned(),
            target: five,
            ..milestones::Draft::default()
        };
        service::milestone::add(&act, Some(id(&goal)), draft).await.expect("added");

        let draft = entry::Draft { value: five, ..entry::Draft::default() };
        let recorded = service::progress::record(&act, Some(id(&goal)), draft).await.expect("recorded");

        let today = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
        assert_eq!((recorded.entry.value, recorded.entry.entry_date), (Decimal::from(5), today));
        assert_eq!(recorded.achieved[0].title, "Five");
        assert_eq!(clinic.events_of("progress_recorded").await.len(), 1);
        let correction = entry::Changes { notes: Patch::Set("Rain".to_owned()), ..entry::Changes::default() };
        let corrected = service::correction::update(&act, Some(recorded.entry.id), correction).await;
        let entry = corrected.expect("corrected").entry;
        assert_eq!((entry.value, entry.notes.as_deref()), (Decimal::from(5), Some("Rain")));
    }

    async fn what_is_missing_is_named_all_at_once(clinic) {
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        let act = act(&clinic, &lee).await;
        let before = clinic.everything().await;
        let nothing = entry::Draft::default;

        let nowhere = refused(service::progress::record(&act, None, nothing()).await);
        let import = refused(service::progress::import(&act, Some(id(&goal)), vec![nothing()]).await);

        assert_eq!(nowhere, ["Required input.goalId", "Required input.value"]);
        assert_eq!(import, ["Required input.entries.0.value", "Required input.entries.0.entryDate"]);
        assert_eq!(clinic.everything().await, before);
    }
}
