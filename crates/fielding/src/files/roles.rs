//! What the columns of a frame are: what a draw looks at, who a person is, and
//! what the questionnaire may use.

use serde::{Deserialize, Serialize};
use survey_builder::sampling::Columns;
use survey_builder::sampling::frame::contacts;

use crate::error::Problem;

/// Which columns of a frame hold contacts. Empty names: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactColumns {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub address: String,
    /// Language of the invitation.
    pub language: String,
}

/// What the columns of a frame are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roles {
    /// What a draw looks at.
    pub columns: Columns,
    /// What goes sealed to the contacts and nowhere else.
    pub contacts: ContactColumns,
    /// Degrees north; a column of numbers too.
    pub latitude: Option<String>,
    /// Degrees east; a column of numbers too.
    pub longitude: Option<String>,
    /// What stays beside a sampled unit for the questionnaire.
    pub kept: Vec<String>,
}

/// What one column can be, as forms name it.
pub const ROLES: [&str; 14] = [
    "ignored",
    "unit",
    "stratum",
    "cluster",
    "size",
    "label",
    "number",
    "latitude",
    "longitude",
    "name",
    "email",
    "phone",
    "address",
    "language",
];

/// Names of columns by what they usually are, without accents, in both languages.
const USUAL: [(&str, &[&str]); 11] = [
    ("unit", &["id", "unit", "ma", "key", "ma ho", "household id"]),
    ("stratum", &["stratum", "strata", "tang", "area", "khu vuc", "region", "vung"]),
    ("cluster", &["cluster", "cum", "psu", "ward", "phuong", "xa", "dia ban", "ea"]),
    ("size", &["size", "members", "quy mo", "so ho", "so nguoi", "population"]),
    ("latitude", &["lat", "latitude", "vi do"]),
    ("longitude", &["lon", "lng", "long", "longitude", "kinh do"]),
    ("name", &["name", "ten", "ho ten", "ho va ten", "full name"]),
    ("email", &["email", "e-mail", "mail", "thu dien tu"]),
    ("phone", &["phone", "tel", "telephone", "mobile", "dien thoai", "so dien thoai", "sdt"]),
    ("address", &["address", "dia chi"]),
    ("language", &["language", "ngon ngu", "lang"]),
];

impl Roles {
    /// What columns of these names usually are; each role goes to the first.
    pub fn guess(header: &[impl AsRef<str>]) -> Self {
        let mut roles = Self::default();
        let mut taken: Vec<&str> = Vec::new();
        for column in header.iter().map(AsRef::as_ref) {
            let plain = survey_builder::plain::plain(column).replace('_', " ");
            let usual = USUAL
                .iter()
                .find(|(role, names)| !taken.contains(role) && names.contains(&plain.trim()));
            if let Some((role, _)) = usual {
                taken.push(role);
                roles.give(column, role);
            }
        }
        if roles.columns.unit.is_empty()
            && let Some(first) = header.first().map(AsRef::as_ref)
            && roles.of(first) == "ignored"
        {
            roles.give(first, "unit");
        }
        roles
    }

    /// Gives a column a role; one that only a single column can have is taken
    /// from the column that had it.
    pub fn give(&mut self, column: &str, role: &str) {
        let name = column.to_owned();
        match role {
            "unit" => self.columns.unit = name,
            "stratum" => self.columns.strata.push(name),
            "cluster" => self.columns.cluster = Some(name),
            "size" => self.columns.size = Some(name),
            "label" => self.columns.labels.push(name),
            "number" => self.columns.numbers.push(name),
            "latitude" | "longitude" => {
                self.columns.numbers.push(name.clone());
                let place =
                    if role == "latitude" { &mut self.latitude } else { &mut self.longitude };
                *place = Some(name);
            }
            "name" => self.contacts.name = name,
            "email" => self.contacts.email = name,
            "phone" => self.contacts.phone = name,
            "address" => self.contacts.address = name,
            "language" => self.contacts.language = name,
            _ => {}
        }
    }

    /// The role of a column.
    pub fn of(&self, column: &str) -> &'static str {
        let is = |other: &Option<String>| other.as_deref() == Some(column);
        let among = |others: &[String]| others.iter().any(|other| other == column);
        let found = [
            ("unit", self.columns.unit == column),
            ("stratum", among(&self.columns.strata)),
            ("cluster", is(&self.columns.cluster)),
            ("size", is(&self.columns.size)),
            ("latitude", is(&self.latitude)),
            ("longitude", is(&self.longitude)),
            ("label", among(&self.columns.labels)),
            ("number", among(&self.columns.numbers)),
            ("name", self.contacts.name == column),
            ("email", self.contacts.email == column),
            ("phone", self.contacts.phone == column),
            ("address", self.contacts.address == column),
            ("language", self.contacts.language == column),
        ];
        found.iter().find(|(_, is)| *is).map_or("ignored", |(role, _)| role)
    }

    /// Reads a form's choice: each column with its role and whether it is kept.
    ///
    /// # Errors
    ///
    /// No column of ids, a role that only one column can have given to two, a
    /// longitude without a latitude, a contact that is to be kept beside answers.
    pub fn read<'a>(
        chosen: impl Iterator<Item = (&'a str, &'a str, bool)>,
    ) -> Result<Self, Vec<Problem>> {
        const CONTACTS: [&str; 4] = ["name", "email", "phone", "address"];
        const SINGLE: [&str; 10] = [
            "unit",
            "cluster",
            "size",
            "latitude",
            "longitude",
            "name",
            "email",
            "phone",
            "address",
            "language",
        ];
        let mut roles = Self::default();
        let mut given: Vec<&str> = Vec::new();
        let mut problems = Vec::new();
        let told = |code: &str, column: &str| Problem::new(code, "").with("column", column);
        for (column, role, kept) in chosen {
            if SINGLE.contains(&role) && given.contains(&role) {
                problems.push(told("frame-role-twice", column));
            }
            if kept && CONTACTS.contains(&role) {
                problems.push(told("frame-contact-kept", column));
            }
            given.push(role);
            roles.give(column, role);
            if kept {
                roles.kept.push(column.to_owned());
            }
        }
        if !given.contains(&"unit") {
            problems.push(Problem::new("frame-no-unit", ""));
        }
        if roles.latitude.is_some() != roles.longitude.is_some() {
            problems.push(Problem::new("frame-half-place", ""));
        }
        if problems.is_empty() { Ok(roles) } else { Err(problems) }
    }

    /// The columns in which one person is looked for twice.
    pub fn identifying(&self) -> contacts::ContactColumns {
        let named = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        contacts::ContactColumns {
            phone: named(&self.contacts.phone),
            email: named(&self.contacts.email),
            name: named(&self.contacts.name),
            address: named(&self.contacts.address),
        }
    }
}
