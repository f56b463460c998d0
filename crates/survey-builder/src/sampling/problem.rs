//! What can be wrong with a frame or a plan, with the numbers.

use serde::{Deserialize, Serialize};

/// One problem of a frame or a plan; rows are counted as a spreadsheet counts
/// them, the header being row 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum Problem {
    #[error("the frame cannot be read: {reason}; save it as CSV in UTF-8")]
    FrameUnreadable { reason: String },
    #[error("the frame has no rows; add the population, one unit a row")]
    FrameEmpty,
    #[error("the frame has no column {column}; its columns are {columns}")]
    FrameColumnMissing { column: String, columns: String },
    #[error("the frame has two columns called {column}; rename one")]
    FrameColumnTwice { column: String },
    #[error("row {row} has {found} cells, not {expected}; check its commas and quotes")]
    FrameRowLength { row: u64, found: usize, expected: usize },
    #[error("row {row}, column {column}: not UTF-8; save the frame as CSV in UTF-8")]
    FrameEncoding { row: u64, column: String },
    #[error(
        "row {row}: the text is not UTF-8, nor clearly TCVN3 (ABC) or VNI; save the frame as CSV in \
         UTF-8, or name its encoding if you know it"
    )]
    FrameEncodingUnknown { row: u64 },
    #[error("row {row}, column {column}: no unit id; give every unit an id")]
    FrameIdMissing { row: u64, column: String },
    #[error("row {row}, column {column}: id {id} stands in row {first} already; remove one")]
    FrameIdTwice { row: u64, column: String, id: String, first: u64 },
    #[error("row {row}, column {column}: no stratum; fill it in")]
    FrameStratumMissing { row: u64, column: String },
    #[error("row {row}, column {column}: no cluster; fill it in")]
    FrameClusterMissing { row: u64, column: String },
    #[error("row {row}, column {column}: {text} is not a size above zero; put it right")]
    FrameSizeBad { row: u64, column: String, text: String },
    #[error("row {row}, column {column}: nothing there, but the plan needs it; fill it in")]
    FrameLabelMissing { row: u64, column: String },
    #[error("row {row}, column {column}: {text} is not a number; put it right")]
    FrameNumberBad { row: u64, column: String, text: String },
    #[error(
        "stratum {stratum} with {units} units is not among the independent totals; correct its \
         name or add its total"
    )]
    FrameStratumUnknown { stratum: String, units: u64 },
    #[error(
        "stratum {stratum} has a total but no unit in the frame; correct its name or add its units"
    )]
    FrameStratumEmpty { stratum: String },
    #[error(
        "column {column}: every size is zero in {rows} rows; name another column of sizes, or draw \
         with equal probabilities"
    )]
    FrameSizesAllZero { column: String, rows: u64 },
    #[error(
        "row {row}, column {column}: {text} is no day, or the last is before the first; write 2025-07-01"
    )]
    PlaceDayBad { row: u64, column: String, text: String },
    #[error(
        "row {row}: place {place} stands in the list already for a day of these; part them by day"
    )]
    PlaceTwice { row: u64, place: String },
    #[error("row {row}: \"{x}\", \"{y}\" is no point; put it right")]
    CellPointBad { row: u64, x: String, y: String },
    #[error("and {count} more problems of the frame; put these right first")]
    FrameMore { count: u64 },
    #[error("the plan has no stage; say what is drawn")]
    PlanWithoutStage,
    #[error("the plan's {part} cannot be read: {reason}; the guide's page on samples shows one")]
    PlanUnreadable { part: String, reason: String },
    #[error("the plan has no [frame]; name the frame's columns there: unit, strata, cluster, size")]
    PlanWithoutFrame,
    #[error("the plan's {what} is {value}; it must be {bounds}")]
    PlanValue { what: String, value: String, bounds: String },
    #[error("stage {stage}: the frame has no column {column} read for the plan; name it there")]
    PlanWithoutColumn { stage: usize, column: String },
    #[error(
        "stage {stage}: {method} takes too long for {members} members of {stratum} of which \
         {wanted} are drawn; use systematic PPS, Pareto, cube or local pivotal there"
    )]
    PlanTooLarge { stage: usize, method: String, stratum: String, members: u64, wanted: u64 },
    #[error(
        "a {kind} sample has no inclusion probabilities and is called nonprobability; nothing \
         can be drawn from a frame by it: recruit by quotas or a link instead, or give stages"
    )]
    PlanNonprobability { kind: String },
    #[error("stratum {stratum}: the plan gives no precision that can be reached; {reason}")]
    PlanUnreachablePrecision { stratum: String, reason: String },
    #[error("and {count} more problems of the plan; put these right first")]
    PlanMore { count: u64 },
    #[error("stage {stage}: clusters are drawn before units; put them in that order")]
    PlanStageOrder { stage: usize },
    #[error("stage {stage} draws clusters but the frame has none; name the cluster column")]
    PlanWithoutClusters { stage: usize },
    #[error("stage {stage} draws in proportion to size but the frame has none; name its column")]
    PlanWithoutSize { stage: usize },
    #[error("stage {stage}: only the first stage is allocated to strata; give a number a cluster")]
    PlanAllocationLate { stage: usize },
    #[error("stage {stage}: the first stage needs a total and how it is shared out; give both")]
    PlanWithoutAllocation { stage: usize },
    #[error("stage {stage}: draws nothing; give it a size above zero")]
    PlanDrawsNothing { stage: usize },
    #[error(
        "stage {stage}: {total} cannot give {strata} strata {minimum} each; draw at least {least}"
    )]
    PlanTotalTooSmall { stage: usize, total: u64, strata: usize, minimum: u64, least: u64 },
    #[error(
        "stratum {stratum}: {wanted} to draw but only {available} there; lower the total or fix it"
    )]
    PlanOverPopulation { stratum: String, wanted: u64, available: u64 },
    #[error("stratum {stratum}: nothing would be drawn; set a minimum of 1 or merge strata")]
    PlanStratumLeftOut { stratum: String },
    #[error("the plan names the stratum {stratum}, which the frame lacks; remove it")]
    PlanUnknownStratum { stratum: String },
    #[error("stratum {stratum}: the plan gives no number for it; add one")]
    PlanStratumWithoutNumber { stratum: String },
    #[error("stratum {stratum}: {value} is no standard deviation; give a number above zero")]
    PlanBadDeviation { stratum: String, value: String },
    #[error("the exponent {value} of a power allocation must lie from 0 to 1")]
    PlanBadExponent { value: String },
    #[error(
        "stratum {stratum}, cluster {cluster}: {wanted} to draw but only {available} there; \
         draw fewer, merge clusters, or take all of small ones"
    )]
    PlanOverCluster { stratum: String, cluster: String, wanted: u64, available: u64 },
    #[error("{quantity} is {value}; it must be {bounds}")]
    SizeOutOfRange { quantity: String, value: String, bounds: String },
}

impl Problem {
    /// The stable code, such as `frame_id_twice`; pages find the sentence in the
    /// reader's language under `problem-<code>`.
    pub fn code(&self) -> String {
        self.as_json().get("code").and_then(|code| code.as_str()).unwrap_or_default().to_owned()
    }

    /// The named arguments of the sentence.
    pub fn arguments(&self) -> Vec<(String, String)> {
        self.as_json()
            .into_iter()
            .filter(|(name, _)| name != "code")
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect()
    }

    fn as_json(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        }
    }
}
