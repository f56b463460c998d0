//! What a text does not say: it is named, so that nobody thinks it lost, and stays.

use super::super::document::{Document, Kind, ListOption, Page, Question, Section, TextRule};

macro_rules! kept {
    ($($variant:ident $english:literal $vietnamese:literal),+ $(,)?) => {
        /// Something that is set elsewhere and stays as it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kept { $(#[doc = $english] $variant),+ }

        impl Kept {
            /// What it is called in the notation, in English and in Vietnamese.
            pub fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($english, $vietnamese)),+ }
            }
        }
    };
}

kept! {
    Rosters "lists of people or things" "danh sách thành viên",
    Checks "checks between answers" "kiểm tra giữa các câu trả lời",
    Each "asked for each member" "hỏi từng thành viên",
    Shuffled "random order" "đảo thứ tự ngẫu nhiên",
    Anchored "keeps its place" "giữ chỗ khi đảo thứ tự",
    RequiredWhen "must be answered if" "bắt buộc trả lời nếu",
    Default "filled in beforehand" "điền sẵn",
    ReadOnly "only shown" "chỉ hiện",
    Constraints "limits" "giới hạn câu trả lời",
    Offers "ways not to answer" "lựa chọn không trả lời",
    Roles "what it is used for" "cách dùng",
    Modes "modes" "cách phỏng vấn",
    Media "pictures and sounds" "hình và âm thanh",
    Appearance "looks in other systems" "cách hiện ở hệ thống khác",
    Filter "only some options" "chỉ một số phương án",
    Other "box beside an option" "ô ghi thêm",
    Settings "settings of its kind" "thiết lập của loại câu hỏi",
    Missing "counts as no answer" "tính là không trả lời",
    Exclusive "clears the others" "bỏ các phương án khác",
    Ends "ends the interview" "kết thúc phỏng vấn",
    Image "picture" "hình",
    Attributes "marks for filters" "dấu để lọc",
}

fn those<const N: usize>(all: [(bool, Kept); N]) -> Vec<Kept> {
    all.into_iter().filter(|(is, _)| *is).map(|(_, kept)| kept).collect()
}

pub(super) fn of_document(document: &Document) -> Vec<Kept> {
    those([
        (!document.rosters.is_empty(), Kept::Rosters),
        (!document.checks.is_empty(), Kept::Checks),
    ])
}

pub(super) fn of_section(section: &Section) -> Vec<Kept> {
    those([
        (section.each.is_some(), Kept::Each),
        (section.shuffled, Kept::Shuffled),
        (section.anchored, Kept::Anchored),
    ])
}

pub(super) fn of_page(page: &Page) -> Vec<Kept> {
    those([(page.shuffled, Kept::Shuffled), (page.anchored, Kept::Anchored)])
}

pub(super) fn of_option(option: &ListOption) -> Vec<Kept> {
    those([
        (option.missing.is_some(), Kept::Missing),
        (option.exclusive, Kept::Exclusive),
        (option.anchored, Kept::Anchored),
        (option.ends.is_some(), Kept::Ends),
        (option.image.is_some(), Kept::Image),
        (!option.attributes.is_empty(), Kept::Attributes),
    ])
}

pub(super) fn of_question(question: &Question) -> Vec<Kept> {
    let choice = question.kind.choice();
    let shuffled = match &question.kind {
        Kind::Battery(battery) => battery.shuffled,
        Kind::Grid(grid) => grid.shuffled,
        _ => choice.is_some_and(|choice| choice.shuffled),
    };
    those([
        (has_settings(&question.kind), Kept::Settings),
        (shuffled, Kept::Shuffled),
        (choice.is_some_and(|choice| choice.filter.is_some()), Kept::Filter),
        (choice.is_some_and(|choice| choice.other.is_some()), Kept::Other),
        (question.required_when.is_some(), Kept::RequiredWhen),
        (question.default.is_some(), Kept::Default),
        (question.read_only, Kept::ReadOnly),
        (!question.constraints.is_empty(), Kept::Constraints),
        (!question.offers.is_empty(), Kept::Offers),
        (!question.roles.is_empty(), Kept::Roles),
        (!question.modes.is_empty(), Kept::Modes),
        (!question.media.is_empty(), Kept::Media),
        (question.anchored, Kept::Anchored),
        (question.appearance.is_some(), Kept::Appearance),
    ])
}

/// Whether more is set for the kind than its name and its list say.
fn has_settings(kind: &Kind) -> bool {
    match kind {
        Kind::Multiple(several) | Kind::Ranking(several) => {
            several.at_least.is_some() || several.at_most.is_some()
        }
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => {
            *range != super::super::document::NumberRange::default()
        }
        Kind::ShortText(rule) | Kind::LongText(rule) => *rule != TextRule::default(),
        Kind::Date(range) => *range != super::super::document::DateRange::default(),
        Kind::File(rule) => *rule != super::super::document::FileRule::default(),
        Kind::BestWorst(_)
        | Kind::ChoiceSet(_)
        | Kind::Grid(_)
        | Kind::Scale(_)
        | Kind::Geo(_)
        | Kind::Hidden(_)
        | Kind::Arm(_)
        | Kind::Selection(_) => true,
        _ => false,
    }
}
