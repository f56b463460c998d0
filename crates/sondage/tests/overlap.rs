//! Draws beside earlier ones on the command line: records named in a plan are read, what is
//! shared is told, and the record is verified with theirs.

#[path = "support/cases.rs"]
mod cases;
use cases::Folder;

const FRAME: &str = "[frame]\nunit = \"id\"\nstrata = [\"area\"]\nsize = \"members\"\n";
const STAGE: &str = "[[stages]]\nunits = \"units\"\nmethod = \"simple\"\namount = { allocated = { total = 60, share = \"proportional\" } }\n";

fn plan(overlap: &str) -> String {
    format!("{FRAME}{STAGE}\n[overlap]\n{overlap}\n")
}

#[test]
fn rounds_of_one_list_keep_or_avoid_one_another() {
    let folder = Folder::with(&["../../frames/households.csv"]);
    folder.write("one.toml", plan("key = \"households\""));
    folder.write("two.toml", plan("avoid = [\"r1.json\"]"));
    let by_size = STAGE.replace("\"simple\"", "{ sequential_poisson = { size = \"column\" } }");
    let overlap = "[overlap]\nkeep = [\"r1.json\"]\navoid = [\"r2.json\"]\n";
    folder.write("three.toml", format!("{FRAME}{by_size}\n{overlap}"));
    folder.works("sample draw households.csv one.toml --seed 1 --output r1.json --on 2026-01-10");
    let told = folder.works("sample draw households.csv two.toml --seed 2 --output r2.json");
    assert!(told.contains("r1.json       avoided                 0.0          0"), "{told}");
    let planned = folder.json("sample plan households.csv three.toml");
    let three = folder.json("sample draw households.csv three.toml --seed 3 --output r3.json");
    let [kept, avoided] = [&three["overlap"][0], &three["overlap"][1]];
    assert_eq!((&kept["kept"], &avoided["kept"]), (&true.into(), &false.into()));
    assert_eq!(avoided["common"], 0, "{three}");
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    // All that has room: min(p, q) added up, and what really came within its chance.
    let (expected, found) = (number(&kept["expected"]), number(&kept["common"]));
    assert!((40.0..60.0).contains(&expected) && (found - expected).abs() <= 6.0, "{three}");
    assert_eq!(planned["overlap"][0]["expected"], kept["expected"]);
    for record in ["r1.json", "r2.json", "r3.json"] {
        assert!(
            folder.works(&format!("sample verify {record} households.csv")).contains("identical")
        );
    }
    let all = "sample verify r3.json households.csv --earlier r1.json --earlier r2.json";
    assert!(folder.works(all).contains("identical"));
    // Another draw in the place of one that was named is found.
    std::fs::create_dir(folder.path("other")).expect("a folder");
    folder.works("sample draw households.csv two.toml --seed 9 --output other/r2.json");
    let told = folder
        .refuses("sample verify r3.json households.csv --earlier r1.json --earlier other/r2.json");
    assert!(told.contains("not what their records say"), "{told}");
}

#[test]
fn who_was_drawn_lately_is_left_out() {
    let folder = Folder::with(&["../../frames/households.csv"]);
    folder.write("bare.toml", format!("{FRAME}{STAGE}"));
    folder.write("one.toml", plan("key = \"households\""));
    let rest = plan("rest = \"12 months\"\nearlier = [\"r1.json\", \"bare.json\"]");
    folder.write("next.toml", rest);
    folder.works("sample draw households.csv one.toml --seed 1 --output r1.json --on 2026-01-10");
    folder.works("sample draw households.csv bare.toml --seed 2 --output bare.json");
    let next = "sample draw households.csv next.toml --seed 3";
    let told = folder.works(&format!("{next} --on 2026-12-01 --output r2.json --units r2.csv"));
    assert!(told.contains("r1.json       avoided"), "{told}");
    assert!(told.contains("60 of its 60 units are in the list and left out"), "{told}");
    assert!(told.contains("bare.json does not say when it was drawn"), "{told}");
    let weights: f64 = folder
        .rows("r2.csv")
        .iter()
        .map(|row| row["weight"].parse::<f64>().expect("a weight"))
        .sum();
    assert!((weights - 268.0).abs() < 1e-9, "328 less the 60 who rest: {weights}");
    assert!(folder.works("sample verify r2.json households.csv").contains("identical"));
    let told = folder.works(&format!("{next} --on 2027-02-01 --output r3.json"));
    assert!(told.contains("r1.json on 2026-01-10 is over"), "{told}");
}

#[test]
fn records_that_cannot_be_used_are_all_named() {
    let folder = Folder::with(&["../../frames/households.csv"]);
    folder.write("gone.toml", plan("keep = [\"a.json\"]\navoid = [\"b.json\"]"));
    folder.write("b.json", "{}");
    let told = folder.refuses("sample draw households.csv gone.toml --seed 1");
    assert!(told.contains("a.json") && told.contains("b.json"), "{told}");
    assert!(!folder.path("sample.json").exists());
    folder.write("bad.toml", plan("rest = \"a while\"\nearlier = [\"a.json\"]"));
    let told = folder.refuses("sample draw households.csv bad.toml --seed 1");
    assert!(told.contains("`a while` is no rest such as `12 months`"), "{told}");
}
