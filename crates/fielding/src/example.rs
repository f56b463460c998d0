//! The example study: a fictional one that shows the whole road, from a list to a
//! weighted table. Its people are invented and no letter of it leaves the program.

pub mod people;

use survey_builder::questionnaire::document::Document;
use survey_builder::sampling::Seed;

use self::people::{Resident, frame_csv};
use crate::acts::draw::{DrawRequest, two_stage_plan};
use crate::acts::study::NewStudy;
use crate::error::Problem;
use crate::files::margins::margins_of;
use crate::files::questionnaire;
use crate::files::roles::Roles;
use crate::rules::margins::MarginShare;
use crate::rules::states::Privacy;
use crate::store::{Id, Zone};

/// Wards that are drawn, and people in each.
pub const DRAWN: (u32, u32) = (15, 80);
/// What chance decides in an example that is made on a page follows from this.
pub const SEED: u64 = 2026;

const SHEETS: [(&str, &[u8]); 3] = [
    ("survey.csv", include_bytes!("../../../fixtures/questionnaires/ward-services/survey.csv")),
    ("choices.csv", include_bytes!("../../../fixtures/questionnaires/ward-services/choices.csv")),
    ("settings.csv", include_bytes!("../../../fixtures/questionnaires/ward-services/settings.csv")),
];
const MARGINS: &[u8] = include_bytes!("../../../fixtures/questionnaires/ward-services/margins.csv");

/// The questionnaire.
///
/// # Errors
///
/// None while the program's own sheets are whole.
pub fn document() -> Result<Document, Vec<Problem>> {
    questionnaire::read(&SHEETS).document()
}

/// The shares of the population to rake to.
///
/// # Errors
///
/// As [`document`].
pub fn margins() -> Result<Vec<MarginShare>, Vec<Problem>> {
    margins_of(MARGINS)
}

/// The study in a unit, called as its maker likes.
pub fn new_study(unit: Id, name: &str) -> NewStudy {
    NewStudy {
        unit_id: unit,
        name: name.to_owned(),
        privacy: Privacy::Anonymous,
        privacy_reason: String::new(),
        time_zone: Zone::default(),
        organisation: "Nhóm nghiên cứu dư luận".to_owned(),
        phone: "1900 0000".to_owned(),
        closes_on: None,
        import_notes: Vec::new(),
    }
}

/// The draw of its sample from a list of those people.
pub fn draw_request(residents: &[Resident], seed: u64) -> DrawRequest {
    let (wards, in_each) = DRAWN;
    DrawRequest {
        frame_name: "frame.csv".to_owned(),
        frame: frame_csv(residents).into_bytes(),
        roles: Roles::guess(&["id", "area", "ward", "name", "email", "language"]),
        plan: two_stage_plan(wards, in_each),
        seed: Seed(seed),
    }
}
