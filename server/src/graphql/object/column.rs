use std::ops::Range;

use super::Json;

/// What one field has for each object of a level, as JSON; a comma stands behind each value, so that a list
/// of them is one piece of text.
#[derive(Debug, Default)]
pub struct Column {
    text: Json,
    cells: Vec<Cell>,
    /// How many bytes of the text have been counted against the budget of the answer.
    pub counted: usize,
}

/// Where a value stands in the text; `None` for one that failed and may not be null, so that whatever
/// holds it fails too.
type Cell = Option<Range<usize>>;

impl Column {
    pub fn with_capacity(cells: usize) -> Self {
        Self { text: Json::with_capacity(cells * 256), cells: Vec::with_capacity(cells), counted: 0 }
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
        self.text.raw(b",");
    }

    pub fn push_null(&mut self) {
        self.push(|json| {
            json.null();
            Ok(())
        });
    }

    /// Consecutive values with commas between them, as they stand in a list.
    pub fn joined(&self, cells: Range<usize>) -> Result<&[u8], Failed> {
        let cells = self.cells.get(cells).ok_or(Failed)?;
        let (Some(Some(first)), Some(Some(last))) = (cells.first(), cells.last()) else {
            return if cells.is_empty() { Ok(b"") } else { Err(Failed) };
        };
        if cells.iter().any(Option::is_none) {
            return Err(Failed);
        }
        Ok(&self.text.as_bytes()[first.start..last.end])
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

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text of a column of one value.
    pub fn into_single(self) -> Result<Vec<u8>, Failed> {
        let end = self.cells.first().and_then(Option::as_ref).ok_or(Failed)?.end;
        let mut text = self.text.into_bytes();
        text.truncate(end);
        Ok(text)
    }
}

/// A value that could not be worked out where there may be no null. Its error is in the answer already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;
