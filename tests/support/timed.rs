//! Time that does its work: the scheduler on the clinic's clock, which a test moves by hand.

use chrono::NaiveDateTime;
use entity::{agenda, reminder_delivery};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use server::history::Tally;
use server::scheduler::{Scheduler, Settings};
use uuid::Uuid;

use super::{Clinic, Kind};

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
        Box::pin(self.scheduler().catch_up()).await.expect("the scheduler")
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

    /// From now on the database refuses to note what became of this reminder.
    pub async fn refuses_deliveries_of(&self, reminder: Uuid) {
        let sql = match self.database.kind {
            Kind::Sqlite => format!(
                "CREATE TRIGGER refused BEFORE INSERT ON waymark_reminder_deliveries
                 WHEN NEW.reminder_id = x'{}' BEGIN SELECT RAISE(ABORT, 'refused'); END",
                reminder.simple()
            ),
            Kind::Postgres => format!(
                "ALTER TABLE waymark_reminder_deliveries ADD CONSTRAINT refused CHECK (reminder_id <> '{reminder}')"
            ),
        };
        self.db().execute_unprepared(&sql).await.expect("a refusal");
    }

    pub async fn takes_deliveries_again(&self) {
        let sql = match self.database.kind {
            Kind::Sqlite => "DROP TRIGGER refused",
            Kind::Postgres => "ALTER TABLE waymark_reminder_deliveries DROP CONSTRAINT refused",
        };
        self.db().execute_unprepared(sql).await.expect("no refusal");
    }
}
