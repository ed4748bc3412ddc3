//! From the markup of the copies to the bytes of a PDF, by Typst.
//!
//! A print is an archive's paper and is read aloud to the blind, so it is PDF/A-2a and PDF/UA-1.
//! But what a template misses for these (headings that skip a level, a formula without a
//! description, a sign that no font has) must not keep an order from being printed. So the
//! strictest standard that the document meets is taken, down to a plain tagged PDF. The choice
//! depends on the sheet alone, like everything here: file identity and date come from it too.
//! Called by [`super::pdf`] and [`super::try_out`].

use jiff::Zoned;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::syntax::DiagSpan;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::desk::Desk;
use super::{Error, Sheet, page};

/// What is tried, one after the other, before a plain PDF.
const STANDARDS: [&[PdfStandard]; 4] = [
    &[PdfStandard::A_2a, PdfStandard::Ua_1],
    &[PdfStandard::A_2a],
    &[PdfStandard::A_2u],
    &[PdfStandard::A_2b],
];

/// Prints after which an intermediate result that was of no more use is forgotten.
const KEPT_PRINTS: usize = 10;

pub(super) fn export(sheet: &Sheet, copies: Vec<String>) -> Result<Vec<u8>, Error> {
    at_desk(sheet, copies, |desk, issued| draw(desk, sheet, issued))
}

/// All but the bytes: what can be wrong with markup is found before them.
pub(super) fn lay_out(sheet: &Sheet, copies: Vec<String>) -> Result<(), Error> {
    at_desk(sheet, copies, |desk, _| compile(desk).map(drop))
}

fn at_desk<T>(
    sheet: &Sheet,
    copies: Vec<String>,
    work: impl FnOnce(&Desk, &Zoned) -> Result<T, Error>,
) -> Result<T, Error> {
    let zone = TimeZone::get(&sheet.time_zone).unwrap_or(TimeZone::UTC);
    let issued = Zoned::new(sheet.issued_at, zone);
    let today = day(&issued);
    let desk = Desk::new(page::markup(sheet, copies.len()), copies, today);
    let done = work(&desk, &issued);
    // Typst keeps intermediate results in memory for the next print; it never forgets by itself.
    comemo::evict(KEPT_PRINTS);
    done
}

fn compile(desk: &Desk) -> Result<PagedDocument, Error> {
    typst::compile(desk).output.map_err(|problems| first(desk, &problems))
}

fn draw(desk: &Desk, sheet: &Sheet, issued: &Zoned) -> Result<Vec<u8>, Error> {
    let document = compile(desk)?;
    let print = |standards| typst_pdf::pdf(&document, &options(sheet, issued, standards));
    for standards in STANDARDS {
        if let Ok(bytes) = print(standards) {
            return Ok(bytes);
        }
    }
    print(&[]).map_err(|problems| first(desk, &problems))
}

fn options(sheet: &Sheet, issued: &Zoned, standards: &[PdfStandard]) -> PdfOptions {
    // A sheet is maps with text keys and finite numbers, all of which JSON can write.
    let written = serde_json::to_vec(sheet).unwrap_or_default();
    let ident = Sha256::digest(written).iter().map(|byte| format!("{byte:02x}")).collect();
    PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("tramite".to_owned())),
        timestamp: moment(issued)
            .and_then(|moment| Timestamp::new_local(moment, issued.offset().seconds() / 60)),
        // The three lists are known to agree in themselves; a test prints with each.
        standards: PdfStandards::new(standards).unwrap_or_default(),
        ..PdfOptions::default()
    }
}

fn day(issued: &Zoned) -> Option<Datetime> {
    let (month, day) = (issued.month().try_into().ok()?, issued.day().try_into().ok()?);
    Datetime::from_ymd(issued.year().into(), month, day)
}

fn moment(issued: &Zoned) -> Option<Datetime> {
    Datetime::from_ymd_hms(
        issued.year().into(),
        issued.month().try_into().ok()?,
        issued.day().try_into().ok()?,
        issued.hour().try_into().ok()?,
        issued.minute().try_into().ok()?,
        issued.second().try_into().ok()?,
    )
}

/// The first problem, with its place in the markup, or that of the call which led to it.
fn first(desk: &Desk, problems: &[SourceDiagnostic]) -> Error {
    let Some(problem) = problems.first() else {
        return Error::Typst { copy: 0, line: 0, text: String::new(), message: "unknown".into() };
    };
    let mut message = problem.message.to_string();
    for hint in &problem.hints {
        message.push_str("; ");
        message.push_str(&hint.v);
    }
    let calls = problem.trace.iter().map(|call| DiagSpan::from(call.span));
    let place = std::iter::once(problem.span).chain(calls).find_map(|span| {
        let (copy, paper) = desk.copy(span.id()?)?;
        let line = paper.lines().byte_to_line(desk.range(span)?.start)?;
        Some((copy, line + 1, paper.text().lines().nth(line)?.trim().to_owned()))
    });
    let (copy, line, text) = place.unwrap_or((0, 0, String::new()));
    Error::Typst { copy, line, text, message }
}
