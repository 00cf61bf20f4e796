//! JSON laid out for people without changing a byte of it but for space between tokens: unlike a value that
//! was read, the text keeps the order of keys, repeated keys and the way a number or text is spelled.

const WIDTH: usize = 118;

/// Breaks what is longer than a line into lines. A text with space between its tokens is given back as it is.
pub fn laid_out(text: &str) -> String {
    let mut rest = text;
    let node = Node::read(&mut rest);
    if !rest.is_empty() || node.compact() != text {
        return text.to_owned();
    }
    let mut lines = String::new();
    node.write(0, &mut lines);
    lines
}

enum Node<'t> {
    Leaf(&'t str),
    /// Its brackets, and its members, each with a key if it is an object's.
    Group([char; 2], Vec<(&'t str, Self)>),
}

impl<'t> Node<'t> {
    fn read(rest: &mut &'t str) -> Self {
        match rest.chars().next() {
            Some('{') => Self::group(rest, ['{', '}']),
            Some('[') => Self::group(rest, ['[', ']']),
            _ => Self::Leaf(leaf(rest)),
        }
    }

    fn group(rest: &mut &'t str, brackets: [char; 2]) -> Self {
        *rest = &rest[1..];
        let mut members = Vec::new();
        while !rest.is_empty() && !rest.starts_with(brackets[1]) {
            let key = if brackets[0] == '{' { leaf(rest) } else { "" };
            *rest = rest.strip_prefix(':').unwrap_or(rest);
            members.push((key, Self::read(rest)));
            *rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        *rest = rest.strip_prefix(brackets[1]).unwrap_or(rest);
        Self::Group(brackets, members)
    }

    fn compact(&self) -> String {
        match self {
            Self::Leaf(text) => (*text).to_owned(),
            Self::Group([open, close], members) => {
                let members: Vec<_> =
                    members.iter().map(|(key, node)| keyed(key) + &node.compact()).collect();
                format!("{open}{}{close}", members.join(","))
            }
        }
    }

    fn write(&self, indent: usize, lines: &mut String) {
        let compact = self.compact();
        let Self::Group([open, close], members) = self else { return lines.push_str(&compact) };
        if compact.len() + indent <= WIDTH {
            return lines.push_str(&compact);
        }
        lines.push(*open);
        for (index, (key, node)) in members.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            for part in [comma, "\n", &" ".repeat(indent + 2), &keyed(key)] {
                lines.push_str(part);
            }
            node.write(indent + 2, lines);
        }
        lines.push('\n');
        lines.push_str(&" ".repeat(indent));
        lines.push(*close);
    }
}

fn keyed(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}:") }
}

/// A text, number or word.
fn leaf<'t>(rest: &mut &'t str) -> &'t str {
    let mut escaped = false;
    let end = if rest.starts_with('"') {
        let closes = |(_, sign): &(usize, char)| {
            let closes = *sign == '"' && !escaped;
            escaped = *sign == '\\' && !escaped;
            closes
        };
        rest.char_indices().skip(1).find(closes).map(|(at, _)| at + 1)
    } else {
        rest.find([',', '}', ']', ':'])
    };
    let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    text
}
