//! `switchyard reproduce`: a published table, derived again from the authors' own numbers.

use serde_json::{Value, json};
use switchyard::labs::mos_table::{self, MosTable};

use crate::arguments::{PublishedTable, ReproduceArguments};
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};

/// Derives the table again and prints where the paper's claims hold.
///
/// # Errors
/// When the file cannot be read or does not hold the numbers.
pub fn reproduce(arguments: &ReproduceArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let path = &arguments.data;
    if path.is_dir() {
        return Err(Error::data(path, "this is a directory; give the CSV file"));
    }
    let bytes = std::fs::read(path).map_err(Error::read(path))?;
    let in_file = |source| Error::InFile { path: path.clone(), source };
    match arguments.table {
        PublishedTable::MosTable => {
            let table = mos_table::reproduce(&bytes, arguments.seed).map_err(in_file)?;
            reporter.answer(&Reproduced { table })
        }
    }
}

struct Reproduced {
    table: MosTable,
}

impl Answer for Reproduced {
    fn text(&self, _style: Style) -> String {
        self.table.text()
    }

    fn json(&self) -> Value {
        json!({ "table": "mos-table", "result": self.table })
    }

    fn brief(&self) -> String {
        self.table.text().trim_end().to_owned()
    }
}
