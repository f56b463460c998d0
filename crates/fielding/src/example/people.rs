//! The fictional people of the example study and of the demonstration: who they are,
//! whether they take part, and what they answer. Everything follows from a seed.

use std::fmt::Write as _;

use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

/// People in the frame.
pub const RESIDENTS: usize = 20_000;
/// Wards, of unequal size.
pub const WARDS: usize = 40;
/// Areas, with their share of the population.
pub const AREAS: [(&str, f64); 5] = [
    ("Khu vực 1 – Trung tâm", 0.262),
    ("Khu vực 2 – Ven sông", 0.184),
    ("Khu vực 3 – Phía Bắc", 0.217),
    ("Khu vực 4 – Phía Nam", 0.201),
    ("Khu vực 5 – Ngoại ô", 0.136),
];

/// Shares of the groups in the population, as in the study's margins.
const SEXES: [f64; 2] = [0.487, 0.513];
const AGE_GROUPS: [f64; 4] = [0.224, 0.331, 0.256, 0.189];
const EDUCATIONS: [f64; 5] = [0.142, 0.248, 0.275, 0.139, 0.196];
const FAMILY_NAMES: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Võ", "Đặng", "Bùi"];
const GIVEN_NAMES: [&str; 12] =
    ["An", "Bình", "Chi", "Dũng", "Hà", "Hoà", "Khánh", "Lan", "Minh", "Ngọc", "Quỳnh", "Tâm"];

/// One fictional person.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Identity in the frame: `R00001`.
    pub id: String,
    /// Area, from 0.
    pub area: usize,
    ward: usize,
    name: String,
    english: bool,
    sex: usize,
    age_group: usize,
    education: usize,
    /// How satisfied this person tends to be, standard normal around the ward's mood.
    mood: f64,
    seed: u64,
}

/// What a person does with an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing.
    Silent,
    /// Opens the link and leaves.
    Looks,
    /// Says no at the consent question.
    Refuses,
    /// Stops after some pages.
    BreaksOff(usize),
    /// Answers to the end.
    Completes,
}

/// How a field of a page is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// One of some codes.
    One(&'a [String]),
    /// Any of some codes.
    Several(&'a [String]),
    /// In words or digits.
    Text,
}

fn stream(seed: u64, place: u64) -> ChaCha12Rng {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    random.set_stream(place);
    random
}

fn unit(random: &mut ChaCha12Rng) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let value = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    value
}

fn pick(random: &mut ChaCha12Rng, shares: &[f64]) -> usize {
    let mut left = unit(random) * shares.iter().sum::<f64>();
    for (place, share) in shares.iter().enumerate() {
        left -= share;
        if left < 0.0 {
            return place;
        }
    }
    shares.len() - 1
}

/// Roughly standard normal: the sum of twelve uniforms, less six.
fn normal(random: &mut ChaCha12Rng) -> f64 {
    (0..12).map(|_| unit(random)).sum::<f64>() - 6.0
}

/// Everybody in the frame.
pub fn residents(seed: u64) -> Vec<Resident> {
    let mut random = stream(seed, 0);
    let wards: Vec<(usize, f64, f64)> = (0..WARDS)
        .map(|ward| (ward % AREAS.len(), 0.5 + unit(&mut random), 0.15 * normal(&mut random)))
        .collect();
    let shares: Vec<f64> = wards
        .iter()
        .map(|(area, size, _)| {
            let all: f64 =
                wards.iter().filter(|(other, _, _)| other == area).map(|(_, size, _)| size).sum();
            AREAS[*area].1 * size / all
        })
        .collect();
    (0..RESIDENTS)
        .map(|index| {
            let ward = pick(&mut random, &shares);
            let area = wards[ward].0;
            let age_group = pick(&mut random, &AGE_GROUPS);
            let family = FAMILY_NAMES[pick(&mut random, &[1.0; 8])];
            let given = GIVEN_NAMES[pick(&mut random, &[1.0; 12])];
            Resident {
                id: format!("R{:05}", index + 1),
                area,
                ward,
                name: format!("{family} {given}"),
                english: unit(&mut random) < 0.03,
                sex: pick(&mut random, &SEXES),
                age_group,
                education: pick(&mut random, &EDUCATIONS),
                mood: wards[ward].2 + 0.8 * normal(&mut random),
                seed: random.next_u64(),
            }
        })
        .collect()
}

/// The frame as a file.
pub fn frame_csv(residents: &[Resident]) -> String {
    let mut csv = String::from("id,area,ward,name,email,language\n");
    for resident in residents {
        // Writing to a string cannot fail.
        let _ = writeln!(
            csv,
            "{},{},Phường {:02},{},{}@example.org,{}",
            resident.id,
            AREAS[resident.area].0,
            resident.ward + 1,
            resident.name,
            resident.id.to_lowercase(),
            resident.language(),
        );
    }
    csv
}

impl Resident {
    /// The language they read.
    pub fn language(&self) -> &'static str {
        if self.english { "en" } else { "vi" }
    }

    /// Whether and how far this person takes part: the young and the less
    /// educated less, so that unweighted results are off.
    pub fn behaviour(&self) -> Behaviour {
        let mut random = stream(self.seed, 1);
        let takes_part = 0.30
            + 0.09 * [0.0, 1.0, 2.0, 2.5][self.age_group]
            + 0.05 * [0.0, 1.0, 2.0, 2.5, 3.0][self.education];
        let drawn = unit(&mut random);
        if drawn >= takes_part + 0.06 {
            return Behaviour::Silent;
        }
        match unit(&mut random) {
            other if other < 0.03 => Behaviour::Looks,
            other if other < 0.07 => Behaviour::Refuses,
            other if other < 0.14 => Behaviour::BreaksOff(2 + pick(&mut random, &[1.0; 14])),
            _ => Behaviour::Completes,
        }
    }

    /// What this person puts into one field of a page; nothing where it is left blank.
    /// Asked again (`insist`), they answer every choice.
    pub fn answer(&self, name: &str, control: &Control<'_>, insist: bool) -> Vec<String> {
        let place = name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
        let mut random = stream(self.seed, place);
        match control {
            Control::One(codes) => {
                let leaves_blank = unit(&mut random) <= 0.02 && !insist;
                let chosen = || self.choice(name, codes, &mut random);
                (!leaves_blank).then(chosen).flatten().into_iter().collect()
            }
            Control::Several(codes) => {
                let alone = |code: &String| code == "98" || (name == "a2_why_not" && code == "1");
                if unit(&mut random) < 0.1
                    && let Some(code) = codes.iter().find(|code| alone(code))
                {
                    return vec![code.clone()];
                }
                let mut open: Vec<&String> = codes.iter().filter(|code| !alone(code)).collect();
                // By code, not by the shuffled order in which they are shown.
                open.sort();
                let wanted = 1 + pick(&mut random, &[0.5, 0.3, 0.2]);
                let chosen = (0..wanted.min(open.len())).map(|_| {
                    let chosen = pick(&mut random, &vec![1.0; open.len()]);
                    open.remove(chosen).clone()
                });
                chosen.collect()
            }
            Control::Text => self.written(name, &mut random).into_iter().collect(),
        }
    }

    fn choice(&self, name: &str, codes: &[String], random: &mut ChaCha12Rng) -> Option<String> {
        let wanted = match name {
            "consent" => {
                if self.behaviour() == Behaviour::Refuses {
                    2
                } else {
                    1
                }
            }
            "sex" => self.sex + 1,
            "age_ask" => self.age_group + 1,
            "district" => self.area + 1,
            "education" => self.education + 1,
            "a1_used" => 1 + usize::from(unit(random) > 0.62),
            "d14_extra" => 1 + usize::from(unit(random) > 0.12 - 0.03 * self.mood),
            "d15_complain" => 1 + usize::from(unit(random) > 0.15),
            "internet" => {
                1 + pick(
                    random,
                    &[
                        [0.9, 0.08, 0.02, 0.0],
                        [0.85, 0.1, 0.04, 0.01],
                        [0.6, 0.2, 0.1, 0.1],
                        [0.3, 0.2, 0.1, 0.4],
                    ][self.age_group],
                )
            }
            _ if codes.iter().any(|code| code == "5")
                && (name.starts_with("b10")
                    || name.starts_with("c11")
                    || name.starts_with("d12")
                    || name.starts_with("d16")) =>
            {
                if unit(random) < 0.04 {
                    98
                } else {
                    let score = 3.4 + 0.9 * self.mood + 0.6 * normal(random);
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "between 1 and 5"
                    )]
                    let point = score.round().clamp(1.0, 5.0) as usize;
                    point
                }
            }
            _ => 0,
        };
        let wanted = wanted.to_string();
        if codes.contains(&wanted) {
            return Some(wanted);
        }
        let mut sorted: Vec<&String> =
            codes.iter().filter(|code| !matches!(code.as_str(), "98" | "99")).collect();
        sorted.sort();
        let place = pick(random, &vec![1.0; sorted.len().max(1)]);
        sorted.get(place).map(|code| (*code).clone())
    }

    fn written(&self, name: &str, random: &mut ChaCha12Rng) -> Option<String> {
        let below = |random: &mut ChaCha12Rng, limit: u64| random.next_u64() % limit;
        match name {
            "birth_year" => {
                if unit(random) < 0.08 {
                    return None;
                }
                let (youngest, years) = [(18, 12), (30, 15), (45, 15), (60, 25)][self.age_group];
                Some((2026 - youngest - below(random, years)).to_string())
            }
            "adults" => Some((1 + below(random, 4)).to_string()),
            "a6_contacts" => Some((1 + below(random, 3)).to_string()),
            "a7_wait" => Some((5 + below(random, 55)).to_string()),
            "d17_improve" if unit(random) < 0.7 => None,
            _ => Some("Cần hướng dẫn rõ hơn".to_owned()),
        }
    }
}
