//! Cuts SQL into words, and finds the checks within a `CREATE TABLE`, since SQLite keeps them nowhere
//! else.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A keyword or a name, in lower case.
    Word(String),
    /// A name in double quotes.
    Name(String),
    Text(String),
    Number(f64),
    Symbol(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: &[&str] =
    &["::", "<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", "-", "+", "*", "/"];

/// The tokens of `text`, each with its place. What is no SQL token is read as a strange symbol.
pub(crate) fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let (token, length) = match first {
            space if space.is_whitespace() => (None, space.len_utf8()),
            '\'' => quoted(&text[at..], '\'', Token::Text),
            '"' => quoted(&text[at..], '"', Token::Name),
            digit if digit.is_ascii_digit() => number(&text[at..]),
            letter if letter.is_alphanumeric() || letter == '_' => word(&text[at..]),
            _ => symbol(&text[at..]),
        };
        found.extend(token.map(|token| (token, at..at + length)));
        at += length;
    }
    found
}

/// The conditions of all `CHECK (...)` in the text of a `CREATE TABLE`.
pub(crate) fn checks(create_table: &str) -> Vec<String> {
    let tokens = tokens(create_table);
    let starts = tokens
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0].0 == Token::Word("check".to_owned()) && pair[1].0 == Token::Symbol("("));
    starts.filter_map(|(at, _)| inside(create_table, &tokens[at + 1..])).collect()
}

/// The text between the bracket that comes first in `tokens` and the one that closes it.
fn inside(text: &str, tokens: &[(Token, Range<usize>)]) -> Option<String> {
    let mut depth = 0;
    for (token, place) in tokens {
        match token {
            Token::Symbol("(") => depth += 1,
            Token::Symbol(")") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(text[tokens[0].1.end..place.start].to_owned());
        }
    }
    None
}

type Cut = (Option<Token>, usize);

fn quoted(rest: &str, quote: char, kind: fn(String) -> Token) -> Cut {
    let doubled = [quote, quote].iter().collect::<String>();
    let mut end = 1;
    while let Some(next) = rest[end..].find(quote) {
        end += next + 1;
        if !rest[end..].starts_with(quote) {
            let inner = rest[1..end - 1].replace(&doubled, &doubled[1..]);
            return (Some(kind(inner)), end);
        }
        end += 1;
    }
    (None, rest.len())
}

fn number(rest: &str) -> Cut {
    let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    (rest[..length].parse().ok().map(Token::Number), length)
}

fn word(rest: &str) -> Cut {
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (Some(Token::Word(rest[..length].to_lowercase())), length)
}

fn symbol(rest: &str) -> Cut {
    let known = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
    let length = known.map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |symbol| symbol.len());
    (Some(Token::Symbol(known.copied().unwrap_or("?"))), length)
}

#[cfg(test)]
mod tests {
    use super::checks;

    #[test]
    fn checks_are_found_wherever_they_stand() {
        let create_table = r#"CREATE TABLE "check" (
            a TEXT DEFAULT 'check (no)' CONSTRAINT ck_a CHECK (a IN ('it''s )', 'b')),
            b TEXT, check(length(b) <= 5), "check" INTEGER)"#;
        assert_eq!(checks(create_table), ["a IN ('it''s )', 'b')", "length(b) <= 5"]);
    }

    #[test]
    fn text_that_is_no_sql_is_survived() {
        for text in ["", "'", "\"é", "CHECK (", "1.2.3", "é € $$ check (('"] {
            assert!(checks(text).is_empty(), "{text}");
        }
    }
}
