//! What a session of PostgreSQL is told about limits and plans: once when it begins or, behind a pooler that
//! hands out another session for each transaction, in every transaction.

use std::time::Duration;

/// Much longer than we take between two statements of a transaction, besides the time that one may take.
const THINKING: Duration = Duration::from_secs(5);

/// Who keeps the sessions of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooler {
    /// A connection is a session: the database itself, or a pooler in session mode.
    #[default]
    Session,
    /// Each transaction may get another session, such as from `PgBouncer` in transaction mode. So nothing of a
    /// session outlives its transaction: no setting, no prepared statement and no `LISTEN`.
    Transaction,
}

/// What is asked of a session.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub pooler: Pooler,
    /// How long a statement may take.
    pub statement: Duration,
}

impl Session {
    /// Whether a statement that was prepared is there the next time.
    pub fn keeps_prepared(self) -> bool {
        self.pooler == Pooler::Session
    }

    /// For a connection that was just made. Not among the parameters of connecting, since poolers refuse or
    /// drop those.
    pub fn on_connecting(self) -> Option<String> {
        (self.pooler == Pooler::Session).then(|| self.settings("SET"))
    }

    pub fn begin(self) -> String {
        match self.pooler {
            Pooler::Session => "BEGIN".to_owned(),
            Pooler::Transaction => format!("BEGIN; {}", self.settings("SET LOCAL")),
        }
    }

    /// Statements are planned once a connection: a read by `= ANY($1)` takes PostgreSQL longer to plan than to
    /// run, and its values, ids all, would change nothing about the plan.
    ///
    /// The database itself ends a transaction whose client has gone without a word, so that its locks go too.
    fn settings(self, set: &str) -> String {
        let settings = [
            ("plan_cache_mode", "force_generic_plan".to_owned()),
            ("statement_timeout", self.statement.as_millis().to_string()),
            ("idle_in_transaction_session_timeout", (self.statement + THINKING).as_millis().to_string()),
        ];
        settings.map(|(name, value)| format!("{set} {name} = {value}")).join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_set_once_for_a_session_or_once_for_each_transaction() {
        let of = |pooler| Session { pooler, statement: Duration::from_secs(2) };
        let direct = of(Pooler::Session);
        let once = "SET plan_cache_mode = force_generic_plan; SET statement_timeout = 2000; \
                    SET idle_in_transaction_session_timeout = 7000";
        assert_eq!((direct.on_connecting().as_deref(), direct.begin().as_str()), (Some(once), "BEGIN"));
        let pooled = of(Pooler::Transaction);
        let each = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL statement_timeout = 2000; \
                    SET LOCAL idle_in_transaction_session_timeout = 7000";
        assert_eq!((pooled.on_connecting(), pooled.begin().as_str()), (None, each));
    }
}
