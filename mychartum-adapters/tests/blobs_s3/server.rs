//! An S3-compatible server on the loopback, as far as the adapter speaks to one: objects, ranges, multipart uploads,
//! listing in pages.
//!
//! It knows no signatures; it only demands that there be one. Where S3 is strict (sizes of parts), it is too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Smaller than S3's, so that the tests go through several pages.
const PAGE: usize = 3;
/// S3's smallest part, but for the last.
const SMALLEST_PART: usize = 5 << 20;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<String, (Vec<u8>, DateTime<Utc>)>,
    /// Parts of uploads that are neither completed nor aborted, by upload and number.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    begun: u32,
    /// The longest body of a request.
    pub(crate) longest: usize,
    /// How many of the next requests are answered with 503.
    pub(crate) failing: u32,
    requests: u64,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) state: Arc<Mutex<State>>,
}

struct Request {
    method: String,
    key: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Response {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Response {
    fn new(status: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("ETag", "\"e\"".to_owned())], body: body.into() }
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some(request) = read(&mut stream).await {
            let head = request.method == "HEAD";
            let response = self.answer(request);
            let mut text = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\n", response.status, response.body.len());
            for (name, value) in &response.headers {
                write!(text, "{name}: {value}\r\n").unwrap();
            }
            text.push_str("\r\n");
            let body = if head { &[][..] } else { &response.body };
            if stream.write_all(text.as_bytes()).await.is_err() || stream.write_all(body).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: Request) -> Response {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        state.longest = state.longest.max(request.body.len());
        if state.failing > 0 {
            state.failing -= 1;
            return Response::new("503 Slow Down", "");
        }
        assert!(request.headers.contains_key("authorization"), "a request was not signed");
        match (request.method.as_str(), request.query.get("uploadId").cloned()) {
            ("GET", _) if request.key.is_empty() => list(&state, &request.query),
            ("GET" | "HEAD", _) => get(&state, &request),
            ("PUT", None) => {
                state.objects.insert(request.key, (request.body, Utc::now()));
                Response::new("200 OK", "")
            }
            ("PUT", Some(upload)) => {
                let number = request.query.get("partNumber").unwrap().parse().unwrap();
                match state.uploads.get_mut(&upload) {
                    Some(parts) => {
                        parts.insert(number, request.body);
                        Response::new("200 OK", "")
                    }
                    // A part that was on its way when its upload was aborted.
                    None => no_such_upload(),
                }
            }
            ("POST", None) if request.query.contains_key("uploads") => {
                state.begun += 1;
                let upload = format!("upload{}", state.begun);
                state.uploads.insert(upload.clone(), BTreeMap::new());
                let result = "InitiateMultipartUploadResult";
                Response::new("200 OK", format!("<{result}><UploadId>{upload}</UploadId></{result}>"))
            }
            ("POST", Some(upload)) => complete(&mut state, request.key, &upload),
            ("DELETE", None) => {
                state.objects.remove(&request.key);
                Response::new("204 No Content", "")
            }
            ("DELETE", Some(upload)) => {
                state.uploads.remove(&upload);
                Response::new("204 No Content", "")
            }
            (method, _) => panic!("{method} is not served"),
        }
    }
}

fn no_such_upload() -> Response {
    Response::new("404 Not Found", "<Error><Code>NoSuchUpload</Code></Error>")
}

fn complete(state: &mut State, key: String, upload: &str) -> Response {
    let Some(parts) = state.uploads.remove(upload) else { return no_such_upload() };
    let last = *parts.keys().last().unwrap();
    if parts.iter().any(|(number, part)| *number != last && part.len() < SMALLEST_PART) {
        return Response::new("400 Bad Request", "<Error><Code>EntityTooSmall</Code></Error>");
    }
    let object = parts.into_values().collect::<Vec<_>>().concat();
    state.objects.insert(key, (object, Utc::now()));
    let result = "CompleteMultipartUploadResult";
    Response::new("200 OK", format!("<{result}><ETag>\"e\"</ETag></{result}>"))
}

fn get(state: &State, request: &Request) -> Response {
    let Some((object, time)) = state.objects.get(&request.key) else {
        return Response::new("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>");
    };
    let modified = ("Last-Modified", time.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let mut response = match request.headers.get("range") {
        None => Response::new("200 OK", object.clone()),
        Some(range) => {
            let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            let (start, end) = (start.parse::<usize>().unwrap(), end.parse::<u64>().unwrap());
            if start >= object.len() {
                return Response::new("416 Range Not Satisfiable", "<Error><Code>InvalidRange</Code></Error>");
            }
            let end = usize::try_from(end).unwrap_or(usize::MAX).min(object.len() - 1);
            let mut response = Response::new("206 Partial Content", object[start..=end].to_vec());
            response.headers.push(("Content-Range", format!("bytes {start}-{end}/{}", object.len())));
            response
        }
    };
    response.headers.push(modified);
    response
}

fn list(state: &State, query: &BTreeMap<String, String>) -> Response {
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let after = query.get("continuation-token").or(query.get("start-after")).cloned().unwrap_or_default();
    let mut found = state.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
    let page: Vec<_> = found.by_ref().take(PAGE).collect();
    let more = found.next().is_some();
    let mut text = format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>");
    if let Some((key, _)) = page.last().filter(|_| more) {
        write!(text, "<NextContinuationToken>{key}</NextContinuationToken>").unwrap();
    }
    for (key, (object, time)) in page {
        let (size, time) = (object.len(), time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        write!(text, "<Contents><Key>{key}</Key><LastModified>{time}</LastModified><ETag>\"e\"</ETag>").unwrap();
        write!(text, "<Size>{size}</Size></Contents>").unwrap();
    }
    Response::new("200 OK", text + "</ListBucketResult>")
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let key = path.strip_prefix("/bucket").unwrap().trim_start_matches('/').to_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), plain(value)));
    Some(Request { method, key, query: query.collect(), headers, body })
}

/// A value of a query without its percent signs.
fn plain(value: &str) -> String {
    let mut bytes = value.bytes();
    let mut text = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            text.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            text.push(byte);
        }
    }
    String::from_utf8(text).unwrap()
}
