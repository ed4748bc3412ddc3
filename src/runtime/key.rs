//! Idempotency keys: under which name a command is done once, however often it is sent.

use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Refusal;
use super::writer::Wish;

/// The name that somebody gives a command, so that it can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    name: &'a str,
    is_strict: bool,
    /// What the command is told from others by, when it carries what a clock or chance says.
    contents: Option<&'a str>,
}

impl<'a> Key<'a> {
    /// Of a page. It names one command together with its contents: whoever goes back in the browser,
    /// changes the form and sends it again under the old key asks for something new, and must not be
    /// told that it is done.
    pub fn form(name: &'a str) -> Self {
        Self { name, is_strict: false, contents: None }
    }

    /// Of a program. It names one command whatever its contents: another one under the same key is a
    /// mistake of the program, and the same one again while it is being done has to wait.
    pub fn api(name: &'a str) -> Self {
        Self { name, is_strict: true, contents: None }
    }

    /// The same for a command that is made anew from `contents` each time that it is sent, with a clock's help.
    pub fn made_from(self, contents: &'a str) -> Self {
        Self { contents: Some(contents), ..self }
    }
}

/// An order's key on its way.
pub(super) struct Claim {
    pub(super) name: String,
    pub(super) digest: [u8; 12],
}

/// The strict keys whose commands are under way in this process: (person, name).
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashSet<(String, String)>>>);

/// A strict key under way, until this is dropped. It goes with the way back of the answer and is given up
/// just before it: whoever has an answer may send the key again at once.
pub(super) struct Place {
    all: UnderWay,
    own: (String, String),
}

impl UnderWay {
    pub(super) fn claim(
        &self,
        actor: &str,
        key: Key<'_>,
        wish: &Wish,
    ) -> Result<(Claim, Option<Place>), Refusal> {
        let digest = key.contents.map_or_else(|| digest(wish), |contents| digest(&contents));
        if !key.is_strict {
            let shown: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok((Claim { name: format!("{}:{shown}", key.name), digest }, None));
        }
        let own = (actor.to_owned(), key.name.to_owned());
        // Nothing is half done under the lock.
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.insert(own.clone()) {
            return Err(Refusal::InFlight);
        }
        drop(taken);
        let place = Place { all: self.clone(), own };
        Ok((Claim { name: key.name.to_owned(), digest }, Some(place)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.own);
    }
}

/// Tells one wish from another.
fn digest(wish: &impl Debug) -> [u8; 12] {
    let hash = Sha256::digest(format!("{wish:?}"));
    std::array::from_fn(|place| hash[place])
}
