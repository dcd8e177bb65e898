//! Source files of a test, in the one folder that connections may read.

use std::path::{Path, PathBuf};

pub struct Files {
    root: PathBuf,
}

impl Files {
    pub(crate) fn new(root: PathBuf) -> Self {
        std::fs::create_dir_all(&root).expect("a folder");
        Self { root }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes the files of a source and returns its folder.
    pub fn source(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = self.root.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (file, content) in files {
            std::fs::write(folder.join(file), content).expect("a file");
        }
        folder
    }

    /// Writes a small CRM with accounts and opportunities; every name in it begins with the marker.
    pub fn crm(&self, name: &str, marker: &str) -> PathBuf {
        let mut accounts = String::from("account_id,name,industry,website\n");
        let mut opportunities =
            String::from("opportunity_id,account_id,name,amount,currency,stage,close_date,probability\n");
        for row in 1..=12 {
            accounts += &format!("A{row:03},{marker} Company {row},Software,https://{row}.example.com\n");
            opportunities += &format!(
                "O{row:03},A{row:03},{marker} Deal {row},{row}000.50,USD,Closed Won,2026-03-{row:02},0.{row:02}\n"
            );
        }
        self.source(name, &[("account.csv", accounts.as_bytes()), ("opportunity.csv", opportunities.as_bytes())])
    }
}
