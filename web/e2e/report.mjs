// One line for each check and a count at the end: what a person and a
// continuous integration job read to know whether the pages keep their promises.

let passed = 0;
let failed = 0;

/** Prints the outcome of one check; `detail` explains a failure. */
export function check(name, holds, detail = "") {
  if (holds) passed += 1;
  else failed += 1;
  const more = holds || detail === "" ? "" : `: ${String(detail).slice(0, 600)}`;
  console.log(`${holds ? "ok  " : "FAIL"}  ${name}${more}`);
}

/** Runs a group of checks; whatever it throws is a failure of the group only. */
export async function group(name, body) {
  try {
    await body();
  } catch (error) {
    check(`${name} runs to its end`, false, error.stack ?? error);
  }
}

/** Prints the count and says how the program should end. */
export function close() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
