//! LimeSurvey's structures and tables become documents.

mod importing;

use importing::{counts, document, kinds, mutated, questions, read, reference, warnings};
use proptest::prelude::*;
use survey_builder::questionnaire::document::{Kind, Required};

/// Every type of question, with what belongs to it.
const ALL: &str = "\
class\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation\tmandatory\tother\tdefault\texclude_all_others\tarray_filter\tem_validation_q\tmultiflexible_checkbox\thidden\trandom_group\tequation
S\t\tlanguage\t\ten
S\t\tformat\t\tG
S\t\tadditional_languages\t\tvi
SL\t\tsurveyls_title\t\tAll\t\ten
SL\t\tsurveyls_title\t\tTất cả\t\tvi
G\t1\tFirst\t1\t\t\ten
Q\tL\tli\t1\t<p>List</p>\t\ten\t\tY\tY
A\t0\tA1\t\tOne\t\ten
A\t0\tA2\t\tTwo\t\ten
Q\t!\tdd\tli.NAOK == \"A1\"\tDropdown\t\ten\t\tS
A\t0\tA1\t\tOne\t\ten
Q\tO\tlc\tli == \"-oth-\" and !is_empty(li_other)\tWith comment\t\ten\t\tN
A\t0\tA1\t\tOne\t\ten
Q\tM\tmu\t1\tMultiple\t\ten\t\t\tY\t\tno
SQ\t0\tbus\t\tBus\t\ten
SQ\t0\ttram\t\tTram\t\ten
SQ\t0\tno\t\tNone\t\ten
Q\tP\tmc\tmu_bus.NAOK == \"Y\"\tWith comments\t\ten\t\t\t\t\t\tmu
SQ\t0\tbus\t\tBus\t\ten
SQ\t0\ttram\t\tTram\t\ten
Q\tR\tra\tcount(mu_bus, mu_tram) > 1\tRanking\t\ten
A\t0\tA1\t\tOne\t\ten
A\t0\tA2\t\tTwo\t\ten
Q\tF\tar\t1\tHow is ${li} {li.shown}?\t\ten\t\t\t\t\t\tmu
SQ\t0\tbus\t\tBus\t\ten
SQ\t0\ttram\t\tTram\t\ten
A\t0\t1\t\tGood\t\ten
A\t0\t2\t\tBad\t\ten
Q\tH\tco\t1\tBy column\t\ten
SQ\t0\ta\t\tA\t\ten
A\t0\t1\t\tGood\t\ten
Q\tA\ta5\t1\tFive\t\ten
SQ\t0\ta\t\tA\t\ten
Q\tB\tb10\t1\tTen\t\ten
SQ\t0\ta\t\tA\t\ten
Q\tC\tyu\tar_bus == 2\tYes no\t\ten
SQ\t0\ta\t\tA\t\ten
Q\tE\tis\t1\tIncrease\t\ten
SQ\t0\ta\t\tA\t\ten
Q\t1\tdu\t1\tDual\t\ten
SQ\t0\ta\t\tA\t\ten
A\t0\t1\t\tGood\t\ten
A\t1\tx\t\tOften\t\ten
Q\t:\tta\t1\tNumbers\t\ten
SQ\t0\ta\t\tA\t\ten
SQ\t1\tx\t\tX\t\ten
SQ\t1\ty\t\tY\t\ten
Q\t:\ttb\t1\tBoxes\t\ten\t\t\t\t\t\t\t\t1
SQ\t0\ta\t\tA\t\ten
SQ\t1\tx\t\tX\t\ten
SQ\t1\ty\t\tY\t\ten
Q\t;\ttt\ttb_a_x == 1 and ta_a_y > 3\tTexts\t\ten
SQ\t0\ta\t\tA\t\ten
SQ\t1\tx\t\tX\t\ten
G\t2\tSecond\tli != \"A2\"\tRead this.\t\ten
Q\tK\tnu\t1\tNumbers\t\ten\t\t\t\t\t\t\tsum(self) <= 10
SQ\t0\ta\t\tA\t\ten
SQ\t0\tb\t\tB\t\ten
Q\tQ\tte\t1\tTexts\t\ten
SQ\t0\ta\t\tA\t\ten
Q\tN\tn\tsum(nu_a, nu_b) > 5\tAge\t\ten\t\t\t\t\t\t\tself >= 18
Q\tS\ts\t1\tShort\t\ten\t/^[A-Z]{3}$/
Q\tT\tt\t1\tLong\t\ten
Q\tU\tu\t1\tHuge {if(n > 18, 'old', 'young')}\t\ten
Q\tY\ty\t1\tYes?\t\ten
Q\tG\tg\t1\tGender\t\ten
Q\t5\tp5\t1\tPoints\t\ten
Q\tD\td\t1\tDay\t\ten
Q\tX\tx\tp5 >= 4\tNote\t\ten
Q\t*\te\t1\t{n * 2}\t\ten
Q\tI\tla\t1\tLanguage\t\ten
Q\t|\tf\t1\tFile\t\ten
Q\tS\thi\t1\tHidden\t\ten\t\t\t\tweb\t\t\t\t\t1
G\t1\tThứ nhất\t1\t\t\tvi
Q\tL\tli\t1\tDanh sách\t\tvi
A\t0\tA1\t\tMột\t\tvi
A\t0\tA2\t\tHai\t\tvi
";

#[test]
fn every_type_of_question_has_its_kind() {
    let document = document(ALL.as_bytes());
    let kinds = kinds(&document);
    for (name, kind) in [
        ("li", "single"),
        ("dd", "single"),
        ("lc", "single"),
        ("lc_comment", "long_text"),
        ("mu", "multiple"),
        ("mc", "multiple"),
        ("mc_comments", "grid"),
        ("ra", "ranking"),
        ("ar", "battery"),
        ("co", "battery"),
        ("a5", "battery"),
        ("b10", "battery"),
        ("yu", "battery"),
        ("is", "battery"),
        ("du", "grid"),
        ("ta", "grid"),
        ("tb", "grid"),
        ("tt", "grid"),
        ("nu", "grid"),
        ("te", "grid"),
        ("n", "decimal"),
        ("s", "short_text"),
        ("t", "long_text"),
        ("u", "long_text"),
        ("u_insert", "computed"),
        ("y", "single"),
        ("g", "single"),
        ("p5", "scale"),
        ("d", "date"),
        ("x", "note"),
        ("e", "computed"),
        ("la", "hidden"),
        ("f", "file"),
        ("hi", "hidden"),
        ("group_2_description", "note"),
    ] {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
    }
    assert_eq!(kinds.len(), 35);
}

#[test]
fn texts_are_plain_and_in_every_language() {
    let document = document(ALL.as_bytes());
    let questions = questions(&document);
    assert_eq!(questions["li"].wording.get("en", ""), "List");
    assert_eq!(questions["li"].wording.get("vi", ""), "Danh sách");
    assert_eq!(document.title.get("vi", ""), "Tất cả");
    assert_eq!(document.sections[0].title.get("vi", ""), "Thứ nhất");
    assert_eq!(questions["u"].wording.get("en", ""), "Huge ${u_insert}");
    assert_eq!(document.languages.len(), 2);
}

#[test]
fn conditions_are_translated() {
    let document = document(ALL.as_bytes());
    let questions = questions(&document);
    for (name, relevant) in [
        ("dd", "li = 'A1'"),
        ("lc", "li = '-oth-' and answered(li_other)"),
        ("mc", "selected(mu, 'bus')"),
        ("yu", "ar_bus = '2'"),
        ("tt", "selected(tb_a, 'x') and ta_a_y > 3"),
        ("x", "p5 >= 4"),
    ] {
        assert_eq!(questions[name].relevant.as_deref(), Some(relevant), "{name}");
    }
    assert_eq!(document.sections[1].relevant.as_deref(), Some("coalesce(li != 'A2', true)"));
    assert_eq!(questions["n"].constraints[0].expression, ". >= 18");
    assert_eq!(questions["s"].constraints[0].expression, "matches(., '[A-Z]{3}')");
    let Kind::Computed(computed) = &questions["e"].kind else { panic!("computed") };
    assert_eq!(computed.expression, "n * 2");
    let whole = &questions["nu"].constraints;
    assert!(whole.iter().any(|one| !one.expression.contains("this")), "{whole:?}");
    assert!(document.checks.is_empty(), "what stops the page there stops it here");
    let filter = questions["mc"].kind.choice().and_then(|choice| choice.filter.as_deref());
    let wanted = "(. != 'bus' or selected(mu, 'bus')) and (. != 'tram' or selected(mu, 'tram'))";
    assert_eq!(filter, Some(wanted));
    let Kind::Battery(battery) = &questions["ar"].kind else { panic!("battery") };
    assert_eq!(battery.rows[1].relevant.as_deref(), Some("selected(mu, 'tram')"));
}

#[test]
fn what_must_be_answered_and_what_stands_alone_is_kept() {
    let document = document(ALL.as_bytes());
    let questions = questions(&document);
    assert_eq!(questions["li"].required, Required::Hard);
    assert_eq!(questions["dd"].required, Required::Soft);
    assert_eq!(questions["lc"].required, Required::No);
    let list = questions["mu"].kind.list().and_then(|name| document.list(name)).expect("a list");
    let alone: Vec<&str> =
        list.options.iter().filter(|one| one.exclusive).map(|one| one.code.as_str()).collect();
    assert_eq!(alone, ["no"]);
    assert_eq!(list.options.len(), 4);
    let other = questions["li"].kind.choice().and_then(|choice| choice.other.as_ref());
    assert_eq!(other.map(|other| other.option.as_str()), Some("-oth-"));
}

const OLD: &str = r#"<?xml version="1.0"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<DBVersion>145</DBVersion><languages><language>en</language><language>fr</language></languages>
<groups><rows><row><gid>1</gid><group_name><![CDATA[One]]></group_name><group_order>0</group_order><language>en</language></row>
<row><gid>1</gid><group_name>Un</group_name><language>fr</language></row></rows></groups>
<questions><rows>
<row><qid>1</qid><parent_qid>0</parent_qid><gid>1</gid><type>M</type><title>uses</title><question>Uses</question><question_order>0</question_order><language>en</language></row>
<row><qid>1</qid><parent_qid>0</parent_qid><gid>1</gid><type>M</type><title>uses</title><question>Usages</question><question_order>0</question_order><language>fr</language></row>
<row><qid>2</qid><parent_qid>0</parent_qid><gid>1</gid><type>L</type><title>where</title><question>Where</question><question_order>1</question_order><language>en</language></row>
<row><qid>3</qid><parent_qid>0</parent_qid><gid>1</gid><type>S</type><title>why</title><question>Why {INSERTANS:9X1X2}</question><question_order>2</question_order><language>en</language></row>
</rows></questions>
<subquestions><rows><row><qid>11</qid><parent_qid>1</parent_qid><title>a</title><question>A</question><question_order>1</question_order><language>en</language></row></rows></subquestions>
<answers><rows><row><qid>2</qid><code>h</code><answer>Home</answer><sortorder>1</sortorder><language>en</language></row></rows></answers>
<conditions><rows>
<row><cid>1</cid><qid>3</qid><scenario>1</scenario><cqid>1</cqid><cfieldname>9X1X1</cfieldname><method>==</method><value>a</value></row>
<row><cid>2</cid><qid>3</qid><scenario>2</scenario><cqid>2</cqid><cfieldname>9X1X2</cfieldname><method>!=</method><value>h</value></row>
</rows></conditions>
<surveys><rows><row><sid>9</sid><language>en</language></row></rows></surveys></document>"#;

#[test]
fn older_files_keep_a_row_a_language_and_conditions_in_a_table() {
    let document = document(OLD.as_bytes());
    let questions = questions(&document);
    assert_eq!(questions["uses"].wording.get("fr", ""), "Usages");
    assert_eq!(questions["why"].wording.get("en", ""), "Why ${where}");
    let relevant = questions["why"].relevant.as_deref();
    assert_eq!(relevant, Some("selected(uses, 'a') or coalesce(where != 'h', true)"));
}

#[test]
fn a_number_that_cannot_be_read_stays_as_a_remark() {
    let attribute = "</conditions><question_attributes><rows><row><qid>3</qid>\
        <attribute>maximum_chars</attribute><value>forty</value></row></rows></question_attributes>";
    let document = document(OLD.replace("</conditions>", attribute).as_bytes());
    let kept = |text: &str| {
        document.remarks.iter().any(|remark| {
            remark.role == "maximum_chars" && remark.original == text && remark.item.is_some()
        })
    };
    assert!(kept("forty"), "{:?}", document.remarks);
}

#[test]
fn reference_files_are_read_whole() {
    for (name, kinds, numbers) in [
        (
            "international-survey/uk_core_survey.lss",
            "battery 6, date 1, decimal 3, grid 8, multiple 2, note 3, ranking 1, short_text 8, \
             single 30",
            [47, 626, 0],
        ),
        (
            "limesurvey-core-testing/colors.lsa",
            "long_text 2, multiple 1, note 1, single 1",
            [0, 13, 0],
        ),
        ("xlsform2lstsv/multilingual_survey.tsv", "decimal 1, short_text 1, single 2", [0, 6, 0]),
        (
            "xlsform2lstsv/all_types_survey.tsv",
            "battery 1, computed 1, date 3, decimal 4, long_text 2, multiple 2, note 3, \
             ranking 2, short_text 8, single 4",
            [3, 23, 0],
        ),
    ] {
        let Some(bytes) = reference(name) else { return };
        assert_eq!(counts(&bytes), (kinds.to_owned(), numbers), "{name}");
        assert_eq!(warnings(&read(&bytes)), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn other_documents_are_refused() {
    let labels = "<document><LimeSurveyDocType>Label set</LimeSurveyDocType></document>";
    for text in [labels, "<document><LimeSurveyDocType>", "class\tname\nQ"] {
        let reading = exchange::questionnaire::import(&[("file", text.as_bytes())]);
        assert!(reading.document.is_none() || text.starts_with("class"), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(changes in prop::collection::vec(any::<(usize, u8, u8)>(), 0..12)) {
        for sample in [ALL, OLD] {
            exchange::questionnaire::import(&[("file", &mutated(sample.as_bytes(), &changes))]);
        }
    }

    #[test]
    fn any_expression_is_read_or_told(source in "[a-z0-9_.(){}'\" ,=!<>&|+*/-]{0,60}") {
        let table = format!(
            "class\ttype/scale\tname\trelevance\ttext\nG\t0\tg\t1\nQ\tN\ta\t1\t{source}\nQ\tN\tb\t{source}\tB\n"
        );
        exchange::questionnaire::import(&[("file", table.as_bytes())]);
    }
}

/// Who ran a survey is told, and no address stays in the document.
#[test]
fn addresses_of_those_who_ran_it_are_not_kept() {
    let people = "S\t\tadminemail\t\tlan@example.org\nS\t\tadmin\t\tLan Pham\n\
                  S\t\tbounceaccountpass\t\tsecret\nS\t\tformat\t\tG\n";
    let table = ALL.replacen("S\t\tformat\t\tG\n", people, 1);
    let reading = read(table.as_bytes());
    let document = reading.document.expect("looked at before");
    let whole = serde_json::to_string(&document).expect("json");
    let told = format!("{:?}", reading.problems);
    for said in ["lan@example.org", "Lan Pham", "secret"] {
        assert!(!whole.contains(said) && !told.contains(said), "{said}");
    }
    let kept = document.remarks.iter().filter(|one| one.role == "administration");
    let kept: Vec<&str> = kept.map(|one| one.original.as_str()).collect();
    assert_eq!(kept, ["admin, adminemail, bounceaccountpass"]);
}

/// A question alone (`.lsq`) has the tables of a survey but for the survey's own.
#[test]
fn a_question_alone_is_read() {
    let file = "<?xml version=\"1.0\"?><document><LimeSurveyDocType>Question</LimeSurveyDocType>\
        <languages><language>es</language></languages><questions><rows><row><qid>7</qid>\
        <parent_qid>0</parent_qid><gid>3</gid><type>L</type><title>color</title>\
        <question>Su color</question><language>es</language><relevance>1</relevance></row></rows>\
        </questions><answers><rows><row><qid>7</qid><code>A1</code><answer>Rojo</answer>\
        <language>es</language></row><row><qid>7</qid><code>A2</code><answer>Azul</answer>\
        <language>es</language></row></rows></answers></document>";
    let document = document(file.as_bytes());
    assert_eq!(document.default_language, "es");
    assert_eq!(kinds(&document).get("color"), Some(&"single"));
    assert_eq!(document.lists[0].options.len(), 2);
    assert!(read(file.as_bytes()).obstacles().is_empty());
}
