//! Inputs about webhooks.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::reader::Reader;
use super::{Input, names_a_row};
use crate::rules::input::webhook::{Changes, Draft};
use crate::service::Id;
use crate::wire::word::EventKind;

/// A webhook to register.
#[derive(InputObject)]
pub struct RegisterWebhookInput {
    /// Where to: https://, at most 2,000 characters, without a user, a password or a part behind #. Its host must
    /// have public addresses only, unless the server's setting `WAYMARK_WEBHOOK_ALLOW` names others; those may also
    /// be reached by http://.
    pub url: String,
    /// The kinds of events that are sent, at least one.
    pub kinds: Vec<EventKind>,
    /// Whether a due reminder is sent with its text, which therapists and patients have written; no unless said.
    pub include_message: Option<bool>,
    /// `whsec_` and the base64 of 24 to 64 random bytes; made by the server unless given.
    pub secret: Option<String>,
    /// The same key and input within 24 hours give the first answer again, without the secret.
    pub idempotency_key: Option<String>,
}

impl Input for RegisterWebhookInput {
    type Draft = Draft;

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, _reader: &mut Reader) -> Self::Draft {
        Draft {
            url: self.url,
            kinds: self.kinds.into_iter().map(Into::into).collect(),
            include_message: self.include_message.unwrap_or_default(),
            secret: self.secret,
        }
    }
}

/// What to change of a webhook. An absent field keeps what is stored.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// The webhook.
    pub webhook_id: ID,
    /// Where to, as for `registerWebhook`; can't be cleared.
    pub url: MaybeUndefined<String>,
    /// The kinds of events that are sent, at least one; can't be cleared.
    pub kinds: MaybeUndefined<Vec<EventKind>>,
    /// Whether a due reminder is sent with its text; can't be cleared.
    pub include_message: MaybeUndefined<bool>,
    /// Whether anything is sent; can't be cleared.
    pub is_active: MaybeUndefined<bool>,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

impl Input for UpdateWebhookInput {
    type Draft = (Id, Changes);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        let kinds = reader.kept("kinds", "The kinds", self.kinds);
        let changes = Changes {
            url: reader.kept("url", "The address", self.url),
            kinds: kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            include_message: reader.kept("includeMessage", "Whether texts are sent", self.include_message),
            is_active: reader.kept("isActive", "Whether it is active", self.is_active),
        };
        (reader.id("webhookId", &self.webhook_id), changes)
    }
}

/// A webhook to give another secret.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// The webhook.
    pub webhook_id: ID,
    /// `whsec_` and the base64 of 24 to 64 random bytes; made by the server unless given.
    pub secret: Option<String>,
    /// The same key and input within 24 hours give the first answer again, without the secret.
    pub idempotency_key: Option<String>,
}

impl Input for RotateWebhookSecretInput {
    type Draft = (Id, Option<String>);

    fn key(&self) -> Option<&String> {
        self.idempotency_key.as_ref()
    }

    fn read(self, reader: &mut Reader) -> Self::Draft {
        (reader.id("webhookId", &self.webhook_id), self.secret)
    }
}

/// A webhook to delete.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// The webhook.
    pub webhook_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(DeleteWebhookInput, webhook_id, "webhookId");

/// A delivery to send again.
#[derive(InputObject)]
pub struct ResendWebhookDeliveryInput {
    /// The delivery.
    pub delivery_id: ID,
    /// The same key and input within 24 hours give the first answer again.
    pub idempotency_key: Option<String>,
}

names_a_row!(ResendWebhookDeliveryInput, delivery_id, "deliveryId");
