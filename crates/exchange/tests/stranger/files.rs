//! The files of a stranger.

pub const FORM: &str = include_str!("form.md");
pub const XFORM: &str = include_str!("form.xml");
pub const STRUCTURE: &str = include_str!("survey.lss");
pub const TABLE: &str = include_str!("table.limesurvey.txt");
pub const QUALTRICS: &str = include_str!("survey.qsf");
pub const SURVEYJS: &str = include_str!("model.surveyjs.json");
pub const ONS: &str = include_str!("schema.ons.json");
pub const CSPRO: &str = include_str!("dictionary.dcf");
pub const REDCAP: &str = include_str!("dictionary.csv");
pub const SURVEY_SOLUTIONS: &str = include_str!("document.solutions.json");
pub const WORD: &str = include_str!("document.xml");
