//! The position of an event in the one order, and its opaque form on the wire.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::event::Topic;

/// By transaction, then by id. On SQLite the transaction is always 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub transaction: i64,
    pub id: i64,
}

impl Position {
    /// The cursor of an event, for one subscription.
    #[must_use]
    pub fn cursor(self, topic: Topic) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {} {}", topic.as_str(), self.transaction, self.id))
    }

    /// `None` for what is no cursor of this subscription.
    #[must_use]
    pub fn read(topic: Topic, cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (transaction, id) = text.strip_prefix(topic.as_str())?.strip_prefix(' ')?.split_once(' ')?;
        let number = |text: &str| text.parse().ok().filter(|number| *number >= 0);
        let position = Self { transaction: number(transaction)?, id: number(id)? };
        // Each position has one valid text: "+7" and "07" parse as numbers too, and are refused here.
        (position.cursor(topic) == cursor).then_some(position)
    }
}
