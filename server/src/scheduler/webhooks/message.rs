//! What a webhook is sent of an event: its kind, its time and ids. No name, text, diagnosis or score; only of a due
//! reminder its message, where the webhook was set up so.

use chrono::{NaiveDateTime, SecondsFormat};
use entity::event::Kind;
use entity::{reminder, webhook, webhook_delivery as delivery};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde_json::{Value, json};

use crate::access::worked_on;
use crate::outbound::{Message, Secret, Vault};
use crate::store::Store;

/// `None` for the message when its webhook's secret can't be read with the key of this server.
pub async fn message(
    store: &Store,
    vault: Option<&Vault>,
    webhook: &webhook::Model,
    delivery: &delivery::Model,
    now: NaiveDateTime,
) -> Result<Option<Message>, DbErr> {
    let Some(secrets) = vault.and_then(|vault| secrets(vault, webhook, now)) else { return Ok(None) };
    Ok(Some(Message {
        id: delivery.id.to_string(),
        timestamp: now.and_utc().timestamp(),
        body: body(store, webhook, delivery).await?.to_string(),
        secrets,
    }))
}

/// The secret, and the one before it as long as it signs too.
fn secrets(vault: &Vault, webhook: &webhook::Model, now: NaiveDateTime) -> Option<Vec<Secret>> {
    let mut secrets = vec![vault.open(webhook.id, &webhook.secret)?];
    let former =
        webhook.former_secret.as_ref().filter(|_| webhook.former_until.is_some_and(|until| now < until));
    secrets.extend(former.and_then(|former| vault.open(webhook.id, former)));
    Some(secrets)
}

async fn body(store: &Store, webhook: &webhook::Model, delivery: &delivery::Model) -> Result<Value, DbErr> {
    let mut data = json!({
        "patientId": delivery.patient_id,
        "therapistId": delivery.therapist_id,
        "goalId": delivery.goal_id,
        "subjectId": delivery.subject_id,
        "entryId": delivery.entry_id,
    });
    if delivery.kind() == Some(Kind::ReminderDue) {
        data["dueAt"] = delivery.due_at.map(moment).into();
        if webhook.include_message {
            data["message"] = reminder_text(store, delivery).await?.into();
        }
    }
    // The words of the API.
    let kind = delivery.kind.to_uppercase();
    Ok(json!({ "type": kind, "timestamp": moment(delivery.happened_at), "data": data }))
}

/// Null when the reminder is gone.
async fn reminder_text(store: &Store, delivery: &delivery::Model) -> Result<Option<String>, DbErr> {
    let own = worked_on::<reminder::Entity>(store).filter(reminder::Column::Id.eq(delivery.subject_id));
    Ok(own.one(store).await?.and_then(|reminder| reminder.message))
}

fn moment(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
