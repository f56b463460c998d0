//! A browser without JavaScript: cookies, redirects and forms over real HTTP.
//! The simulated respondents of the demonstration, the tests and the benchmarks
//! all see what a person with an old phone sees.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a request came back with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where it sends us, if anywhere.
    pub location: Option<String>,
    /// The page.
    pub body: String,
}

/// A control of a form that takes an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// `radio`, `checkbox`, `text` or `textarea`.
    pub kind: String,
    /// The values it offers; for text what it holds.
    pub values: Vec<String>,
}

/// The first form of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Fields it carries along.
    pub hidden: Vec<(String, String)>,
    /// Fields to fill in, in order.
    pub fields: Vec<Field>,
}

/// One person's browser.
pub struct Browser {
    agent: ureq::Agent,
    base: String,
    cookies: BTreeMap<String, String>,
    /// Requests made so far.
    pub requests: usize,
}

impl Browser {
    /// A browser for one address, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .new_agent();
        Self::with_agent(base, agent)
    }

    /// A browser that shares another's connections.
    pub fn with_agent(base: &str, agent: ureq::Agent) -> Self {
        Self {
            agent,
            base: base.trim_end_matches('/').to_owned(),
            cookies: BTreeMap::new(),
            requests: 0,
        }
    }

    /// Connections to share.
    pub fn agent(&self) -> ureq::Agent {
        self.agent.clone()
    }

    /// Puts a cookie in the browser, as a test or an import of a session does.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// What a cookie holds.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    fn cookie_header(&self) -> String {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Opens an address.
    pub fn get(&mut self, path: &str) -> Result<Answer, ureq::Error> {
        let url = self.url(path);
        let request = self.agent.get(url).header("Cookie", self.cookie_header());
        let response = request.call()?;
        self.take(response)
    }

    /// Sends a form.
    pub fn post(&mut self, path: &str, fields: &[(String, String)]) -> Result<Answer, ureq::Error> {
        let url = self.url(path);
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let response = self
            .agent
            .post(url)
            .header("Cookie", self.cookie_header())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send(body)?;
        self.take(response)
    }

    /// Sends a form of any media type, such as one with files.
    pub fn post_body(
        &mut self,
        path: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let url = self.url(path);
        let response = self
            .agent
            .post(url)
            .header("Cookie", self.cookie_header())
            .header("Content-Type", media_type)
            .send(body)?;
        self.take(response)
    }

    /// Opens an address and goes where it sends us. Returns the last address too.
    pub fn visit(&mut self, path: &str) -> Result<(String, Answer), ureq::Error> {
        let mut path = path.to_owned();
        let mut answer = self.get(&path)?;
        for _ in 0..10 {
            let Some(location) = answer.location.clone() else { break };
            path = location;
            answer = self.get(&path)?;
        }
        Ok((path, answer))
    }

    /// Sends a form and goes where it sends us.
    pub fn submit(
        &mut self,
        path: &str,
        fields: &[(String, String)],
    ) -> Result<(String, Answer), ureq::Error> {
        let answer = self.post(path, fields)?;
        match answer.location.clone() {
            Some(location) => self.visit(&location),
            None => Ok((path.to_owned(), answer)),
        }
    }

    fn url(&mut self, path: &str) -> String {
        self.requests += 1;
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    fn take(
        &mut self,
        mut response: ureq::http::Response<ureq::Body>,
    ) -> Result<Answer, ureq::Error> {
        for cookie in response.headers().get_all("set-cookie") {
            let text = cookie.to_str().unwrap_or_default();
            let pair = text.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                if value.is_empty() || text.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let location = response
            .headers()
            .get("location")
            .and_then(|location| location.to_str().ok())
            .map(str::to_owned);
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string()?;
        Ok(Answer { status, location, body })
    }
}

/// An address without what stands behind its question mark.
pub fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Writes a value as forms do.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// Reads the form of a page whose action begins with `action`.
pub fn read_form(html: &str, action: &str) -> Option<Form> {
    let start = html.match_indices("<form").map(|(place, _)| place).find(|place| {
        let tag = html[*place..].split('>').next().unwrap_or_default();
        attribute(tag, "action").is_some_and(|found| found.starts_with(action))
    })?;
    let text = &html[start..];
    let text = &text[..text.find("</form>").unwrap_or(text.len())];
    let mut form =
        Form { action: attribute(text.split('>').next()?, "action")?, ..Form::default() };
    for part in text.split('<').skip(1) {
        let tag = part.split('>').next().unwrap_or_default();
        if tag.starts_with("textarea") {
            let name = attribute(tag, "name").unwrap_or_default();
            form.fields.push(Field { name, kind: "textarea".to_owned(), values: Vec::new() });
        } else if tag.starts_with("input") {
            let name = attribute(tag, "name").unwrap_or_default();
            let value = attribute(tag, "value").unwrap_or_default();
            let kind = attribute(tag, "type").unwrap_or_default();
            match (kind.as_str(), form.fields.iter_mut().find(|field| field.name == name)) {
                ("hidden", _) => form.hidden.push((name, value)),
                ("radio" | "checkbox", Some(field)) => field.values.push(value),
                _ => form.fields.push(Field { name, kind, values: vec![value] }),
            }
        }
    }
    Some(form)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}
