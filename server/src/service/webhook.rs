//! Webhooks: where events are sent to. For admins.
//!
//! Where an address leads to is looked up before the transaction begins, so that no writer waits for a name server.

use chrono::TimeDelta;
use entity::webhook;
use entity::webhook_delivery::{self as delivery, Problem as Refusal, State};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::work::{Work, carry_out};
use super::{Act, Id, Outcome, not_found};
use crate::feed::{self, Position};
use crate::outbound::{Outbound, Secret, Vault};
use crate::rules::input::webhook::{self as input, Changes, Draft};
use crate::rules::input::{Code, Path, Problem};
use crate::rules::retry;
use crate::store::dialect;

/// A secret that was replaced signs for so long too.
const BOTH_SIGN: TimeDelta = TimeDelta::hours(24);
/// Names the lock under which webhooks are counted.
const COUNTED: Uuid = Uuid::from_u128(0x7761_796d_6172_6b20_7765_6268_6f6f_6b73);

#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    pub webhook: webhook::Model,
    /// As receivers take it. Not kept for a retry, which gets the webhook without it.
    #[serde(skip)]
    pub secret: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub deleted_id: Uuid,
    pub deliveries: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Resent {
    pub delivery: delivery::Model,
    pub webhook: webhook::Model,
}

/// Registers a webhook, which is sent what happens from now on.
pub async fn register(act: &Act, outbound: &Outbound, draft: Draft) -> Outcome<Changed> {
    let url = reachable(act, outbound, &draft.url).await;
    let head = feed::newest(&act.viewer.store).await?;
    carry_out(act, async |work| {
        permit(work)?;
        dialect::lock(&work.db, COUNTED).await?;
        let stored = work.viewer().all::<webhook::Entity>().count(&work.db).await?;
        work.check.note(input::room(usize::try_from(stored).unwrap_or(usize::MAX)));
        let vault = vault(work, outbound);
        let (url, secret) = (found(work, url), secret(work, draft.secret.as_deref()));
        work.check.add(&Path::input(), input::kinds(&draft.kinds));
        let ((vault, secret), url) = work.check.done(vault.zip(secret).zip(url))?;

        let id = Uuid::now_v7();
        let row = webhook::ActiveModel {
            id: Set(id),
            url: Set(url.into()),
            kinds: Set(input::stored_kinds(&draft.kinds)),
            include_message: Set(draft.include_message),
            is_active: Set(true),
            secret: Set(vault.seal(id, &secret)?),
            secret_set_at: Set(work.now),
            former_secret: Set(None),
            former_until: Set(None),
            position_transaction: Set(head.transaction),
            position_id: Set(head.id),
            missed_events_at: Set(None),
            created_at: Set(work.now),
            updated_at: Set(work.now),
        };
        let webhook = row.insert(&work.db).await?;
        Ok(Changed { webhook, secret: Some(secret.text()) })
    })
    .await
}

/// Changes a webhook. One that is turned on again is sent what happens from then on.
pub async fn update(act: &Act, outbound: &Outbound, webhook: Id, changes: Changes) -> Outcome<Changed> {
    let url = match &changes.url {
        Some(url) => Some(reachable(act, outbound, url).await),
        None => None,
    };
    let head = feed::newest(&act.viewer.store).await?;
    let store = &act.viewer.store;
    let changed = carry_out(act, async |work| {
        let stored = find(work, webhook).await?;
        let url = url.map(|url| found(work, url));
        work.check.add(&Path::input(), changes.kinds.as_deref().and_then(input::kinds));
        let (stored, url) = work.check.done(stored.zip(url.map_or(Some(None), |url| url.map(Some))))?;

        let row = changed(stored, url, changes, head, work.now);
        Ok(Changed { webhook: row.update(&work.db).await?, secret: None })
    })
    .await?;
    store.wake_webhooks();
    Ok(changed)
}

fn changed(
    stored: webhook::Model,
    url: Option<Url>,
    changes: Changes,
    head: Position,
    now: chrono::NaiveDateTime,
) -> webhook::ActiveModel {
    let is_active = changes.is_active.unwrap_or(stored.is_active);
    let turned_on = is_active && !stored.is_active;
    let mut row = stored.into_active_model();
    if let Some(url) = url {
        row.url = Set(url.into());
    }
    if let Some(kinds) = changes.kinds {
        row.kinds = Set(input::stored_kinds(&kinds));
    }
    if let Some(include_message) = changes.include_message {
        row.include_message = Set(include_message);
    }
    if turned_on {
        (row.position_transaction, row.position_id) = (Set(head.transaction), Set(head.id));
    }
    row.is_active = Set(is_active);
    row.updated_at = Set(now);
    row
}

/// Gives a webhook another secret. The one before it signs too for a day, so that the receiver can be told.
pub async fn rotate(act: &Act, outbound: &Outbound, webhook: Id, chosen: Option<String>) -> Outcome<Changed> {
    carry_out(act, async |work| {
        let stored = find(work, webhook).await?;
        let vault = stored.as_ref().and_then(|_| vault(work, outbound));
        let secret = secret(work, chosen.as_deref());
        let stored = stored.filter(|_| vault.is_some());
        let (stored, secret) = work.check.done(stored.zip(secret))?;
        let Some(vault) = vault else { return Err(no_key().into()) };

        let sealed = vault.seal(stored.id, &secret)?;
        let former = stored.secret.clone();
        let mut row = stored.into_active_model();
        row.secret = Set(sealed);
        row.secret_set_at = Set(work.now);
        row.former_secret = Set(Some(former));
        row.former_until = Set(Some(work.now + BOTH_SIGN));
        row.updated_at = Set(work.now);
        let webhook = row.update(&work.db).await?;
        Ok(Changed { webhook, secret: Some(secret.text()) })
    })
    .await
}

/// Deletes a webhook with its deliveries: what it was not sent yet is not sent any more.
pub async fn delete(act: &Act, webhook: Id) -> Outcome<Deleted> {
    carry_out(act, async |work| {
        let stored = find(work, webhook).await?;
        let stored = work.check.done(stored)?;

        webhook::Entity::delete_by_id(stored.id).exec(&work.db).await?;
        let own = delivery::Entity::delete_many().filter(delivery::Column::WebhookId.eq(stored.id));
        let deliveries = own.exec(&work.db).await?.rows_affected;
        Ok(Deleted { deleted_id: stored.id, deliveries })
    })
    .await
}

/// Sends a delivery again, at once and for a day: with the same id, so that a receiver which had it knows.
pub async fn resend(act: &Act, delivery: Id) -> Outcome<Resent> {
    let resent = carry_out(act, async |work| {
        let found = deliverable(work, delivery).await;
        let found = work.check.found(found)?;
        let (delivery, webhook) = work.check.done(found)?;

        let mut row = delivery.into_active_model();
        row.state = Set(State::Pending.as_str().to_owned());
        row.attempts = Set(0);
        row.next_attempt_at = Set(Some(work.now));
        row.claimed_by = Set(None);
        row.give_up_at = Set(work.now + retry::LASTING);
        row.settled_at = Set(None);
        Ok(Resent { delivery: row.update(&work.db).await?, webhook })
    })
    .await?;
    act.viewer.store.wake_webhooks();
    Ok(resent)
}

async fn deliverable(work: &mut Work<'_>, id: Id) -> Outcome<(delivery::Model, webhook::Model)> {
    let path = Path::input().at("deliveryId");
    let id = work.check.id(&path, id)?;
    let absent = || not_found(&path, "delivery");
    let delivery = work.find::<delivery::Entity>(id).await?.ok_or_else(absent)?;
    let webhook = work.find::<webhook::Entity>(delivery.webhook_id).await?.ok_or_else(absent)?;
    if webhook.is_active {
        return Ok((delivery, webhook));
    }
    Err(Problem::new(Code::NotAllowed, &path, "The webhook is turned off.").into())
}

/// A webhook, which only admins see.
async fn find(work: &mut Work<'_>, id: Id) -> Outcome<Option<webhook::Model>> {
    let path = Path::input().at("webhookId");
    let found = match work.check.id(&path, id) {
        Ok(id) => work.find::<webhook::Entity>(id).await?.ok_or_else(|| not_found(&path, "webhook")),
        Err(problem) => Err(problem.into()),
    };
    work.check.found(found)
}

/// Whoever may not register one is told nothing else.
fn permit(work: &Work<'_>) -> Outcome<()> {
    let message = "Only admins may do this.";
    let permit = work.viewer().may_configure();
    permit.map(|_| ()).ok_or_else(|| Problem::new(Code::NotAllowed, &Path::input(), message).into())
}

fn vault<'o>(work: &mut Work<'_>, outbound: &'o Outbound) -> Option<&'o Vault> {
    let vault = outbound.vault();
    work.check.note(vault.is_none().then(no_key));
    vault
}

fn no_key() -> Problem {
    let message = "This server has no key to keep secrets with: set WAYMARK_WEBHOOK_KEY.";
    Problem::new(Code::NotAllowed, &Path::input(), message)
}

fn secret(work: &mut Work<'_>, chosen: Option<&str>) -> Option<Secret> {
    let secret = chosen.map_or_else(|| Ok(Secret::random()), |chosen| input::secret(chosen).map(Secret::of));
    found(work, secret)
}

fn found<T>(work: &mut Work<'_>, result: Result<T, Problem>) -> Option<T> {
    result.map_err(|problem| work.check.note([problem])).ok()
}

/// An address that can be used now. For nobody but admins a name is looked up.
async fn reachable(act: &Act, outbound: &Outbound, text: &str) -> Result<Url, Problem> {
    let url = input::url(text)?;
    if act.viewer.may_configure().is_none() {
        return Ok(url);
    }
    let encrypted = url.scheme() == "https";
    let message = match outbound.target(&url).await {
        Ok(_) => return Ok(url),
        Err(Refusal::AddressRefused) if encrypted => {
            "This leads to an address that is not public. The setting WAYMARK_WEBHOOK_ALLOW names others that may be \
             reached."
        }
        Err(Refusal::AddressRefused) => {
            "Without https, only addresses that the setting WAYMARK_WEBHOOK_ALLOW names may be reached."
        }
        Err(_) => "No address is known for this host.",
    };
    Err(Problem::new(Code::Invalid, &Path::input().at("url"), message))
}
