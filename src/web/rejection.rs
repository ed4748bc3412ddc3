//! Refusals as pages, and as notices on the page where they happened. The sentences are `wording`'s.

use super::fail::Fail;
use super::session::Here;
use crate::engine::Rejection;
use crate::procedure::Executable;
use crate::runtime::Refusal;
use crate::wording;

/// A refusal as a page: a rejection in words, with a way back.
pub(super) async fn refused(
    here: &Here,
    executable: &Executable,
    refusal: Refusal,
    back: String,
) -> Fail {
    let Refusal::Rejected(rejection) = refusal else { return refusal.into() };
    match said(here, executable, &rejection).await {
        Ok(words) => Fail::Rejected { words, back },
        Err(fail) => fail,
    }
}

/// Why the engine said no, with the name of whoever is in the way.
pub(super) async fn said(
    here: &Here,
    executable: &Executable,
    rejection: &Rejection,
) -> Result<String, Fail> {
    let holder = match rejection {
        Rejection::ClaimedByAnother { by } => here.name_of(by).await?,
        _ => None,
    };
    let when = |at| here.speaker.when(at);
    let language = &here.speaker.language;
    Ok(wording::rejection(language, executable, rejection, holder.as_deref(), &when))
}
