//! A design from its description in a case.

use analysis::design::unequal::{JointProbabilities, UnequalForm, UnequalMethod};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, EstimateOptions, IntervalMethod, Population,
    SinglePsu, StageInput, Weights,
};
use nalgebra::DMatrix;
use serde_json::Value;

use crate::compare::failed;
use crate::data::Data;
use crate::{Case, Stop};

const UNDERSTOOD: [&str; 10] = [
    "weights",
    "probabilities",
    "strata",
    "psu",
    "fpc",
    "fpc_is",
    "nest",
    "lonely_psu",
    "adjust_domain_lonely",
    "weights_from",
];

/// The options most cases use.
pub(crate) const T_INTERVAL: EstimateOptions = EstimateOptions {
    confidence: 0.95,
    interval: IntervalMethod::StudentT,
    degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
};

impl Case<'_> {
    pub(crate) fn design(&self, data: &Data) -> Result<Design, Stop> {
        if !self.body["design"]["imputation"].is_null() {
            return Err(Stop::NotYet("design imputation with this statistic".to_owned()));
        }
        self.copy_design(data)
    }

    /// The design of one copy of data whose gaps were filled several times.
    pub(crate) fn copy_design(&self, data: &Data) -> Result<Design, Stop> {
        let design = &self.body["design"];
        for (name, value) in design.as_object().ok_or_else(|| failed("no design"))? {
            if !["imputation", "replicate", "pps"].contains(&name.as_str())
                && !UNDERSTOOD.contains(&name.as_str())
            {
                let what: String = value.to_string().chars().take(40).collect();
                return Err(Stop::NotYet(format!("design {name} {what}")));
            }
        }
        let built = Design::new(DesignInput {
            weights: self.weights(design, data)?,
            stages: stages(design, data)?,
            nest: design["nest"].as_bool().unwrap_or(false),
            single_psu: single_psu(&design["lonely_psu"], self.body["source"].as_str())?,
            domain_single_psu: design["adjust_domain_lonely"].as_bool().unwrap_or(false),
        })?;
        let built = self.with_unequal(built, data)?;
        if design["replicate"].is_null() {
            return Ok(built);
        }
        let replicates = crate::replicates::replicates(self, data, &built)?;
        Ok(built.with_replicates(replicates)?)
    }

    /// The weights of the design; replicates that come in a file bring the full sample's with them.
    fn weights(&self, design: &Value, data: &Data) -> Result<Weights, Stop> {
        match crate::replicates::file(&design["replicate"]) {
            Some(name) => {
                let file = Data::read(&self.folder.join("data").join(name))?;
                Ok(Weights::Given(file.numbers("w_full")?))
            }
            None => weights(design, data),
        }
    }

    /// Unequal probabilities, where the design says how their variance is estimated.
    fn with_unequal(&self, built: Design, data: &Data) -> Result<Design, Stop> {
        let design = &self.body["design"];
        let pps = &design["pps"];
        if pps.is_null() {
            return Ok(built);
        }
        let form = match pps["variance"].as_str() {
            None | Some("HT") => UnequalForm::HorvitzThompson,
            Some("YG") => UnequalForm::YatesGrundy,
            Some(other) => return Err(Stop::NotYet(format!("pps variance {other}"))),
        };
        let method = match pps["method"].as_str() {
            Some("brewer") => UnequalMethod::Brewer,
            Some("overton") => UnequalMethod::Joint(JointProbabilities::Overton, form),
            Some("HR") => {
                let known = pps["sum_p2_over_n"].as_f64();
                let joint = JointProbabilities::HartleyRao { sum_of_squares_over_size: known };
                UnequalMethod::Joint(joint, form)
            }
            Some(name) if name.starts_with("joint") => {
                let matrix = self.joint_probabilities(pps, data.rows)?;
                UnequalMethod::Joint(JointProbabilities::Given(matrix), form)
            }
            other => return Err(Stop::NotYet(format!("pps method {other:?}"))),
        };
        let columns = names(&design["fpc"]);
        if columns.len() > 1 && method == UnequalMethod::Brewer {
            let columns: Vec<Vec<f64>> =
                columns.iter().map(|name| data.numbers(name)).collect::<Result<_, Stop>>()?;
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            return Ok(built.with_unequal_stages(&columns)?);
        }
        let column = columns.first().copied().or(design["probabilities"].as_str());
        let column = column.ok_or_else(|| failed("no probabilities"))?;
        Ok(built.with_unequal_probabilities(&data.numbers(column)?, method)?)
    }

    fn joint_probabilities(&self, pps: &Value, rows: usize) -> Result<DMatrix<f64>, Stop> {
        let file = pps["matrix"].as_str().ok_or_else(|| failed("no matrix"))?;
        let file = Data::read(&self.folder.join("data").join(file))?;
        let columns: Vec<Vec<f64>> =
            file.names.iter().map(|name| file.numbers(name)).collect::<Result<_, Stop>>()?;
        let columns = &columns[columns.len().saturating_sub(rows)..];
        Ok(DMatrix::from_fn(rows, rows, |row, column| columns[column][row]))
    }
}

/// The rule of the design; where the call that made the numbers set another one, that one.
fn single_psu(value: &Value, source: Option<&str>) -> Result<SinglePsu, Stop> {
    let called = source
        .and_then(|call| call.split("survey.lonely.psu=\"").nth(1))
        .and_then(|rest| rest.split('"').next());
    Ok(match called.or(value.as_str()) {
        // R's own default.
        None | Some("fail") => SinglePsu::Fail,
        Some("remove") => SinglePsu::Remove,
        Some("certainty") => SinglePsu::Certainty,
        Some("adjust") => SinglePsu::Adjust,
        Some("average") => SinglePsu::Average,
        Some(other) => return Err(Stop::NotYet(format!("lonely_psu {other}"))),
    })
}

fn weights(design: &Value, data: &Data) -> Result<Weights, Stop> {
    if let Some(from) = design["weights_from"].as_str() {
        if from.starts_with("fpc") {
            return Ok(Weights::FromPopulation);
        }
        return Err(Stop::NotYet(format!("weights_from {from}")));
    }
    if let Some(name) = design["probabilities"].as_str() {
        return Ok(Weights::Given(data.numbers(name)?.iter().map(|p| 1.0 / p).collect()));
    }
    match &design["weights"] {
        Value::String(name) => Ok(Weights::Given(data.numbers(name)?)),
        Value::Number(number) => {
            Ok(Weights::Given(vec![number.as_f64().unwrap_or(f64::NAN); data.rows]))
        }
        _ => Err(Stop::NotYet("design without weights".to_owned())),
    }
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn stages(design: &Value, data: &Data) -> Result<Vec<StageInput>, Stop> {
    let (strata, clusters, sizes) =
        (names(&design["strata"]), names(&design["psu"]), names(&design["fpc"]));
    let are_fractions = match design["fpc_is"].as_str() {
        None => false,
        Some(text) if text.starts_with("fraction") => true,
        Some(text) if text.starts_with("population") || text.starts_with("count") => false,
        Some(other) => return Err(Stop::NotYet(format!("fpc_is {other}"))),
    };
    let count = strata.len().max(clusters.len()).max(sizes.len()).max(1);
    (0..count)
        .map(|stage| {
            let population = match sizes.get(stage).filter(|_| design["pps"].is_null()) {
                None => None,
                Some(name) if are_fractions => Some(Population::Fractions(data.numbers(name)?)),
                Some(name) => Some(Population::Counts(data.numbers(name)?)),
            };
            Ok(StageInput {
                strata: strata.get(stage).map(|name| data.group_codes(name)).transpose()?,
                clusters: clusters.get(stage).map(|name| data.group_codes(name)).transpose()?,
                population,
            })
        })
        .collect()
}
