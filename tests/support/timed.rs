//! Time that does its work: the scheduler on the clinic's clock, which a test moves by hand.

use chrono::NaiveDateTime;
use entity::{agenda, reminder_delivery};
use sea_orm::{EntityTrait, QueryOrder};
use server::scheduler::{Scheduler, Settings};
use server::service::reminding::Tally;
use uuid::Uuid;

use super::Clinic;

impl Clinic {
    /// The scheduler of one more server.
    pub fn scheduler(&self) -> Scheduler {
        self.scheduler_with(Settings::default())
    }

    pub fn scheduler_with(&self, settings: Settings) -> Scheduler {
        Scheduler::new(self.store(), self.app.clock.clone(), settings)
    }

    /// A server does all that is due.
    pub async fn catches_up(&self) -> Tally {
        self.scheduler().catch_up().await.expect("the scheduler")
    }

    /// The same at a later moment, such as "2026-03-02T08:30:00", with what is due on the way left undone.
    pub async fn catches_up_at(&self, moment: &str) -> Tally {
        let moment: NaiveDateTime = moment.parse().expect("a moment");
        self.later(moment - self.now());
        self.catches_up().await
    }

    /// What stands in the agenda, by kind.
    pub async fn agenda(&self, kind: agenda::Kind) -> Vec<agenda::Model> {
        let all = agenda::Entity::find().order_by_asc(agenda::Column::NextTryAt).all(self.store()).await;
        all.expect("the agenda").into_iter().filter(|row| row.kind == kind.as_str()).collect()
    }

    /// What became of a reminder, oldest first, such as `2026-03-02T08:30:00 skipped too_late`.
    pub async fn deliveries(&self, reminder: Uuid) -> Vec<String> {
        let all = reminder_delivery::Entity::find()
            .order_by_asc(reminder_delivery::Column::DueAt)
            .all(self.store())
            .await;
        let own = all.expect("deliveries").into_iter().filter(|row| row.reminder_id == reminder);
        let words = |row: reminder_delivery::Model| {
            let reason = row.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
            format!("{:?} {}{reason}", row.due_at, row.outcome)
        };
        own.map(words).collect()
    }

    /// For which moments reminders were told to be due, in order.
    pub async fn reminded(&self) -> Vec<String> {
        let due = self.events_of("reminder_due").await;
        due.iter().map(|event| format!("{:?}", event.due_at.expect("a moment"))).collect()
    }
}
