use std::ops::Range;

use super::Json;

/// What one field has for each object of a level, as JSON.
#[derive(Debug, Default)]
pub struct Column {
    text: Json,
    cells: Vec<Cell>,
}

/// Where a value stands in the text; `None` for one that failed and may not be null, so that whatever
/// holds it fails too.
type Cell = Option<Range<usize>>;

impl Column {
    pub fn with_capacity(cells: usize) -> Self {
        Self { text: Json::with_capacity(cells * 256), cells: Vec::with_capacity(cells) }
    }

    /// Adds a value; what was written of one that fails is taken back.
    pub fn push(&mut self, write: impl FnOnce(&mut Json) -> Result<(), Failed>) {
        let start = self.text.len();
        let written = write(&mut self.text);
        if written.is_err() {
            self.text.truncate(start);
        }
        let end = self.text.len();
        self.cells.push(written.ok().map(|()| start..end));
    }

    pub fn push_null(&mut self) {
        self.push(|json| {
            json.null();
            Ok(())
        });
    }

    pub fn push_failed(&mut self) {
        self.cells.push(None);
    }

    pub fn get(&self, index: usize) -> Result<&[u8], Failed> {
        let cell = self.cells.get(index).and_then(Option::as_ref).ok_or(Failed)?;
        Ok(&self.text.as_bytes()[cell.clone()])
    }

    /// Whether nothing failed.
    pub fn is_whole(&self) -> bool {
        self.cells.iter().all(Option::is_some)
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The text of a column of one value.
    pub fn into_single(self) -> Result<Vec<u8>, Failed> {
        match self.cells.first() {
            Some(Some(_)) => Ok(self.text.into_bytes()),
            _ => Err(Failed),
        }
    }
}

/// A value that could not be worked out where there may be no null. Its error is in the answer already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;
