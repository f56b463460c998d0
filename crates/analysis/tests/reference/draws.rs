//! Cases of joint probabilities, of totals by them, and of calibrated weights.

use std::collections::BTreeSet;
use std::path::Path;

use analysis::model::ModelMatrix;
use analysis::weighting::calibrate::{Auxiliaries, Distance, calibrated_weights};
use serde_json::Value as Json;
use survey_builder::sampling::horvitz_thompson as design_based;
use survey_builder::sampling::joint::{self, Matrix};
use survey_builder::sampling::selection::conditional::{first_order, working_odds};

use crate::sampling::{Answer, near, number, numbers, text_of};

/// A table's columns by name, as texts.
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(folder: &Path, name: &Json) -> Result<Self, String> {
        let path = folder.join("data").join(text_of(name));
        let mut reader = csv::Reader::from_path(&path).map_err(|error| error.to_string())?;
        let header = reader.headers().map_err(|error| error.to_string())?;
        let names = header.iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
            .collect::<Result<_, csv::Error>>()
            .map_err(|error| error.to_string())?;
        Ok(Self { names, rows })
    }

    fn texts(&self, name: &str) -> Result<Vec<&str>, String> {
        let place = self.names.iter().position(|known| known == name);
        let place = place.ok_or_else(|| format!("no column {name}"))?;
        Ok(self.rows.iter().map(|row| row[place].as_str()).collect())
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("{name}: {text}"));
        self.texts(name)?.into_iter().map(number).collect()
    }
}

fn matrix_of(json: &Json) -> Matrix {
    json.as_array().into_iter().flatten().map(numbers).collect()
}

fn farthest(found: &Matrix, expected: &Matrix) -> f64 {
    let cells = found.iter().flatten().zip(expected.iter().flatten());
    let far = cells.map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| found.len() == expected.len());
    if same && found.iter().flatten().all(|cell| cell.is_finite()) { far } else { f64::INFINITY }
}

pub(crate) fn joint_probabilities(case: &Json) -> Answer {
    let mut exceptions = Vec::new();
    let probabilities = numbers(&case["statistic"]["pik"]);
    let allowed = case["tolerance"]["abs"].as_f64().unwrap_or(1e-9);
    for (name, matrix) in case["expected"].as_object().ok_or("no matrices")? {
        let found = match name.as_str() {
            "pik" => {
                near(&probabilities, &numbers(matrix))?;
                continue;
            }
            "systematic" => joint::systematic(&probabilities),
            "tille" => joint::tille(&probabilities),
            "maxentropy" => joint::maximum_entropy(&probabilities),
            "midzuno" => joint::midzuno(&probabilities),
            "sampford" => joint::sampford(&probabilities),
            other => return Err(format!("unknown method {other}")),
        };
        let expected = matrix_of(matrix);
        let off = farthest(&found, &expected);
        if off > allowed && name == "tille" {
            without_the_certain(&probabilities, &found, &expected, allowed)?;
            exceptions.push("R's Tillé leaves out members that are certain");
        } else if off > allowed && name == "maxentropy" {
            // Those that are certain or never drawn are set apart by R as well.
            let places = open(&probabilities);
            let inner: Vec<f64> = places.iter().map(|place| probabilities[*place]).collect();
            let [ours, theirs] = [&found, &expected].map(|matrix| block(matrix, &places));
            stopped_early(&inner, &ours, &theirs, allowed)?;
            certain_are_sure(&probabilities, &found, allowed)?;
            certain_are_sure(&probabilities, &expected, allowed)?;
            exceptions.push("R stops its search for the odds of maximum entropy early");
        } else if off > allowed {
            return Err(format!("{name}: off by {off}"));
        }
    }
    Ok(exceptions)
}

/// The places of those that chance decides on.
fn open(probabilities: &[f64]) -> Vec<usize> {
    let decided = |place: &usize| (1e-6..=1.0 - 1e-6).contains(&probabilities[*place]);
    (0..probabilities.len()).filter(decided).collect()
}

fn block(matrix: &Matrix, places: &[usize]) -> Matrix {
    places.iter().map(|one| places.iter().map(|other| matrix[*one][*other]).collect()).collect()
}

/// A certain member is drawn with another as often as that other is drawn.
fn certain_are_sure(probabilities: &[f64], matrix: &Matrix, allowed: f64) -> Result<(), String> {
    let open = open(probabilities);
    for (one, row) in matrix.iter().enumerate() {
        for (other, cell) in row.iter().enumerate() {
            let sure = !open.contains(&one) || !open.contains(&other);
            let product = if one == other {
                probabilities[one]
            } else {
                probabilities[one] * probabilities[other]
            };
            if sure && (cell - product).abs() > allowed {
                return Err(format!("{cell} for members {one} and {other}, one of them certain"));
            }
        }
    }
    Ok(())
}

/// R's `UPtillepi2` leaves the rows of certain members at zero, their own
/// probability too. So its matrix must be ours where both are open and zero
/// elsewhere, and ours must have the certain ones sure. See docs/METHODS.md.
fn without_the_certain(
    probabilities: &[f64],
    found: &Matrix,
    expected: &Matrix,
    allowed: f64,
) -> Result<(), String> {
    let places = open(probabilities);
    let off = farthest(&block(found, &places), &block(expected, &places));
    let zero = expected.iter().enumerate().all(|(one, row)| {
        row.iter()
            .enumerate()
            .all(|(other, cell)| (places.contains(&one) && places.contains(&other)) || *cell == 0.0)
    });
    if off > allowed || !zero || places.len() == probabilities.len() {
        return Err(format!("tille: off by {off}"));
    }
    certain_are_sure(probabilities, found, allowed)
}

/// R's `sampling` seeks the odds of the design until they move by less than
/// 1e-6 in all, and works the joint probabilities out from the odds it has then
/// (`from_odds`). So its matrix must be what these give, to the case's
/// tolerance; and ours must keep the law that R's breaks, rows that sum to n
/// πᵢ. See docs/METHODS.md; `joint` compares ours with all samples written out.
fn stopped_early(
    probabilities: &[f64],
    found: &Matrix,
    expected: &Matrix,
    allowed: f64,
) -> Result<(), String> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample size")]
    let count = probabilities.iter().sum::<f64>().round() as usize;
    let odds_of =
        |shares: &[f64]| -> Vec<f64> { shares.iter().map(|share| share / (1.0 - share)).collect() };
    let mut shares = probabilities.to_vec();
    loop {
        let now = first_order(&odds_of(&shares), count);
        let mut moved = 0.0;
        for ((share, now), wanted) in shares.iter_mut().zip(&now).zip(probabilities) {
            *share += wanted - now;
            moved += (wanted - now).abs();
        }
        if moved < 1e-6 {
            break;
        }
    }
    let stopped = from_odds(probabilities, &odds_of(&shares));
    let off = farthest(&stopped, expected);
    let law = |matrix: &Matrix| -> f64 {
        let total: f64 = probabilities.iter().sum();
        let gap = |(row, p): (&Vec<f64>, &f64)| (row.iter().sum::<f64>() - total * p).abs();
        matrix.iter().zip(probabilities).map(gap).fold(0.0, f64::max)
    };
    let (ours, theirs) = (law(found), law(expected));
    let met = first_order(&working_odds(probabilities, count), count);
    near(&met, probabilities)?;
    if off <= allowed && ours < 1e-12 && theirs > 1e3 * ours {
        Ok(())
    } else {
        Err(format!("maxentropy: not where R's iteration stops, off by {off}"))
    }
}

/// πᵢⱼ = (πᵢwⱼ − πⱼwᵢ)/(wⱼ − wᵢ), true for the odds w that belong to the π;
/// where two π are the same, what is left of the row's sum (Deville, 2000).
#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "small; equal input is equal")]
fn from_odds(probabilities: &[f64], odds: &[f64]) -> Matrix {
    let count: f64 = probabilities.iter().sum();
    let members = probabilities.len();
    let same = |one: usize, other: usize| probabilities[one] == probabilities[other];
    let mut joint = vec![vec![0.0; members]; members];
    for one in 0..members {
        for other in 0..members {
            if !same(one, other) {
                let (p, q) = (probabilities[one], probabilities[other]);
                joint[one][other] = (p * odds[other] - q * odds[one]) / (odds[other] - odds[one]);
            }
        }
        joint[one][one] = probabilities[one];
        let twins: Vec<usize> =
            (0..members).filter(|other| *other != one && same(one, *other)).collect();
        let left = count * probabilities[one] - joint[one].iter().sum::<f64>();
        for twin in &twins {
            let each = left / twins.len() as f64;
            joint[one][*twin] = each;
        }
    }
    joint
}

pub(crate) fn horvitz_thompson(case: &Json, folder: &Path) -> Result<(), String> {
    let data = Table::read(folder, &case["data"])?;
    let probabilities = data.numbers(&text_of(&case["design"]["probabilities"]))?;
    let joint = Table::read(folder, &case["design"]["joint"])?;
    let number_of = |text: &String| text.parse().map_err(|_| format!("joint: {text}"));
    let joint: Matrix = joint
        .rows
        .iter()
        .map(|row| row.iter().map(number_of).collect())
        .collect::<Result<_, String>>()?;
    let population = number(&case["statistic"], "N", f64::NAN);
    let variables = case["statistic"]["variables"].as_array().ok_or("no variables")?;
    for variable in variables {
        let name = text_of(variable);
        let values = data.numbers(&name)?;
        let mean = design_based::mean(&values, &probabilities).map_err(|it| it.to_string())?;
        for (field, expected) in case["expected"][&name].as_object().ok_or("nothing expected")? {
            let found = match field.as_str() {
                "ht_total" => design_based::total(&values, &probabilities),
                "hajek_mean" => Ok(mean),
                "hajek_total" => Ok(mean * population),
                "var_ht" => design_based::variance(&values, &probabilities, &joint),
                "var_syg" => design_based::fixed_size_variance(&values, &probabilities, &joint),
                "var_deville1" => design_based::deville_variance(&values, &probabilities),
                other => return Err(format!("unknown figure {other}")),
            };
            let found = found.map_err(|it| it.to_string())?;
            near(&[found], &[expected.as_f64().ok_or("no number")?])
                .map_err(|reason| format!("{name} {field}: {reason}"))?;
        }
    }
    Ok(())
}

/// The columns of a formula such as `~sex+agegrp`: a number as it is, a text as
/// indicators of its values but the first.
fn model_matrix(formula: &str, data: &Table) -> Result<ModelMatrix, String> {
    let terms = formula.strip_prefix('~').ok_or("a formula begins with ~")?;
    let mut matrix = ModelMatrix::intercept(data.rows.len());
    for term in terms.split('+').map(str::trim) {
        if let Ok(values) = data.numbers(term) {
            matrix.push(term, values);
            continue;
        }
        let texts = data.texts(term)?;
        let levels: BTreeSet<&str> = texts.iter().copied().collect();
        for level in levels.into_iter().skip(1) {
            let column = texts.iter().map(|text| f64::from(u8::from(*text == level))).collect();
            matrix.push(format!("{term}{level}"), column);
        }
    }
    Ok(matrix)
}

pub(crate) fn calibration(case: &Json, folder: &Path) -> Result<(), String> {
    let data = Table::read(folder, &case["data"])?;
    let weights = data.numbers(&text_of(&case["design"]["weights"]))?;
    let terms = model_matrix(&text_of(&case["statistic"]["formula"]), &data)?;
    let expected = case["expected"].as_object().ok_or("nothing expected")?;
    let columns: Vec<String> =
        expected["columns"].as_array().into_iter().flatten().map(text_of).collect();
    if columns != terms.names {
        return Err(format!("{:?} for {columns:?}", terms.names));
    }
    let totals = numbers(&expected["totals"]);
    let auxiliaries = Auxiliaries { terms, totals, variance: None };
    let [lower, upper] = numbers(&case["statistic"]["bounds_for_logit_and_truncated"])[..] else {
        return Err("no bounds".to_owned());
    };
    let allowed = case["tolerance"]["rel"].as_f64().unwrap_or(1e-9);
    for (method, factors) in expected {
        let distance = match method.as_str() {
            "totals" | "columns" => continue,
            "linear" => Distance::Linear,
            "raking" => Distance::Raking,
            "logit" => Distance::Logit { lower, upper },
            "truncated" => Distance::Bounded { lower, upper },
            other => return Err(format!("unknown method {other}")),
        };
        let calibrated = calibrated_weights(&weights, &auxiliaries, distance)
            .map_err(|error| format!("{method}: {error}"))?;
        let factors = numbers(factors);
        if factors.len() != weights.len() {
            return Err(format!("{method}: {} factors", factors.len()));
        }
        let off =
            |((after, before), factor): ((&f64, &f64), &f64)| (after / before / factor - 1.0).abs();
        let farthest = calibrated.iter().zip(&weights).zip(&factors).map(off).fold(0.0, f64::max);
        if farthest > allowed || farthest.is_nan() {
            return Err(format!("{method}: off by {farthest}"));
        }
    }
    Ok(())
}
