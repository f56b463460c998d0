//! The JavaScript evaluator, run inside `QuickJS`.

use rquickjs::{CatchResultExt, Context, Module, Runtime};
use serde_json::{Value as Json, json};
use survey_builder::questionnaire::answer::Answer;
use survey_builder::questionnaire::expression::{Environment, Expression};

use super::case::{World, to_json};

const EVALUATOR: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/js/expression.js"));

/// Makes the page's environment from plain data.
const BRIDGE: &str = r#"
    import { evaluate } from "expression";
    globalThis.run = (text) => {
        const { tree, answers, self, today, lists, labelled, rosters } = JSON.parse(text);
        const environment = {
            answer: (reference) => answers[reference],
            self,
            today,
            random: labelled ? 0.625 : null,
            options: (list) => lists[list],
            label: (list, code) =>
                labelled && lists[list].includes(code) ? `Nhãn ${code}` : null,
            attribute: (list, code, name) =>
                labelled && lists[list].includes(code)
                    ? name === "none" ? "" : `${name} ${code}`
                    : null,
            rosterSize: (reference) => rosters[reference],
        };
        return JSON.stringify(evaluate(tree, environment));
    };
"#;

pub struct JavaScript {
    context: Context,
}

impl JavaScript {
    pub fn new() -> Self {
        let runtime = Runtime::new().expect("a JavaScript runtime");
        let context = Context::full(&runtime).expect("a JavaScript context");
        context.with(|context| {
            Module::declare(context.clone(), "expression", EVALUATOR)
                .catch(&context)
                .unwrap_or_else(|error| panic!("expression.js: {error}"));
            Module::evaluate(context.clone(), "bridge", BRIDGE)
                .and_then(|done| done.finish::<()>())
                .catch(&context)
                .unwrap_or_else(|error| panic!("bridge: {error}"));
        });
        Self { context }
    }

    pub fn evaluate(&self, expression: &Expression, world: &World) -> Result<Json, String> {
        let rosters: serde_json::Map<String, Json> = world
            .types
            .keys()
            .filter_map(|name| name.rsplit_once('.'))
            .map(|(roster, _)| format!("#{roster}"))
            .map(|reference| (reference.clone(), json!(world.roster_size(&reference))))
            .collect();
        let answers: serde_json::Map<String, Json> = world
            .answers
            .iter()
            .map(|(name, answer)| {
                let answer = match answer {
                    Answer::Value(value) => json!({"value": to_json(Some(value))}),
                    Answer::Missing(state) => json!({"state": state.name()}),
                };
                (format!("#{name}"), answer)
            })
            .collect();
        let input = json!({
            "tree": expression.tree,
            "answers": answers,
            "self": to_json(world.self_value.as_ref()),
            "today": world.today.map(|day| day.to_string()),
            "lists": world.lists,
            "labelled": world.labelled,
            "rosters": rosters,
        });
        self.context.with(|context| {
            let run: rquickjs::Function = context.globals().get("run").expect("the bridge");
            let output: String = run
                .call((input.to_string(),))
                .catch(&context)
                .map_err(|error| format!("JavaScript failed: {error}"))?;
            serde_json::from_str(&output).map_err(|error| error.to_string())
        })
    }
}
