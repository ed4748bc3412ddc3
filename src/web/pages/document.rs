//! Documents as PDF: issued ones, and drafts before they count.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::response::{IntoResponse, Response};

use crate::document::print::{Sheet, pdf};
use crate::web::App;
use crate::web::fail::Fail;
use crate::web::session::Here;

/// The viewer that a browser builds around a PDF has styles of its own; only framing is forbidden.
pub(in crate::web) const POLICY: &str = "frame-ancestors 'none'";

/// `GET /cases/{case}/documents/{no}`.
pub(in crate::web) async fn show(
    here: Here,
    Path((case, no)): Path<(String, u32)>,
) -> Result<Response, Fail> {
    let case = here.case(&case).await?;
    let rows = here.app.runtime.store().documents(&case.id).await?;
    let row = rows.into_iter().find(|row| row.no == no).ok_or(Fail::NotFound)?;
    let sheet = here.app.runtime.sheet(&case.id, no).await?.ok_or(Fail::NotFound)?;
    printed(&here.app, sheet, &format!("{} {}", row.title, row.number)).await
}

/// `GET /cases/{case}/tasks/{task}/drafts/{document}`.
pub(in crate::web) async fn draft(
    here: Here,
    Path((case, task, document)): Path<(String, u32, String)>,
) -> Result<Response, Fail> {
    let desk = here.desk(&case, task).await?;
    let title = match desk.executable.documents.get(&document) {
        Some(document) => document.title.clone(),
        None => return Err(Fail::NotFound),
    };
    let draft = here.app.runtime.draft(&here.actor, &desk.case.id, task, &document).await?;
    let mark = here.speaker.t("draft-mark", &[]);
    printed(&here.app, draft.ok_or(Fail::NotFound)?, &format!("{title} {mark}")).await
}

async fn printed(app: &App, sheet: Sheet, name: &str) -> Result<Response, Fail> {
    let permit = Arc::clone(&app.printing).acquire_owned().await.map_err(|_| Fail::Busy)?;
    let printing = tokio::task::spawn_blocking(move || {
        // Laying out goes on when the reader has left, and so does its place among the few.
        let _permit = permit;
        pdf(&sheet)
    });
    let bytes = printing.await.map_err(|error| Fail::broken(&error))?;
    let bytes = bytes.map_err(|error| Fail::broken(&error))?;
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, disposition("inline", name, "pdf")),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        // The same for ever, but only for whoever may see it.
        (CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// `inline` or `attachment`, with the name for saving: in plain letters, and exactly (RFC 6266).
pub(in crate::web) fn disposition(how: &str, name: &str, ending: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            'á' | 'à' | 'ä' | 'Á' => 'a',
            'é' | 'è' | 'É' => 'e',
            'í' | 'Í' => 'i',
            'ó' | 'ö' | 'Ó' => 'o',
            'ú' | 'ü' | 'Ú' => 'u',
            'ñ' | 'Ñ' => 'n',
            letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
            _ => '_',
        })
        .collect();
    let exact: String = name
        .replace(['/', '\\', ':'], "-")
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                (byte as char).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("{how}; filename=\"{plain}.{ending}\"; filename*=UTF-8''{exact}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_document() {
        assert_eq!(
            disposition("inline", "Orden de Inspección OIT-2026-00012", "pdf"),
            "inline; filename=\"Orden_de_Inspeccion_OIT-2026-00012.pdf\"; \
             filename*=UTF-8''Orden%20de%20Inspecci%C3%B3n%20OIT-2026-00012.pdf"
        );
        let evil = disposition("attachment", "a\"\r\nb/c", "xlsx");
        assert!(evil.starts_with("attachment; filename=\"a___b_c.xlsx\""), "{evil}");
    }
}
