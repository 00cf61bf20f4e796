//! Judges conditions by what they mean, not by how they are written: one follows from others if no
//! row breaks it that they all let pass. Rows are tried with every value that could make a difference.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::expression::{Comparison, Expression, Value};

type Row<'v> = BTreeMap<&'v str, Value>;

/// More rows than this are not tried; no condition of the specification comes near.
const ROWS: usize = 100_000;

/// Whether a row that passes all the `premises` always passes the `conclusion` too.
pub(crate) fn follows(conclusion: &Expression, premises: &[Expression]) -> bool {
    let relevant = relevant(conclusion, premises);
    let conditions = || relevant.iter().copied().chain([conclusion]);
    let columns: BTreeSet<&str> = conditions().flat_map(names).collect();
    let values = telling_values(conditions());
    let rows = u32::try_from(columns.len()).ok().and_then(|count| values.len().checked_pow(count));
    let Some(rows) = rows.filter(|rows| *rows <= ROWS) else { return false };
    (0..rows).all(|number| {
        let row = row(number, &columns, &values);
        !relevant.iter().all(|premise| passes(premise, &row)) || passes(conclusion, &row)
    })
}

/// The premises that speak of the same columns as the conclusion, directly or through one another.
fn relevant<'p>(conclusion: &Expression, premises: &'p [Expression]) -> Vec<&'p Expression> {
    let mut columns: BTreeSet<&str> = names(conclusion).into_iter().collect();
    loop {
        let touches = |premise: &&Expression| names(premise).iter().any(|name| columns.contains(name));
        let relevant: Vec<&Expression> = premises.iter().filter(touches).collect();
        let before = columns.len();
        columns.extend(relevant.iter().copied().flat_map(names));
        if columns.len() == before {
            return relevant;
        }
    }
}

/// The row with this number, counted in a system whose digits are the values.
fn row<'v>(number: usize, columns: &BTreeSet<&'v str>, values: &[Value]) -> Row<'v> {
    let mut rest = number;
    let mut digit = || {
        let digit = rest % values.len();
        rest /= values.len();
        values[digit].clone()
    };
    columns.iter().map(|column| (*column, digit())).collect()
}

/// The values at which the conditions could change their mind: those they name, the whole numbers
/// next to them, NULL, both booleans, and a text that none of them names.
fn telling_values<'e>(conditions: impl Iterator<Item = &'e Expression>) -> Vec<Value> {
    let mut values = vec![
        Value::Null,
        Value::Boolean(true),
        Value::Boolean(false),
        Value::Text("none of these".to_owned()),
    ];
    for named in conditions.flat_map(literals) {
        let near = match named {
            Value::Number(number) => {
                [number.floor() - 1.0, number.floor(), *number, number.ceil(), number.ceil() + 1.0]
                    .map(Value::Number)
                    .to_vec()
            }
            other => vec![other.clone()],
        };
        for value in near {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    values
}

/// As a CHECK judges: a row passes unless the condition is plainly false.
fn passes(condition: &Expression, row: &Row<'_>) -> bool {
    truth(&value(condition, row)) != Some(false)
}

fn value(expression: &Expression, row: &Row<'_>) -> Value {
    let truth_of = |part: &Expression| truth(&value(part, row));
    match expression {
        Expression::Value(value) => value.clone(),
        Expression::Name(name) => row.get(name.as_str()).cloned().unwrap_or(Value::Null),
        Expression::List(_) => Value::Null,
        Expression::Compare(left, comparison, right) => {
            compare(&value(left, row), *comparison, &value(right, row))
        }
        Expression::IsNull(inner) => Value::Boolean(value(inner, row) == Value::Null),
        Expression::Not(inner) => boolean(truth_of(inner).map(|truth| !truth)),
        Expression::All(parts) => decided_by(false, parts.iter().map(truth_of)),
        Expression::Any(parts) => decided_by(true, parts.iter().map(truth_of)),
    }
}

/// AND is decided by a part that is false, OR by one that is true; else an unknown part leaves it open.
fn decided_by(decisive: bool, parts: impl Iterator<Item = Option<bool>>) -> Value {
    let parts: Vec<Option<bool>> = parts.collect();
    if parts.contains(&Some(decisive)) {
        return Value::Boolean(decisive);
    }
    boolean(if parts.contains(&None) { None } else { Some(!decisive) })
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> Value {
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Value::Null,
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (left, right) => number(left).zip(number(right)).and_then(|(left, right)| left.partial_cmp(&right)),
    };
    boolean(match comparison {
        Comparison::Equal => Some(order == Some(Ordering::Equal)),
        Comparison::NotEqual => Some(order != Some(Ordering::Equal)),
        Comparison::Less => order.map(Ordering::is_lt),
        Comparison::LessOrEqual => order.map(Ordering::is_le),
        Comparison::More => order.map(Ordering::is_gt),
        Comparison::MoreOrEqual => order.map(Ordering::is_ge),
    })
}

fn boolean(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Boolean)
}

fn truth(value: &Value) -> Option<bool> {
    number(value).map(|number| number != 0.0)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Boolean(truth) => Some(f64::from(u8::from(*truth))),
        Value::Null | Value::Text(_) => None,
    }
}

fn names(expression: &Expression) -> Vec<&str> {
    match expression {
        Expression::Name(name) => vec![name],
        other => parts(other).into_iter().flat_map(names).collect(),
    }
}

fn literals(expression: &Expression) -> Vec<&Value> {
    match expression {
        Expression::Value(value) => vec![value],
        other => parts(other).into_iter().flat_map(literals).collect(),
    }
}

fn parts(expression: &Expression) -> Vec<&Expression> {
    match expression {
        Expression::Value(_) | Expression::Name(_) => vec![],
        Expression::IsNull(inner) | Expression::Not(inner) => vec![inner],
        Expression::Compare(left, _, right) => vec![left, right],
        Expression::List(parts) | Expression::All(parts) | Expression::Any(parts) => parts.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::follows;
    use crate::expression::Expression;

    fn same(one: &str, other: &str) -> bool {
        let read = |text: &str| Expression::parse(text).unwrap_or_else(|| panic!("cannot read {text}"));
        let (one, other) = (read(one), read(other));
        let all_follow = |from: &Expression, to: &Expression| {
            let ground = from.clone().conjuncts();
            to.clone().conjuncts().iter().all(|part| follows(part, &ground))
        };
        all_follow(&one, &other) && all_follow(&other, &one)
    }

    #[test]
    fn the_ways_to_write_a_list_of_words_mean_the_same() {
        let plain = "a IN ('x', 'y')";
        for other in [
            "((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))",
            "((a)::text = ANY (ARRAY[('y'::character varying)::text, ('x'::character varying(20))::text]))",
            "(a)::text = ANY ('{x,y}'::text[])",
            "(a = 'x' OR a = 'y')",
            "a IS NULL OR a IN ('y', 'x')",
            "NOT (a <> 'x' AND a <> 'y')",
            "NOT a NOT IN ('x', 'y')",
            "(((a)::text = 'x'::text) OR ((a IS NULL) OR ((a)::text = ANY (ARRAY['y'::text]))))",
        ] {
            assert!(same(plain, other), "{other}");
        }
        for other in
            ["a IN ('x')", "a IN ('x', 'y', 'z')", "a <> 'z'", "b IN ('x', 'y')", "a NOT IN ('x', 'y')"]
        {
            assert!(!same(plain, other), "{other}");
        }
        assert!(!same(plain, "a IN ('x', 'y') AND a IS NOT NULL"));
    }

    #[test]
    fn the_ways_to_write_a_range_mean_the_same() {
        let plain = "low < high AND low >= 1 AND high <= 10";
        for other in [
            "((low < high) AND (low >= 1) AND (high <= 10))",
            "high > low AND 1 <= low AND NOT high > 10",
            "low > 0 AND high < 11 AND low < high",
        ] {
            assert!(same(plain, other), "{other}");
        }
        for other in ["low >= 1 AND high <= 10", "low <= high AND low >= 1 AND high <= 10", "low < high"] {
            assert!(!same(plain, other), "{other}");
        }
        assert!(same("n >= 1 AND n <= 5", "n BETWEEN 1 AND 5"));
        assert!(same("n >= -5", "n >= '-5'::integer"));
        assert!(same("length(a) <= 5", "NOT length(a) > 5"));
    }

    #[test]
    fn what_is_beyond_us_is_not_read() {
        for text in ["a ~ '^x'", "a LIKE 'x'", "low + 1 < high", "a = ", "(a", "a b", ""] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
    }
}
