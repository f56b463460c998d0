// From an empty folder to a study that people are invited to, in the browser:
// what somebody does on the first day. Leaves the study for other checks.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { axe, DESKTOP, device, everywhere, fits, PHONE, picture, targets } from "./browser.mjs";
import { waitForLetters } from "./letters.mjs";
import { check } from "./report.mjs";

const FIXTURES = fileURLToPath(new URL("../../fixtures/questionnaires/", import.meta.url));
export const OWNER = { email: "chu@example.org", password: "một mật khẩu đủ dài" };
/** In the order of Vietnamese, which is not the order of bytes. */
export const STRATA = ["An", "Ánh", "Ăn", "Ân"];
const WARDS = 2;
const PEOPLE = 10;
const DRAWN = 8 * 5;

/** A frame of fictional people. */
function frame() {
  const lines = ["id,area,ward,name,email,language"];
  for (const area of [...STRATA].reverse()) {
    for (let ward = 1; ward <= WARDS; ward += 1) {
      for (let person = 1; person <= PEOPLE; person += 1) {
        const id = `p${String(lines.length).padStart(3, "0")}`;
        lines.push(`${id},${area},${area} ${ward},Người ${id},${id}@example.org,${person % 3 === 0 ? "en" : "vi"}`);
      }
    }
  }
  return lines.join("\n");
}

/** First-run set-up. Returns the owner's page. */
export async function setUp({ browser, server }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, server.address, { ...PHONE, colorScheme: language === "vi" ? "light" : "dark" });
    await page.goto(`/setup?language=${language}`);
    await fits(page, `set-up ${language}`);
    await targets(page, `set-up ${language}`);
    await axe(page, `set-up ${language}`);
    await page.context().close();
  }
  const page = await device(browser, server.address, DESKTOP);
  await page.goto("/");
  check("set-up: an empty folder leads there", /\/setup$/.test(page.url()), page.url());
  const fillIn = async (code, password) => {
    await page.fill("#code", code);
    await page.fill("#organisation", "Viện Nghiên cứu");
    await page.fill("#name", "Nguyễn Thị Ánh");
    await page.fill("#email", OWNER.email);
    await page.fill("#password", password);
    await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  };
  await fillIn("AAAA BBBB CCCC", OWNER.password);
  check("set-up: a wrong code is told", (await page.locator(".summary a[href='#code']").count()) === 1);
  check("set-up: what was typed is kept", (await page.inputValue("#email")) === OWNER.email);
  check("set-up: the title says so", (await page.title()).startsWith("Lỗi: "), await page.title());
  await axe(page, "set-up with a wrong code");
  await fillIn(server.setupCode, OWNER.password);
  check("set-up: the printed code opens it", /\/home$/.test(page.url()), page.url());
  await axe(page, "no studies yet");
  await page.goto("/setup");
  check("set-up: only once", /\/sign-in$/.test(page.url()), page.url());
  return page;
}

/** A forgotten password: asked for, a letter, a new one. Leaves the old one. */
async function forgotten({ browser, server, page }) {
  for (const language of ["vi", "en"]) {
    const other = await device(browser, server.address, { ...PHONE, colorScheme: language === "vi" ? "light" : "dark" });
    for (const [name, address] of [["forgotten password", "/password"], ["asked for", "/password?sent"], ["link used up", "/password/none"], ["start page", "/code"]]) {
      await other.goto(`${address}${address.includes("?") ? "&" : "?"}language=${language}`);
      await fits(other, `${name} ${language}`);
      await targets(other, `${name} ${language}`);
      await axe(other, `${name} ${language}`);
      await picture(other, `${name}-${language}-320`);
    }
    check(`start page ${language}: leads to sign-in`, (await other.locator('a[href="/sign-in"]').count()) === 1);
    await other.context().close();
  }
  await page.click('a[href="/password"]');
  await page.fill("#email", OWNER.email);
  await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  check("forgotten password: says that a letter is on its way", (await page.locator("[role=status]").count()) === 1, page.url());
  const [letter] = await waitForLetters(server.mail, 1);
  const link = letter?.text.match(/\/password\/\w+/)?.[0] ?? "/password/none";
  // The letters of a study are counted later.
  for (const file of fs.readdirSync(server.mail)) fs.rmSync(path.join(server.mail, file));
  await page.goto(link);
  check("forgotten password: the letter's link asks for a new one", (await page.locator("#password").count()) === 1, letter?.text);
  await axe(page, "new password");
  await picture(page, "new-password-1280");
  await page.fill("#password", "passwordpassword");
  await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  check("forgotten password: one that is guessed is refused", (await page.locator('.summary a[href="#password"]').count()) === 1);
  await axe(page, "new password with problems");
  await page.fill("#password", OWNER.password);
  await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  check("forgotten password: is set, and one signs in with it", /\/sign-in\?changed$/.test(page.url()) && (await page.locator("[role=status]").count()) === 1, page.url());
}

/** Sign-out, sign-in with a wrong and a right password. */
export async function signIn({ browser, server, page }) {
  await page.goto("/studies");
  await Promise.all([page.waitForNavigation(), page.click('form[action="/sign-out"] button')]);
  check("sign-out: leads to sign-in", /\/sign-in$/.test(page.url()), page.url());
  await page.goto("/studies");
  check("sign-out: the studies are closed", /\/sign-in$/.test(page.url()), page.url());
  await forgotten({ browser, server, page });
  const enter = async (password) => {
    await page.fill("#email", OWNER.email);
    await page.fill("#password", password);
    await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  };
  await enter("không phải mật khẩu này");
  check("sign-in: a wrong password is told", (await page.locator("[role=alert]").count()) === 1 && (await page.title()).startsWith("Lỗi: "));
  check("sign-in: the address is kept, the password is not",
    (await page.inputValue("#email")) === OWNER.email && (await page.inputValue("#password")) === "");
  await axe(page, "sign-in that failed");
  await enter(OWNER.password);
  check("sign-in: the right one opens", /\/home$/.test(page.url()), page.url());
  for (const language of ["vi", "en"]) {
    const other = await device(browser, server.address, { ...PHONE, colorScheme: language === "vi" ? "dark" : "light" });
    await other.goto(`/sign-in?language=${language}`);
    await fits(other, `sign-in ${language}`);
    await targets(other, `sign-in ${language}`);
    await axe(other, `sign-in ${language}`);
    await other.context().close();
  }
}

/** Makes a study of a questionnaire's file. */
export async function fillStudy(page, file, name = "Mọi loại câu hỏi", privacy = "anonymous") {
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await page.goto("/studies/new");
  await page.fill("#name", name);
  await page.fill("#organisation", "Viện Nghiên cứu");
  await page.fill("#phone", "1900 0000");
  await page.fill("#closes_on", day);
  await page.check(`#privacy-${privacy}`);
  await page.setInputFiles("#questionnaire", file);
  await Promise.all([page.waitForNavigation(), page.click("main form button.go")]);
}

/** A questionnaire that nobody consents to is taken, and its page says so. */
export async function doubtful({ page }) {
  const document = JSON.parse(fs.readFileSync(path.join(FIXTURES, "all-kinds.json"), "utf8"));
  document.sections[0].blocks[0].page.questions[0].kind.type = "single";
  document.sections[0].blocks[0].page.questions[0].roles = [];
  await fillStudy(page, { name: "doubtful.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(document)) });
  const address = `${page.url()}/questionnaire`;
  for (const [language, said] of [["vi", /chưa có câu hỏi đồng ý/], ["en", /there is no consent question/]]) {
    await page.goto(address);
    if ((await page.getAttribute("html", "lang")) !== language) await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
    await page.goto(address);
    const notes = await page.locator(".notes").innerText().catch(() => "");
    check(`review ${language}: what is worth a look is told`, said.test(notes), notes);
    await fits(page, `review ${language}`);
    await axe(page, `review ${language}`);
    await page.emulateMedia({ media: "print" });
    check(`review ${language}: notes are not printed`, (await page.locator(".notes:visible").count()) === 0);
    await page.emulateMedia({ media: "screen" });
  }
}

/** Sends the form whose address ends so. */
export function submitForm(page, action) {
  return Promise.all([page.waitForNavigation(), page.click(`form[action$="${action}"] button`)]);
}

/** Reads a page of consequences, types what it asks for and does what it says. */
export async function goAhead(page, address, look = async () => {}) {
  await page.goto(address);
  await look(page);
  const typed = page.locator("#typed");
  if (await typed.count()) {
    const label = (await page.innerText('label[for="typed"]')).trim();
    await typed.fill(label.includes(": ") ? label.split(": ").pop() : label.split(/\s/).pop());
  }
  // By keyboard alone: from the top of the page to its button.
  const button = page.locator("main form button.go");
  for (let presses = 0; presses < 40 && !(await button.evaluate((one) => one === document.activeElement)); presses += 1) await page.keyboard.press("Tab");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check(`${address.replace(/[0-9a-f-]{32,36}/, "ID")}: is done from its page by keyboard`, (await page.locator(".summary, .note-box.warn").count()) === 0 && !page.url().endsWith(address), page.url());
}

/** Sends a population list; the page then asks what its columns are. */
export async function sendFrame(page, id, csv = frame()) {
  await page.goto(`/studies/${id}/sample`);
  await page.setInputFiles("#frame", { name: "frame.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await submitForm(page, "/frame");
}

/** From a population list to a sample: eight wards, five people in each. */
export async function drawSample(page, id) {
  await sendFrame(page, id);
  await submitForm(page, "/frame/columns");
  await page.goto(`/studies/${id}/sample/plan`);
  await page.fill("#s1_total", "8");
  await page.fill("#s2_count", "5");
  await keepPlan(page);
  await goAhead(page, `/studies/${id}/sample/draw`);
}

/** Saves what the plan's fields say. */
export function keepPlan(page) {
  return Promise.all([page.waitForNavigation(), page.click('#plan-form button[value="fields"]')]);
}

/** A damaged and a good questionnaire; a sample; letters. */
export async function makeStudy({ server, page, folder }) {
  const good = fs.readFileSync(path.join(FIXTURES, "all-kinds.json"), "utf8");
  const damaged = good.replace('"relevant": "works = \'yes\'"', '"relevant": "nobody = (\'yes\'"');
  await fillStudy(page, { name: "damaged.json", mimeType: "application/json", buffer: Buffer.from(damaged) });
  check("new study: a damaged questionnaire's problems are shown", (await page.locator(".summary li").count()) > 0, page.url());
  check("new study: the summary has the focus", await page.evaluate(() => document.activeElement.matches(".summary")));
  check("new study: what was typed is kept", (await page.inputValue("#name")) === "Mọi loại câu hỏi");
  await axe(page, "new study with problems");
  await fillStudy(page, { name: "broken.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("this is not a workbook") });
  check("new study: a file that is no workbook is told", (await page.locator(".summary li").count()) > 0);
  await page.goto("/studies");
  check("new study: nothing was stored", (await page.locator("main table").count()) === 0);
  await fillStudy(page, path.join(FIXTURES, "all-kinds.json"));
  check("new study: a good questionnaire makes a study", /\/studies\/[0-9a-f-]{32,36}$/.test(page.url()), await page.innerText("main").catch(() => ""));
  const id = page.url().split("/").pop();
  await page.goto(`/studies/${id}/tables`);
  check("new study: tables say that there is nothing yet", (await page.locator("main table").count()) === 0);
  await axe(page, "tables without answers");
  await page.goto(`/studies/${id}`);
  await axe(page, "study without a sample");
  await sendFrame(page, id, `${frame()}\np001,An,An 1,Hai lần,x@example.org,vi\n`);
  await axe(page, "columns of a frame");
  await submitForm(page, "/frame/columns");
  check("sample: a frame with a unit twice is told", (await page.locator(".summary li").count()) > 0);
  await axe(page, "frame with problems");
  await drawSample(page, id);
  check("sample: is drawn", (await page.locator(".summary").count()) === 0, await page.locator(".summary").innerText().catch(() => page.url()));
  await page.goto(`/studies/${id}/field`);
  const strata = await page.$$eval('section[aria-labelledby="strata"] tbody th', (cells) => cells.map((cell) => cell.textContent));
  check("13 strata are in Vietnamese order", strata.join() === STRATA.join(), strata.join());
  await page.goto(`/studies/${id}`);
  await goAhead(page, `/studies/${id}/opening`, (shown) => everywhere(shown, "opening"));
  check("study: opens", (await page.locator(".state[data-status=open]").count()) === 1, page.url());
  await goAhead(page, `/studies/${id}/invitations`, (shown) => everywhere(shown, "invitations"));
  const found = await waitForLetters(server.mail, DRAWN);
  check("study: every case drawn is invited once", found.length === DRAWN && new Set(found.map((letter) => letter.to)).size === DRAWN, found.length);
  return { id, letters: found };
}

/** One more study, on the questionnaire in `file`. Returns its identity and its letters. */
export async function anotherStudy({ server, page, file, before, privacy, prepare = async () => {} }) {
  await fillStudy(page, path.join(FIXTURES, file), "Thêm các loại câu hỏi", privacy);
  const id = page.url().split("/").pop();
  check(`${file}: makes a study`, /\/studies\/[0-9a-f-]{32,36}$/.test(page.url()), await page.innerText("main").catch(() => ""));
  await prepare(id);
  await drawSample(page, id);
  await goAhead(page, `/studies/${id}/opening`);
  await goAhead(page, `/studies/${id}/invitations`);
  const known = new Set(before.map((letter) => letter.link));
  const found = await waitForLetters(server.mail, before.length + DRAWN);
  return { id, letters: found.filter((letter) => !known.has(letter.link)) };
}
