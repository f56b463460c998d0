// Forms in the engine of ODK Web Forms: the same questions relevant, the same
// values worked out.

import { JSDOM } from "jsdom";
import { bare, cases, fail, placed, tell } from "./cases.mjs";

// The engine reads XML with the browser's own classes.
const { window } = new JSDOM("");
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^[A-Z]/.test(name) && !(name in globalThis)) globalThis[name] = window[name];
}
globalThis.document = window.document;
// Part of it was written for scripts that are no modules.
globalThis.__dirname = import.meta.dirname;
const { loadForm } = await import("@getodk/xforms-engine");

/**
 * Every node that holds an answer, by its name and the places of the repeats it
 * is in, as `age@2`. Repeats that people fill get as many instances as there are
 * members; the others have what the form works out.
 */
function leaves(respondent, root) {
  const found = new Map();
  const walk = (node, places) => {
    for (const child of node.currentState.children ?? []) {
      const name = child.currentState.reference.replace(/\[\d+\]$/, "").split("/").pop();
      if (child.nodeType.startsWith("repeat-range")) {
        repeats(child, name, places);
      } else {
        const place = placed(name, places);
        if (!found.has(place)) found.set(place, child);
        walk(child, places);
      }
    }
  };
  const repeats = (range, name, places) => {
    const members = wanted(respondent, name, places);
    if (range.nodeType === "repeat-range:uncontrolled" && members !== undefined) {
      const there = range.currentState.children.length;
      if (there < members) range.addInstances(there - 1, members - there);
      if (there > members) range.removeInstances(members, there - members);
    }
    range.currentState.children.forEach((instance, index) => walk(instance, [...places, index + 1]));
  };
  walk(root, []);
  return found;
}

/** How many members a repeat has here; a roster repeats under several names. */
function wanted(respondent, name, places) {
  for (let roster = name; ; roster = roster.replace(/_group$/, "")) {
    const members = respondent.members[placed(roster, places)];
    if (members !== undefined || !roster.endsWith("_group")) return members;
  }
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

function blank(node) {
  if (node.currentState.readonly) return;
  if (node.nodeType === "select" && node.currentState.value.length > 0) node.selectValues([]);
  if (node.nodeType === "input" && (node.currentState.value ?? "") !== "") node.setValue("");
}

/** A code as forms may have it. */
function code(text) {
  return String(text).replace(/[‘’“”]/g, "_").trim().split(/\s+/).join("_");
}

async function load(form) {
  const result = await loadForm(form, {
    fetchFormAttachment: async () => new Response("", { status: 404 }),
    missingResourceBehavior: "BLANK",
  });
  if (result.status === "failure") {
    throw new Error(String(result.error?.message ?? result.error));
  }
  return result;
}

/** A form to fill in, in which chance decides what it decided here. */
async function begun(one, respondent, result) {
  const chances = Object.entries(respondent.chances);
  if (chances.length === 0 || one.foreign) return result.createInstance().root;
  let { form } = one;
  for (const [name, value] of chances) {
    const literal = typeof value === "number" ? value : `'${value}'`;
    const worked = new RegExp(`(<bind nodeset="[^"]*/${name}"[^>]* calculate=")[^"]*`);
    form = form.replace(worked, (_, start) => start + literal);
  }
  return (await load(form)).createInstance().root;
}

async function fillIn(one, index) {
  const result = await load(one.form);
  const silent = new Set(
    one.questions.filter((question) => question.kind === "computed").map((question) => question.name),
  );
  const kinds = new Map(one.questions.map((question) => [question.name, question.kind]));
  for (const [number, respondent] of one.respondents.entries()) {
    const refused = [];
    const root = await begun(one, respondent, result);
    let nodes = leaves(respondent, root);
    const given = new Set(respondent.values.map(([name, , places]) => placed(name, places)));
    for (const [name, value, places] of respondent.values) {
      const place = placed(name, places);
      // A repeat may have come with an answer.
      if (places.length > 0 && !nodes.has(place)) nodes = leaves(respondent, root);
      const node = nodes.get(place);
      if (node) {
        try {
          put(node, value);
        } catch (error) {
          refused.push([name, `${JSON.stringify(value)} is not taken: ${error.message}`]);
        }
      } else if (!one.foreign && !one.lost.includes(name)) {
        refused.push([name, `${place} is not in the form`]);
      }
    }
    nodes = leaves(respondent, root);
    for (const [place, node] of nodes) {
      // A default that the respondent took away.
      if (kinds.has(bare(place)) && !given.has(place) && !silent.has(bare(place))) blank(node);
    }
    const relevant = new Map();
    for (const [place, node] of nodes) {
      if (kinds.has(bare(place))) relevant.set(place, node.currentState.relevant);
    }
    // What is asked here of a member whom the form does not have.
    for (const place of respondent.asked) {
      if (place.includes("@") && kinds.has(bare(place)) && !one.foreign && !relevant.has(place)) relevant.set(place, false);
    }
    const value = (place) => {
      const state = nodes.get(place)?.currentState;
      return state?.relevant ? state.value : "";
    };
    tell(index, number, relevant, value, silent, refused);
  }
}

for (const [index, one] of cases.entries()) {
  try {
    await fillIn(one, index);
  } catch (error) {
    fail(index, error.message.split("\n")[0].replace(/\.$/, ""));
  }
}
process.exit(0);
