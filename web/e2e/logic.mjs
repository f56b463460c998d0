// Conditions in the builder: put together by choosing and written, with a script and
// without one; the map of who is asked what; and why something is asked, for what is
// answered in the preview.

import { axe, DESKTOP, everywhere, fits, PHONE, picture, targets, weigh } from "./browser.mjs";
import { another, begin } from "./builder.mjs";
import { check } from "./report.mjs";

const LINES = `1. Ông/Bà có đi làm không?
a) Có
b) Không
2. Ông/Bà đi làm bằng gì?
- Đi bộ
- Xe buýt
- Ô tô
- Xe đạp
3. Vì sao Ông/Bà không đi xe buýt?
- Xa bến
- Chờ lâu
- Đắt
4. Ông/Bà có ý kiến gì thêm?
`;

const words = (page) => page.textContent("#condition-told h3 + p");

const outline = (page) => page.textContent("#outline");

/** The identity of a question by its place in the outline. */
async function item(page, number) {
  const link = page.locator("#outline ol > li > a").nth(number - 1);
  return (await link.getAttribute("href")).match(/item=([0-9a-f-]+)/)[1];
}

export async function conditions({ browser, server }) {
  const page = await another(browser, server, {});
  const id = await begin(page, "Đi lại trong phường");
  const there = `/studies/${id}/builder`;
  await page.goto(`${there}?add=1`);
  await page.fill("#lines", LINES);
  await page.click("details.paste button");
  await page.waitForSelector("#edit");
  const [way, bus, more] = [await item(page, 2), await item(page, 3), await item(page, 4)];

  // By choosing, with roles and names alone.
  await page.goto(`${there}?item=${way}`);
  await page.getByRole("link", { name: /^Thêm điều kiện.*Hỏi nếu$/u }).click();
  await page.waitForSelector("#condition");
  await page.getByLabel("Câu hỏi", { exact: true }).selectOption({ label: "1. Ông/Bà có đi làm không?" });
  await page.getByLabel("Giá trị", { exact: true }).selectOption({ label: "Có" });
  await page.waitForFunction(() => document.querySelector("#condition-told h3 + p").textContent.includes("Có”"));
  check("logic: a condition is said as it is chosen", (await words(page)).includes("là “Có”"), await words(page));
  await page.waitForSelector("#condition-told .effect td");
  check("logic: and what it would change", (await page.$$("#condition-told .effect tbody tr")).length >= 1);
  await page.getByRole("button", { name: "Lưu điều kiện" }).click();
  await page.waitForSelector("#edit");
  check("logic: saved, it is in the outline in words", (await outline(page)).includes("nếu câu 1 là “Có”"), await outline(page));

  // A group, and several answers of one question.
  await page.goto(`${there}?item=${bus}&condition=relevant`);
  await page.selectOption("[id='l.0.0.q']", { label: "2. Ông/Bà đi làm bằng gì?" });
  await page.waitForSelector("[id='l.0.0.h']");
  await page.selectOption("[id='l.0.0.h']", "one-of");
  await page.getByLabel("Đi bộ").check();
  await page.getByLabel("Ô tô").check();
  await page.getByRole("button", { name: "Thêm nhóm" }).click();
  await page.waitForSelector("[id='l.1.1.q']");
  for (const [line, how] of [["l.1.0", "answered"], ["l.1.1", "is"]]) {
    await page.selectOption(`[id='${line}.q']`, { label: "1. Ông/Bà có đi làm không?" });
    await page.waitForSelector(`[id='${line}.h']`);
    await page.selectOption(`[id='${line}.h']`, how);
    await page.waitForFunction(([name, value]) => document.getElementById(name)?.value === value, [`${line}.h`, how]);
  }
  await page.waitForSelector("[id='l.1.1.v']");
  await page.selectOption("[id='l.1.1.v']", { label: "Có" });
  await page.waitForFunction(() => document.querySelector("#condition-told h3 + p").textContent.includes("hoặc"));
  const said = await words(page);
  check("logic: a group is said in brackets", said.includes("một trong “Đi bộ”, “Ô tô” và ("), said);
  await page.getByRole("button", { name: "Lưu điều kiện" }).click();
  await page.waitForSelector("#edit");
  await page.goto(`${there}?item=${bus}&condition=relevant`);
  check("logic: the same lines come back", (await page.$$("#condition .line input:checked")).length === 2 && (await page.$$("#condition .group .line")).length === 2);
  await everywhere(page, "builder condition by choosing");

  // Written: names are suggested, what is wrong is marked where it is.
  await page.goto(`${there}?item=${more}&condition=relevant`);
  await page.getByRole("button", { name: "Viết bằng biểu thức" }).click();
  const field = page.locator("#text");
  await field.waitFor();
  await field.focus();
  await page.keyboard.type("answ");
  await page.waitForSelector("#completion > li");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("q3) and q2 = 4");
  await page.waitForSelector("#condition-wrong mark");
  check("logic: completion by keyboard", (await field.inputValue()) === "answered(q3) and q2 = 4", await field.inputValue());
  check("logic: what is wrong is marked", (await page.textContent("#condition-wrong mark")).length > 0);
  await field.fill("answered(q3) and length(q4) > 1");
  await page.waitForFunction(() => document.querySelector("#condition-wrong li")?.textContent.includes("hỏi sau"));
  check("logic: what is asked later is told", true);
  await field.fill("answered(q3) and selected(q2, code(q2))");
  await page.waitForFunction(() => document.querySelector("#condition-told h3 + p code")?.textContent.includes("code(q2)"));
  check("logic: what has no words stays as it is", (await words(page)).includes("đã được trả lời và selected(q2, code(q2))"), await words(page));
  await page.getByRole("button", { name: "Lưu điều kiện" }).click();
  await page.waitForSelector("#edit");
  await page.goto(`${there}?item=${more}&condition=relevant`);
  check("logic: lines cannot show it, and it says so", (await page.$$("#condition .notice")).length === 1);
  const { scripts } = await weigh(page, () => page.reload());
  check("logic: the script is small", (scripts.get("condition.js") ?? Infinity) <= 10_240, JSON.stringify([...scripts]));
  await everywhere(page, "builder condition as an expression");
  await map(page, there, bus);
  await why(page, there, { way, bus });
  await withoutScripts({ browser, server, there, way });
  await page.context().close();
}

async function map(page, there, bus) {
  await page.goto(`${there}/map?item=${bus}`);
  check("map: every question is there", (await page.$$(".map svg rect")).length === 4);
  check("map: the way to the chosen one", (await page.$$(".map path.way")).length === 1);
  const { bytes } = await weigh(page, () => page.reload());
  check("map: light", bytes < 60_000, `${bytes} bytes`);
  await everywhere(page, "builder map");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "builder-map-dark-1280");
  await page.emulateMedia({ colorScheme: null });
  await page.goto(`${there}/map`);
  await page.locator(".map svg a", { hasText: "Vì sao" }).click();
  await page.waitForSelector("#condition");
  check("map: a box leads to its condition", page.url().includes(bus), page.url());
}

async function why(page, there, { way, bus }) {
  await page.goto(`${there}?item=${way}`);
  const frame = page.frameLocator("#preview");
  const line = (wording) => frame.locator("#why .reasons > li", { hasText: wording });
  await line("Ông/Bà đi làm bằng gì?").getByText("Không được hỏi").first().waitFor();
  check("why: not asked before anything is answered", true);
  await page.click("#outline ol > li:first-child > a");
  await frame.locator("input[type=radio]").first().waitFor();
  await frame.locator("input[type=radio]").first().check();
  await frame.locator("#why details > summary").click();
  await line("Ông/Bà đi làm bằng gì?").getByText("Được hỏi, vì").first().waitFor();
  check("why: asked as soon as it is answered", true);
  await frame.locator("button.go").click();
  await frame.locator("h1, legend").filter({ hasText: "đi làm bằng gì" }).first().waitFor();
  check("why: one goes on to the next page", true);
  // Another question is chosen: what was answered stays.
  await page.click(`#outline a[href*='${bus}']`);
  await frame.locator("h1, legend").filter({ hasText: "không đi xe buýt" }).first().waitFor();
  await frame.locator("#why details > summary").click();
  await line("Ông/Bà đi làm bằng gì?").getByText("Được hỏi, vì").first().waitFor();
  check("why: choosing another question keeps the answers", true);
  await page.goto(`${there}/preview?item=${bus}`);
  for (const language of ["vi", "en"]) {
    await page.goto(there);
    if ((await page.getAttribute("html", "lang")) !== language) {
      await page.click(".strip .menu");
      await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
    }
    const name = `builder preview with reasons ${language}`;
    await page.goto(`${there}/preview?item=${bus}`);
    await page.click("#why summary");
    await page.setViewportSize(PHONE.viewport);
    await fits(page, name);
    await targets(page, name);
    await picture(page, `${name}-320`);
    await page.setViewportSize(DESKTOP.viewport);
    await axe(page, name);
    await picture(page, `${name}-1280`);
  }
}

/** Every step has its button. */
async function withoutScripts({ browser, server, there, way }) {
  const page = await another(browser, server, { javaScriptEnabled: false });
  const press = (name) => Promise.all([page.waitForNavigation(), page.getByRole("button", { name }).click()]);
  await page.goto(`${there}?item=${way}&condition=relevant`);
  await press("Thêm dòng");
  await page.selectOption("[id='l.1.0.q']", { label: "1. Ông/Bà có đi làm không?" });
  await press("Hiện cách so sánh");
  await page.selectOption("[id='l.1.0.h']", "answered");
  await press("Lưu điều kiện");
  const shown = await outline(page);
  check("logic without scripts: a line more", shown.includes("nếu câu 1 là “Có” và câu 1 đã được trả lời"), shown);
  await page.goto(`${there}/preview?item=${way}`);
  check("logic without scripts: reasons stand below the page", (await page.$$("#why .reasons > li")).length === 4);
  await page.context().close();
}
