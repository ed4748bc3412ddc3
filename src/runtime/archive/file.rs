//! The file of an archive: JSON Lines, one a case, and a last one that closes it.
//!
//! Every line ends with `,"proof":"…"}`: the sha256 of the proof of the line before (32 bytes, zeros
//! before the first) and of the line's own letters up to that comma. A changed, lost, added or moved
//! byte is found without reading JSON, and so is one in a journal by its own chain. The cases stand in
//! the order of their ends, each once. No database is asked here.

use std::fmt;
use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ArchiveError;
use crate::store::{CaseId, Dossier, Hash, START, first_break, following};

/// The form of the file, for whoever reads it in twenty years.
const FORM: u32 = 1;

const BEFORE_PROOF: &[u8] = b",\"proof\":\"";
const AFTER_PROOF: &[u8] = b"\"}\n";
const DIGITS: usize = 64;

/// How the last line begins, and no other.
const LAST: &[u8] = b"{\"archive\":";

/// What the last line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    archive: u32,
    pub cases: u64,
    pub made_at: Timestamp,
    /// The database it was made from, without a password.
    pub database: String,
    /// The running hash over the whole file; it stands behind the others.
    #[serde(skip_serializing, default = "nothing")]
    pub proof: Hash,
}

fn nothing() -> Hash {
    START
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Counted from 1; 0 is the file as a whole.
    line: u64,
    what: String,
}

impl Flaw {
    pub(super) fn cut_off() -> Self {
        Self { line: 0, what: "its last line is missing: it was cut off".to_owned() }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line} {}", self.what),
        }
    }
}

/// Writes the lines.
pub(super) struct Scribe<W> {
    out: W,
    proof: Hash,
    cases: u64,
}

impl<W: Write> Scribe<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, proof: START, cases: 0 }
    }

    pub(super) fn case(&mut self, dossier: &Dossier) -> io::Result<()> {
        self.cases += 1;
        self.line(dossier)
    }

    pub(super) fn close(mut self, made_at: Timestamp, database: &str) -> io::Result<End> {
        let database = database.to_owned();
        let mut end =
            End { archive: FORM, cases: self.cases, made_at, database, proof: self.proof };
        self.line(&end)?;
        self.out.flush()?;
        end.proof = self.proof;
        Ok(end)
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        // Its last brace comes after the proof.
        line.pop();
        self.proof = following(&self.proof, &line);
        line.extend_from_slice(BEFORE_PROOF);
        line.extend_from_slice(self.proof.to_string().as_bytes());
        line.extend_from_slice(AFTER_PROOF);
        self.out.write_all(&line)
    }
}

/// Reads the lines, one in memory at a time, and believes none of them.
pub(super) struct Reader<R> {
    file: R,
    line: Vec<u8>,
    /// Lines read.
    at: u64,
    proof: Hash,
    cases: u64,
    /// End and id of the last case.
    place: Option<(i64, CaseId)>,
    end: Option<End>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(file: R) -> Self {
        let (line, place, end) = (Vec::new(), None, None);
        Self { file, line, at: 0, proof: START, cases: 0, place, end }
    }

    /// What the last line says, once it has been read and nothing stands behind it.
    pub(super) fn end(self) -> Option<End> {
        self.end
    }

    /// The next case; none when the file was whole.
    pub(super) fn next(&mut self) -> Result<Option<Dossier>, ArchiveError> {
        self.line.clear();
        let read = self.file.read_until(b'\n', &mut self.line)?;
        match (&self.end, read) {
            (Some(_), 0) => return Ok(None),
            (None, 0) => return Err(Flaw::cut_off().into()),
            _ => self.at += 1,
        }
        if self.end.is_some() {
            return Err(self.flaw("stands behind the last one"));
        }
        self.prove()?;
        if self.line.starts_with(LAST) {
            self.close()?;
            return self.next();
        }
        let dossier: Dossier = serde_json::from_slice(&self.line)
            .map_err(|error| self.flaw(&format!("is no case: {error}")))?;
        self.examine(&dossier)?;
        self.cases += 1;
        Ok(Some(dossier))
    }

    fn prove(&mut self) -> Result<(), ArchiveError> {
        const CHANGED: &str = "or the one before it is not as it was written";
        let tail = BEFORE_PROOF.len() + DIGITS + AFTER_PROOF.len();
        let Some(length) = self.line.len().checked_sub(tail) else {
            return Err(self.flaw(CHANGED));
        };
        let (content, tail) = self.line.split_at(length);
        let proof = following(&self.proof, content);
        let digits = proof.to_string();
        if tail != [BEFORE_PROOF, digits.as_bytes(), AFTER_PROOF].concat() {
            return Err(self.flaw(CHANGED));
        }
        self.proof = proof;
        Ok(())
    }

    fn close(&mut self) -> Result<(), ArchiveError> {
        let end: End = serde_json::from_slice(&self.line)
            .map_err(|error| self.flaw(&format!("does not close an archive: {error}")))?;
        if end.archive != FORM {
            return Err(self.flaw("says that a later release made it"));
        }
        if end.cases != self.cases {
            let what = format!("counts {} cases, and there are {}", end.cases, self.cases);
            return Err(self.flaw(&what));
        }
        self.end = Some(End { proof: self.proof, ..end });
        Ok(())
    }

    fn examine(&mut self, dossier: &Dossier) -> Result<(), ArchiveError> {
        let Dossier { case, journal, .. } = dossier;
        if let Some((seq, what)) = first_break(&case.id, journal, case.entries, &case.head) {
            return Err(self.flaw(&format!("has a journal whose entry {seq} {what}")));
        }
        if Timestamp::from_microsecond(case.ended_at).is_err() {
            return Err(self.flaw("has a case that never ended"));
        }
        let place = Some((case.ended_at, case.id));
        if self.place >= place {
            return Err(self.flaw("has a case that stands in the wrong place, or twice"));
        }
        self.place = place;
        Ok(())
    }

    fn flaw(&self, what: &str) -> ArchiveError {
        Flaw { line: self.at, what: what.to_owned() }.into()
    }
}
