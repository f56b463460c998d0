// Forms in the engine of ODK Web Forms: the same questions relevant, the same
// values worked out.

import { JSDOM } from "jsdom";
import { cases, compare, count, disagree, finish } from "./compare.mjs";

// The engine reads XML with the browser's own classes.
const { window } = new JSDOM("");
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^[A-Z]/.test(name) && !(name in globalThis)) globalThis[name] = window[name];
}
globalThis.document = window.document;
// Part of it was written for scripts that are no modules.
globalThis.__dirname = import.meta.dirname;
const { loadForm } = await import("@getodk/xforms-engine");

/** Every node that holds an answer, by its name; those of repeats are left out. */
function leaves(node, found) {
  const state = node.currentState;
  for (const child of state.children ?? []) {
    const type = child.nodeType;
    if (type.startsWith("repeat")) continue;
    const name = child.currentState.reference.split("/").pop();
    if (!found.has(name)) found.set(name, child);
    leaves(child, found);
  }
  return found;
}

function put(node, value) {
  switch (node.nodeType) {
    case "select":
      return node.selectValues([value].flat().map(code));
    case "rank":
      return node.setValues(value.map(code));
    case "trigger":
      return node.setValue(value === true);
    case "input":
      return node.setValue(String(value));
    case "range":
      return node.setValue(Number(value));
    default:
      return node.setValue?.(String(value));
  }
}

/** A code as forms may have it. */
function code(text) {
  return String(text).trim().split(/\s+/).join("_");
}

async function fillIn(one) {
  const result = await loadForm(one.form, {
    fetchFormAttachment: async () => new Response("", { status: 404 }),
    missingResourceBehavior: "BLANK",
  });
  if (result.status === "failure") {
    throw new Error(String(result.error?.message ?? result.error));
  }
  const silent = new Set(
    one.questions.filter((question) => question.kind === "computed").map((question) => question.name),
  );
  const kinds = new Map(one.questions.map((question) => [question.name, question.kind]));
  for (const respondent of one.respondents) {
    const { root } = result.createInstance();
    const nodes = leaves(root, new Map());
    for (const [name, value] of respondent.values) {
      const node = nodes.get(name);
      if (node) {
        try {
          put(node, value);
        } catch (error) {
          disagree(one.file, name, `${JSON.stringify(value)} is not taken: ${error.message}`);
        }
      } else if (!one.foreign) disagree(one.file, name, "not in the form");
    }
    const relevant = new Map();
    for (const [name] of kinds) {
      const node = nodes.get(name);
      if (node) relevant.set(name, node.currentState.relevant);
    }
    const value = (name) => {
      const state = nodes.get(name)?.currentState;
      return state?.relevant ? state.value : "";
    };
    const hidden = (name) => ["hidden", "arm"].includes(kinds.get(name));
    compare(one, respondent, relevant, value, silent, hidden);
  }
}

for (const one of cases) {
  try {
    await fillIn(one);
    count("forms");
  } catch (error) {
    // What others wrote may need what the engine has not.
    const why = error.message.split("\n")[0].replace(/\.$/, "");
    if (one.foreign) console.log(`known: ${one.file}: the engine does not run it: ${why}`);
    else disagree(one.file, "the form", why);
  }
}
finish("ODK Web Forms", {
  "limesurvey-demosurveys/ls205_em_tailoring.lss message2_insert_2":
    "the engine writes the decimal 1 as 1.0 into texts; XPath 1.0, 4.2, writes 1",
  "redcapr/decimal-comma-and-dot__dictionary.csv bmi":
    "a number divided by 0 is Infinity in XPath and missing here",
});
