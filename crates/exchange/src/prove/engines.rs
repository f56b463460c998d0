//! The engines of other programs and the scripts that give them answers. They are run by
//! whoever has them; nothing is run here.

/// A program that fills in forms.
#[derive(Debug, Clone, Copy)]
pub struct Engine {
    /// Its name.
    pub name: &'static str,
    /// What runs it.
    pub runtime: Runtime,
    /// The format that it reads.
    pub format: Format,
    /// The file to start, and its text.
    pub script: (&'static str, &'static str),
    /// Files that have to lie beside it.
    pub beside: &'static [(&'static str, &'static str)],
}

/// What runs an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Node, with a folder of that name in `node_modules`.
    Node {
        /// The package.
        package: &'static str,
    },
    /// Java, with the archive of ODK Validate as class path.
    Java,
}

/// What an engine reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `XForm`s.
    XForm,
    /// Models of `SurveyJS`.
    SurveyJs,
}

const CASES: &[(&str, &str)] = &[("cases.mjs", include_str!("engines/cases.mjs"))];

/// The engine of ODK Web Forms.
pub const WEB_FORMS: Engine = Engine {
    name: "ODK Web Forms",
    runtime: Runtime::Node { package: "@getodk/xforms-engine" },
    format: Format::XForm,
    script: ("odk.mjs", include_str!("engines/odk.mjs")),
    beside: CASES,
};

/// `SurveyJS` itself.
pub const SURVEYJS: Engine = Engine {
    name: "SurveyJS",
    runtime: Runtime::Node { package: "survey-core" },
    format: Format::SurveyJs,
    script: ("surveyjs.mjs", include_str!("engines/surveyjs.mjs")),
    beside: CASES,
};

/// The engine of ODK Collect, of which ODK Validate's archive has a copy.
pub const JAVAROSA: Engine = Engine {
    name: "JavaRosa",
    runtime: Runtime::Java,
    format: Format::XForm,
    script: ("JavaRosa.java", include_str!("engines/JavaRosa.java")),
    beside: &[],
};

/// All of them.
pub const ENGINES: [Engine; 3] = [WEB_FORMS, JAVAROSA, SURVEYJS];
