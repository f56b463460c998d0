// The pages in a real browser: starts the program three times (a demonstration and
// two empty folders), walks them as respondents and staff do, prints a line a
// check. node web/e2e/run.mjs [--program PATH] [--screenshots DIR] [--half HALF]

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { appearance } from "./appearance.mjs";
import * as answers from "./answers.mjs";
import * as authors from "./authors.mjs";
import * as builder from "./builder.mjs";
import * as logic from "./logic.mjs";
import { dayOne } from "./day-one.mjs";
import { complaints, keepPictures, launch } from "./browser.mjs";
import * as ends from "./ends.mjs";
import { gallery } from "./gallery.mjs";
import * as inputs from "./inputs.mjs";
import * as kinds from "./kinds.mjs";
import { unopened } from "./letters.mjs";
import * as looks from "./looks.mjs";
import { people } from "./people.mjs";
import { plain } from "./plain.mjs";
import { check, close, group } from "./report.mjs";
import { review } from "./review.mjs";
import { rosterFiles, rosters } from "./rosters.mjs";
import { sampling } from "./sampling.mjs";
import { screenshots } from "./screenshots.mjs";
import { start } from "./server.mjs";
import { several } from "./several.mjs";
import * as setup from "./setup.mjs";
import * as staff from "./staff.mjs";
import { library } from "./library.mjs";
import * as sheets from "./sheet.mjs";
import { large, text } from "./text.mjs";
import * as trials from "./trials.mjs";
import { speed, weight } from "./weight.mjs";

const { values } = parseArgs({
  options: {
    program: { type: "string", default: fileURLToPath(new URL("../../target/release/sondage", import.meta.url)) },
    screenshots: { type: "string" },
    only: { type: "string" },
    // "first day", "writing" or "demonstration": that part alone.
    half: { type: "string" },
  },
});
const halves = values.half ? [values.half] : ["demonstration", "first day", "writing"];
if (values.screenshots) keepPictures(path.join(values.screenshots, "staff"));

const began = Date.now();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sondage-e2e-"));
const running = [];

async function run(name, body) {
  if (values.only && !new RegExp(values.only).test(name)) return;
  const from = Date.now();
  await group(name, body);
  console.log(`      ${name}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
}

/** Gives letters that nobody has used, one at a time, of one language if asked. */
function supply(server) {
  const stream = unopened(server.mail, server.address);
  return async (language) => {
    for (;;) {
      const { value, done } = await stream.next();
      if (done) throw new Error("no letters are left");
      if (!language || value.language === language) return value;
    }
  };
}

async function demonstration(browser, server) {
  const shared = { browser, server, address: server.address, next: supply(server) };
  let page;
  let study;
  await group("sign-in link", async () => { page = await staff.signInLink({ browser, server }); });
  study = await staff.onlyStudy(page);
  const count = await page.context().newPage();
  const interviews = () => staff.interviewCount(count, study);
  if (values.screenshots) {
    await group("screenshots", () => screenshots({ ...shared, page, study, folder: values.screenshots }));
    if (values.only === "screenshots") return;
  }
  await run("plain", () => plain(shared));
  await run("wrong", () => answers.wrong(shared));
  await run("again", () => answers.again({ ...shared, interviews }));
  await run("elsewhere", () => answers.elsewhere(shared));
  await run("keyboard", () => answers.keyboard(shared));
  await run("expired", () => answers.expired(shared));
  await run("errors", () => looks.errors(shared));
  await run("ends", () => ends.ends(shared));
  await run("looks", () => looks.looks({ ...shared, study: "ward services", long: true }));
  await run("staff pages", () => staff.pages({ browser, server, page, study }));
  await run("tables", () => staff.tables({ browser, server, page, study }));
  await run("downloads", () => staff.downloads({ page, study }));
  await run("report", () => staff.report({ browser, server, page, study }));
}

/** Questionnaires are written: on a server of its own, beside the others. */
async function writing(browser, server) {
  if (values.only === "screenshots") return;
  let page;
  await group("set-up of who writes", async () => { page = await setup.setUp({ browser, server }); });
  const own = path.join(folder, "writing");
  await group("study of who writes", () => setup.makeStudy({ server, page, folder: own }));
  let written;
  await run("builder", async () => { written = await builder.write({ browser, server }); });
  if (written) {
    await run("builder logic", () => logic.conditions({ browser, server }));
    let together;
    await run("builder authors", async () => { together = await authors.authors({ browser, server }); });
    if (together) await run("builder killed", () => authors.killed({ ...together, server }));
    await run("builder together", () => builder.together({ ...written, browser, server }));
    await run("builder replace", () => builder.replace(written));
    await run("builder translation", () => builder.translate(written));
    await run("builder review", () => review({ ...written, study: written.id, browser, server }));
    await run("builder trials", () => trials.trials({ ...written, browser, server }));
    await run("builder versions", () => trials.versions(written));
    await run("builder library", () => library({ ...written, browser, server }));
    await run("builder text", () => text({ ...written, browser, server }));
    await run("builder text large", () => large({ browser, server }));
    await run("builder several", () => several({ browser, server }));
    await run("builder sheet", () => sheets.sheet({ ...written, browser, server }));
    await run("builder sheet large", () => sheets.large({ browser, server }));
    await run("builder publication", () => builder.publish(written));
    await run("builder without scripts", () => builder.plain({ ...written, browser, server }));
    await run("builder unsent", () => builder.unsent(written));
  }
}

async function firstDay(browser, server) {
  if (values.only === "screenshots") return;
  await run("day one", async () => {
    const own = path.join(folder, "day one");
    fs.mkdirSync(own);
    const empty = await start(values.program, "serve", own);
    running.push(empty);
    await dayOne({ browser, server: empty });
  });
  let page;
  let made;
  await group("set-up", async () => { page = await setup.setUp({ browser, server }); });
  // Signing in once more is needed either way.
  await group("sign-in", () => setup.signIn({ browser, server, page }));
  await run("people", () => people({ browser, server, page }));
  await group("study", async () => { made = await setup.makeStudy({ server, page, folder }); });
  await group("review", () => setup.doubtful({ page }));
  const shared = { browser, server, address: server.address, next: supply(server) };
  const download = async (file) => (await page.request.get(`/studies/${made.id}/downloads/${file}`)).text();
  let half;
  const fresh = (await shared.next()).link;
  await run("appearance", () => appearance({ browser, server, page, study: made.id, link: fresh }));
  await run("numbers", () => kinds.numbers(shared));
  await run("choices", () => kinds.choices(shared));
  await run("words", () => kinds.words(shared));
  await run("by hand", () => ends.byHand(shared));
  await run("two people", () => ends.twoPeople(shared));
  await run("kinds look", () => looks.looks({ ...shared, study: "every kind" }));
  await run("closed", async () => {
    half = await kinds.halfway(shared);
    await staff.closeStudy(page, made.id);
    // An anonymous study's last interviews are in its file once it is closed.
    const data = await download("responses.csv");
    check("13 text is composed in the data file", data.includes("Thợ điện ở Đà Nẵng".normalize("NFC")), data.slice(0, 300));
    await ends.closed({ ...shared, links: { "never opened": fresh, "half answered": half } });
  });
  await run("more kinds", async () => {
    const other = await setup.anotherStudy({ server, page, file: "more-kinds.json", before: made.letters });
    made.letters.push(...other.letters);
    const more = { ...shared, next: async () => other.letters.pop() };
    await kinds.further(more);
    await looks.looks({ ...more, study: "more kinds" });
  });
  await run("gallery", () => gallery({ page }));
  await run("sampling", () => sampling({ page }));
  await run("inputs", async () => {
    const prepare = (study) => inputs.media({ browser, page, study });
    const devices = await setup.anotherStudy({ server, page, file: "devices.json", before: made.letters, privacy: "identified", prepare });
    made.letters.push(...devices.letters);
    const more = { ...shared, next: async () => devices.letters.pop() };
    await inputs.inputs({ ...more, page, study: devices.id });
    await looks.looks({ ...more, study: "devices" });
  });
  await run("rosters", async () => {
    const household = await setup.anotherStudy({ server, page, file: "household.json", before: made.letters, privacy: "identified" });
    const more = { ...shared, next: async () => household.letters.pop() };
    await rosters(more);
    await rosterFiles({ page, study: household.id });
    await looks.looks({ ...more, study: "household" });
  });
  await run("search", () => staff.search({ page, study: made.id }));
  await run("put away", () => staff.putAway({ page, study: made.id }));
}

let browser;
try {
  const commands = { demonstration: "demo", "first day": "serve", writing: "serve" };
  const starting = halves.map(async (half) => {
    const own = path.join(folder, half.replace(" ", "-"));
    fs.mkdirSync(own);
    const server = await start(values.program, commands[half], own);
    running.push(server);
    return [half, server];
  });
  browser = await launch();
  const servers = Object.fromEntries(await Promise.all(starting));
  const demo = servers.demonstration;
  if (demo && values.only !== "screenshots") {
    const measured = { browser, server: demo, address: demo.address, next: supply(demo) };
    // Alone on the machine, so that times mean something.
    await run("weight", () => weight(measured));
    await run("speed", () => speed(measured));
  }
  const walks = { demonstration, "first day": firstDay, writing };
  await Promise.all(halves.map((half) => group(half, () => walks[half](browser, servers[half]))));
  check("no page complained in the console", complaints.length === 0, [...new Set(complaints)].slice(0, 5).join("; "));
} catch (error) {
  check("the run gets to its end", false, error.stack ?? error);
} finally {
  await browser?.close();
  for (const server of running) check("the program stops when asked", (await server.stop()) === 0);
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(`      ${((Date.now() - began) / 1000).toFixed(0)} s in all`);
process.exit(close());
