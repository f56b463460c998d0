//! What can be wrong with a frame or a plan, with the numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::{self, Argument, phrase};

/// One problem of a frame or a plan; rows are counted as a spreadsheet counts
/// them, the header being row 1. Its sentence is that of the
/// [`problem::Problem`] it becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence, in web/locales, says what it is")]
pub enum Problem {
    FrameUnreadable {
        reason: Argument,
    },
    FrameDamaged,
    FrameEmpty,
    FrameColumnMissing {
        column: String,
        columns: String,
    },
    FrameColumnTwice {
        column: String,
    },
    FrameRowLength {
        row: u64,
        found: usize,
        expected: usize,
    },
    FrameEncoding {
        row: u64,
        column: String,
    },
    FrameEncodingUnknown {
        row: u64,
    },
    FrameIdMissing {
        row: u64,
        column: String,
    },
    FrameIdTwice {
        row: u64,
        column: String,
        id: String,
        first: u64,
    },
    FrameStratumMissing {
        row: u64,
        column: String,
    },
    FrameClusterMissing {
        row: u64,
        column: String,
    },
    FrameSizeBad {
        row: u64,
        column: String,
        text: String,
    },
    FrameLabelMissing {
        row: u64,
        column: String,
    },
    FrameNumberBad {
        row: u64,
        column: String,
        text: String,
    },
    FrameStratumUnknown {
        stratum: String,
        units: u64,
    },
    FrameStratumEmpty {
        stratum: String,
    },
    FrameSizesAllZero {
        column: String,
        rows: u64,
    },
    FrameHeaderMissing {
        row: u64,
        rows: u64,
    },
    FrameHeaderFound {
        row: u64,
    },
    FrameNumbersAmbiguous {
        column: String,
        rows: String,
        text: String,
        point: f64,
        comma: f64,
    },
    FrameNumbersMixed {
        column: String,
        point_row: u64,
        point: String,
        comma_row: u64,
        comma: String,
    },
    FrameNumbersRead {
        column: String,
        row: u64,
        text: String,
        value: f64,
    },
    FrameSpellings {
        column: String,
        names: String,
        differ: Argument,
    },
    FrameSpellingsMore {
        column: String,
        count: u64,
    },
    FrameSpellingsMerged {
        column: String,
        name: String,
        spellings: String,
    },
    FrameIdsRounded {
        column: String,
        count: u64,
        row: u64,
        text: String,
    },
    FrameIdsRoundedTwice {
        column: String,
        count: u64,
        twice: u64,
        row: u64,
        text: String,
    },
    FrameTotalRow {
        row: u64,
        text: String,
    },
    FrameTotalRowDoubt {
        row: u64,
        text: String,
    },
    FrameTotalTwice {
        row: u64,
        stratum: String,
        first: u64,
    },
    FrameOtherKind {
        kind: Argument,
    },
    FrameSheetMissing {
        sheet: String,
        sheets: String,
    },
    FrameSheetTaken {
        sheet: String,
        sheets: String,
    },
    InFile {
        file: String,
        problem: Box<Problem>,
    },
    PlaceDayBad {
        row: u64,
        column: String,
        text: String,
    },
    PlaceTwice {
        row: u64,
        place: String,
    },
    CellPointBad {
        row: u64,
        x: String,
        y: String,
    },
    FrameMore {
        count: u64,
    },
    PlanWithoutStage,
    PlanUnreadable {
        part: String,
        reason: String,
    },
    PlanWithoutFrame,
    PlanValue {
        what: Argument,
        value: Argument,
        bounds: Argument,
    },
    PlanWithoutColumn {
        stage: usize,
        column: String,
    },
    PlanTooLarge {
        stage: usize,
        method: Argument,
        stratum: String,
        members: u64,
        wanted: u64,
    },
    PlanNonprobability {
        kind: Argument,
    },
    PlanUnreachablePrecision {
        stratum: Argument,
        reason: Argument,
    },
    PlanMore {
        count: u64,
    },
    PlanStageOrder {
        stage: usize,
    },
    PlanWithoutClusters {
        stage: usize,
    },
    PlanWithoutSize {
        stage: usize,
    },
    PlanAllocationLate {
        stage: usize,
    },
    PlanWithoutAllocation {
        stage: usize,
    },
    PlanDrawsNothing {
        stage: usize,
    },
    PlanTotalTooSmall {
        stage: usize,
        total: u64,
        strata: usize,
        minimum: u64,
        least: u64,
    },
    PlanOverPopulation {
        stratum: String,
        wanted: u64,
        available: u64,
    },
    PlanStratumLeftOut {
        stratum: String,
    },
    PlanUnknownStratum {
        stratum: String,
    },
    PlanStratumWithoutNumber {
        stratum: String,
    },
    PlanBadDeviation {
        stratum: String,
        value: f64,
    },
    PlanColumnConstant {
        column: String,
    },
    PlanBadRate {
        stratum: Argument,
        value: f64,
    },
    PlanStartsOver {
        stratum: Argument,
        starts: u32,
        expected: f64,
    },
    PlanAllCertain {
        stratum: Argument,
        certain: u64,
        wanted: u64,
    },
    PlanSortUnclear {
        stage: usize,
        column: String,
    },
    PlanSortMixed {
        stage: usize,
        column: String,
        count: usize,
        first: String,
    },
    PlanBadExponent {
        value: f64,
    },
    PlanOverCluster {
        stratum: String,
        cluster: String,
        wanted: u64,
        available: u64,
    },
    PlanOverPhase {
        stratum: Argument,
        wanted: u64,
        available: u64,
    },
    PlanOneCluster {
        stratum: Argument,
    },
    PlanOneUnit {
        stratum: Argument,
    },
    PlanOneComplete {
        stratum: Argument,
        completes: f64,
    },
    PlanOneInside {
        stage: usize,
    },
    PlanNotOfExtension,
    OverlapRecordMissing {
        record: String,
    },
    OverlapRecordUnreadable {
        record: String,
        reason: String,
    },
    OverlapWithoutNumbers {
        record: String,
    },
    OverlapOtherKey {
        record: String,
    },
    OverlapOtherUnits {
        record: String,
    },
    OverlapCrowded {
        record: String,
        expected: f64,
    },
    OverlapStrataOther {
        record: String,
        count: usize,
        first: String,
    },
    OverlapLeftOut {
        record: String,
        count: usize,
        drawn: usize,
    },
    OverlapRestOver {
        record: String,
        day: String,
    },
    OverlapDayUnknown {
        record: String,
    },
    SampleRelease {
        value: u32,
        released: u32,
        most: u32,
    },
    SampleReserveReleased {
        replicate: u32,
    },
    SampleHasPhase,
    SamplePhaseRepeats,
    SampleTakesClusters,
    SampleListedOtherwise,
    ListClustersUnknown {
        count: usize,
        first: String,
    },
    ListClustersWaiting {
        count: usize,
        first: String,
    },
    ListClustersTwice {
        count: usize,
        first: String,
    },
    ListUnitsUnknown {
        count: usize,
        first: String,
    },
    ComponentsOneCluster,
    ComponentsOneSubcluster,
    ComponentsOnePerson,
    ComponentsConstant,
    OptimumCorrelations {
        cluster: f64,
        subcluster: f64,
    },
    OptimumBudgetSmall {
        budget: f64,
    },
    SizeOutOfRange {
        quantity: Argument,
        value: Argument,
        bounds: Argument,
    },
}

impl Problem {
    /// The stable code, such as `frame_id_twice`.
    pub fn code(&self) -> String {
        self.as_problem().code
    }

    /// The same as every crate tells it.
    pub fn as_problem(&self) -> problem::Problem {
        match self {
            Self::InFile { file, problem } => problem.as_problem().at(file),
            own => problem::Problem::from_variant(own, ""),
        }
    }

    /// The same, of a file that is not the frame.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        Self::InFile { file: file.to_owned(), problem: Box::new(self) }
    }
}

impl From<&Problem> for problem::Problem {
    fn from(problem: &Problem) -> Self {
        problem.as_problem()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_problem().fmt(formatter)
    }
}

impl std::error::Error for Problem {}

/// A stratum's name, or the words for all units where there are no strata.
pub(super) fn stratum_words(stratum: &str) -> Argument {
    if stratum.is_empty() { phrase("phrase-all-units").into() } else { stratum.into() }
}
