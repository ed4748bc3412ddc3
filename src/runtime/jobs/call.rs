//! Calls to other systems over HTTP.
//!
//! An answer of 200 to 299 is the job's; 408, 425, 429, 500 and more and a broken connection are tried
//! again; every other answer is a no. A no may have a name, in the member `code` of its JSON, by which
//! the procedure may lead on.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, Url};

use super::Errand;
use super::outcome::{Failure, Outcome, Retry};
use super::reach::{Reach, Service};
use crate::engine::Request;
use crate::expression::Value;

/// Bytes of an answer that are read.
const MOST_BYTES: usize = 1 << 20;
/// Letters of what the other side says that are kept.
const MOST_LETTERS: usize = 300;
const LONGEST_WAIT: u32 = 3_600;

pub(super) async fn call(reach: &Reach, errand: &Errand<'_>) -> Outcome {
    match try_call(reach, errand).await {
        Ok(answer) => Outcome::Done(answer),
        Err(failure) => Outcome::Failed(failure),
    }
}

async fn try_call(reach: &Reach, errand: &Errand<'_>) -> Result<Value, Failure> {
    let Request::Call { service: name, method, path, body, timeout_ms } = &errand.job.request
    else {
        return Err(Failure::lasting("this is no call"));
    };
    let service = reach.services.get(name).ok_or_else(|| {
        Failure::lasting(format!("this server's configuration has no service `{name}`"))
    })?;
    let url = address(service, path)
        .ok_or_else(|| Failure::lasting(format!("`{path}` leads out of the service `{name}`")))?;
    let method = Method::from_bytes(method.to_uppercase().as_bytes())
        .map_err(|_| Failure::lasting(format!("there is no method `{method}`")))?;
    let mut request = service
        .client
        .request(method, url)
        .timeout(Duration::from_millis(u64::from(*timeout_ms)))
        .headers(service.headers.clone())
        .header("Accept", "application/json")
        .header("Idempotency-Key", errand.key());
    if !body.is_null() {
        request = request.json(body);
    }
    let response = request.send().await.map_err(|error| Failure::passing(broken(name, &error)))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let text = read(name, response).await?;
    if status.is_success() {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(&text)
            .map_err(|_| Failure::lasting(format!("{name} answered {status}, and not with JSON")));
    }
    Err(no(name, status, &headers, &text))
}

/// The service's address with the path behind it; none when that would lead elsewhere.
fn address(service: &Service, path: &str) -> Option<Url> {
    let base = service.url.as_str().trim_end_matches('/');
    let plain = path.split(['?', '#']).next().unwrap_or_default();
    let is_dot = |part: &str| {
        let part = part.to_ascii_lowercase().replace("%2e", ".");
        part == "." || part == ".."
    };
    if !plain.starts_with('/') || plain.split(['/', '\\']).any(is_dot) {
        return None;
    }
    let url = Url::parse(&format!("{base}{path}")).ok()?;
    (url.origin() == service.url.origin()).then_some(url)
}

async fn read(name: &str, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if text.len() + chunk.len() > MOST_BYTES => {
                return Err(Failure::lasting(format!("{name} answered with more than 1 MiB")));
            }
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) => return Ok(text),
            Err(error) => return Err(Failure::passing(broken(name, &error))),
        }
    }
}

/// Why there was no answer, without the address: it may hold what is secret.
fn broken(name: &str, error: &reqwest::Error) -> String {
    let why = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "can't be reached"
    } else {
        "broke off"
    };
    format!("{name} {why}")
}

fn no(name: &str, status: StatusCode, headers: &HeaderMap, text: &[u8]) -> Failure {
    let said: Value = serde_json::from_slice(text).unwrap_or_default();
    let member = |key: &str| match said.as_map()?.get(key)? {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let code = member("code").filter(|code| !code.is_empty() && code.len() <= 60);
    let words = ["detail", "message", "title", "error"].into_iter().find_map(member);
    let words: String = words.unwrap_or_default().chars().take(MOST_LETTERS).collect();
    let mut reason = format!("{name} answered {}", status.as_u16());
    for part in code.iter().chain(Some(&words).filter(|words| !words.is_empty())) {
        reason.push_str(": ");
        reason.push_str(part);
    }
    let is_passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    let wait = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let retry = match wait {
        _ if !is_passing => Retry::Never,
        Some(seconds) => {
            Retry::After(SignedDuration::from_secs(i64::from(seconds.min(LONGEST_WAIT))))
        }
        None => Retry::Later,
    };
    Failure {
        reason,
        codes: code.into_iter().chain([status.as_u16().to_string()]).collect(),
        retry,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_path_stays_below_its_service() {
        let reach = Reach::default();
        let reach = reach.service("b", "https://b.example/api/", &BTreeMap::new()).expect("fine");
        let of = |path: &str| address(&reach.services["b"], path).map(String::from);
        assert_eq!(of("/cuentas/7?x=1").as_deref(), Some("https://b.example/api/cuentas/7?x=1"));
        for wrong in ["cuentas", "/../x", "/a/%2E%2e/x", "/a/./b", "@evil.example/", "/..\\x"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
