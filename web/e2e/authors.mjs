// Several authors of one draft: they see one another and what the others write, one
// stream serves ten tabs, and what was typed outlives a browser that is killed.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { another, begin, saved } from "./builder.mjs";
import { axe, complaints, DESKTOP, device, persistent, picture } from "./browser.mjs";
import { check } from "./report.mjs";
import { OWNER } from "./setup.mjs";

const EVENTS = "**/builder/events?*";
const text = (page) => page.locator("textarea[name$='.wording.vi']").first();

/** Somebody else who writes here, made on the command line as README has it. */
async function colleague(browser, server) {
  const link = execFileSync(server.program, [
    "add-user", "lan@example.org", "--name", "Lê Thị Lan", "--role", "designer", "--data", server.data,
  ]).toString().match(/http:\S+(\/sign-in\/\S+)/)[1];
  const page = await device(browser, server.address, DESKTOP);
  await page.goto(link);
  const button = page.locator("main form button");
  if (await button.count()) await Promise.all([page.waitForNavigation(), button.first().click()]);
  return page;
}

/** What is awaited, and after how many milliseconds it was there. */
async function after(page, condition, argument) {
  const began = Date.now();
  await page.waitForFunction(condition, argument, { polling: 20 });
  return Date.now() - began;
}

export async function authors({ browser, server }) {
  const page = await another(browser, server, {});
  const id = await begin(page, "Viết chung");
  const there = `/studies/${id}/builder`;
  await page.goto(`${there}?add=1`);
  await page.fill("#lines", "1. Câu một?\n- Có\n- Không\n\n2. Câu hai?\n\n3. Câu ba?\n");
  await page.click("details.paste button");
  await page.waitForSelector("#edit");
  const items = await page.$$eval("#outline li > a", (all) => all.map((one) => one.getAttribute("href").match(/item=([^#&]+)/)[1]));
  await page.goto(`${there}?item=${items[0]}`);
  const lan = await colleague(browser, server);
  await lan.goto(`${there}?item=${items[1]}`);
  const met = await after(page, () => document.querySelector("#others").textContent.includes("Lê Thị Lan"));
  check("authors: who else is there is seen within a second", met <= 1000, `${met} ms`);
  check("authors: at which question", (await page.textContent("#others")).includes("câu 2"), await page.textContent("#others"));
  check("authors: also in the outline", (await page.textContent("#outline li:nth-child(2), #outline")).includes("Lê Thị Lan đang ở đây"));
  await axe(page, "builder with two authors");
  await picture(page, "builder-two-authors");
  await page.setViewportSize({ width: 320, height: 640 });
  await picture(page, "builder-two-authors-320");
  await page.setViewportSize(DESKTOP.viewport);

  // Each other's words, while the own caret stays where it is.
  await text(page).click();
  await page.keyboard.press("Home");
  await text(lan).fill("Câu hai, đã sửa?");
  await saved(lan);
  const seen = await after(page, () => document.querySelector("#outline").textContent.includes("Câu hai, đã sửa?"));
  check("authors: what another wrote is seen within a second", seen <= 1000, `${seen} ms`);
  const caret = await page.evaluate(() => [document.activeElement.name.includes("wording"), document.activeElement.selectionStart]);
  check("authors: the caret stays", caret[0] && caret[1] === 0, String(caret));

  // Whoever goes through the outline by keys stays where they are.
  await page.locator("#outline li > a").nth(2).focus();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("href"));
  const at = await focused();
  await text(lan).fill("Câu hai, sửa lần nữa?");
  await saved(lan);
  await after(page, () => document.querySelector("#outline").textContent.includes("sửa lần nữa"));
  check("authors: the focus in the outline stays", (await focused()) === at, `${at} ${await focused()}`);

  // The same words: while one types, the other's come in with the next save, none is lost.
  await lan.goto(`${there}?item=${items[0]}`);
  await text(page).press("End");
  await text(page).pressSequentially(" Xin trả lời đúng.", { delay: 60 });
  const typing = text(page).pressSequentially(" Không có câu sai.", { delay: 90 });
  await lan.waitForFunction(() => document.querySelector("textarea[name$='.wording.vi']").value.includes("Xin trả lời"));
  await text(lan).press("Home");
  await text(lan).pressSequentially("Thưa Ông/Bà: ", { delay: 50 });
  await typing;
  const all = ["Thưa Ông/Bà:", "Câu một?", "Xin trả lời đúng.", "Không có câu sai."];
  for (const one of [page, lan]) {
    await one.waitForFunction((words) => words.every((word) => document.querySelector("textarea[name$='.wording.vi']").value.includes(word)), all);
    await saved(one);
  }
  const both = await Promise.all([page, lan].map((one) => text(one).inputValue()));
  check("authors: two who type in one text keep all words of both", both[0] === both[1], both.join(" | "));
  check("authors: without two versions", (await page.$$(".notice.warn")).length === 0);

  // One adds what another has before them; what is typed there and not saved stays.
  await page.goto(`${there}?add=1`);
  await page.fill("#new-wording", "Chưa gửi");
  await lan.click("#to-add");
  await lan.fill("#new-wording", "Câu của Lan?");
  await lan.click("#add button.go");
  await page.waitForFunction(() => document.querySelector("#outline").textContent.includes("Câu của Lan?"));
  check("authors: a form that is being filled in stays", (await page.inputValue("#new-wording")) === "Chưa gửi");

  // Other pages of the builder say that there is something newer.
  await page.goto(`${there}/translation`);
  await lan.click("#to-add");
  await lan.fill("#new-wording", "Câu nữa của Lan?");
  await lan.click("#add button.go");
  await page.waitForSelector("#newer:not([hidden])");
  check("authors: another page says that the draft has changed", (await page.textContent("#newer")).includes("Bản nháp đã thay đổi"));
  await picture(page, "builder-newer");
  await tabs({ page, there, items });
  await lan.context().close();
  return { page, there, items };
}

/** Ten tabs over HTTP/1.1, which lets a browser have six connections to a server. */
async function tabs({ page, there, items }) {
  const context = page.context();
  const open = new Set();
  const isStream = (request) => request.url().includes("/builder/events");
  context.on("request", (request) => { if (isStream(request)) open.add(request); });
  for (const end of ["requestfinished", "requestfailed"]) context.on(end, (request) => open.delete(request));
  // Of a page that was closed no end is told.
  const streams = () => [...open].filter((request) => !request.frame().page().isClosed()).length;
  await page.close({ runBeforeUnload: false });
  const ten = [];
  for (let number = 0; number < 10; number += 1) {
    const tab = await context.newPage();
    await tab.goto(`${there}?item=${items[number % items.length]}`);
    ten.push(tab);
  }
  for (const [number, tab] of ten.entries()) {
    const hint = tab.locator("[name^='t.'][name$='.hint.vi']").first();
    await hint.evaluate((field) => { for (let up = field; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true; });
    await hint.fill(`Gợi ý từ thẻ ${number}`);
    await saved(tab);
  }
  const last = ten.at(-1);
  await last.waitForFunction(() => document.querySelector("[name^='t.'][name$='.hint.vi']").value === "Gợi ý từ thẻ 9");
  // The first tab stood at the same question all the time.
  await ten[0].waitForFunction(() => document.querySelector("[name^='t.'][name$='.hint.vi']").value === "Gợi ý từ thẻ 9");
  check("authors: ten tabs save, and hear of it", true);
  check("authors: one stream serves them", streams() === 1, String(streams()));
  // The tab that listens goes; another does it.
  await ten[0].close();
  await ten[1].locator("[name^='t.'][name$='.hint.vi']").first().fill("Gợi ý sau cùng");
  await saved(ten[1]);
  await ten[4].waitForFunction(() => document.querySelector("[name^='t.'][name$='.hint.vi']").value === "Gợi ý sau cùng");
  check("authors: when its tab closes another listens", streams() === 1, String(streams()));
  for (const tab of ten.slice(1)) await tab.close();
}

/** The browser is killed while the server cannot be reached: nothing that is a second old is lost. */
export async function killed({ server, there, items }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sondage-browser-"));
  const wording = "Tất cả những gì đã gõ vẫn còn đây.";
  let page = await signedIn(folder, server);
  await page.goto(`${there}?item=${items[2]}`);
  await page.route("**/builder", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await text(page).fill("Đang gõ");
  await page.waitForFunction(() => document.querySelector("#saved").classList.contains("bad"));
  // While the first is on its way more is typed; a second later the browser is killed.
  await text(page).fill(wording);
  await page.waitForTimeout(1000);
  const closed = new Promise((done) => page.context().on("close", done));
  execFileSync("pkill", ["-9", "-f", folder]);
  await closed;
  page = await signedIn(folder, server);
  await page.goto(`${there}?item=${items[2]}`);
  await page.waitForFunction((words) => document.querySelector("textarea[name$='.wording.vi']").value === words, wording);
  await saved(page);
  await page.reload();
  check("killed: what was typed is there, once", (await text(page).inputValue()) === wording, await text(page).inputValue());
  check("killed: no two versions", (await page.$$(".notice.warn")).length === 0);
  const left = await page.evaluate(() => new Promise((done) => {
    const opening = indexedDB.open("sondage", 1);
    opening.onsuccess = () => { opening.result.transaction("unsent").objectStore("unsent").count().onsuccess = (event) => done(event.target.result); };
  }));
  check("killed: nothing waits any more", left === 0, String(left));
  await page.context().close();
  // A browser that keeps nothing says so.
  page = await signedIn(folder, server, () => { delete window.indexedDB; Object.defineProperty(window, "indexedDB", { value: undefined }); });
  await page.goto(`${there}?item=${items[2]}`);
  await page.waitForSelector("#unkept:not([hidden])");
  check("killed: a browser that keeps nothing says so", true);
  await picture(page, "builder-unkept");
  await page.context().close();
  fs.rmSync(folder, { recursive: true, force: true });
  // The browser complains of what was kept from it, rightly.
  complaints.length = 0;
}

async function signedIn(folder, server, script) {
  const page = await persistent(folder, server.address, script);
  await page.goto("/home");
  if (page.url().includes("/sign-in")) {
    await page.fill("#email", OWNER.email);
    await page.fill("#password", OWNER.password);
    await Promise.all([page.waitForNavigation(), page.click("main button.go")]);
  }
  return page;
}
