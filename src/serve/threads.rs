//! Connections that stay with one thread each: to pass a request from thread to thread costs as much as to answer it.

use std::convert::Infallible;
use std::future::{IntoFuture, pending};
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener, ListenerExt, TapIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long nothing is accepted after that failed: there may be no more files to open.
const REST: Duration = Duration::from_millis(200);

/// A connection on its way to its thread.
type Accepted = (std::net::TcpStream, SocketAddr);

/// The connections handed to one thread.
pub struct Handed {
    connections: UnboundedReceiver<Accepted>,
    local: SocketAddr,
}

impl Listener for Handed {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.connections.recv().await {
                Some((stream, peer)) => {
                    if let Ok(stream) = TcpStream::from_std(stream) {
                        return (stream, peer);
                    }
                }
                None => pending().await,
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.local)
    }
}

/// Lets a connection send at once.
pub fn prompt(stream: &mut TcpStream) {
    // Else what follows a reply's head waits for the client's delayed acknowledgement: 40 ms a request.
    drop(stream.set_nodelay(true));
}

/// What connections are served with.
type Tapped = TapIo<Handed, fn(&mut TcpStream)>;

/// Serves what `listener` accepts with `app`, on as many threads as half the cores (those who ask mostly run on the same machine), until `stop` is cancelled and all connections have ended.
pub async fn serve<M, S>(listener: TcpListener, app: M, stop: CancellationToken) -> std::io::Result<()>
where
    M: for<'a> Service<IncomingStream<'a, Tapped>, Response = S, Error = Infallible, Future: Send> + Clone + Send + 'static,
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let local = listener.local_addr()?;
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
    let mut running: Vec<(UnboundedSender<Accepted>, JoinHandle<std::io::Result<()>>)> = Vec::new();
    for _ in 0..threads {
        let (give, connections) = unbounded_channel();
        let (app, stop) = (app.clone(), stop.clone());
        let own = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let handed = Handed { connections, local }.tap_io(prompt as fn(&mut TcpStream));
            let served = axum::serve(handed, app).with_graceful_shutdown(async move { stop.cancelled().await });
            runtime.block_on(served.into_future())
        };
        running.push((give, std::thread::Builder::new().name("connections".into()).spawn(own)?));
    }
    for turn in (0..threads).cycle() {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let handed = accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer)));
        match handed {
            // A thread that has ended serves nobody any more, and neither does this.
            Ok(connection) => running[turn].0.send(connection).map_err(std::io::Error::other)?,
            Err(_) => tokio::time::sleep(REST).await,
        }
    }
    let join = move || {
        running.into_iter().try_for_each(|(_, thread)| thread.join().unwrap_or_else(|_| Err(std::io::Error::other("a thread ended early"))))
    };
    tokio::task::spawn_blocking(join).await.map_err(std::io::Error::other)?
}
