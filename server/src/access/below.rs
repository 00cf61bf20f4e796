//! What hangs on rows: lists by parent, entries of spans, earlier scores.

use entity::{assessment, goal};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{OfGoal, SeenId, Viewer, Visible};
use crate::store::dialect;
use crate::store::page::Family;
use crate::store::score::Earlier;
use crate::store::span::{Span, Spans};

impl Viewer {
    /// The rows of `C` below rows that were seen, through the column `link`.
    #[must_use]
    pub fn under_seen<P: Visible, C: Visible>(&self, parents: &[SeenId<P>], link: C::Column) -> Family<C> {
        self.seen(self.family(self.listed(parents), link), parents)
    }

    /// The rows of `C` below the visible ones among `parents`, through the column `link`.
    #[must_use]
    pub fn under<P: Visible, C: Visible>(&self, parents: &[Uuid], link: C::Column) -> Family<C> {
        self.family(self.ids::<P>(parents), link)
    }

    fn family<C: Visible>(&self, parents: SelectStatement, link: C::Column) -> Family<C> {
        let source = C::source(self.store.neighbours());
        let children = self.few::<C>(Condition::all()).into_query();
        Family { source, ..Family::new(parents, children, link) }
    }

    /// The rows of `C` that hang on goals that were seen: seeing the goal is enough.
    #[must_use]
    pub fn under_seen_goals<C: OfGoal>(&self, goals: &[SeenId<goal::Entity>]) -> Family<C> {
        self.seen(of_goals(self.listed(goals)), goals)
    }

    /// With one parameter for all ids, PostgreSQL goes straight to the index.
    fn seen<E, C: EntityTrait>(&self, family: Family<C>, parents: &[SeenId<E>]) -> Family<C> {
        let ids: Vec<_> = parents.iter().map(SeenId::uuid).collect();
        let backend = self.store.get_database_backend();
        let belongs = dialect::among(backend, family.link.into_simple_expr(), &ids);
        Family { belongs, ..family }
    }

    /// The rows of `C` that hang on the visible ones among `goals`.
    #[must_use]
    pub fn under_goals<C: OfGoal>(&self, goals: &[Uuid]) -> Family<C> {
        of_goals(self.ids::<goal::Entity>(goals))
    }

    fn listed<E>(&self, ids: &[SeenId<E>]) -> SelectStatement {
        let ids: Vec<_> = ids.iter().map(SeenId::uuid).collect();
        dialect::ids(self.store.get_database_backend(), &ids)
    }

    /// The spans of visible goals: seeing the goal is enough to see its entries.
    #[must_use]
    pub fn within(&self, spans: &[Span]) -> Spans {
        let goals: Vec<_> = spans.iter().map(|span| span.goal).collect();
        let mut rows = Query::select();
        rows.columns([(Alias::new("span"), Asterisk)])
            .from_subquery(dialect::spans(self.store.get_database_backend(), spans), Alias::new("span"))
            .and_where(Expr::col(("span", "id")).in_subquery(self.ids::<goal::Entity>(&goals)));
        Spans(rows)
    }

    /// The visible ones among some scores, each with the visible scores of its person before it.
    #[must_use]
    pub fn earlier_scores(&self, scores: &[Uuid]) -> Earlier {
        let among = dialect::among(
            self.store.get_database_backend(),
            assessment::Column::Id.into_simple_expr(),
            scores,
        );
        let all = || self.all::<assessment::Entity>();
        Earlier { scores: all().filter(among).into_query(), all: all().into_query() }
    }
}

fn of_goals<C: OfGoal>(parents: SelectStatement) -> Family<C> {
    #[expect(clippy::disallowed_methods, reason = "the goals in `parents` are the scope")]
    let children = C::find().into_query();
    Family::new(parents, children, C::goal_id())
}
