// A draft is tried by whoever has its link, on the pages of respondents: on a phone
// without JavaScript and with it, in both languages; the team sees the path. Then the
// draft is named, changed, compared and brought back.

import { bothWidths, DESKTOP, device, everywhere, PHONE } from "./browser.mjs";
import { check } from "./report.mjs";

/** A page of a tester as it looks in both languages. */
async function looks(page, name, languages) {
  const address = page.url().split("?")[0];
  for (const language of languages) {
    await page.goto(`${address}?language=${language}`);
    await bothWidths(page, `${name} ${language}`);
    const keys = await page.evaluate(() => document.body.innerText.match(/\b(?:trials?|problem|mistake)-[a-z-]+\b/g));
    check(`${name} ${language}: every text is there`, !keys, String(keys));
  }
}

/** Goes on to the next page. */
async function send(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** Answers a page of questions somehow, so that it is accepted. */
async function answer(page) {
  const names = new Set();
  for (const box of await page.$$("main form input[type=radio]")) {
    const name = await box.getAttribute("name");
    if (!names.has(name)) await box.check({ force: true });
    names.add(name);
  }
  for (const box of await page.$$("main form input[type=checkbox]")) {
    const name = await box.getAttribute("name");
    if (!names.has(name)) await box.check({ force: true });
    names.add(name);
  }
  for (const field of await page.$$("main form input:not([type=hidden]):not([type=radio]):not([type=checkbox]), main form textarea")) {
    if (!(await field.isVisible())) continue;
    const numeric = (await field.getAttribute("inputmode")) ?? "";
    await field.fill(numeric ? "3" : "Thử");
  }
  await send(page, "main form button.go");
}

/** A tester's whole way; gives how many pages were answered. */
async function wholeWay(page, name, start) {
  await page.goto(start);
  check(`${name}: the welcome says that it is a test`, (await page.locator("aside.trial").count()) === 1);
  await send(page, "main form button.go");
  let pages = 0;
  const seen = new Map();
  while (page.url().includes("/page/") && pages < 60) {
    check(`${name}: each page says that it is a test`, (await page.locator("aside.trial").count()) === 1, page.url());
    const times = (seen.get(page.url()) ?? 0) + 1;
    seen.set(page.url(), times);
    if (times > 3) break;
    await answer(page);
    pages += 1;
  }
  check(`${name}: it comes to the end`, page.url().endsWith("/end"), `${page.url()} ${await page.innerText("main")}`);
  await send(page, "main form button.go");
  check(`${name}: the end is told`, page.url().endsWith("/done"), page.url());
  return pages;
}

/** The link, tests with and without scripts, and the path. */
export async function trials({ browser, server, page, id }) {
  const here = `/studies/${id}/builder/trials`;
  await page.goto(here);
  await everywhere(page, "trials without a link");
  await page.goto(here);
  await send(page, "#link button.go");
  const link = new URL((await page.innerText("#link code")).trim()).pathname;
  check("trials: the link is shown with its QR code", (await page.locator("#link svg.qr").count()) === 1, link);
  await everywhere(page, "trials with a link");

  const phone = await device(browser, server.address, { ...PHONE, javaScriptEnabled: false });
  const pages = await wholeWay(phone, "trial without scripts", `${link}?language=vi`);
  check("trials: it had pages", pages >= 2, String(pages));
  await phone.context().close();

  const tester = await device(browser, server.address, DESKTOP);
  const answered = await tester.goto(`${link}?language=en`);
  check("trials: search engines are kept away", (answered.headers()["x-robots-tag"] ?? "").includes("noindex"));
  await looks(tester, "trial welcome", ["en", "vi"]);
  await tester.goto(`${link}?language=vi`);
  await send(tester, "main form button.go");
  await looks(tester, "trial page", ["en", "vi"]);
  // Left open: it is under way.
  await page.goto(here);
  check("trials: both are listed", (await page.locator(".tests li").count()) === 2, await page.innerText("main"));
  await everywhere(page, "trials with tests");
  await page.goto(here);
  await send(page, ".tests li:last-child a");
  const path = await page.innerText("main");
  check("trials: the path has what was answered", (await page.locator(".taken > li").count()) >= pages && path.includes("Rất hài lòng"), path);
  await everywhere(page, "trial path");

  // In mid-test the draft is changed: the tester is told, and goes on.
  await page.goto(`/studies/${id}/builder`);
  await page.click("#outline li > a");
  await page.waitForSelector("#edit");
  const field = page.locator("textarea[name$='.wording.vi']").first();
  const before = await field.inputValue();
  await field.fill(`${before} (sửa khi thử)`);
  await page.waitForFunction(() => !document.querySelector("#saved").classList.contains("busy"));
  await page.waitForTimeout(900);
  await tester.reload();
  check("trials: the tester is told of the change", (await tester.locator("aside.trial p").count()) >= 3, await tester.innerText("aside.trial"));
  check("trials: the tester goes on with the old words", !(await tester.innerText("main")).includes("(sửa khi thử)"));
  await looks(tester, "trial page after a change", ["en", "vi"]);
  await page.goto(here);
  await send(page, '#link button[value="end"]');
  await tester.reload();
  await looks(tester, "trial link ended", ["en", "vi"]);
  await tester.context().close();
}

/** The draft is named, changed, compared, brought back, and that is undone. */
export async function versions({ page, id }) {
  const here = `/studies/${id}/builder/versions`;
  const wording = async () => {
    await page.goto(`/studies/${id}/builder`);
    await page.click("#outline li > a");
    await page.waitForSelector("#edit");
    return page.locator("textarea[name$='.wording.vi']").first();
  };
  await page.goto(here);
  await everywhere(page, "versions with nothing kept");
  await page.goto(here);
  await page.fill("#name", "Gửi Bộ trưởng");
  await send(page, "#name-it button.go");
  await page.fill("#name", "Gửi Bộ trưởng");
  await send(page, "#name-it button.go");
  check("versions: a name is given once", (await page.locator(".summary, .error-summary, [role=alert]").count()) >= 1, await page.innerText("main"));
  const field = await wording();
  const before = await field.inputValue();
  await field.fill("Câu hỏi này đã khác hẳn.");
  await page.waitForTimeout(1200);
  await page.goto(here);
  await send(page, ".kept-states .actions a");
  const told = await page.innerText("#compared");
  check("versions: both sides of the change are shown", told.includes("đã khác hẳn") && told.includes(before.slice(0, 12)), told);
  await everywhere(page, "versions compared");
  await send(page, "#compared button.go");
  check("versions: the draft is what it was", (await (await wording()).inputValue()) === before);
  await page.goto(`/studies/${id}/builder`);
  await send(page, "#undo button");
  check("versions: bringing back is undone", (await (await wording()).inputValue()) === "Câu hỏi này đã khác hẳn.");
  await page.goto(`/studies/${id}/builder`);
  await send(page, "#undo button");
  check("versions: and what was before it", (await (await wording()).inputValue()) === before);
}
