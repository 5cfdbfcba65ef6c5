//! What a server sends, as it comes in: a first reply that leaves out what the protocol requires is taken in and what was
//! missing remembered, and so is the notice that its tools changed.

use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{Implementation, InitializeResult, JsonRpcMessage, ServerCapabilities, ServerNotification, ServerResult};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::{IntoTransport, Transport};
use serde_json::{Value, json};

use crate::mcp::guard::Noticed;

/// A transport whose first result is read leniently.
pub struct Lenient<T> {
    inner: T,
    noticed: Arc<Noticed>,
    answered: bool,
}

/// `transport`, read leniently.
pub fn lenient<E, A>(
    transport: impl IntoTransport<RoleClient, E, A>,
    noticed: Arc<Noticed>,
) -> Lenient<impl Transport<RoleClient, Error = E> + 'static>
where
    E: std::error::Error + Send + Sync + 'static,
{
    Lenient { inner: transport.into_transport(), noticed, answered: false }
}

impl<T: Transport<RoleClient> + 'static> Transport<RoleClient> for Lenient<T> {
    type Error = T::Error;

    fn send(&mut self, item: TxJsonRpcMessage<RoleClient>) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let mut message = self.inner.receive().await?;
        match &mut message {
            JsonRpcMessage::Response(response) if !std::mem::replace(&mut self.answered, true) => {
                self.complete(&mut response.result);
            }
            // Noted here, where messages pass in their order: a handler runs beside the request whose reply comes
            // next, and can be later than it.
            JsonRpcMessage::Notification(told) if matches!(told.notification, ServerNotification::ToolListChangedNotification(_)) => {
                self.noticed.changed();
            }
            _ => {}
        }
        Some(message)
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

impl<T> Lenient<T> {
    fn complete(&self, result: &mut ServerResult) {
        if let ServerResult::InitializeResult(whole) = result {
            if whole.server_info.version.is_empty() {
                self.noticed.missing("serverInfo.version");
            }
            return;
        }
        if matches!(result, ServerResult::DiscoverResult(_)) {
            return;
        }
        let told = serde_json::to_value(&*result).unwrap_or(Value::Null);
        if let Some(whole) = completed(told, &self.noticed) {
            *result = ServerResult::InitializeResult(whole);
        }
    }
}

/// An initialize result of what a server told, with what it left out.
fn completed(mut told: Value, noticed: &Noticed) -> Option<InitializeResult> {
    let members = told.as_object_mut()?;
    let whole = InitializeResult::new(ServerCapabilities::default());
    let mut fill = |name: &str, value: Value| {
        if !members.get(name).is_some_and(|have| have.is_object() || have.is_string()) {
            noticed.missing(name);
            members.insert(name.into(), value);
        }
    };
    fill("protocolVersion", json!(whole.protocol_version));
    fill("capabilities", json!({}));
    fill("serverInfo", json!({}));
    if let Some(Value::Object(server)) = members.get_mut("serverInfo") {
        for name in ["name", "version"] {
            if !server.get(name).is_some_and(Value::is_string) {
                noticed.missing(&format!("serverInfo.{name}"));
                server.insert(name.into(), json!(""));
            }
        }
    }
    serde_json::from_value(told).ok().or_else(|| Some(whole.with_server_info(Implementation::new("", ""))))
}
