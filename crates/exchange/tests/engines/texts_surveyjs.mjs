// The texts that SurveyJS shows in each language: of every question its wording and
// hint, of every option, row and column its label.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Model } = createRequire(import.meta.url)("survey-core");
const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** The questions of a page and, in dynamic panels, those of each panel. */
function all(questions) {
  return questions.flatMap((question) =>
    question.getType() === "paneldynamic"
      ? [question, ...all(question.template.questions)]
      : [question],
  );
}

const said = (text) => text?.textOrHtml ?? "";

for (const [form, one] of cases.entries()) {
  const survey = new Model(one.form);
  for (const language of one.languages) {
    survey.locale = language;
    const texts = [];
    for (const question of all(survey.getAllQuestions(false))) {
      const tell = (part, text) => texts.push([question.name, part, text]);
      tell("wording", question.getType() === "html" ? said(question.locHtml) : said(question.locTitle));
      tell("hint", said(question.locDescription));
      const items = [question.choices, question.rows, question.rateValues, question.columns];
      for (const item of items.flatMap((list) => (Array.isArray(list) ? list : []))) {
        tell(String(item.value ?? item.name), said(item.locText ?? item.locTitle));
      }
    }
    console.log(JSON.stringify({ form, language, texts }));
  }
}
