//! A plain HTTP client: one connection that is kept, one request at a time, bodies that nobody reads.
//! It runs on the machine that it measures, so it must cost little.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub(super) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    /// Of the session, once there is one.
    cookie: Option<HeaderValue>,
}

impl Wire {
    pub(super) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends when the sender is dropped; what went wrong is seen by the sender.
        tokio::spawn(connection);
        Ok(Self { sender, host: to.to_string().parse()?, cookie: None })
    }

    /// Sends JSON and waits for the whole answer, which must be a yes; its headers.
    pub(super) async fn post(
        &mut self,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> anyhow::Result<HeaderMap> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let (head, mut body) = answer.into_parts();
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame?;
            if !head.status.is_success()
                && let Some(part) = frame.data_ref()
            {
                read.extend_from_slice(part);
            }
        }
        let words = String::from_utf8_lossy(&read);
        anyhow::ensure!(head.status.is_success(), "{path}: {} {words}", head.status);
        Ok(head.headers)
    }

    /// Keeps the session's cookie of an answer for all that is asked from now on.
    pub(super) fn remember(&mut self, answer: &HeaderMap) -> anyhow::Result<()> {
        let cookie = answer.get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.ok_or_else(|| anyhow::anyhow!("no session was given"))?;
        self.cookie = Some(cookie.parse()?);
        Ok(())
    }
}

/// Where what was made is.
pub(super) fn location(answer: &HeaderMap) -> anyhow::Result<String> {
    let place = answer.get(LOCATION).and_then(|place| place.to_str().ok());
    place.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("the answer names no case"))
}
