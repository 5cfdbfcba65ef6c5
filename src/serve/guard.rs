//! What every request passes before a door sees it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Request, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Who may come in.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// SHA-256 of the token that every request must bear.
    token: Option<[u8; 32]>,
    /// Whether a request must name a loopback host, so that a page in a browser can't reach the server by another name.
    pub loopback: bool,
}

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl Guard {
    /// A guard that asks for `token`, where one is given.
    pub fn new(token: Option<&str>, loopback: bool) -> Guard {
        Guard { token: token.map(|text| Sha256::digest(text.as_bytes()).into()), loopback }
    }

    /// Whether a request with these headers may come in; if not, what it is told.
    pub fn lets(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), (StatusCode, &'static str)> {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        if self.loopback {
            let host = text("host").or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or_default();
            let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
            // Names below `localhost` are loopback too (RFC 6761); some clients put one before it.
            if !["localhost", "127.0.0.1", "[::1]", ""].contains(&name) && !name.ends_with(".localhost") {
                return Err((StatusCode::FORBIDDEN, "this host is not served"));
            }
        }
        let Some(token) = &self.token else { return Ok(()) };
        let bearer = text(header::AUTHORIZATION.as_str()).and_then(|v| v.strip_prefix("Bearer "));
        // Hashes are compared: how long it takes says nothing of the token.
        let given = bearer.or_else(|| text("x-api-key")).map(|text| <[u8; 32]>::from(Sha256::digest(text.as_bytes())));
        if given.as_ref() == Some(token) { Ok(()) } else { Err((StatusCode::UNAUTHORIZED, "a bearer token is needed")) }
    }
}

/// Lets a request pass, or answers it. Where it came from goes with it.
pub async fn check(State(guard): State<Arc<Guard>>, mut request: Request<Body>, next: Next) -> Response {
    if let Err((status, why)) = guard.lets(request.headers(), request.uri()) {
        return (status, [(header::WWW_AUTHENTICATE, "Bearer")], why).into_response();
    }
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        request.extensions_mut().insert(Peer(peer));
    }
    next.run(request).await
}

/// The value of `name` in a URL's query, where it is plain text.
pub fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty())
}
