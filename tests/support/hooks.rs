//! Webhooks of a clinic, and what is sent to them when the scheduler is told to.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{goal, webhook, webhook_delivery as delivery};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Set, Statement};
use serde_json::{Value, json};
use server::outbound::Outbound;
use server::scheduler::{Scheduler, Sent};
use uuid::Uuid;

use super::{Behaviour, Clinic, Person, Receiver, eventually, id_at, with};

pub const WEBHOOK_KEY: &[u8] = b"a key for webhooks, long enough for us";

/// A clinic that may send to the loopback, an admin, and a patient with a goal.
pub struct Hooks {
    pub clinic: Clinic,
    pub outbound: Outbound,
    pub root: Person,
    pub ann: Person,
    pub lee: Person,
    pub goal: String,
}

impl Hooks {
    pub async fn of(clinic: Clinic) -> Self {
        let outbound = Outbound::default().with_key(WEBHOOK_KEY);
        let outbound = outbound.allowing("127.0.0.1".parse().expect("a network"));
        Self::with(clinic, outbound).await
    }

    pub async fn with(mut clinic: Clinic, outbound: Outbound) -> Self {
        clinic.app = clinic.app.with_webhooks(outbound.clone());
        let root = clinic.admin("Root").await;
        let (ann, lee) = clinic.couple("Ann", "Dr. Lee").await;
        let goal = clinic.sets_a_goal(&lee, &ann).await;
        Self { clinic, outbound, root, ann, lee, goal }
    }

    /// A try takes no longer than this.
    pub fn hurries(&mut self, longest: Duration) {
        self.outbound = self.outbound.clone().with_longest_attempt(longest);
    }

    /// A webhook for entries: its id and secret.
    pub async fn registers(&self, url: &str) -> (String, String) {
        self.registers_with(url, json!({ "kinds": ["PROGRESS_RECORDED"] })).await
    }

    pub async fn registers_with(&self, url: &str, fields: Value) -> (String, String) {
        let input = with(json!({ "url": url }), fields);
        let payload = self.clinic.does(&self.root, "registerWebhook", input, "webhook { id } secret").await;
        (id_at(&payload, "/webhook/id"), id_at(&payload, "/secret"))
    }

    /// A receiver and its webhook for entries.
    pub async fn receiver(&self, behaviour: Behaviour) -> (Receiver, String) {
        let receiver = Receiver::opens(behaviour).await;
        let (webhook, _) = self.registers(&receiver.url()).await;
        (receiver, webhook)
    }

    /// Something happens that webhooks hear of, once no transaction of another test on the same cluster is older.
    pub async fn records(&self) {
        self.clinic.records(&self.ann, &self.goal, "5").await;
        let store = self.clinic.store();
        if store.get_database_backend() == DbBackend::Sqlite {
            return;
        }
        let sql = "SELECT COALESCE(bool_and(transaction_id < pg_snapshot_xmin(pg_current_snapshot())), TRUE) AS settled \
                   FROM waymark_events";
        eventually("the events are settled", async || {
            let row = store.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
            row.expect("the database").expect("a row").try_get("", "settled").expect("a word")
        })
        .await;
    }

    pub fn scheduler(&self) -> Scheduler {
        self.clinic.scheduler().with_webhooks(self.outbound.clone())
    }

    /// A server sends all that is due.
    pub async fn sends(&self) -> Sent {
        self.scheduler().send_to_webhooks().await.expect("the database")
    }

    pub async fn sends_after(&self, time: TimeDelta) -> Sent {
        self.clinic.later(time);
        self.sends().await
    }

    /// What stands in the database, oldest first.
    pub async fn rows(&self) -> Vec<delivery::Model> {
        delivery::Entity::find()
            .order_by_asc(delivery::Column::EventId)
            .all(self.clinic.store())
            .await
            .expect("deliveries")
    }

    pub async fn row(&self) -> delivery::Model {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    pub async fn webhooks(&self, selection: &str) -> Value {
        let query = format!("{{ webhooks {{ nodes {{ {selection} }} }} }}");
        self.clinic.asks(&self.root, &query, json!({})).await.at("/webhooks/nodes").clone()
    }
}

pub fn delivered(delivered: u32) -> Sent {
    Sent { delivered, ..Sent::default() }
}

pub fn failed(failed: u32) -> Sent {
    Sent { failed, ..Sent::default() }
}

impl Clinic {
    /// A webhook that was registered long ago.
    pub async fn webhook(&self, id: Uuid) -> webhook::Model {
        let row = webhook::ActiveModel {
            id: Set(id),
            url: Set("https://93.184.215.14/".to_owned()),
            kinds: Set("goal_created".to_owned()),
            include_message: Set(false),
            is_active: Set(true),
            secret: Set("sealed".to_owned()),
            secret_set_at: Set(self.now()),
            position_transaction: Set(0),
            position_id: Set(0),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        row.insert(self.db()).await.expect("a webhook")
    }

    /// A delivery that was given up.
    pub async fn dead_delivery(&self, id: Uuid, webhook: Uuid, goal: &goal::Model) -> delivery::Model {
        let row = delivery::ActiveModel {
            id: Set(id),
            webhook_id: Set(webhook),
            event_id: Set(1),
            kind: Set("goal_created".to_owned()),
            patient_id: Set(goal.patient_id),
            goal_id: Set(Some(goal.id)),
            subject_id: Set(goal.id),
            happened_at: Set(self.now()),
            state: Set("dead".to_owned()),
            attempts: Set(20),
            give_up_at: Set(self.now()),
            created_at: Set(self.now()),
            settled_at: Set(Some(self.now())),
            ..Default::default()
        };
        row.insert(self.db()).await.expect("a delivery")
    }
}
