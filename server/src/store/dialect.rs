//! The only file that knows which of the two databases it speaks to.

use std::borrow::Cow;

use entity::{progress, tracking};
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{
    Alias, BinOper, Condition, Expr, ExprTrait, Func, IntoIden, JoinType, Query, SelectStatement, SimpleExpr,
    TableRef,
};
use sea_orm::sqlx::error::ErrorKind;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, RuntimeErr, Value};
use uuid::Uuid;

use super::page::CutFamily;
use super::span::Span;

/// `column` is one of `ids`: one parameter whatever their number, so one prepared statement serves all.
pub fn among(backend: DbBackend, column: SimpleExpr, ids: &[Uuid]) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        return column.eq(PgFunc::any(ids.to_vec()));
    }
    let mut each = Query::select();
    each.expr(Expr::cust("unhex(value)"))
        .from_function(Func::cust(Alias::new("json_each")).arg(list(ids)), Alias::new("each_id"));
    column.in_subquery(each)
}

/// Whether a column contains a text, in capital or small letters of any alphabet.
///
/// What a database holds for the other case of a letter depends on its locale: in some it knows ASCII only.
/// So each letter becomes a set of both its cases.
pub fn contains(backend: DbBackend, column: SimpleExpr, text: &str) -> SimpleExpr {
    let (operator, any, special) = match backend {
        DbBackend::Sqlite => ("GLOB", "*", "*?["),
        _ => ("~", "", r"\.^$|?*+()[]{}"),
    };
    let pattern: String = text.chars().map(|letter| either_case(letter, special)).collect();
    column.binary(BinOper::Custom(operator), Expr::val(format!("{any}{pattern}{any}")))
}

/// A letter as a pattern. Special ones stand for themselves only in a set; `^` and `\` not even there.
fn either_case(letter: char, special: &str) -> String {
    let (small, large): (String, String) = (letter.to_lowercase().collect(), letter.to_uppercase().collect());
    let single = small.chars().count() == 1 && large.chars().count() == 1;
    match letter {
        '^' | '\\' if special.contains(letter) => format!("\\{letter}"),
        _ if special.contains(letter) => format!("[{letter}]"),
        _ if single && small != large => format!("[{small}{large}]"),
        _ => letter.to_string(),
    }
}

/// The spans as rows `number, id, since, until, context, method`, an empty word for any; as few
/// parameters whatever their number.
pub fn spans(backend: DbBackend, spans: &[Span]) -> SelectStatement {
    let context = |span: &Span| span.context.map_or("", progress::Context::as_str);
    let method = |span: &Span| span.method.map_or("", tracking::Method::as_str);
    let mut rows = Query::select();
    if backend == DbBackend::Postgres {
        let numbers: Vec<i64> = (0..).take(spans.len()).collect();
        let unnest = |list: Value| Func::cust(Alias::new("unnest")).arg(list);
        let words = |word: &dyn Fn(&Span) -> &'static str| {
            unnest(spans.iter().map(|span| word(span).to_owned()).collect::<Vec<_>>().into())
        };
        rows.expr_as(unnest(numbers.into()), "number")
            .expr_as(unnest(spans.iter().map(|span| span.goal).collect::<Vec<_>>().into()), "id")
            .expr_as(unnest(spans.iter().map(|span| span.from).collect::<Vec<_>>().into()), "since")
            .expr_as(unnest(spans.iter().map(|span| span.to).collect::<Vec<_>>().into()), "until")
            .expr_as(words(&context), "context")
            .expr_as(words(&method), "method");
        return rows;
    }
    let row = |span: &Span| {
        serde_json::json!([span.goal.simple(), span.from, span.to, context(span), method(span)])
    };
    let list = serde_json::Value::from(spans.iter().map(row).collect::<Vec<_>>()).to_string();
    rows.expr_as(Expr::cust("key"), "number")
        .expr_as(Expr::cust("unhex(value ->> 0)"), "id")
        .expr_as(Expr::cust("value ->> 1"), "since")
        .expr_as(Expr::cust("value ->> 2"), "until")
        .expr_as(Expr::cust("value ->> 3"), "context")
        .expr_as(Expr::cust("value ->> 4"), "method")
        .from_function(Func::cust(Alias::new("json_each")).arg(list), Alias::new("each_span"));
    rows
}

/// Ids as rows of one column `id`, with one parameter whatever their number.
pub fn ids(backend: DbBackend, ids: &[Uuid]) -> SelectStatement {
    let mut rows = Query::select();
    if backend == DbBackend::Postgres {
        rows.expr_as(Func::cust(Alias::new("unnest")).arg(ids.to_vec()), "id");
        return rows;
    }
    rows.expr_as(Expr::cust("unhex(value)"), "id")
        .from_function(Func::cust(Alias::new("json_each")).arg(list(ids)), Alias::new("each_id"));
    rows
}

/// Ids as a list that SQLite can read.
fn list(ids: &[Uuid]) -> String {
    let texts: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
    serde_json::Value::from(texts).to_string()
}

/// The first rows of each parent, so that the cost does not grow with the length of a history; sorted.
pub fn slices<C: EntityTrait>(backend: DbBackend, family: CutFamily<C>) -> SelectStatement {
    let (ordering, backward) = (family.ordering.clone(), family.backward);
    let mut select = unsorted_slices(backend, family);
    ordering.sort(&mut select, backward);
    select
}

/// The same in any order, for rows that are sorted in memory: sorting wide rows costs the database more
/// than finding them.
///
/// PostgreSQL: a lateral join, once a parent. SQLite has none, so the wanted rows are found by a correlated
/// subquery and read by their numbers; the cross join keeps its planner from turning the loops around.
pub fn unsorted_slices<C: EntityTrait>(backend: DbBackend, family: CutFamily<C>) -> SelectStatement {
    let table = Alias::new(C::default().as_str());
    let mut select = Query::select();
    for column in C::Column::iter() {
        select.expr_as(Expr::col((table.clone(), Alias::new(column.as_str()))), column.as_str());
    }
    select.from_subquery(family.parents, Alias::new("parent"));
    if backend == DbBackend::Postgres {
        select.join_lateral(
            JoinType::InnerJoin,
            family.children,
            table,
            Condition::all().add(Expr::val(true)),
        );
        return select;
    }
    // A row's own number leads to it at once, its id by way of an index. A derived table has no numbers.
    let (children, key) = match family.source {
        Some(source) => (TableRef::SubQuery(source.into(), table.clone().into_iden()), "id"),
        None => (table.clone().into(), "rowid"),
    };
    let key = Expr::col((table, Alias::new(key)));
    let mut wanted = family.children;
    wanted.clear_selects().expr(key.clone());
    select.cross_join(children).and_where(key.in_subquery(wanted));
    select
}

/// The number of the transaction that wrote an event; nought on SQLite, where the id is the order of
/// commits already.
pub fn transaction(backend: DbBackend) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        return Expr::cust("CAST(CAST(transaction_id AS text) AS bigint)");
    }
    Expr::cust("transaction_id")
}

/// No transaction that is still open can write an event that comes before this one.
pub fn settled(backend: DbBackend) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        return Expr::cust("transaction_id < pg_snapshot_xmin(pg_current_snapshot())");
    }
    Expr::cust("TRUE")
}

/// How an event's place compares (`>`, `=`, `<`) with one that was read before.
pub fn place(backend: DbBackend, comparison: &str, transaction: i64, id: i64) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        let sql = format!("(transaction_id, id) {comparison} (CAST(CAST($1 AS text) AS xid8), $2)");
        return Expr::cust_with_values(sql, [Value::from(transaction.to_string()), Value::from(id)]);
    }
    let sql = format!("(transaction_id, id) {comparison} (?, ?)");
    Expr::cust_with_values(sql, [transaction, id])
}

/// Events that came with a dump of another PostgreSQL cluster have numbers of transactions that this one
/// has yet to reach. They happened before all that happens here, and take their place there; so do the positions
/// of webhooks.
pub async fn bring_to_front(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let sql = "UPDATE waymark_events SET transaction_id = '0' \
                   WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot())";
        db.execute_unprepared(sql).await?;
        let sql = "UPDATE waymark_webhooks SET position_transaction = 0 WHERE position_transaction \
                   >= CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)";
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Lets only one transaction at a time go on that names this id; the lock ends with the transaction. SQLite has one
/// writer anyway.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let lock = Func::cust(Alias::new("pg_advisory_xact_lock")).arg(id.as_u64_pair().1.cast_signed());
        // The function gives nothing, which no driver reads; of a row only its number counts.
        let mut select = Query::select();
        select.expr(Expr::val(1)).and_where(SimpleExpr::from(lock).is_not_null());
        db.query_one(&select).await?;
    }
    Ok(())
}

/// Tells every process that listens on this database that there are events.
///
/// Nothing is lost with a call, so it need not be flushed to disk. Sent as one message, the two statements
/// are one transaction.
pub async fn notify(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared("SET LOCAL synchronous_commit = off; NOTIFY waymark_events").await?;
    Ok(())
}

/// SQLite: at this moment another connection has the file to itself.
pub fn is_busy(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(error)) = error else { return false };
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // The lowest byte is the code, the others say more: such as that it is being recovered after a crash.
    code.is_some_and(|code| code & 0xff == 5)
}

/// PostgreSQL: a text has characters that the database's encoding does not know.
pub fn is_untranslatable(error: &DbErr) -> bool {
    database_code(error).is_some_and(|code| ["22P05", "22021"].contains(&code.as_ref()))
}

/// The database can only be read: a file or folder without the right to write, a role that may only read, a standby.
pub fn is_read_only(error: &DbErr) -> bool {
    // SQLite has numbers, whose lowest byte counts.
    let is_sqlites = |code: &str| code.parse::<u32>().is_ok_and(|code| code & 0xff == 8);
    database_code(error).is_some_and(|code| {
        ["42501", "25006"].contains(&code.as_ref()) || code.len() < 5 && is_sqlites(&code)
    })
}

/// What the database calls an error.
fn database_code(error: &DbErr) -> Option<Cow<'_, str>> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()?.code()
}

/// The name of the constraint that a statement violated: of a check or a foreign key, a value too long
/// for its column included. SQLite does not say which foreign key it was.
pub fn violated(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let error = error.as_database_error()?;
    let named = error.constraint().map(str::to_owned);
    match (error.kind(), error.code().as_deref()) {
        (ErrorKind::ForeignKeyViolation, _) => Some(named.unwrap_or_else(|| "fk_".to_owned())),
        (ErrorKind::CheckViolation | ErrorKind::NotNullViolation | ErrorKind::UniqueViolation, _) => {
            Some(named.or_else(|| sqlite_check(error.message())).unwrap_or_default())
        }
        // PostgreSQL: a text too long, a number out of range.
        (_, Some("22001" | "22003")) => Some(String::new()),
        _ => None,
    }
}

/// "CHECK constraint failed: name".
fn sqlite_check(message: &str) -> Option<String> {
    message.rsplit_once("failed: ").map(|(_, name)| name.to_owned())
}
