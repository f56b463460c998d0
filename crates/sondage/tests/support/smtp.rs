//! A relay in this process that keeps what it takes: in clear, after STARTTLS,
//! or encrypted from the first sign, with a certificate of its own.

#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a conversation is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Clear,
    /// From the first sign.
    Tls,
    /// After STARTTLS; nothing is taken before.
    StartTls,
}

/// A relay.
pub struct Relay {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The file of its certificate, to be trusted through `SSL_CERT_FILE`.
    pub certificate: PathBuf,
    taken: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Relay {
    /// Listens until the process ends.
    pub fn start(protection: Protection) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        let folder = tempfile::tempdir().expect("a folder");
        let certificate = folder.path().join("relay.pem");
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, config) = (Arc::clone(&kept), Arc::clone(&config));
                std::thread::spawn(move || drop(serve(stream, protection, &config, &kept)));
            }
        });
        Self { port, certificate, taken, _folder: folder }
    }

    /// The messages taken so far.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("taken").clone()
    }

    /// Waits for that many messages.
    pub fn wait_for(&self, count: usize) -> Vec<String> {
        let end = Instant::now() + Duration::from_mins(1);
        while self.taken().len() < count && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.taken()
    }
}

fn encrypted(stream: TcpStream, config: &Arc<ServerConfig>) -> std::io::Result<Box<dyn Stream>> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    Ok(Box::new(StreamOwned::new(connection, stream)))
}

fn serve(
    stream: TcpStream,
    protection: Protection,
    config: &Arc<ServerConfig>,
    taken: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    match protection {
        Protection::Clear => converse(Box::new(stream), true, taken),
        Protection::Tls => converse(encrypted(stream, config)?, true, taken),
        Protection::StartTls => {
            let mut clear = stream.try_clone()?;
            clear.write_all(b"220 relay\r\n")?;
            let mut lines = Lines(BufReader::with_capacity(1, stream.try_clone()?));
            while let Some(line) = lines.next()? {
                if line.to_uppercase().starts_with("STARTTLS") {
                    clear.write_all(b"220 go on\r\n")?;
                    return converse(encrypted(stream, config)?, false, taken);
                }
                let answer: &[u8] = if line.to_uppercase().starts_with("EHLO") {
                    b"250-relay\r\n250 STARTTLS\r\n"
                } else {
                    b"530 5.7.0 begin with STARTTLS\r\n"
                };
                clear.write_all(answer)?;
            }
            Ok(())
        }
    }
}

struct Lines<R>(BufReader<R>);

impl<R: Read> Lines<R> {
    fn next(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

fn converse(
    stream: Box<dyn Stream>,
    greets: bool,
    taken: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = Lines(BufReader::new(stream));
    let answer = |lines: &mut Lines<Box<dyn Stream>>, text: &str| {
        let stream = lines.0.get_mut();
        stream.write_all(text.as_bytes()).and_then(|()| stream.flush())
    };
    if greets {
        answer(&mut lines, "220 relay\r\n")?;
    }
    while let Some(line) = lines.next()? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => {
                answer(&mut lines, "250-relay\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n")?;
            }
            "AUTH" => answer(&mut lines, "235 known\r\n")?,
            "DATA" => {
                answer(&mut lines, "354 go on\r\n")?;
                let mut message = String::new();
                while let Some(line) = lines.next()?.filter(|line| line != ".") {
                    message.push_str(&line);
                    message.push('\n');
                }
                taken.lock().expect("taken").push(message);
                answer(&mut lines, "250 taken\r\n")?;
            }
            "QUIT" => return answer(&mut lines, "221 bye\r\n"),
            _ => answer(&mut lines, "250 ok\r\n")?,
        }
    }
    Ok(())
}
