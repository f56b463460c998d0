// Models in SurveyJS itself: no error, the same questions shown, the same values.

import { createRequire } from "node:module";
import { bare, cases, object, placed, tell } from "./cases.mjs";

const { Model } = createRequire(import.meta.url)("survey-core");

/** The dynamic panels of a roster: what is asked of its members may stand in several. */
function panelsOf(questions, roster) {
  return questions.filter(
    (one) => one.getType() === "paneldynamic" && (one.valueName || one.name) === roster,
  );
}

/**
 * Every question by its name and the places of the members it is asked of, with
 * whether the members around it are shown. Panels that people add are as many as
 * there are members.
 */
function asked(survey, respondent, rosters) {
  const found = new Map();
  const walk = (questions, places, open) => {
    for (const question of questions) {
      if (question.getType() !== "paneldynamic") {
        found.set(placed(question.name, places), { question, open });
      }
    }
    for (const roster of rosters) {
      const all = panelsOf(questions, roster);
      for (const dynamic of all) {
        const members = respondent.members[placed(roster, places)];
        if (dynamic === all[0] && !dynamic.panelCountExpression && members !== undefined) {
          dynamic.panelCount = members;
        }
        dynamic.panels.forEach((panel, index) => {
          const there = open && shown(dynamic) && dynamic.visiblePanels.includes(panel);
          walk(panel.questions, [...places, index + 1], there);
        });
      }
    }
  };
  walk(survey.getAllQuestions(false), [], true);
  return found;
}

/** Where the answer to each item goes: a function that puts it there. */
function places(questions, survey) {
  const put = new Map();
  for (const [place, { question }] of questions) {
    const members = place.includes("@") ? place.slice(place.indexOf("@")) : "";
    const type = question.getType();
    if (type === "matrix") {
      for (const row of question.rows) {
        put.set(row.value + members, (value) => {
          question.value = { ...(question.value ?? {}), [row.value]: value };
        });
      }
    } else if (type === "matrixdropdown") {
      for (const row of question.rows) {
        for (const column of question.columns) {
          const own = question.columns.length === 1 ? row.value : `${row.value}_${column.name}`;
          put.set(own + members, (value) => {
            const all = { ...(question.value ?? {}) };
            all[row.value] = { ...(all[row.value] ?? {}), [column.name]: value };
            question.value = all;
          });
        }
      }
    } else {
      put.set(place, (value) => {
        question.value = value;
      });
      put.set(`${question.name}_other${members}`, (value) => {
        if (members === "") survey.setComment(question.name, value);
        else question.comment = value;
      });
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

for (const [index, one] of cases.entries()) {
  const errors = new Model(one.form).jsonErrors ?? [];
  object(index, errors.map((error) => error.message ?? String(error)));
  const silent = new Set(
    one.questions.filter((question) => question.kind === "computed").map((question) => question.name),
  );
  const kinds = new Map(one.questions.map((question) => [question.name, question.kind]));
  const rosters = new Set(one.questions.flatMap((question) => question.rosters));
  let survey;
  for (const [number, respondent] of one.respondents.entries()) {
    const refused = [];
    // Panels that were there once are not forgotten.
    if (survey && rosters.size === 0) survey.clear(true, true);
    else survey = new Model(one.form);
    let questions = asked(survey, respondent, rosters);
    let put = places(questions, survey);
    for (const [name, value, at] of respondent.values) {
      const place = placed(name, at);
      // A panel may have come with an answer.
      if (at.length > 0 && !put.has(place)) put = places(asked(survey, respondent, rosters), survey);
      put.get(place)?.(value);
    }
    questions = asked(survey, respondent, rosters);
    const given = new Set(respondent.values.map(([name, , at]) => placed(name, at)));
    for (const [place, { question }] of questions) {
      // A default that the respondent took away.
      if (question.defaultValue && !given.has(place) && !silent.has(bare(place))) question.clearValue();
    }
    const visible = new Map();
    for (const [place, { question, open }] of questions) {
      if (kinds.has(bare(place))) visible.set(place, open && shown(question));
    }
    for (const { name, rosters: around } of one.questions) {
      if (around.length === 0 && !visible.has(name) && !one.lost.includes(name) && !one.foreign) {
        refused.push([name, "not in the model"]);
      }
    }
    // What is asked here of a member whom the model does not have.
    for (const place of respondent.asked) {
      if (place.includes("@") && kinds.has(bare(place)) && !visible.has(place)) visible.set(place, false);
    }
    const value = (place) => questions.get(place)?.question.value;
    tell(index, number, visible, value, silent, refused);
  }
}
