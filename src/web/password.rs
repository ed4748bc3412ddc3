//! Passwords: Argon2id with its crate's defaults (19 MiB, two passes), as OWASP advises.
//!
//! Both functions take tens of milliseconds of a core: the pages call them on a blocking thread behind
//! a semaphore; the command line calls [`hash`] when it saves a person.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// A hash of no password that anybody has: an unknown name must cost as long as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody").ok());

/// The hash of a password with a new salt, as it is stored.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// Whether the password is the one of the stored hash. Without a hash it never is, in the same time.
pub fn is_right(password: &str, stored: Option<&str>) -> bool {
    let compared = stored.or(NOBODY.as_deref());
    let fits = compared
        .is_some_and(|hash| Argon2::default().verify_password(password.as_bytes(), hash).is_ok());
    fits && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let stored = hash("medidor 7").expect("hashes");
        assert!(stored.starts_with("$argon2id$"));
        assert!(is_right("medidor 7", Some(&stored)));
        assert!(!is_right("medidor 8", Some(&stored)));
        assert!(!is_right("nobody", None));
        assert!(!is_right("medidor 7", Some("not a hash")));
    }
}
