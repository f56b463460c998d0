//! The road on pages: a list, a draw of two stages with certain clusters, replicates released, a unit
//! replaced, answers, and the figures. Standard errors are computed here once more from what is known of the
//! list, and once more by the program from nothing but the columns of the responses.

#[path = "support/in_r.rs"]
mod in_r;
#[path = "road/r.rs"]
mod r;
#[path = "support/statistics.rs"]
mod statistics;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::RunQueryDsl as _;
use fielding::App;
use fielding::acts::draw::{self, DrawRequest};
use fielding::acts::{release, study};
use fielding::files::plan;
use fielding::files::roles::Roles;
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::results::design::DesignFrom;
use fielding::results::{Results, results};
use fielding::rules::states::{Mode, Privacy, ResponseState};
use fielding::store::responses::{self, ResponseRow};
use fielding::store::{DatabaseUrl, Id, Json, Scope, Store, cases, rounds, samples, studies};
use pages::downloads::{self, Content};
use statistics::json;
use support::{new_study, user};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::sampling::chain::Act;
use survey_builder::sampling::fielded::{Standing, fielded};
use survey_builder::sampling::verify::verify;
use survey_builder::sampling::{Frame, Sample, Seed};

/// Areas with the people of each of their wards; of the city both wards are taken.
const AREAS: [(&str, &[usize]); 3] =
    [("city", &[40, 60]), ("plain", &[30, 40, 50, 60, 20, 36]), ("hills", &[24, 30, 36, 42, 48])];

const PLAN: &str = r#"
substitution = true
[release]
replicates = 3
reserve = 1
[[stages]]
units = "clusters"
method = "simple"
amount = { allocated = { total = 7, share = { fixed = { city = 2, plain = 3, hills = 2 } } } }
[[stages]]
units = "units"
method = "simple"
amount = { each = { count = 12 } }
"#;

fn frame() -> String {
    let mut csv = String::from("id,area,ward,name,email,language\n");
    for (area, wards) in AREAS {
        for (ward, people) in wards.iter().enumerate() {
            for person in 0..*people {
                csv += &format!("{area}{ward}-{person},{area},{area}-{ward},N,a@example.org,vi\n");
            }
        }
    }
    csv
}

fn roles() -> Roles {
    Roles::guess(&["id", "area", "ward", "name", "email", "language"])
}

fn in_field(record: &Sample) -> BTreeSet<String> {
    let all = fielded(record, true).into_iter();
    all.filter(|unit| unit.standing == Standing::InField).map(|unit| unit.id.to_owned()).collect()
}

struct Road {
    app: App,
    study: Id,
    /// What the question of work is called.
    works: &'static str,
    _folder: tempfile::TempDir,
}

impl Road {
    /// A study with its sample drawn, two of three replicates released, and a unit replaced.
    fn travelled(privacy: Privacy, works: &'static str) -> Self {
        Self::travelled_by(PLAN, privacy, works)
    }

    /// The same by another plan; one without replicates is in the field whole.
    fn travelled_by(plan: &str, privacy: Privacy, works: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
        let app = App::new(Store::open(&url).expect("opens"), Keys::random(), "http://127.0.0.1:1");
        let (now, owner) = (app.clock.now(), user("owner@example.org"));
        let made = app.store.write_now(Scope::Everything, move |connection| {
            let unit = fielding::acts::people::set_up(connection, "Nhóm", &owner)?;
            let new = new_study(unit, "Đi lại", privacy);
            let json = serde_json::to_string(&support::document()).expect("JSON");
            let named = serde_json::from_str(&json.replace("works", works)).expect("a document");
            Ok(study::create_study(connection, now, None, &new, &named)?.id)
        });
        let study = made.expect("made");
        let plan = plan::read(plan, false).expect("a plan").plan;
        let drawn = draw::draw_sample(&DrawRequest {
            frame_name: "frame.csv".to_owned(),
            frame: frame().into_bytes(),
            roles: roles(),
            plan: plan.clone(),
            seed: Seed(11),
        });
        let replicates = plan.release.is_some();
        prepare::store_sample(&app, None, study, drawn.expect("drawn")).expect("stored");
        app.store
            .write_now(Scope::Study(study), move |connection| {
                study::open_study(connection, now, None, study)
            })
            .expect("open");
        if replicates {
            let opened = prepare::release(&app, None, study, 2).expect("released");
            assert_eq!(opened, 56, "two thirds of 84");
        }
        Self { app, study, works, _folder: folder }
    }

    fn record(&self) -> Sample {
        let study = self.study;
        let found = self.app.store.read_now(|connection| {
            let sample = samples::of_study(connection, study)?.expect("a sample");
            samples::record(connection, &sample)
        });
        found.expect("read")
    }

    fn replace(&self, unit: &str) -> Result<(), fielding::error::Error> {
        let (study, unit, now) = (self.study, unit.to_owned(), self.app.clock.now());
        self.app.store.write_now(Scope::Study(study), move |connection| {
            release::replace_unit(connection, now, None, study, &unit, "moved away").map(drop)
        })
    }

    /// Answers of those in the field by their units; where the study keeps no way, nobody can be asked
    /// for, and all of the cases are.
    fn answer(&self, says: impl Fn(&str) -> Option<&'static str>) {
        let study = self.study;
        let app = &self.app;
        let read = app.store.read_now(|connection| {
            let version_id = studies::current_version(connection, study)?.expect("a version");
            let version = app.version(connection, version_id)?;
            let all = cases::page(connection, study, 0, 1_000)?;
            let row = studies::find(connection, study)?.expect("the study");
            let keys = samples::unit_keys(connection, study)?;
            Ok((version_id, version, all, keys, row, rounds::current(connection, study)?.id))
        });
        let (version_id, version, all, keys, row, round_id) = read.expect("read");
        let item = |name: &str| {
            version.document.questions().find(|question| question.name == name).expect("it is").id
        };
        let (consent, works) = (item("consent"), item(self.works));
        let mut answered = Vec::new();
        for case in all {
            let unit = case.sampled_unit_id.expect("a unit");
            let Some(code) = says(&keys[&unit]) else { continue };
            let value = |code: &str| Answer::Value(Value::Option(code.to_owned()));
            let answers = [(consent, value("1")), (works, value(code))];
            let of_case =
                app.store.read_now(|connection| cases::design_variables(connection, &case));
            let (stratum, psu, base_weight) = of_case.expect("read");
            let response = ResponseRow {
                id: Id::random(),
                study_id: study,
                round_id,
                version_id,
                state: ResponseState::Complete,
                seed: 1,
                language: "vi".to_owned(),
                mode: Mode::Web,
                began_on: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
                ended_on: None,
                stratum,
                psu,
                base_weight,
                answers: Some(Json::new(Answers(answers.into_iter().collect()))),
                sealed: None,
            };
            answered.push((case.id, response));
        }
        let (keys, anonymous) = (app.keys.clone(), row.is_anonymous());
        let stored = app.store.write_now(Scope::Study(study), move |connection| {
            answered.iter().try_for_each(|(case, response)| {
                if anonymous {
                    responses::insert_ended(connection, response)
                } else {
                    responses::insert(connection, &keys, *case, response, None)
                }
            })
        });
        stored.expect("stored");
    }

    fn study(&self) -> studies::Study {
        let study = self.study;
        let found = self.app.store.read_now(|connection| studies::find(connection, study));
        found.expect("read").expect("the study")
    }

    fn results(&self) -> Results {
        let study = self.study();
        let found =
            self.app.store.read_now(|connection| results(&self.app, connection, &study, "en"));
        found.expect("worked out").expect("interviews")
    }

    fn file(&self, name: &str) -> Vec<u8> {
        let made = downloads::make(&self.app, &self.study(), name, "en", None).expect("made");
        match made.content {
            Content::Bytes(bytes) => bytes,
            Content::Stored(_) => unreachable!("a file on disk"),
        }
    }

    /// The share of those who work and its standard error, as the file of tables has them.
    fn share(&self) -> (f64, f64) {
        let tables = self.file("tables.csv");
        let mut reader =
            csv::Reader::from_reader(tables.strip_prefix(b"\xef\xbb\xbf").expect("the mark"));
        let heading = reader.headers().expect("a heading").clone();
        let at = |name: &str| heading.iter().position(|own| own == name).expect("a column");
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a row")).collect();
        let first =
            rows.iter().find(|row| &row[at("variable")] == self.works).expect("the question");
        let number = |name: &str| first[at(name)].parse::<f64>().expect("a number");
        (number("estimate"), number("standard_error"))
    }
}

/// Who works, by the unit's name alone; one in seven does not answer.
fn says(unit: &str) -> Option<&'static str> {
    let sum: usize = unit.bytes().map(usize::from).sum();
    let yes = unit.starts_with("plain") == sum.is_multiple_of(3);
    (!sum.is_multiple_of(7)).then_some(if yes { "yes" } else { "no" })
}

/// What is known of an answer, from the list and the names of units alone.
struct Known {
    area: &'static str,
    ward: usize,
    y: f64,
}

/// Those in the field who answered: the units of the first two replicates and who took another's place.
fn known(record: &Sample) -> Vec<Known> {
    let replaced: BTreeMap<&str, &str> =
        record.substitutions().map(|one| (one.unit.as_str(), one.by.as_str())).collect();
    let in_field = |unit: &str, replicate: Option<u32>| {
        !replaced.contains_key(unit)
            && (replicate.is_some_and(|number| number <= 2)
                || replaced.values().any(|by| *by == unit))
    };
    let units = record.units.iter().filter(|unit| in_field(&unit.unit, unit.replicate));
    let answered = units.filter_map(|unit| {
        let y = f64::from(u8::from(says(&unit.unit)? == "yes"));
        let (area, _) =
            AREAS.iter().find(|(area, _)| unit.unit.starts_with(area)).expect("an area");
        let ward = unit.unit[area.len()..].split('-').next()?.parse().ok()?;
        Some(Known { area, ward, y })
    });
    answered.collect()
}

/// A share and its standard error in two stages of simple samples (Cochran 1977, eq. 11.24, of the
/// linearised share; Särndal, Swensson and Wretman 1992, §4.3), wards of the city being strata of their own.
/// Not `whole`: from wards as if they had been drawn with replacement.
#[expect(clippy::cast_precision_loss, reason = "few people")]
fn by_hand(known: &[Known], whole: bool) -> (f64, f64) {
    let drawn = |area: &str| match area {
        "plain" => 3.0,
        _ => 2.0,
    };
    let people = |area: &str, ward: usize| {
        AREAS.iter().find(|(own, _)| *own == area).expect("an area").1[ward] as f64
    };
    let wards = |area: &str| AREAS.iter().find(|(own, _)| *own == area).expect("it").1.len() as f64;
    // 12 people of a ward, of whom two thirds are released.
    let weight =
        |one: &Known| wards(one.area) / drawn(one.area) * people(one.area, one.ward) / 12.0 * 1.5;
    let total: f64 = known.iter().map(weight).sum();
    let share = known.iter().map(|one| weight(one) * one.y).sum::<f64>() / total;
    let score = |one: &Known| weight(one) * (one.y - share) / total;
    let spread = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        n / (n - 1.0) * values.iter().map(|z| (z - mean).powi(2)).sum::<f64>()
    };
    let mut variance = 0.0;
    for (area, _) in AREAS {
        let mut of_wards: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for one in known.iter().filter(|one| one.area == area) {
            of_wards.entry(one.ward).or_default().push(score(one));
        }
        let first = if whole { of_wards.len() as f64 / wards(area) } else { 0.0 };
        if first < 1.0 {
            let sums: Vec<f64> = of_wards.values().map(|own| own.iter().sum()).collect();
            variance += (1.0 - first) * spread(&sums);
        }
        for (ward, own) in of_wards {
            variance += first * (1.0 - own.len() as f64 / people(area, ward)) * spread(&own);
        }
    }
    (share, variance.sqrt())
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-10 * wanted.abs(), "{found}, not {wanted}");
}

#[test]
fn figures_of_pages_follow_the_record_of_the_sample() {
    let road = Road::travelled(Privacy::Confidential, "works");
    let first = |road: &Road| {
        let record = road.record();
        let found = record.units.iter().find(|unit| unit.replicate == Some(1));
        found.expect("a unit").unit.clone()
    };
    let moved = first(&road);
    road.replace(&moved).expect("replaced");
    let record = road.record();
    assert_eq!(record.released(), Some(2));
    assert_eq!(record.entries.len(), 3, "none in the field, two released, one replaced");
    assert_eq!(record.substitutions().next().expect("one").unit, moved);
    // A database from before there were entries has the same decisions in its record, and goes on from there.
    let study = road.study;
    let (older, gone_on) = road
        .app
        .store
        .write_now(Scope::Study(study), move |connection| {
            let of_now = samples::of_study(connection, study)?.expect("a sample");
            diesel::sql_query("DELETE FROM sample_entries").execute(connection)?;
            diesel::sql_query("UPDATE samples SET draw_hash = ''").execute(connection)?;
            let before = samples::of_study(connection, study)?.expect("a sample");
            let older = samples::record(connection, &before)?;
            samples::append(connection, &before, Act::Released { replicates: 3 })?;
            let gone_on = samples::record(connection, &before)?;
            diesel::sql_query("DELETE FROM sample_entries").execute(connection)?;
            Ok((older, (gone_on, of_now.released)))
        })
        .expect("read");
    assert_eq!(older.released(), Some(2));
    assert!(older.substitutions().eq(record.substitutions()));
    assert_eq!((gone_on.0.entries.len(), gone_on.0.released()), (3, Some(3)));
    assert_eq!((gone_on.0.broken(), gone_on.1), (None, 2));
    // Nobody answers for the unit that was replaced, and nobody for those that wait.
    let in_field = in_field(&record);
    road.answer(|unit| says(unit).filter(|_| in_field.contains(unit)));
    let known = known(&record);
    let (share, error) = by_hand(&known, true);
    let found = road.results();
    assert_eq!(found.dataset.rows(), known.len());
    let DesignFrom::Record(columns) = &found.design_from else { panic!("{:?}", found.design_from) };
    assert!(columns.whole && !columns.by_size && columns.stages.len() == 2, "{columns:?}");
    let (estimate, standard_error) = road.share();
    near(estimate, share);
    near(standard_error, error);
    // From the columns alone the program finds the same.
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("responses.csv"), road.file("responses.csv")).expect("written");
    let stage = |number: u8| {
        format!(
            "[[stages]]\nstrata = \"stage{number}_stratum\"\nclusters = \"stage{number}_cluster\"\n\
             fraction = \"stage{number}_probability\"\n"
        )
    };
    let design = format!(
        "weight = \"base_weight\"\nsingle_psu = \"adjust\"\nnest = true\n{}{}",
        stage(1),
        stage(2)
    );
    std::fs::write(path("design.toml"), design).expect("written");
    let again = json(&[
        "estimate",
        &path("responses.csv"),
        "--design",
        &path("design.toml"),
        "--share",
        "works",
        "--json",
    ]);
    let rows = again["estimates"].as_array().expect("rows");
    let again = rows.iter().find(|row| row["level"] == "yes").expect("the level");
    near(again["value"].as_f64().expect("a number"), share);
    near(again["standard_error"].as_f64().expect("a number"), error);
    // The record is whole: replayed from the list it holds, and who answered is replaced no more.
    let columns = record.plan.columns(&roles().columns);
    let list = Frame::read(frame().as_bytes(), &columns).expect("a frame");
    let verdict = verify(&record, &list, &[]);
    assert!(verdict.holds(), "{verdict:?}");
    let answered = in_field.iter().find(|unit| says(unit).is_some()).expect("somebody");
    let told = format!("{:?}", road.replace(answered).expect_err("refused"));
    assert!(told.contains("substitution-answered"), "{told}");
}

#[test]
fn an_anonymous_study_says_that_its_design_is_coarse() {
    let road = Road::travelled(Privacy::Anonymous, "works");
    let record = road.record();
    let in_field = in_field(&record);
    road.answer(|unit| says(unit).filter(|_| in_field.contains(unit)));
    let found = road.results();
    assert_eq!(found.design_from, DesignFrom::Groups { clustered: true, unfit: Vec::new() });
    let (share, error) = by_hand(&known(&record), false);
    let (estimate, standard_error) = road.share();
    near(estimate, share);
    near(standard_error, error);
    let responses = String::from_utf8(road.file("responses.csv")).expect("text");
    assert!(!responses.contains("stage1"), "{responses}");
}

#[test]
fn a_question_keeps_the_name_of_a_column_of_the_program() {
    let road = Road::travelled(Privacy::Identified, "weight");
    let record = road.record();
    let in_field = in_field(&record);
    road.answer(|unit| says(unit).filter(|_| in_field.contains(unit)));
    let (share, error) = by_hand(&known(&record), true);
    let (estimate, standard_error) = road.share();
    near(estimate, share);
    near(standard_error, error);
    let responses = road.file("responses.csv");
    let mut reader =
        csv::Reader::from_reader(responses.strip_prefix(b"\xef\xbb\xbf").expect("the mark"));
    let heading = reader.headers().expect("a heading");
    let count = |name: &str| heading.iter().filter(|own| *own == name).count();
    assert_eq!([count("weight"), count("sondage_weight"), count("base_weight")], [1, 1, 1]);
}
