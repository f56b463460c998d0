// Several questions at once: ticked by range and by key, moved, given one scale, taken
// away, dragged; in both languages, narrow and wide, and without scripts on a phone.

import { bothWidths, device, everywhere, PHONE } from "./browser.mjs";
import { another, begin } from "./builder.mjs";
import { check } from "./report.mjs";

const LINES = ["Tuổi của Ông/Bà?", "Nghề nghiệp?", "Ông/Bà hài lòng không?\nCó\nKhông", "Nhà ở?", "Đi lại?", "Chợ?"].join("\n\n");

/** The beginnings of the words of all questions, in their order. */
async function order(page) {
  const words = await page.$$eval("#outline .wording", (all) => all.map((one) => one.innerText.split("\n")[0]));
  return words.map((one) => one.replace("Ông/Bà hài", "hài").split(/[ ?]/)[0]).join(" ");
}

const line = (page, words) => page.locator("#outline ol > li", { hasText: words }).first();
const box = (page, words) => line(page, words).getByRole("checkbox");
const ticked = (page) => page.$$eval("#outline input[name=items]:checked", (all) => all.length);

async function press(page, name) {
  const before = await page.innerHTML("#outline");
  await page.click(`#several button[value="several-${name}"]`);
  await page.waitForFunction((old) => document.querySelector("#outline").innerHTML !== old, before);
}

async function undo(page) {
  const before = await page.innerHTML("#outline");
  await page.click("#undo button");
  await page.waitForFunction((old) => document.querySelector("#outline").innerHTML !== old, before);
}

export async function several({ browser, server }) {
  const page = await another(browser, server, {});
  const id = await begin(page, "Nhiều câu một lúc");
  const there = `/studies/${id}/builder`;
  await page.goto(`${there}?add=1`);
  await page.fill("#lines", LINES);
  await page.click("details.paste button");
  await page.waitForSelector("#edit");
  const first = "Tuổi Nghề hài Nhà Đi Chợ";
  check("several: six questions", (await order(page)) === first, await order(page));

  // By keys alone: a range, then behind another.
  await line(page, "Tuổi").getByRole("link").focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Shift+ArrowDown")]);
  check("several: a key ticks two", (await ticked(page)) === 2);
  await box(page, "Nghề").focus();
  await page.keyboard.press("Shift+ArrowDown");
  check("several: and another", (await ticked(page)) === 3);
  check("several: it is said how many", (await page.innerText("#ticked")).includes("3"), await page.innerText("#ticked"));
  await everywhere(page, "builder several");
  await page.goto(`${there}?several=1`);
  await box(page, "Tuổi").check();
  await box(page, "hài lòng").click({ modifiers: ["Shift"] });
  check("several: Shift ticks what is between", (await ticked(page)) === 3);
  await page.fill("#after", "99");
  await page.click('#several button[value="several-move"]');
  await page.waitForSelector(".summary");
  check("several: a wrong number keeps what was ticked", (await ticked(page)) === 3);
  await bothWidths(page, "builder several wrong");
  await page.fill("#after", "5");
  await press(page, "move");
  check("several: moved in their order", (await order(page)) === "Nhà Đi Tuổi Nghề hài Chợ", await order(page));
  await undo(page);
  check("several: undone as one", (await order(page)) === first, await order(page));

  // One scale for all.
  await page.goto(`${there}?several=1`);
  await box(page, "Nhà").check();
  await box(page, "Chợ").click({ modifiers: ["Shift"] });
  await page.fill("#like", "3");
  await press(page, "options");
  const kinds = await page.$$eval("#outline .kind", (all) => all.map((one) => one.textContent.trim()));
  check("several: they share the options", new Set(kinds.slice(2)).size === 1, String(kinds));
  check("several: others do not", kinds[0] !== kinds[2], String(kinds));

  // Keys of the outline.
  const chosen = (words) => line(page, words).getByRole("link");
  const current = () => page.locator('#outline [aria-current="true"]');
  await page.goto(there);
  await chosen("Nhà").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#kind");
  await current().focus();
  await page.keyboard.press("/");
  check("several: a stroke leads to the kind", await page.locator("#kind").evaluate((one) => one === document.activeElement));
  await current().focus();
  await page.keyboard.press("Control+d");
  await page.waitForFunction(() => document.querySelectorAll("#outline .wording").length === 7);
  check("several: copied by keys", (await order(page)) === "Tuổi Nghề hài Nhà Nhà Đi Chợ", await order(page));
  await undo(page);
  await chosen("Nhà").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#kind");
  await current().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#new-wording");
  check("several: Enter again adds after it", (await page.innerText("#add")).includes("4"), await page.innerText("#add"));
  await page.fill("#new-options", "Có\nKhông");
  await page.click("#add button.go");
  await page.waitForSelector('.summary a[href="#new-wording"]');
  check("several: without words nothing that was typed is lost",
    (await page.inputValue("#new-options")) === "Có\nKhông", await page.inputValue("#new-options"));
  await page.goto(there);
  const sections = page.locator("#outline .part > h3 a");
  await page.click("#outline > form button");
  await page.waitForFunction(() => document.querySelectorAll("#outline .part").length === 2);
  await sections.last().click();
  await page.waitForSelector("details.move");
  await sections.last().focus();
  await page.keyboard.press("Alt+Shift+ArrowRight");
  await page.waitForSelector("#outline .depth-1");
  check("several: a section goes into the one before", (await page.locator("#outline .depth-1").count()) === 1);
  await everywhere(page, "builder section in another");
  await page.goto(page.url());
  await sections.last().focus();
  await page.keyboard.press("Alt+Shift+ArrowLeft");
  await page.waitForFunction(() => !document.querySelector("#outline .depth-1"));
  check("several: and out again", (await page.locator("#outline .part").count()) === 2);

  // Dragged: one below another, then to the beginning of its section.
  await line(page, "Tuổi").getByRole("link").dragTo(line(page, "Đi lại"));
  await page.waitForFunction(() => document.querySelector("#outline .wording").innerText.startsWith("Nghề"));
  check("several: dragged below", (await order(page)) === "Nghề hài Nhà Đi Tuổi Chợ", await order(page));
  await line(page, "Chợ").getByRole("link").dragTo(page.locator("#outline .part > h3").first());
  await page.waitForFunction(() => document.querySelector("#outline .wording").innerText.startsWith("Chợ"));
  check("several: dragged to the beginning", (await order(page)) === "Chợ Nghề hài Nhà Đi Tuổi", await order(page));

  // Without scripts, on a phone.
  const phone = await device(browser, server.address, { ...PHONE, javaScriptEnabled: false });
  await phone.context().addCookies(await page.context().cookies());
  await phone.goto(there);
  await Promise.all([phone.waitForNavigation(), phone.click('a[href*="several=1"]')]);
  await box(phone, "Chợ").check();
  await box(phone, "Tuổi").check();
  await Promise.all([phone.waitForNavigation(), phone.click('#several button[value="several-remove"]')]);
  check("several: taken away without scripts", (await order(phone)) === "Nghề hài Nhà Đi", await order(phone));
  await phone.context().close();
  await page.context().close();
}
