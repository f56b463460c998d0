// One line for each check and a count at the end: what a person and a
// continuous integration job read to know whether the pages keep their promises.

let passed = 0;
const failures = [];

/** Prints the outcome of one check; `detail` explains a failure. */
export function check(name, holds, detail = "") {
  const more = holds || detail === "" ? "" : `: ${String(detail).slice(0, 600)}`;
  const line = `${holds ? "ok  " : "FAIL"}  ${name}${more}`;
  if (holds) passed += 1;
  else failures.push(line);
  console.log(line);
}

/** Runs a group of checks; whatever it throws is a failure of the group only. */
export async function group(name, body) {
  try {
    await body();
  } catch (error) {
    check(`${name} runs to its end`, false, error.stack ?? error);
  }
}

/** Prints what failed once more and the count; says how the program should end. */
export function close() {
  for (const line of failures) console.log(line);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}
