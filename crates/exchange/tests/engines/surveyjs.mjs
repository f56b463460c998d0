// Models in SurveyJS itself: no error, the same questions shown, the same values.

import { createRequire } from "node:module";
import { cases, compare, count, disagree, finish } from "./compare.mjs";

const { Model } = createRequire(import.meta.url)("survey-core");

/** Where the answer to each item goes: a function that puts it there. */
function places(survey) {
  const put = new Map();
  for (const question of survey.getAllQuestions(false, true)) {
    const { name } = question;
    const type = question.getType();
    if (type === "matrix") {
      for (const row of question.rows) {
        put.set(row.value, (value) => {
          question.value = { ...(question.value ?? {}), [row.value]: value };
        });
      }
    } else if (type === "matrixdropdown") {
      for (const row of question.rows) {
        for (const column of question.columns) {
          const own = question.columns.length === 1 ? row.value : `${row.value}_${column.name}`;
          put.set(own, (value) => {
            const all = { ...(question.value ?? {}) };
            all[row.value] = { ...(all[row.value] ?? {}), [column.name]: value };
            question.value = all;
          });
        }
      }
    } else {
      put.set(name, (value) => {
        question.value = value;
      });
      put.set(`${name}_other`, (value) => survey.setComment(name, value));
    }
  }
  return put;
}

/** Whether a question and all that is around it is shown. */
function shown(question) {
  for (let one = question; one && one !== question.survey; one = one.parent) {
    if (!one.isVisible) return false;
  }
  return true;
}

for (const one of cases) {
  count("forms");
  const errors = new Model(one.form).jsonErrors ?? [];
  for (const error of errors) disagree(one.file, "the model", error.message ?? String(error));
  const silent = new Set(
    one.questions.filter((question) => question.kind === "computed").map((question) => question.name),
  );
  const kinds = new Map(one.questions.map((question) => [question.name, question.kind]));
  const survey = new Model(one.form);
  const put = places(survey);
  for (const respondent of one.respondents) {
    survey.clear(true, true);
    for (const [name, value, places] of respondent.values) if (places.length === 0) put.get(name)?.(value);
    const visible = new Map();
    for (const [name] of kinds) {
      const question = survey.getQuestionByName(name);
      if (question) visible.set(name, shown(question));
      else if (!one.lost.includes(name)) disagree(one.file, name, "not in the model");
    }
    const value = (name) => survey.getQuestionByName(name)?.value;
    const hidden = (name) => ["hidden", "arm"].includes(kinds.get(name));
    compare(one, respondent, visible, value, silent, hidden);
  }
}
finish("SurveyJS");
