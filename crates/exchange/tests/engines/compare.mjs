// What both engines share: cases in, disagreements out, counts at the end.

import { readFileSync } from "node:fs";

/** The cases that the test wrote. */
export const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

const counts = { forms: 0, respondents: 0, questions: 0, values: 0 };
// The first of each question: the others are mostly the same again.
const disagreements = new Map();
// How often each question was asked in one of the two only, or had another value.
const sorts = new Map();

export function count(what, by = 1) {
  counts[what] += by;
}

export function disagree(file, name, how, sort = "other") {
  const place = `${file} ${name}`;
  const times = sorts.get(name) ?? { here: 0, there: 0, value: 0, other: 0 };
  times[sort] += 1;
  sorts.set(name, times);
  if (!disagreements.has(place)) disagreements.set(place, how);
}

/** A value as text: blank where there is none, numbers without needless digits. */
export function plain(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (Array.isArray(value)) return value.join(" ");
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isNaN(number) ? text : String(Number(number.toPrecision(12)));
}

/** A name and the places of the members it is asked of: `age@2`. */
export function placed(name, places) {
  return places.length > 0 ? `${name}@${places.join(".")}` : name;
}

/** The name without the places of members: `age` of `age@2`. */
export function bare(name) {
  return name.split("@")[0];
}

/**
 * Compares who is asked what, and what comes out. `shown` has whether each
 * question is shown, by its name and the places of members; `silent` has the
 * names of what is worked out.
 */
export function compare({ file, lost }, respondent, shown, valueOf, silent, but) {
  const known = new Set(lost);
  const asked = new Set(respondent.asked);
  count("respondents");
  for (const [name, visible] of shown) {
    if (known.has(bare(name)) || but(bare(name))) continue;
    if (silent.has(bare(name))) {
      const [ours, theirs] = [plain(respondent.computed[name]), plain(valueOf(name))];
      count("values");
      if (ours !== theirs) {
        disagree(file, bare(name), `${name}: ${theirs} there, ${ours} here, after ${JSON.stringify(respondent.values)}`, "value");
      }
    } else {
      count("questions");
      if (visible !== asked.has(name)) {
        disagree(file, bare(name), `${name}: shown ${visible}, asked ${asked.has(name)}, after ${JSON.stringify(respondent.values)}`, visible ? "there" : "here");
      }
    }
  }
}

/** Disagreements that are known, each with who is right. */
export function finish(engine, known = {}) {
  if (process.argv[3] === "--json") {
    const found = [...sorts].map(([question, times]) => ({
      question,
      ...times,
      how: disagreements.get(`${cases[0].file} ${question}`),
    }));
    console.log(JSON.stringify({ ...counts, found }));
    process.exit(0);
  }
  for (const [place, why] of Object.entries(known)) {
    if (disagreements.delete(place)) console.log(`known: ${place}: ${why}`);
  }
  for (const [place, how] of disagreements) console.log(`${place}: ${how}`);
  console.log(
    `${engine}: ${counts.forms} forms, ${counts.respondents} respondents, ${counts.questions} ` +
      `questions shown or not, ${counts.values} values, ${disagreements.size} disagreements`,
  );
  process.exit(disagreements.size > 0 ? 1 : 0);
}
