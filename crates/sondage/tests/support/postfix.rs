//! Postfix, as a relay of its own in a folder: takes letters after STARTTLS, knows every
//! address of example.org but one, and puts what it delivers into one folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The address that nobody has.
pub const NOBODY: &str = "p7@example.org";

/// A running Postfix, stopped when dropped.
pub struct Postfix {
    /// The port on 127.0.0.1.
    pub port: u16,
    folder: tempfile::TempDir,
}

/// What Postfix does besides taking letters on its port.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

impl Postfix {
    /// Starts it. Without Postfix, or without the right to run it, says so and gives
    /// `None`; in CI it has to be there.
    pub fn start() -> Option<Self> {
        let may = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        if !may || !Path::new("/usr/sbin/postfix").exists() {
            assert!(std::env::var_os("CI").is_none(), "CI must have Postfix");
            println!("skipped: Postfix is not here, or this is not its administrator");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_path_buf();
        let port = free_port();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        std::fs::write(root.join("relay.pem"), made.cert.pem()).expect("written");
        std::fs::write(root.join("relay.key"), made.signing_key.serialize_pem()).expect("written");
        let boxes = format!("if !/^{}$/\n/./ all/\nendif\n", NOBODY.replace('.', "\\."));
        std::fs::write(root.join("boxes"), boxes).expect("written");
        let at = root.display();
        let settings = format!(
            "compatibility_level = 3.6
queue_directory = {at}/queue
data_directory = {at}/data
maillog_file = {at}/log/mail.log
maillog_file_prefixes = {at}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.net
mydestination =
mynetworks = 127.0.0.0/8
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {at}/relay.pem
smtpd_tls_key_file = {at}/relay.key
virtual_mailbox_domains = example.org
virtual_mailbox_base = {at}/delivered
virtual_mailbox_maps = regexp:{at}/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"
        );
        let services = format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}");
        std::fs::write(root.join("main.cf"), settings).expect("written");
        std::fs::write(root.join("master.cf"), services).expect("written");
        for name in ["queue", "data", "log", "delivered"] {
            std::fs::create_dir(root.join(name)).expect("made");
        }
        // Its parts run as users of their own.
        system("chmod", &["755", &at.to_string()]);
        system("chown", &["postfix", &format!("{at}/data")]);
        system("chown", &["65534:65534", &format!("{at}/delivered")]);
        let postfix = Self { port, folder };
        postfix.control("start");
        Some(postfix)
    }

    fn control(&self, what: &str) {
        let config = self.folder.path().display().to_string();
        let output = Command::new("/usr/sbin/postfix").args(["-c", &config, what]).output();
        let output = output.expect("runs");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The file of its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("relay.pem")
    }

    /// Waits until so many letters were delivered; their texts as they lie there.
    pub fn wait_for(&self, letters: usize) -> Vec<String> {
        let delivered = self.folder.path().join("delivered/all/new");
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            let files = std::fs::read_dir(&delivered).into_iter().flatten().flatten();
            let read = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
            let texts: Vec<String> = read.collect();
            if texts.len() >= letters {
                return texts;
            }
            assert!(Instant::now() < end, "{} of {letters}:\n{}", texts.len(), self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What it noted.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log/mail.log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.control("stop");
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

fn system(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().expect("runs");
    assert!(status.success(), "{program} {arguments:?}");
}
