// What the engines in Node share: cases in, a line for each respondent out. What the lines
// mean is compared where the cases were made (exchange/src/prove/compared.rs).

import { readFileSync } from "node:fs";

/** The forms with their respondents. */
export const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));

/** A name and the places of the members it is asked of: `age@2`. */
export function placed(name, places) {
  return places.length > 0 ? `${name}@${places.join(".")}` : name;
}

/** The name without the places of members: `age` of `age@2`. */
export function bare(name) {
  return name.split("@")[0];
}

/** A value as JSON has it. */
function plain(value) {
  return value instanceof Date ? value.toISOString().slice(0, 10) : (value ?? null);
}

function line(content) {
  console.log(JSON.stringify(content));
}

/**
 * One respondent: `shown` has whether each question is shown, by its name and the
 * places of members; `silent` the names of what is worked out, and `valueOf` their
 * values; `refused` what could not be given, with why.
 */
export function tell(form, respondent, shown, valueOf, silent, refused) {
  const computed = [...shown.keys()].filter((place) => silent.has(bare(place)));
  const values = Object.fromEntries(computed.map((place) => [place, plain(valueOf(place))]));
  line({ form, respondent, shown: [...shown], values, refused });
}

/** A form that the engine does not run, and why. */
export function fail(form, failed) {
  line({ form, failed });
}

/** What the engine says against a form. */
export function object(form, errors) {
  if (errors.length > 0) line({ form, errors });
}
