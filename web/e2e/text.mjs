// The draft as text: edited, looked at as changes, taken, with what is wrong told by line;
// in both languages, narrow and wide, without scripts, and with a thousand questions.

import { bothWidths, device, everywhere, PHONE } from "./browser.mjs";
import { another, begin } from "./builder.mjs";
import { check } from "./report.mjs";

const MOST = 1000;

async function send(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** A page that came of a form, which cannot be asked for again. */
async function looked(page, name) {
  for (const fold of await page.$$("details:not([open]) > summary")) await fold.click();
  const language = await page.getAttribute("html", "lang");
  await bothWidths(page, `${name} ${language}`);
}

async function inLanguage(page, language) {
  if ((await page.getAttribute("html", "lang")) === language) return;
  const button = 'form[action="/language"] button';
  if (!(await page.isVisible(button))) await page.click(".strip .menu");
  await send(page, button);
}

/** Types over what the text says and asks what that changes. */
async function typed(page, there, change) {
  await page.goto(there);
  await page.fill("#text", change(await page.inputValue("#text")));
  await send(page, "form.whole-text button.go");
}

const MORE = "\n---\n[tuổi mới] số nguyên\nx\n";
const NEW = "\n---\n[new_age] whole number, must be answered\nHow old are you in years?\nhint: In whole years\n"
  + "\n[new_way] chọn một\nÔng/Bà đi bằng gì?\n- [1] Xe buýt\n- Đi bộ\n";

/** Before the lists that stand at the end, if there are any. */
const added = (text, part) => {
  const at = text.indexOf("\n@ [");
  return at < 0 ? text + part : text.slice(0, at) + part + text.slice(at);
};

export async function text({ browser, server, page, id }) {
  const there = `/studies/${id}/builder/text`;
  await page.goto(`/studies/${id}/builder`);
  const before = await page.locator("#outline li > a").count();
  await send(page, `.tabs a[href="${there}"]`);
  await everywhere(page, "builder text");
  const first = await page.inputValue("#text");
  check("text: every question is in it", (first.match(/^\[/gm) ?? []).length === before, first);

  for (const language of ["en", "vi"]) {
    await page.goto(there);
    await inLanguage(page, language);
    await typed(page, there, (old) => `${added(old, MORE)}\n[open\n`);
    check(`text: what is wrong is told by line ${language}`,
      (await page.locator('[role="alert"] li').count()) === 2, await page.innerText("main"));
    check(`text: what was typed stays ${language}`, (await page.inputValue("#text")).includes("[open"));
    await looked(page, "builder text wrong");
    await typed(page, there, (old) => added(old, NEW));
    const lines = await page.locator(".compared ins").count();
    check(`text: the lines are shown ${language}`, lines >= 7, await page.innerText("#changes"));
    await looked(page, "builder text changes");
  }
  await page.goto(`/studies/${id}/builder`);
  check("text: looking changes nothing", (await page.locator("#outline li > a").count()) === before);

  // Taken without scripts on a phone; taken back as one.
  const phone = await device(browser, server.address, { ...PHONE, javaScriptEnabled: false });
  await phone.context().addCookies(await page.context().cookies());
  await typed(phone, there, (old) => added(old, NEW));
  await send(phone, '#changes button[value="apply"]');
  check("text: taken without scripts", new URL(phone.url()).searchParams.get("done") > 0, phone.url());
  const now = await phone.inputValue("#text");
  check("text: what was new has its codes", now.includes("[new_way]") && now.includes("- [2] Đi bộ"), now);
  await page.goto(phone.url());
  await everywhere(page, "builder text taken");
  await phone.context().close();
  await page.goto(`/studies/${id}/builder`);
  check("text: two questions more", (await page.locator("#outline li > a").count()) === before + 2);
  await send(page, "#undo button");
  check("text: undone as one", (await page.locator("#outline li > a").count()) === before);
}

/** The shortest of three times from asking for a page to its being there, in ms. */
async function open(page, address) {
  let best = Infinity;
  for (let round = 0; round < 3; round += 1) {
    await page.goto(address);
    const took = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    best = Math.min(best, took);
  }
  return Math.round(best);
}

export async function large({ browser, server }) {
  const page = await another(browser, server, {});
  const id = await begin(page, "Một nghìn câu hỏi");
  const there = `/studies/${id}/builder/text`;
  const question = (number) => `---\n[c${number}] chọn một\nCâu hỏi thứ ${number} là gì?\n- [1] Có\n- [2] Không\n`;
  const all = Array.from({ length: MOST }, (_, at) => question(at + 1)).join("\n");
  await page.goto(there);
  // Typed at once: browsers take long over what comes key by key.
  await page.locator("#text").evaluate((area, more) => { area.value += more; }, `\n${all}`);
  await send(page, "form.whole-text button.go");
  await send(page, '#changes button[value="apply"]');
  const text = await open(page, there);
  const outline = await open(page, `/studies/${id}/builder`);
  await page.goto(there);
  const said = await page.inputValue("#text");
  check("text: a thousand questions are in it", (said.match(/^\[c/gm) ?? []).length === MOST);
  console.log(`text: ${MOST} questions open in ${text} ms, their outline in ${outline} ms`);
  check("text: a thousand questions open within a second", text <= 1000, `${text} ms`);
  await page.context().close();
}
