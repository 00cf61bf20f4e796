//! A move of a goal to another status.

use chrono::NaiveDateTime;
use entity::goal::Status;

use super::{Code, Path, Problem};
use crate::rules::status::{moves, spoken};

/// The `completed_at` that goes with a move, or why there is no such move.
///
/// `from` is `None` for a word of another program: any of ours may follow it. Staying is always allowed
/// and changes nothing. Only a completed goal has a moment of completion.
///
/// # Errors
/// `NOT_ALLOWED` at `status`, with the moves there are.
pub fn change(
    from: Option<Status>,
    to: Status,
    completed_at: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> Result<Option<NaiveDateTime>, Problem> {
    match from {
        Some(from) if from == to => Ok(completed_at),
        Some(from) if !moves(from).contains(&to) => Err(refusal(from, to)),
        _ => Ok((to == Status::Completed).then_some(now)),
    }
}

fn refusal(from: Status, to: Status) -> Problem {
    let allowed: Vec<_> = moves(from).iter().map(|status| spoken(*status)).collect();
    let sentence = format!(
        "A goal that is {} can't become {}; it can become {}.",
        spoken(from),
        spoken(to),
        allowed.join(", ")
    );
    Problem::new(Code::NotAllowed, &Path::input().at("status"), sentence)
}
