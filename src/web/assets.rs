//! Style sheet, script and pictures, compiled into the program.
//!
//! Their addresses carry a hash of their content: a browser keeps them for ever, and a new program has
//! new addresses. A debug build reads the folder afresh, so that a style can be tried without building.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::fail::Fail;

#[derive(Embed)]
#[folder = "src/web/assets/"]
struct Assets;

/// Enough of the hash to tell two contents apart.
fn mark(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The address of a file of the folder `assets`; a file that isn't there keeps its plain name, and a
/// test of the templates sees it.
pub(super) fn address(name: &str) -> String {
    match Assets::get(name) {
        Some(file) => format!("/assets/{}/{name}", mark(&file)),
        None => name.to_owned(),
    }
}

pub(super) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Fail> {
    let file = Assets::get(&name).ok_or(Fail::NotFound)?;
    // An address from before an update shows the new file, but is not kept.
    let keep = if hash == mark(&file) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, kind(&name)), (CACHE_CONTROL, keep)];
    Ok((headers, file.data.into_owned()).into_response())
}

pub(super) async fn favicon() -> Redirect {
    Redirect::temporary(&address("mark.svg"))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_the_content() {
        let address = address("tramite.css");
        assert!(
            address.starts_with("/assets/") && address.len() == "/assets//tramite.css".len() + 12
        );
        assert_eq!(super::address("nothing.css"), "nothing.css");
    }
}
