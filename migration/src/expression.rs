//! Reads conditions and defaults as SQL spells them. PostgreSQL prints `a IN ('x')` back as
//! `(a)::text = ANY (ARRAY['x'::character varying])`; read, both are the same tree.

use std::fmt;

use crate::token::{Token, tokens};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Value(Value),
    /// A column, or a call that is taken as it stands, such as `length(category)`.
    Name(String),
    List(Vec<Expression>),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    IsNull(Box<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl Expression {
    /// Reads `text`, or gives up where it holds more than conditions of tables commonly do.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { tokens: tokens(text).into_iter().map(|(token, _)| token).collect(), at: 0 };
        let expression = reader.any()?;
        (reader.at == reader.tokens.len()).then_some(expression)
    }

    /// The conditions that must all hold for this one to hold.
    pub fn conjuncts(self) -> Vec<Self> {
        match self {
            Self::All(parts) => parts.into_iter().flat_map(Self::conjuncts).collect(),
            one => vec![one],
        }
    }

    fn compare(self, comparison: Comparison, other: Self) -> Self {
        Self::Compare(Box::new(self), comparison, Box::new(other))
    }

    fn negated_if(self, negated: bool) -> Self {
        if negated { Self::Not(Box::new(self)) } else { self }
    }

    /// What a cast leaves: the same, except for texts that stand for a number or for an array.
    fn cast(self, kind: &str) -> Self {
        let Self::Value(Value::Text(text)) = &self else { return self };
        if kind.ends_with("[]") {
            let items = text.trim_matches(['{', '}']).split(',');
            return Self::List(items.map(|item| Self::Value(Value::Text(item.to_owned()))).collect());
        }
        let numeric = ["integer", "bigint", "smallint", "numeric", "double precision"].contains(&kind);
        match text.parse() {
            Ok(number) if numeric => Self::Value(Value::Number(number)),
            _ => self,
        }
    }
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn any(&mut self) -> Option<Expression> {
        let mut parts = vec![self.all()?];
        while self.skip("or") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Option<Expression> {
        let mut parts = vec![self.not()?];
        while self.skip("and") {
            parts.push(self.not()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn not(&mut self) -> Option<Expression> {
        let negated = self.skip("not");
        let inner = if negated { self.not()? } else { self.condition()? };
        Some(inner.negated_if(negated))
    }

    fn condition(&mut self) -> Option<Expression> {
        let left = self.operand()?;
        if self.skip("is") {
            let negated = self.skip("not");
            return self.skip("null").then(|| Expression::IsNull(Box::new(left)).negated_if(negated));
        }
        let negated = self.skip("not");
        if self.skip("in") {
            return Some(any_of(&left, self.list("(", ")")?).negated_if(negated));
        }
        if self.skip("between") {
            let low = left.clone().compare(Comparison::MoreOrEqual, self.operand()?);
            let high = self.skip("and").then(|| self.operand())??;
            let both = vec![low, left.compare(Comparison::LessOrEqual, high)];
            return Some(Expression::All(both).negated_if(negated));
        }
        if negated { None } else { self.comparison(left) }
    }

    fn comparison(&mut self, left: Expression) -> Option<Expression> {
        let Some(comparison) = self.operator() else { return Some(left) };
        let every = self.skip("all");
        if !every && !self.skip("any") {
            return Some(left.compare(comparison, self.operand()?));
        }
        let Expression::List(items) = self.operand()? else { return None };
        let each = items.into_iter().map(|item| left.clone().compare(comparison, item)).collect();
        Some(if every { Expression::All(each) } else { Expression::Any(each) })
    }

    fn operator(&mut self) -> Option<Comparison> {
        let comparison = match self.tokens.get(self.at)? {
            Token::Symbol("=") => Comparison::Equal,
            Token::Symbol("<>" | "!=") => Comparison::NotEqual,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::More,
            Token::Symbol(">=") => Comparison::MoreOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    fn operand(&mut self) -> Option<Expression> {
        let mut operand = self.primary()?;
        while self.skip("::") {
            operand = operand.cast(&self.type_name()?);
        }
        Some(operand)
    }

    fn primary(&mut self) -> Option<Expression> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expression::Value(Value::Text(text))),
            Token::Number(number) => Some(Expression::Value(Value::Number(number))),
            Token::Symbol("-") => match self.primary()? {
                Expression::Value(Value::Number(number)) => Some(Expression::Value(Value::Number(-number))),
                _ => None,
            },
            Token::Symbol("(") => {
                let inner = self.any()?;
                self.skip(")").then_some(inner)
            }
            Token::Name(name) => Some(Expression::Name(name)),
            Token::Word(word) => self.word(word),
            Token::Symbol(_) => None,
        }
    }

    fn word(&mut self, word: String) -> Option<Expression> {
        match word.as_str() {
            "null" => Some(Expression::Value(Value::Null)),
            "true" => Some(Expression::Value(Value::Boolean(true))),
            "false" => Some(Expression::Value(Value::Boolean(false))),
            "current_timestamp" => Some(Expression::Name("now()".to_owned())),
            "array" => self.list("[", "]").map(Expression::List),
            _ if self.tokens.get(self.at) == Some(&Token::Symbol("(")) => {
                let arguments = self.list("(", ")")?;
                let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                Some(Expression::Name(format!("{word}({})", arguments.join(", "))))
            }
            _ => Some(Expression::Name(word)),
        }
    }

    fn list(&mut self, open: &str, close: &str) -> Option<Vec<Expression>> {
        let mut items = Vec::new();
        if !self.skip(open) {
            return None;
        }
        while !self.skip(close) {
            items.push(self.operand()?);
            self.skip(",");
        }
        Some(items)
    }

    /// `character varying(20)[]` becomes `character varying[]`.
    fn type_name(&mut self) -> Option<String> {
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            let tail = ["varying", "precision", "without", "with", "time", "zone"];
            if !words.is_empty() && !tail.contains(&word.as_str()) {
                break;
            }
            words.push(word.clone());
            self.at += 1;
        }
        if self.tokens.get(self.at) == Some(&Token::Symbol("(")) {
            self.list("(", ")")?;
        }
        let array = self.skip("[") && self.skip("]");
        Some(format!("{}{}", words.join(" "), if array { "[]" } else { "" }))
    }

    fn skip(&mut self, expected: &str) -> bool {
        let found = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => word == expected,
            Some(Token::Symbol(symbol)) => *symbol == expected,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }
}

fn any_of(left: &Expression, items: Vec<Expression>) -> Expression {
    let equal = |item| left.clone().compare(Comparison::Equal, item);
    Expression::Any(items.into_iter().map(equal).collect())
}

/// Only as far as it names a call by its arguments.
impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Value(Value::Text(text)) => write!(formatter, "'{text}'"),
            Self::Value(Value::Number(number)) => write!(formatter, "{number}"),
            other => write!(formatter, "{other:?}"),
        }
    }
}
