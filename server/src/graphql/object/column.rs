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

/// Where a value stands in the text; an error for one that failed and may not be null, so that whatever
/// holds it fails too.
type Cell = Result<Range<usize>, Failed>;

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
        self.cells.push(written.map(|()| start..end));
        self.text.raw(b",");
    }

    pub fn push_null(&mut self) {
        self.push(|json| {
            json.null();
            Ok(())
        });
    }

    /// Writes consecutive values with commas between them, as they stand in a list. Those that hang on a row that
    /// can't be read are left out.
    pub fn join(&self, cells: Range<usize>, json: &mut Json) -> Result<(), Failed> {
        let cells = self.cells.get(cells).ok_or(Failed::Field)?;
        if let (Some(Ok(first)), Some(Ok(last))) = (cells.first(), cells.last())
            && cells.iter().all(Result::is_ok)
        {
            json.raw(&self.text.as_bytes()[first.start..last.end]);
            return Ok(());
        }
        let mut before: &[u8] = b"";
        for cell in cells {
            match cell {
                Ok(cell) => {
                    json.raw(before);
                    json.raw(&self.text.as_bytes()[cell.clone()]);
                    before = b",";
                }
                Err(Failed::Row) => {}
                Err(Failed::Field) => return Err(Failed::Field),
            }
        }
        Ok(())
    }

    pub fn push_failed(&mut self, failed: Failed) {
        self.cells.push(Err(failed));
    }

    pub fn get(&self, index: usize) -> Result<&[u8], Failed> {
        let cell = self.cells.get(index).ok_or(Failed::Field)?.as_ref().map_err(|failed| *failed)?;
        Ok(&self.text.as_bytes()[cell.clone()])
    }

    /// Whether nothing failed.
    pub fn is_whole(&self) -> bool {
        self.cells.iter().all(Result::is_ok)
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The text of a column of one value.
    pub fn into_single(self) -> Result<Vec<u8>, Failed> {
        let end = self.cells.first().ok_or(Failed::Field)?.as_ref().map_err(|failed| *failed)?.end;
        let mut text = self.text.into_bytes();
        text.truncate(end);
        Ok(text)
    }
}

/// A value that could not be worked out where there may be no null. Its error is in the answer already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The field failed.
    Field,
    /// The field needs a row that can't be read: of a list, the item that holds it is left out.
    Row,
}
