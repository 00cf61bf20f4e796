use async_graphql::{Context, ID, Interface, Object, Result};
use uuid::Uuid;

use super::assessment::AssessmentScore;
use super::goal::Goal;
use super::milestone::Milestone;
use super::person::Person;
use super::progress::ProgressEntry;
use super::reminder::Reminder;
use super::row::find;
use super::session::TherapySession;
use super::tracking::TrackingConfig;
use crate::wire::bad_input;
use crate::wire::scalar::read_id;

/// Anything that has an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The row's UUID."))]
pub enum Node {
    Goal(Goal),
    Person(Person),
    TherapySession(TherapySession),
    TrackingConfig(TrackingConfig),
    ProgressEntry(ProgressEntry),
    Milestone(Milestone),
    AssessmentScore(AssessmentScore),
    Reminder(Reminder),
}

/// Ids do not tell their kind, so each kind is asked at the same time; it answers only for a viewer who
/// may see the row.
async fn look_up(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>> {
    let found = tokio::try_join!(
        find::<Goal>(ctx, id),
        find::<Person>(ctx, id),
        find::<TherapySession>(ctx, id),
        find::<TrackingConfig>(ctx, id),
        find::<ProgressEntry>(ctx, id),
        find::<Milestone>(ctx, id),
        find::<AssessmentScore>(ctx, id),
        find::<Reminder>(ctx, id),
    )?;
    let first = [
        found.0.map(Node::from),
        found.1.map(Node::from),
        found.2.map(Node::from),
        found.3.map(Node::from),
        found.4.map(Node::from),
        found.5.map(Node::from),
        found.6.map(Node::from),
        found.7.map(Node::from),
    ];
    Ok(first.into_iter().flatten().next())
}

const MOST_NODES: usize = 100;

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null when there is nothing with this id that the viewer may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of a row of any kind.")] id: ID,
    ) -> Result<Option<Node>> {
        Box::pin(look_up(ctx, read_id("id", &id)?)).await
    }

    /// Several things by their ids, at most 100, in the order asked; null for each that is absent or
    /// not the viewer's to see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids of rows of any kind.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST_NODES {
            return Err(bad_input(format!("`ids` may have at most {MOST_NODES} ids.")));
        }
        let ids = ids.iter().map(|id| read_id("ids", id)).collect::<Result<Vec<_>>>()?;
        futures_util::future::try_join_all(ids.into_iter().map(|id| look_up(ctx, id))).await
    }
}
