//! Functions of forms: each is carried, and back out again.

use exchange::xlsform::export;
use exchange::xlsform::import_csv;
use survey_builder::questionnaire::document::Kind;
use survey_builder::questionnaire::publish::publish;

const CARRIED: &[(&str, &str)] = &[
    ("pi() * ${n}", "3.141592653589793 * n"),
    ("exp10(${n})", "pow(10, n)"),
    ("log10(${n})", "log10(n)"),
    ("atan2(${n}, 2)", "atan2(n, 2)"),
    ("sin(${n}) + cos(${n})", "sin(n) + cos(n)"),
    ("substring-before(${t}, '-')", "substring_before(t, '-')"),
    ("substring-after(${t}, '-')", "substring_after(t, '-')"),
    ("translate(${t}, 'ab', 'AB')", "translate(t, 'ab', 'AB')"),
    ("normalize-space(${t})", "normalize_space(t)"),
    ("format-date(${d}, '%d/%m/%Y')", "format_date(d, '%d/%m/%Y')"),
    ("distance(${line})", "distance(line)"),
    ("if(geofence(${place}, ${line}), 1, 0)", "if(coalesce(geofence(place, line), false), 1, 0)"),
    ("decimal-time(${at})", "minutes(at) / 1440"),
    ("area(${line})", "area(line)"),
    ("join(', ', ${child_name})", "join(', ', child.child_name)"),
    ("join('-', ${t}, 'x')", "join('-', coalesce(t, ''), 'x')"),
    ("../part/inside + 1", "inside + 1"),
    ("/data/part/inside + ./../n", "inside + n"),
    ("sum(../child/weight[. != ''])", "sum(child.weight)"),
    ("indexed-repeat(${child_name}, ${child}, 2)", "item_at(child.child_name, 2)"),
    (
        "if(checklist(1, -1, ${n} > 3, ${t} = 'x'), 1, 0)",
        "if(if(coalesce(n > 3, false), 1, 0) + if(coalesce(t = 'x', false), 1, 0) >= 1, 1, 0)",
    ),
    (
        "if(weighted-checklist(2, 4, ${n} > 3, 3), 1, 0)",
        "if(if(coalesce(n > 3, false), 3, 0) >= 2 and if(coalesce(n > 3, false), 3, 0) <= 4, 1, 0)",
    ),
    ("if(boolean-from-string(${t}), 1, 0)", "if(coalesce(t in ('true', '1'), false), 1, 0)"),
];

#[test]
fn functions_of_forms_are_carried() {
    for (theirs, ours) in CARRIED {
        let survey = format!(
            "type,name,label,calculation\ninteger,n,N,\ntext,t,T,\ndate,d,D,\ngeotrace,line,L,\ngeopoint,place,P,\ntime,at,T,\n\
             begin repeat,child,Child,\ntext,child_name,Name,\ninteger,weight,Weight,\nend repeat,,,\n\
             begin group,part,Part,\ninteger,inside,Inside,\nend group,,,\n\
             calculate,found,,\"{theirs}\"\n"
        );
        let imported = import_csv(survey.as_bytes(), None, None)
            .unwrap_or_else(|problems| panic!("{theirs}: {}", problems[0]));
        let document = &imported.document;
        let remarks: Vec<&str> = document.remarks.iter().map(|it| it.original.as_str()).collect();
        assert!(remarks.is_empty(), "{theirs} stays as a remark: {remarks:?}");
        let found = document.questions().find(|question| question.name == "found");
        let Some(Kind::Computed(computed)) = found.map(|question| &question.kind) else {
            panic!("{theirs}: no calculation")
        };
        assert_eq!(&computed.expression, ours, "{theirs}");
        if let Err(findings) = publish(document.clone()) {
            let errors: Vec<String> = findings.iter().map(ToString::to_string).collect();
            panic!("{theirs}: {errors:?}");
        }
    }
}

#[test]
fn paths_that_lead_nowhere_are_told() {
    let survey = "type,name,label,relevant\nbegin group,one,One,\ninteger,n,N,\nend group,,,\n\
        begin group,two,Two,\ninteger,n,N,\nend group,,,\n\
        text,a,A,../nothing > 1\ntext,b,B,../one/n > 1\ntext,c,C,../one > 1\n";
    let imported = import_csv(survey.as_bytes(), None, None).expect("a form");
    let kept: Vec<&str> =
        imported.document.remarks.iter().map(|remark| remark.original.as_str()).collect();
    // Two are called `n`; the path says which is meant.
    assert_eq!(kept, ["../nothing > 1", "../one > 1", "n → n_2"]);
    let b = imported.document.questions().find(|one| one.name == "b").expect("there");
    assert_eq!(b.relevant.as_deref(), Some("n > 1"));
}

#[test]
fn places_of_rankings_are_read_and_written() {
    let survey = "type,name,label,calculation\nrank yn,order,Order,\n\
        calculate,first,,\"selected-at(${order}, 0)\"\n";
    let choices = "list_name,name,label\nyn,y,Yes\nyn,n,No\n";
    let imported = import_csv(survey.as_bytes(), Some(choices.as_bytes()), None).expect("a form");
    let found = imported.document.questions().find(|question| question.name == "first");
    let Some(Kind::Computed(computed)) = found.map(|question| &question.kind) else {
        panic!("no calculation")
    };
    assert_eq!(computed.expression, "item_at(order, 0 + 1)");
    let exported = export(&imported.document);
    assert!(exported.problems.is_empty(), "{:?}", exported.problems);
    let cells: Vec<&String> = exported.survey.iter().flatten().collect();
    assert!(cells.iter().any(|cell| *cell == "selected-at(${order}, (0 + 1) - 1)"), "{cells:?}");
}

#[test]
fn what_stands_beside_a_choice_is_read_and_written() {
    let survey = "type,name,label,calculation\nselect_one ward,w,Ward,\n\
        calculate,people,,\"instance('ward')/root/item[name = ${w}]/population\"\n\
        calculate,called,,\"instance('ward')/root/item[${w} = name]/label\"\n\
        calculate,pulled,,\"pulldata('ward', 'population', 'name', ${w})\"\n\
        calculate,other,,\"instance('town')/root/item[name = ${w}]/label\"\n";
    let choices = "list_name,name,label,population\nward,a,An,12\nward,b,Binh,30\ntown,t,T,1\n";
    let imported = import_csv(survey.as_bytes(), Some(choices.as_bytes()), None).expect("a form");
    let computed = imported.document.questions().filter_map(|question| match &question.kind {
        Kind::Computed(computed) => Some(computed.expression.as_str()),
        _ => None,
    });
    assert_eq!(
        computed.collect::<Vec<_>>(),
        ["attribute(w, 'population')", "label(w)", "attribute(w, 'population')"]
    );
    // The other list is none of any question's, so nothing can be looked up in it.
    let kept: Vec<&str> = imported.document.remarks.iter().map(|one| one.role.as_str()).collect();
    assert_eq!(kept, ["list", "calculation"]);
    let exported = export(&imported.document);
    assert!(exported.problems.is_empty(), "{:?}", exported.problems);
    let cells: Vec<&String> = exported.survey.iter().flatten().collect();
    let said = "instance('ward')/root/item[name = ${w}]/population";
    assert!(cells.iter().any(|cell| *cell == said), "{cells:?}");
}

#[test]
fn forms_of_insertion_are_left_out_and_told() {
    let survey = "type,name,label\ninteger,kids,Kids\n\
        note,end,You have ${kids|plural:one=# child;other=# children}.\n";
    let imported = import_csv(survey.as_bytes(), None, None).expect("a form");
    let exported = export(&imported.document);
    let cells: Vec<&String> = exported.survey.iter().flatten().collect();
    assert!(cells.iter().any(|cell| *cell == "You have ${kids}."), "{cells:?}");
    let told: Vec<String> =
        exported.problems.iter().map(|it| it.problem.place.to_string()).collect();
    assert_eq!(told, ["end"]);
}

/// What ODK's programs read is never refused: what has no counterpart stays as a remark.
#[test]
fn what_odks_programs_read_is_not_refused() {
    let said = [
        "${a} = 1 AND ${b} = 2 Or ${a} = 3",
        "count(../*) > 1",
        "count(/data/group/*) > 1",
        "/data/*/name = 'x'",
        "/data/a/text() = 'x'",
        "../a/node() = 1",
        "$variable = 1",
        "* = 1",
    ];
    let mut rows = "integer,a,A,\ninteger,b,B,\n".to_owned();
    for (place, one) in said.iter().enumerate() {
        rows += &format!("integer,q{place},Q,\"{one}\"\n");
    }
    let survey = format!("type,name,label,relevant\n{rows}");
    let imported = import_csv(survey.as_bytes(), None, None).expect("a form");
    let document = imported.document;
    let first = document.questions().find(|one| one.name == "q0").expect("there");
    assert_eq!(first.relevant.as_deref(), Some("a = 1 and b = 2 or a = 3"));
    let kept: Vec<&str> = document
        .remarks
        .iter()
        .filter(|one| one.role == "relevant")
        .map(|one| one.original.as_str())
        .collect();
    assert_eq!(kept, said[1..]);
}
