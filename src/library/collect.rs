//! The files of a workspace from disk.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Files;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::yaml::MAX_BYTES;

/// A path that somebody named and that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{} can't be read", path.display())]
pub struct Missing {
    pub path: PathBuf,
    pub source: std::io::Error,
}

/// Reads all `.yaml`, `.yml` and `.typ.j2` files at or below `paths`. A file that is not UTF-8 or far too large is
/// reported and left out; the rest goes on.
pub fn collect(
    paths: &[PathBuf],
    found: &mut Diagnostics,
    sources: &mut Sources,
) -> Result<Files, Missing> {
    let mut files = Files::new();
    for path in paths {
        let missing = |source| Missing { path: path.clone(), source };
        let meta = fs::metadata(path).map_err(missing)?;
        if meta.is_dir() {
            folder(path, &mut Vec::new(), &mut files, found, sources).map_err(missing)?;
        } else {
            file(path, &mut files, found, sources).map_err(missing)?;
        }
    }
    Ok(files)
}

fn folder(
    path: &Path,
    above: &mut Vec<PathBuf>,
    files: &mut Files,
    found: &mut Diagnostics,
    sources: &mut Sources,
) -> std::io::Result<()> {
    // A link to a folder above must not be followed round and round.
    let real = fs::canonicalize(path)?;
    if above.contains(&real) || above.len() > 16 {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            folder(&path, above, files, found, sources)?;
        } else if [".yaml", ".yml", ".typ.j2"].iter().any(|end| name.ends_with(end)) {
            file(&path, files, found, sources)?;
        }
    }
    above.pop();
    Ok(())
}

fn file(
    path: &Path,
    files: &mut Files,
    found: &mut Diagnostics,
    sources: &mut Sources,
) -> std::io::Result<()> {
    let shown = path.to_string_lossy().replace('\\', "/");
    let shown = shown.trim_start_matches("./").to_owned();
    let meta = fs::metadata(path)?;
    // A pipe or a device has no end.
    if !meta.is_file() {
        return Ok(());
    }
    let size = meta.len();
    if size > MAX_BYTES as u64 {
        let at = Span::new(sources.add(shown, String::new()), 0, 0);
        found.push(
            Diagnostic::new("file_too_large", at, "this file is too large")
                .label(format!("{} MB; at most {} MB are read", size >> 20, MAX_BYTES >> 20))
                .help("a procedure is a few hundred lines; was another file put here by mistake?"),
        );
        return Ok(());
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    match String::from_utf8(bytes) {
        Ok(text) => {
            files.insert(shown, text);
        }
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let at = Span::new(sources.add(shown, text), good, good);
            found.push(
                Diagnostic::new("unreadable_file", at, "this file is not in UTF-8")
                    .label("no letter of UTF-8")
                    .help("save it as UTF-8 in your editor"),
            );
        }
    }
    Ok(())
}
