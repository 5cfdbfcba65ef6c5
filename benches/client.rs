//! Servers in processes of their own, and clients that ask them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use firefly::json::parse;
use serde_json::{Value, json};

/// A server in a process of its own.
pub struct Served {
    /// The process.
    pub child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Served {
    /// Starts `command`, which says an address on its standard error once it takes connections; how long that took.
    pub fn start(command: &mut Command) -> (Served, Duration) {
        let started = Instant::now();
        let mut child = command.stderr(Stdio::piped()).spawn().expect("a server");
        let mut lines = BufReader::new(child.stderr.take().expect("its errors")).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let at = line.find("http://127.0.0.1:")?;
            let rest = &line[at + 7..];
            rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len())].parse().ok()
        });
        let took = started.elapsed();
        std::thread::spawn(move || lines.for_each(drop));
        (Served { child, address: address.expect("an address") }, took)
    }

    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        let ticks: u64 =
            stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it as Ctrl-C does, and waits until it has put everything away.
    pub fn interrupt(mut self) {
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }

    /// What it holds in memory, with the pages of its program that are mapped.
    pub fn resident_mib(&self) -> f64 {
        self.status_mib("VmRSS:")
    }

    /// What it holds in memory of its own: what the kernel can't read anew from the program's file.
    pub fn own_mib(&self) -> f64 {
        self.status_mib("RssAnon:")
    }

    fn status_mib(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let kib = status.lines().find_map(|l| l.strip_prefix(name)).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One MCP client on one connection.
pub struct Client {
    stream: TcpStream,
    host: SocketAddr,
    session: String,
    buffer: Vec<u8>,
}

impl Client {
    /// A client whose session is open.
    pub fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut client = Client { stream, host: address, session: String::new(), buffer: Vec::new() };
        let head = client.send(&hello().to_string());
        let id = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("mcp-session-id:").map(|_| l[15..].trim().to_owned()));
        client.session = id.expect("a session");
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        client
    }

    /// Calls a tool; the JSON-RPC message that came back.
    pub fn call(&mut self, id: usize, name: &str, arguments: &Value) -> Value {
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": arguments}});
        let said = self.send(&call.to_string());
        let body = said.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        body.find('{').zip(body.rfind('}')).map_or(Value::Null, |(from, to)| parse(&body[from..=to]))
    }

    /// Ends the session.
    pub fn end(mut self) {
        let request =
            format!("DELETE /mcp HTTP/1.1\r\nHost: {}\r\nMcp-Session-Id: {}\r\nContent-Length: 0\r\n\r\n", self.host, self.session);
        let _ = self.stream.write_all(request.as_bytes());
        let _ = self.stream.read(&mut [0u8; 512]);
    }

    /// Sends a request and reads the reply to its end.
    fn send(&mut self, body: &str) -> String {
        self.ask(body);
        while !self.read() {}
        String::from_utf8_lossy(&self.buffer).into_owned()
    }

    /// Sends a request.
    fn ask(&mut self, body: &str) {
        let session = if self.session.is_empty() { String::new() } else { format!("Mcp-Session-Id: {}\r\n", self.session) };
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{session}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.buffer.clear();
        self.stream.write_all(request.as_bytes()).expect("a request");
    }

    /// Reads what has come; whether the reply is whole.
    fn read(&mut self) -> bool {
        let mut part = [0u8; 16384];
        let read = match self.stream.read(&mut part) {
            Ok(0) => panic!("the server closed: {}", String::from_utf8_lossy(&self.buffer)),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
            Err(error) => panic!("no reply: {error}"),
        };
        self.buffer.extend_from_slice(&part[..read]);
        let Some(end) = find(&self.buffer, b"\r\n\r\n") else { return false };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        length.map_or_else(|| self.buffer.ends_with(b"0\r\n\r\n"), |length| self.buffer.len() >= end + 4 + length)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// How long the clients rest when no reply has come.
const REST: Duration = Duration::from_micros(20);

/// What requests cost.
pub struct Load {
    /// CPU of the server a request, in microseconds.
    pub cpu: f64,
    /// The 99th percentile of the time from when a request was due until its reply was read, in milliseconds.
    pub p99: f64,
    /// Requests a second.
    pub rate: f64,
}

/// A request, and what its reply must hold.
pub struct Asked {
    /// The JSON-RPC message.
    pub body: String,
    /// A part of the reply.
    pub reply: String,
}

/// Sends `requests` over `sessions` connections: each as soon as a connection is free, or with `rate` so many a second. One thread
/// does it all, and rests when there is nothing to do: server and clients share two cores.
pub fn load(served: &Served, sessions: usize, requests: &[Asked], rate: Option<f64>) -> Load {
    let mut clients: Vec<Client> = (0..sessions).map(|_| Client::connect(served.address)).collect();
    for client in &clients {
        client.stream.set_nonblocking(true).expect("a socket");
    }
    let (before, begun) = (served.cpu(), Instant::now());
    let mut free: Vec<usize> = (0..sessions).collect();
    let mut busy: Vec<(usize, usize, Instant)> = Vec::new();
    let mut took: Vec<Duration> = Vec::with_capacity(requests.len());
    let mut sent = 0;
    while took.len() < requests.len() {
        while sent < requests.len() && !free.is_empty() {
            let due = rate.map_or_else(Instant::now, |rate| begun + Duration::from_secs_f64(sent as f64 / rate));
            if due > Instant::now() {
                break;
            }
            let client = free.pop().expect("one is free");
            clients[client].ask(&requests[sent].body);
            busy.push((client, sent, due));
            sent += 1;
        }
        let waiting = busy.len();
        busy.retain(|&(client, asked, due)| {
            if !clients[client].read() {
                return true;
            }
            took.push(due.elapsed());
            let (said, wanted) = (&clients[client].buffer, &requests[asked].reply);
            assert!(find(said, wanted.as_bytes()).is_some(), "{:.600}", String::from_utf8_lossy(said));
            free.push(client);
            false
        });
        if busy.len() == waiting {
            std::thread::sleep(REST);
        }
    }
    let (cpu, lasted) = (served.cpu() - before, begun.elapsed());
    took.sort();
    Load {
        cpu: cpu.as_secs_f64() * 1e6 / took.len() as f64,
        p99: took[took.len() * 99 / 100].as_secs_f64() * 1e3,
        rate: took.len() as f64 / lasted.as_secs_f64(),
    }
}

/// What a client says first.
pub fn hello() -> Value {
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}})
}
