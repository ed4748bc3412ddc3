//! Refuses templates of a shape that the parser would not survive.
//!
//! minijinja's parser calls itself for every `not`, `-`, `if … else` and `{% elif %}`, and counts
//! only some of these: twenty thousand of them overflow the stack, which ends the whole process. No
//! tag of a real template is long, so the length of a tag is what is bounded. Asked by `template`
//! before the parser sees a file; the checker must ask before it parses templates itself.

use super::Error;

/// Bytes between `{{` and `}}`, or `{%` and `%}`.
const MAX_TAG: usize = 2000;

/// `{% elif %}` of one file.
const MAX_ELIF: usize = 200;

/// The first place of a template that is out of shape.
pub fn check_shape(file: &str, text: &str) -> Result<(), Error> {
    let mut elifs = 0;
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|found| at + found) {
        let close = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let inner = start + 2;
        // A tag that is not closed is for the parser to complain about, unless it is too long for
        // it.
        let end = text[inner..].find(close).map_or(text.len(), |found| inner + found);
        let message = if close == "#}" {
            None
        } else if end - inner > MAX_TAG {
            Some(format!("this tag is longer than {MAX_TAG} bytes; take it apart with `set`"))
        } else {
            elifs += usize::from(
                text[inner..end].trim_start_matches(['-', '+', ' ']).starts_with("elif"),
            );
            (elifs > MAX_ELIF).then(|| format!("a template has at most {MAX_ELIF} `elif`"))
        };
        if let Some(message) = message {
            return Err(Error::Template {
                file: file.to_owned(),
                line: text[..start].matches('\n').count() + 1,
                range: Some(start..end),
                message,
            });
        }
        at = (end + 2).min(text.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tags_and_chains_are_refused_with_their_place() {
        let long = format!("a {{# {} #}}\n{{{{ {}1 }}}}", "x".repeat(5000), "not ".repeat(600));
        let error = check_shape("a", &long).expect_err("the tag is too long");
        assert!(matches!(error, Error::Template { line: 2, .. }), "{error}");
        let chain = format!("{{% if 0 %}}{}{{% endif %}}", "{%- elif 0 -%}\n".repeat(201));
        let error = check_shape("a", &chain).expect_err("the chain is too long");
        assert!(matches!(error, Error::Template { line: 201, .. }), "{error}");
    }

    #[test]
    fn ordinary_templates_pass() {
        for text in
            ["", "{", "{{", "ñ{ {% {#", "#let f(x) = { x }\n{{ a }}{% if b %}c{% endif %}{# d #}"]
        {
            assert_eq!(check_shape("a", text), Ok(()), "{text}");
        }
    }
}
