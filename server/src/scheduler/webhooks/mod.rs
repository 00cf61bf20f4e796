//! Sends events to webhooks, in a lane of its own: what is slow outside keeps nothing inside from its time.
//!
//! Each webhook has its place in the outbox. From there events become rows of deliveries (`hand_over`), and those
//! are sent until the receiver has taken them or a day is over. Each webhook is worked off by a task of its own in
//! each server, a few messages at once, so that a receiver that hangs holds up no other.

mod claim;
mod hand_over;
mod message;

use std::collections::HashSet;
use std::time::Duration;

use chrono::NaiveDateTime;
use entity::webhook;
use entity::webhook_delivery::{self as delivery, Problem, State};
use futures_util::future::{join_all, try_join_all};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryTrait};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::access::worked_on;
use crate::clock::Clock;
use crate::outbound::Outbound;
use crate::panics::caught;
use crate::store::Store;
use claim::Tried;

/// Without a call it is looked this often: another server may have written events.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// Between two looks, however many calls there are.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);
/// So many messages of one webhook are under way at once.
const AT_ONCE: u64 = 8;

/// What becomes of deliveries, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    pub delivered: u32,
    /// To be tried again.
    pub failed: u32,
    /// Given up.
    pub dead: u32,
}

impl Sent {
    fn add(&mut self, more: Self) {
        self.delivered += more.delivered;
        self.failed += more.failed;
        self.dead += more.dead;
    }

    fn count(&mut self, state: State) {
        match state {
            State::Delivered => self.delivered += 1,
            State::Pending => self.failed += 1,
            State::Dead => self.dead += 1,
        }
    }
}

/// Sends events to webhooks, in one process.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub store: Store,
    pub clock: Clock,
    pub outbound: Outbound,
}

/// A webhook and when its next delivery is due.
struct Line {
    webhook: webhook::Model,
    due: Option<NaiveDateTime>,
}

impl Lane {
    /// Works until it is told to stop. What is under way then is finished first.
    pub async fn run(self, stop: CancellationToken) {
        let (mut tasks, mut busy) = (JoinSet::new(), HashSet::new());
        while !stop.is_cancelled() {
            let rest = match caught(Box::pin(self.look(&mut tasks, &mut busy))).await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::warn!(%error, "webhooks can't be served at present");
                    LONGEST_SLEEP
                }
            };
            let called = async {
                tokio::time::sleep(SHORTEST_SLEEP).await;
                self.store.webhooks_woken().await;
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = called => {}
                Some(done) = tasks.join_next() => ended(done, &mut busy),
                () = tokio::time::sleep(rest) => {}
            }
            while let Some(done) = tasks.try_join_next() {
                ended(done, &mut busy);
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Begins with what is due, and says how long there is nothing else.
    async fn look(
        &self,
        tasks: &mut JoinSet<(Uuid, Sent)>,
        busy: &mut HashSet<Uuid>,
    ) -> Result<Duration, DbErr> {
        let now = self.clock.stamp();
        let mut rest = LONGEST_SLEEP;
        for Line { webhook, due } in self.lines().await? {
            match due {
                Some(due) if due > now => rest = rest.min((due - now).to_std().unwrap_or_default()),
                Some(_) if busy.insert(webhook.id) => {
                    let lane = self.clone();
                    tasks.spawn(async move { (webhook.id, lane.serve(&webhook).await) });
                }
                _ => {}
            }
        }
        Ok(rest.max(SHORTEST_SLEEP))
    }

    /// Sends all that is due now, and says what became of it.
    pub async fn catch_up(&self) -> Result<Sent, DbErr> {
        let mut all = Sent::default();
        loop {
            let now = self.clock.stamp();
            let mut due = self.lines().await?;
            due.retain(|line| line.due.is_some_and(|due| due <= now));
            if due.is_empty() {
                return Ok(all);
            }
            join_all(due.iter().map(|line| self.serve(&line.webhook)))
                .await
                .into_iter()
                .for_each(|sent| all.add(sent));
        }
    }

    /// The webhooks that are on, when what has happened so far was handed over to them.
    async fn lines(&self) -> Result<Vec<Line>, DbErr> {
        let mut lines = lines(&self.store).await?;
        let now = self.clock.stamp();
        for line in &mut lines {
            match hand_over::hand_over(&self.store, &line.webhook, now).await {
                Ok(true) => line.due = Some(line.due.map_or(now, |due| std::cmp::min(due, now))),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, webhook = %line.webhook.id, "events can't be handed over");
                }
            }
        }
        Ok(lines)
    }

    /// Sends what is due of one webhook.
    async fn serve(&self, webhook: &webhook::Model) -> Sent {
        let mut all = Sent::default();
        match self.serve_some(webhook).await {
            Ok(sent) => all.add(sent),
            Err(error) => {
                tracing::warn!(%error, webhook = %webhook.id, "deliveries can't be noted, and are sent again");
            }
        }
        if all != Sent::default() {
            let Sent { delivered, failed, dead } = all;
            tracing::info!(webhook = %webhook.id, delivered, failed, dead, "webhook");
        }
        all
    }

    async fn serve_some(&self, webhook: &webhook::Model) -> Result<Sent, DbErr> {
        let taken = claim::claim(&self.store, webhook.id, self.clock.stamp(), AT_ONCE).await?;
        let mut sent = Sent::default();
        let states = taken.iter().map(|delivery| self.deliver(webhook, delivery));
        try_join_all(states).await?.into_iter().for_each(|state| sent.count(state));
        Ok(sent)
    }

    async fn deliver(&self, webhook: &webhook::Model, delivery: &delivery::Model) -> Result<State, DbErr> {
        let tried = self.try_once(webhook, delivery).await?;
        if let Some(problem) = tried.problem {
            let (problem, status) = (problem.as_str(), tried.status);
            tracing::info!(webhook = %webhook.id, delivery = %delivery.id, problem, status, "not delivered");
        }
        claim::note(&self.store, delivery, tried, self.clock.stamp()).await
    }

    async fn try_once(&self, webhook: &webhook::Model, delivery: &delivery::Model) -> Result<Tried, DbErr> {
        let failed = |problem| Tried { status: None, problem: Some(problem) };
        let (vault, now) = (self.outbound.vault(), self.clock.stamp());
        let message = message::message(&self.store, vault, webhook, delivery, now).await?;
        let Some(message) = message else { return Ok(failed(Problem::SecretUnreadable)) };
        let Ok(url) = Url::parse(&webhook.url) else { return Ok(failed(Problem::NameUnknown)) };
        Ok(match self.outbound.post(&url, &message).await {
            Ok(status) => {
                let refused = if status.is_redirection() { Problem::Redirected } else { Problem::Answered };
                let problem = (!status.is_success()).then_some(refused);
                Tried { status: Some(status.as_u16()), problem }
            }
            Err(problem) => failed(problem),
        })
    }
}

fn ended(done: Result<(Uuid, Sent), tokio::task::JoinError>, busy: &mut HashSet<Uuid>) {
    match done {
        Ok((webhook, _)) => {
            busy.remove(&webhook);
        }
        // Which one it was is not known any more; what it had taken is taken up again.
        Err(error) => {
            tracing::warn!(%error, "a webhook's task failed");
            busy.clear();
        }
    }
}

/// Hands over all that has happened so far: before events are forgotten.
pub(super) async fn hand_over_all(store: &Store, clock: &Clock) -> Result<(), DbErr> {
    for line in lines(store).await? {
        hand_over::hand_over(store, &line.webhook, clock.stamp()).await?;
    }
    Ok(())
}

/// The webhooks that are on, each with the time of its next delivery: a step into an index for each.
async fn lines(store: &Store) -> Result<Vec<Line>, DbErr> {
    let of_webhook = Expr::col((delivery::Entity, delivery::Column::WebhookId));
    let next = Query::select()
        .expr(delivery::Column::NextAttemptAt.min())
        .from(delivery::Entity)
        .and_where(of_webhook.equals((webhook::Entity, webhook::Column::Id)))
        .to_owned();
    let mut select =
        worked_on::<webhook::Entity>(store).filter(webhook::Column::IsActive.eq(true)).into_query();
    select.expr_as(SimpleExpr::from(next), "due");
    let line = |row: &sea_orm::QueryResult| {
        Ok(Line { webhook: webhook::Model::from_query_result(row, "")?, due: row.try_get("", "due")? })
    };
    store.query_all(&select).await?.iter().map(line).collect()
}

/// Forgets what became of deliveries before this moment.
pub(super) async fn forget_settled(store: &Store, before: NaiveDateTime) -> Result<u64, DbErr> {
    let old = delivery::Column::SettledAt.lt(before);
    Ok(delivery::Entity::delete_many().filter(old).exec(store).await?.rows_affected)
}
