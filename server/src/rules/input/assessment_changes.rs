//! Corrections of results of instruments.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::answers::scored;
use super::assessment::{Draft, Figures, figures, is_answer, plain};
use super::{Ground, Patch, Path, Problem};
use crate::rules::instrument::{self, Instrument};

/// What to change of a result.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Can't be cleared.
    pub score: Option<i32>,
    /// As when it was recorded; cleared, the answers and the subscales made of them are no longer stored.
    pub items: Patch<Vec<Option<i32>>>,
    pub subscores: Patch<Value>,
    /// Can't be cleared.
    pub administered_date: Option<NaiveDate>,
    pub notes: Patch<String>,
}

/// A stored result, as far as its correction is checked against it.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    pub assessment_type: &'a str,
    pub score: i32,
    pub subscores: Option<&'a Value>,
}

/// Checks what is changed; the figures against those that stay. Without a stored result only what would be wrong
/// for every one is refused. Gives the new figures when there are any.
///
/// # Errors
/// All problems at once.
pub fn check_changes(
    changes: &Changes,
    stored: Option<Stored>,
    ground: &Ground,
) -> Result<Option<Figures>, Vec<Problem>> {
    let path = Path::input();
    let notes = changes.notes.new_value().map(String::as_str);
    let mut problems: Vec<_> = plain(&path, changes.administered_date, notes, ground).collect();
    let draft = stored.filter(|_| changes.touches_figures()).map(|stored| changes.over(stored));
    match draft.map(|draft| figures(&path, &draft)).transpose() {
        Ok(figures) if problems.is_empty() => Ok(figures),
        Ok(_) => Err(problems),
        Err(found) => {
            problems.extend(found);
            Err(problems)
        }
    }
}

impl Changes {
    fn touches_figures(&self) -> bool {
        self.score.is_some() || self.items != Patch::Keep || self.subscores != Patch::Keep
    }

    /// The result with these changes, as if it were recorded now. When new answers make a total, it replaces the
    /// stored one.
    fn over(&self, stored: Stored) -> Draft {
        let known = instrument::find(stored.assessment_type);
        let items = self.items.new_value().cloned();
        let kept = match (&self.items, stored.subscores, known) {
            (Patch::Set(_) | Patch::Clear, Some(kept), Some(known)) => without_answers(known, kept),
            (_, kept, _) => kept.cloned(),
        };
        let draft = Draft {
            assessment_type: stored.assessment_type.to_owned(),
            score: self.score,
            items,
            subscores: self.subscores.clone().over(kept),
            ..Draft::default()
        };
        let answered = scored(&Path::input(), known, (draft.items.as_deref(), draft.subscores.as_ref()));
        let makes_a_total = answered.ok().flatten().is_some_and(|scored| scored.total.is_some());
        let score = self.score.or_else(|| (!makes_a_total).then_some(stored.score));
        Draft { score, ..draft }
    }
}

/// Subscores without what comes from answers; none of them left is no subscores.
fn without_answers(instrument: &Instrument, subscores: &Value) -> Option<Value> {
    let Some(fields) = subscores.as_object() else { return Some(subscores.clone()) };
    let kept = fields.iter().filter(|(key, _)| !is_answer(instrument, key));
    let kept: Map<_, _> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}
