// The draft as a table: by keyboard, from and to a spreadsheet, looked at as changes, taken,
// with what is wrong marked in its cell; in both languages, narrow and wide, without
// scripts, after a reload, and with a thousand questions.

import { bothWidths, device, everywhere, PHONE, picture, weigh } from "./browser.mjs";
import { another, begin } from "./builder.mjs";
import { check } from "./report.mjs";

const MOST = 1000;

/** As LibreOffice Calc puts three cells of two rows on the clipboard. */
const COPIED = "v1\tsố nguyên\tAnh/Chị \"bao nhiêu\" tuổi?\nv2\tchọn một\t\"Có\" hay \"không\"?\n";

async function send(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

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

const cell = (row, column) => `#sheet-grid [aria-rowindex="${row}"] > [aria-colindex="${column + 1}"]`;
const textOf = (page) => page.locator("#sheet-text").inputValue();
/** The row after the last of the first table. */
const last = async (page) => (await textOf(page)).split("\n\n")[0].split("\n").length;

/** The draft as it is, without what was typed and not taken. */
async function fresh(page, there) {
  await page.goto(there);
  await page.waitForTimeout(300);
  if (await page.innerText("#sheet-said")) await page.click('[data-do="undo"]');
  await page.waitForTimeout(600);
}

/** Adds a row below the questions and goes to its first cell. */
async function added(page) {
  const row = await last(page);
  await page.click(cell(row, 1));
  await page.keyboard.press("Alt+n");
  return row + 1;
}

async function byKeyboard(page, there) {
  await page.goto(there);
  const row = await added(page);
  await page.keyboard.type("k1");
  await page.keyboard.press("Tab");
  await page.keyboard.type("số nguyên");
  await page.keyboard.press("Tab");
  await page.keyboard.press("F2");
  await page.keyboard.type("Dòng một");
  await page.keyboard.press("Alt+Enter");
  await page.keyboard.type("dòng hai");
  await page.keyboard.press("Enter");
  check("sheet: a cell has two lines", (await page.innerText(cell(row, 3))) === "Dòng một\ndòng hai",
    await page.innerText(cell(row, 3)));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.keyboard.type("không giữ");
  await page.keyboard.press("Escape");
  check("sheet: Escape leaves a cell as it was", (await page.innerText(cell(row, 3))) === "Dòng một\ndòng hai");
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+ArrowRight");
  check("sheet: two cells are selected", (await page.locator("#sheet-grid [aria-selected=true]").count()) === 2);
  check("sheet: one cell takes the focus", (await page.locator('#sheet-grid [tabindex="0"]').count()) === 1);
  await page.keyboard.press("Delete");
  check("sheet: cells are emptied", (await page.innerText(cell(row, 1))) === "");
  await page.keyboard.press("Control+z");
  check("sheet: undone in the table", (await page.innerText(cell(row, 1))) === "k1");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  check("sheet: the table is left by Escape and Tab",
    await page.evaluate(() => !document.querySelector("#sheet-grid").contains(document.activeElement)));
  // Nothing is lost where the page is loaded again.
  await page.waitForTimeout(600);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#sheet-grid")?.textContent.includes("dòng hai"));
  check("sheet: what was typed is there after a reload", (await textOf(page)).includes("\"Dòng một\ndòng hai\""));
}

async function pasted(page, there) {
  await fresh(page, there);
  await page.evaluate((text) => navigator.clipboard.writeText(text), COPIED);
  const row = await added(page);
  await page.keyboard.press("Alt+n");
  await page.click(cell(row, 1));
  await page.keyboard.press("Control+v");
  check("sheet: cells of a spreadsheet are pasted", (await page.innerText(cell(row + 1, 3))) === '"Có" hay "không"?',
    await page.innerText("#sheet-grid"));
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+c");
  const copy = await page.evaluate(() => navigator.clipboard.readText());
  check("sheet: cells are copied", copy === "v1\tsố nguyên\nv2\tchọn một\n", JSON.stringify(copy));
}

export async function sheet({ browser, server, page, id }) {
  const there = `/studies/${id}/builder/sheet`;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`/studies/${id}/builder`);
  const before = await page.locator("#outline li > a").count();
  await send(page, `.tabs a[href="${there}"]`);
  await everywhere(page, "builder sheet");

  await byKeyboard(page, there);
  await picture(page, "builder sheet typed");
  await send(page, "#sheet-form button.go");
  await send(page, '#changes button[value="apply"]');
  check("sheet: taken", new URL(page.url()).searchParams.get("done") > 0, page.url());
  await page.waitForTimeout(200);
  await page.goto(there);
  check("sheet: what was taken is not kept as typed", !(await page.innerText("#sheet-said")));
  await page.goto(`/studies/${id}/builder`);
  await send(page, "#undo button");

  for (const language of ["en", "vi"]) {
    await page.goto(there);
    await inLanguage(page, language);
    await pasted(page, there);
    await send(page, "#sheet-form button.go");
    // The second chooses from a list that has no name yet: it gets one.
    check(`sheet: the changes are shown ${language}`, (await page.locator(".compared ins").count()) >= 5,
      await page.innerText("main"));
    await looked(page, "builder sheet changes");
    await fresh(page, there);
    const row = await added(page);
    await page.keyboard.type("v 3");
    await page.keyboard.press("Tab");
    await page.keyboard.type("nothing");
    await page.keyboard.press("Enter");
    await send(page, "#sheet-form button.go");
    check(`sheet: what is wrong is told ${language}`, (await page.locator('[role="alert"] li').count()) > 0);
    check(`sheet: and marked in its cell ${language}`, (await page.getAttribute(cell(row, 2), "aria-invalid")) === "true",
      await page.innerText("main"));
    await looked(page, "builder sheet wrong");
  }
  await page.goto(`/studies/${id}/builder`);
  check("sheet: looking changes nothing", (await page.locator("#outline li > a").count()) === before);

  // Without scripts, on a phone, the field itself is edited.
  const phone = await device(browser, server.address, { ...PHONE, javaScriptEnabled: false });
  await phone.context().addCookies(await page.context().cookies());
  await phone.goto(there);
  const [parts, options] = (await textOf(phone)).split("\n\n");
  await phone.fill("#sheet-text", `${parts}\nv4\tdate\tNgày nào?\n\n${options}`);
  await send(phone, "#sheet-form button.go");
  await picture(phone, "builder sheet without scripts");
  await send(phone, '#changes button[value="apply"]');
  check("sheet: taken without scripts", (await textOf(phone)).includes("\nv4\t"), phone.url());
  await phone.context().close();
  await page.goto(`/studies/${id}/builder`);
  check("sheet: one question more", (await page.locator("#outline li > a").count()) === before + 1);
  await send(page, "#undo button");
}

/**
 * The shortest of three times from asking for a page to its being there, in ms: its module has
 * run by then, and the rows that are seen first are filled.
 */
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
  const id = await begin(page, "Một nghìn dòng");
  const there = `/studies/${id}/builder/sheet`;
  await page.goto(there);
  const all = Array.from({ length: MOST }, (_, at) => `\tpage\nc${at + 1}\tchọn một\tCâu hỏi thứ ${at + 1} là gì?\t\tyn`);
  await page.locator("#sheet-text").evaluate((area, more) => {
    const [parts, options] = area.value.split("\n\n");
    const head = parts.split("\n")[0].split("\t");
    const wide = (row) => {
      const [code, kind, text, , list] = row.split("\t");
      const cells = head.map(() => "");
      Object.assign(cells, [code, kind, text ?? ""]);
      cells[head.findIndex((one) => ["list", "danh sách"].includes(one))] = list ?? "";
      return cells.join("\t");
    };
    area.value = `${parts}\n${more.flatMap((two) => two.split("\n")).map(wide).join("\n")}\n\n${options}yn\t1\tCó\nyn\t2\tKhông\n`;
    area.dispatchEvent(new Event("change"));
  }, all);
  const asked = Date.now();
  await send(page, "#sheet-form button.go");
  console.log(`sheet: ${MOST} new questions are looked at in ${Date.now() - asked} ms`);
  await send(page, '#changes button[value="apply"]');
  const outline = await open(page, `/studies/${id}/builder`);
  const took = await open(page, there);
  const text = await textOf(page);
  const html = await (await page.request.get(there)).text();
  const rest = html.length - text.length;
  console.log(`sheet: ${MOST} questions open in ${took} ms, their outline in ${outline} ms; the page has ${rest} signs besides its table`);
  check("sheet: a thousand questions are in it", (text.match(/^c\d/gm) ?? []).length === MOST);
  check("sheet: a thousand questions open within a second", took <= 1000, `${took} ms`);
  check("sheet: the page is light", rest < 30_000, `${rest} signs`);
  await page.locator(cell(1500, 2)).waitFor();
  const typed = await page.evaluate(() => {
    const cell = document.querySelector("#sheet-grid").children[1499].children[2];
    const from = performance.now();
    cell.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
    cell.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true }));
    document.querySelector("#sheet-grid").getBoundingClientRect();
    return { took: Math.round(performance.now() - from), text: cell.textContent };
  });
  console.log(`sheet: a cell far down is edited in ${typed.took} ms`);
  check("sheet: a cell far down is edited at once", typed.took <= 100, `${typed.took} ms`);
  await picture(page, "builder sheet large");
  const { scripts } = await weigh(page, () => page.goto(there));
  const script = [...scripts].find(([name]) => name.startsWith("sheet"));
  check("sheet: its script has at most 10 kB", !script || script[1] <= 10_240, String(script));
  await page.context().close();
}
