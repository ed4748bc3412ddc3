//! What a server may reach: one mail server, and services by name. Addresses and passwords come from its
//! configuration and are never written anywhere, neither in a procedure nor in a journal or a log.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url, redirect};

use crate::store::CaseId;

const CONNECT: Duration = Duration::from_secs(10);
const SEND: Duration = Duration::from_secs(60);
const REDIRECTS: usize = 5;

/// The machines that jobs are done with.
#[derive(Default)]
pub struct Reach {
    pub(super) mail: Option<Mailer>,
    pub(super) services: BTreeMap<String, Service>,
    pub(super) link: Option<Link>,
}

/// Where people find a task, as an address to go into a mail.
pub type Link = Box<dyn Fn(&CaseId, u32) -> String + Send + Sync>;

pub(super) struct Mailer {
    pub(super) transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(super) from: Mailbox,
}

pub(super) struct Service {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
}

/// Why a configuration can't be used. What is secret in it is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    #[error("the mail server must be named as smtp://[user:password@]host[:port] or smtps://…")]
    MailAddress,
    #[error("mail to {host} would go in the clear; write smtps://, or smtp:// with ?tls=required")]
    MailInTheClear { host: String },
    #[error("`{from}` is no address that mail can come from")]
    MailFrom { from: String },
    #[error("the mail server's settings can't be used")]
    Mail { source: lettre::transport::smtp::Error },
    #[error("service `{name}`: `{url}` is no address such as https://billing.example/api")]
    ServiceAddress { name: String, url: String },
    #[error("service `{name}`: http:// is for this machine only; write https://")]
    ServiceInTheClear { name: String },
    #[error("service `{name}`: the header `{header}` can't be sent")]
    Header { name: String, header: String },
    #[error("calls can't be made from here")]
    Client { source: reqwest::Error },
}

impl Reach {
    /// Mail goes through the server at `url`: `smtps://user:password@host` (TLS from the first byte) or
    /// `smtp://…` (STARTTLS, which is demanded). Only on this machine it may go without.
    pub fn mail(mut self, url: &str, from: &str) -> Result<Self, ReachError> {
        let parsed = Url::parse(url).map_err(|_| ReachError::MailAddress)?;
        let host = parsed.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(ReachError::MailAddress)?.to_owned();
        let tls =
            parsed.query_pairs().find(|(key, _)| key == "tls").map(|(_, tls)| tls.to_string());
        let url = match (parsed.scheme(), tls.as_deref()) {
            ("smtps", _) | ("smtp", Some("required")) => parsed.to_string(),
            ("smtp", None) if is_here(&host) => parsed.to_string(),
            ("smtp", None) => {
                let mut url = parsed.clone();
                url.query_pairs_mut().append_pair("tls", "required");
                url.to_string()
            }
            ("smtp", _) => return Err(ReachError::MailInTheClear { host }),
            _ => return Err(ReachError::MailAddress),
        };
        let from = from.parse().map_err(|_| ReachError::MailFrom { from: from.to_owned() })?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
        let builder = builder.map_err(|source| ReachError::Mail { source })?;
        self.mail = Some(Mailer { transport: builder.timeout(Some(SEND)).build(), from });
        Ok(self)
    }

    /// Calls to `name` go below `url`, with these headers, of which the values are secret.
    pub fn service(
        mut self,
        name: &str,
        url: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<Self, ReachError> {
        let address =
            || ReachError::ServiceAddress { name: name.to_owned(), url: without_password(url) };
        let url = Url::parse(url).map_err(|_| address())?;
        let host = url.host_str().ok_or_else(address)?;
        match url.scheme() {
            "https" => {}
            "http" if is_here(host) => {}
            "http" => return Err(ReachError::ServiceInTheClear { name: name.to_owned() }),
            _ => return Err(address()),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(address());
        }
        let mut sent = HeaderMap::new();
        for (header, value) in headers {
            let wrong = || ReachError::Header { name: name.to_owned(), header: header.clone() };
            let key = header.parse::<HeaderName>().map_err(|_| wrong())?;
            let mut value = HeaderValue::from_str(value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            sent.insert(key, value);
        }
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::custom(only_there))
            .user_agent(concat!("tramite/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| ReachError::Client { source })?;
        self.services.insert(name.to_owned(), Service { client, url, headers: sent });
        Ok(self)
    }

    /// Mails to people say where their task is found.
    #[must_use]
    pub fn found_at(self, link: Link) -> Self {
        Self { link: Some(link), ..self }
    }

    /// The names of the services.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }

    pub fn sends_mail(&self) -> bool {
        self.mail.is_some()
    }
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services: Vec<&str> = self.services().collect();
        let mail = self.sends_mail();
        f.debug_struct("Reach").field("mail", &mail).field("services", &services).finish()
    }
}

/// Within the host that was asked: what a service knows of us is not for others.
fn only_there(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let is_there = attempt.previous().first().is_some_and(|first| {
        let next = attempt.url();
        first.origin() == next.origin()
    });
    if !is_there || attempt.previous().len() > REDIRECTS {
        attempt.stop()
    } else {
        attempt.follow()
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rfind('@')) {
        (Some((scheme, _)), Some(at)) => format!("{scheme}://…{}", &url[at..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_in_the_clear_but_on_this_machine() {
        let none = BTreeMap::new();
        let service = |url: &str| Reach::default().service("billing", url, &none).map(|_| ());
        assert!(service("https://billing.example/api").is_ok());
        assert!(service("http://127.0.0.1:9000").is_ok() && service("http://[::1]:1/").is_ok());
        let clear = service("http://billing.example");
        assert!(matches!(clear, Err(ReachError::ServiceInTheClear { .. })), "{clear:?}");
        for wrong in ["billing", "ftp://billing.example", "https://b.example/?a=1", "file:///etc"] {
            let refused = service(wrong);
            assert!(matches!(refused, Err(ReachError::ServiceAddress { .. })), "{wrong}");
        }
        let secret = service("ftp://ana:medidor-7@billing.example").expect_err("refused");
        assert!(!secret.to_string().contains("medidor-7"), "{secret}");
        let header = BTreeMap::from([("Authorization".to_owned(), "Bearer a\nb".to_owned())]);
        let header = Reach::default().service("billing", "https://b.example", &header);
        let told = header.expect_err("refused").to_string();
        assert!(told.contains("Authorization") && !told.contains("Bearer"), "{told}");
    }

    #[tokio::test]
    async fn mail_demands_tls_but_on_this_machine() {
        let mail = |url: &str| Reach::default().mail(url, "Oficina <o@tupiza.example>").map(|_| ());
        assert!(mail("smtps://ana:x@mail.example").is_ok() && mail("smtp://mail.example").is_ok());
        assert!(mail("smtp://localhost:1025").is_ok());
        let clear = mail("smtp://mail.example?tls=opportunistic");
        assert!(matches!(clear, Err(ReachError::MailInTheClear { .. })), "{clear:?}");
        assert!(matches!(mail("mail.example"), Err(ReachError::MailAddress)));
        assert!(matches!(mail("http://mail.example"), Err(ReachError::MailAddress)));
        let from = Reach::default().mail("smtp://localhost", "nobody").map(|_| ());
        assert!(matches!(from, Err(ReachError::MailFrom { .. })), "{from:?}");
    }
}
