//! Exported diagrams are held against the standard's own schema, with a package of PyPI that has it.
//!
//! Where it is missing that is said on standard error, past the capture of the test run; with
//! `TRAMITE_REQUIRE_BPMN_SCHEMA` set (as in `.ci/run`) it is a failure. `TRAMITE_BPMN_PYTHON` names
//! the Python that has the package.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bpmn::{exported, procedures};
use crate::world::root;

/// What the schema says about files; none where there is no schema.
fn faults(files: &[PathBuf]) -> Option<String> {
    let python = std::env::var_os("TRAMITE_BPMN_PYTHON").unwrap_or_else(|| "python3".into());
    let script = root().join("tests/it/bpmn_schema.py");
    let output = Command::new(python).arg(script).args(files).output();
    let why = match output {
        Ok(output) if output.status.success() => {
            let told = String::from_utf8(output.stdout).expect("UTF-8");
            match told.strip_prefix("missing: ") {
                Some(why) => why.trim().to_owned(),
                None => {
                    let end = format!("examined {}\n", files.len());
                    return Some(told.strip_suffix(&end).expect("all are examined").to_owned());
                }
            }
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    let is_required = std::env::var_os("TRAMITE_REQUIRE_BPMN_SCHEMA").is_some();
    assert!(!is_required, "the schema of BPMN is required: {why}");
    // Not `eprintln!`, which a test run keeps to itself.
    let words = "*** NOT TESTED: diagrams against the schema of BPMN 2.0";
    writeln!(io::stderr(), "\n{words}: {why} ***\n").expect("standard error");
    None
}

fn written(folder: &Path, at: usize, diagram: &str) -> PathBuf {
    let path = folder.join(format!("{at}.bpmn"));
    fs::write(&path, diagram).expect("written");
    path
}

#[test]
fn every_exported_diagram_is_valid_by_the_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let diagrams: Vec<String> = procedures().iter().flat_map(|(_, text)| exported(text)).collect();
    assert!(diagrams.len() >= 30, "{} diagrams", diagrams.len());
    let files: Vec<PathBuf> =
        (0..).zip(&diagrams).map(|(at, d)| written(folder.path(), at, d)).collect();
    let Some(found) = faults(&files) else { return };
    assert_eq!(found, "");
    // The schema is really asked.
    let wrong = diagrams[0].replace("bpmn:startEvent", "bpmn:beginning");
    let found = faults(&[written(folder.path(), diagrams.len(), &wrong)]);
    assert!(found.is_some_and(|found| found.contains("beginning")));
}
