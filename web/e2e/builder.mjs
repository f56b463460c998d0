// The builder: a questionnaire from nothing, written, translated, taken back and
// published in the browser; by keyboard, by two authors at once, and without scripts.

import { axe, complaints, DESKTOP, device, everywhere, picture, weigh } from "./browser.mjs";
import { check } from "./report.mjs";
import { OWNER } from "./setup.mjs";

const LINES = `1. Ông/Bà có đi làm không?
a) Có
b) Không
2. Mỗi tuần Ông/Bà làm bao nhiêu giờ?

3. Nói chung, Ông/Bà hài lòng đến mức nào?
- Rất hài lòng
- Hài lòng
- Không hài lòng
- Rất không hài lòng
`;

/** Waits until everything that was typed is acknowledged. */
export const saved = (page) => page.waitForFunction(() => {
  const told = document.querySelector("#saved");
  return told.querySelector("span:last-child").textContent === told.dataset.saved;
});

const lines = (page) => page.$$eval("#outline .wording", (all) => all.map((one) => one.firstChild.textContent.trim()));

/** Signs the owner in on another device. */
export async function another(browser, server, options) {
  const page = await device(browser, server.address, { ...DESKTOP, ...options });
  await page.goto("/sign-in");
  await page.fill("#email", OWNER.email);
  await page.fill("#password", OWNER.password);
  await Promise.all([page.waitForNavigation(), page.click("main button.go")]);
  // A questionnaire that is begun is in the language of who begins it.
  if ((await page.getAttribute("html", "lang")) !== "vi") {
    await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
  }
  return page;
}

/** A study whose questionnaire is to be written. */
export async function begin(page, name) {
  await page.goto("/studies/new");
  await page.fill("#name", name);
  await page.fill("#organisation", "Viện Nghiên cứu");
  await page.fill("#phone", "024 1234 5678");
  await page.check("#source-here");
  await Promise.all([page.waitForNavigation(), page.click("main button.go")]);
  return page.url().match(/\/studies\/([0-9a-f]+)\//)[1];
}

export async function write({ browser, server }) {
  const page = await another(browser, server, {});
  const id = await begin(page, "Việc làm trong phường");
  check("builder: a study from nothing leads there", page.url().includes("/builder?add=1"), page.url());
  const there = `/studies/${id}/builder`;
  await everywhere(page, "builder with nothing in it");
  await page.goto(`${there}?add=1`);
  await page.fill("#lines", LINES);
  await page.click("details.paste button");
  await page.waitForSelector("#edit");
  check("builder: pasted lines are questions", (await lines(page)).length === 3, String(await lines(page)));
  const options = await page.$$eval("#outline .chosen ul li", (all) => all.length);
  check("builder: with their options", options === 4, String(options));

  // Typing saves by itself, and the outline and the preview follow.
  const wording = page.locator("textarea[name$='.wording.vi']").first();
  await wording.fill("Nói chung, Ông/Bà hài lòng đến mức nào với việc làm hiện nay?");
  await saved(page);
  check("builder: what is typed is in the outline", (await lines(page))[2].endsWith("việc làm hiện nay?"), (await lines(page))[2]);
  const preview = page.frameLocator("#preview");
  await preview.locator("h1, legend").filter({ hasText: "việc làm hiện nay?" }).first().waitFor();
  check("builder: and in the preview", true);

  // Another kind keeps the options.
  await page.selectOption("#kind", "multiple");
  await page.waitForFunction(() => document.querySelector("#outline .chosen .kind")?.textContent.includes("4"));
  await saved(page);
  await page.reload();
  check("builder: another kind is kept", (await page.inputValue("#kind")) === "multiple");
  check("builder: with its options", (await page.$$(".lines .line")).length === 4);

  // Taken back across a reload, and done again.
  await page.click("#undo button");
  await page.waitForFunction(() => document.querySelector("#kind")?.value === "single");
  check("builder: undo after a reload", true);
  await page.click("#redo button");
  await page.waitForFunction(() => document.querySelector("#kind")?.value === "multiple");
  check("builder: and redo", true);

  // By keyboard alone: a question up, one more, its options.
  await page.focus("#outline .chosen a");
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForFunction(() => [...document.querySelectorAll("#outline ol > li")].findIndex((one) => one.matches(".chosen")) === 1);
  check("builder: Alt and arrow move a question", (await lines(page))[1].startsWith("Nói chung"));
  await page.keyboard.press("Alt+n");
  await page.waitForSelector("#new-wording");
  await page.waitForFunction(() => document.activeElement.id === "new-wording");
  await page.keyboard.type("Tuổi của Ông/Bà?");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.querySelectorAll("#outline .wording").length === 4);
  check("builder: a question by keyboard", (await lines(page)).includes("Tuổi của Ông/Bà?"), String(await lines(page)));

  await everywhere(page, "builder");
  const { bytes, scripts } = await weigh(page, () => page.reload());
  check("builder: light", bytes < 90_000, `${bytes} bytes`);
  check("builder: the script is small", [...scripts.values()].every((size) => size <= 10_240), JSON.stringify([...scripts]));
  return { page, id, there };
}

export async function translate({ page, there }) {
  await page.goto(there);
  await page.click("#outline-title a");
  await page.waitForSelector("#edit input[value='en'][name$='.languages']");
  await page.check("#edit input[value='en'][name$='.languages']");
  await saved(page);
  await page.goto(`${there}/translation`);
  const fields = await page.$$(".translation textarea");
  check("translation: every text has its field", fields.length >= 10, String(fields.length));
  for (const [number, field] of fields.entries()) await field.fill(`Text ${number + 1}`);
  await Promise.all([page.waitForNavigation(), page.click(".translation .go")]);
  check("translation: nothing is missing", (await page.$$(".pair.open")).length === 0);
  await sendToTranslators(page, there);
}

/** Words are found in all texts, looked at, and replaced in those that are chosen. */
export async function replace({ page, there }) {
  await page.goto(there);
  await page.click(`a[href="${there}/replace"]`);
  await page.fill("#find", "ông/bà");
  await page.fill("#by", "Anh/Chị");
  await Promise.all([page.waitForNavigation(), page.click("main form button")]);
  const found = await page.$$(".replacing li");
  check("replace: what is found is shown", found.length >= 3, String(found.length));
  await everywhere(page, "replace");
  await page.uncheck(".replacing li:last-child input[type=checkbox]");
  await Promise.all([page.waitForNavigation(), page.click(".replacing .go")]);
  check("replace: it says how many", (await page.textContent("main .notice")).includes(String(found.length - 1)));
  await page.goto(there);
  check("replace: the texts say it", (await lines(page)).some((line) => line.includes("Anh/Chị")), String(await lines(page)));
  await Promise.all([page.waitForNavigation(), page.click("#undo button")]);
  check("replace: one undo takes it back", !(await lines(page)).some((line) => line.includes("Anh/Chị")));
}

/** Texts leave as files of each kind and come back; what the original said meanwhile is told. */
async function sendToTranslators(page, there) {
  const away = async (kind) => (await page.request.get(`${there}/translation/file?to=en&as=${kind}`)).text();
  const take = async (name, text) => {
    await page.$eval(".say", (one) => { one.open = true; });
    await page.setInputFiles("#file", { name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await Promise.all([page.waitForNavigation(), page.click(".say button")]);
    return page.textContent("main");
  };
  const sheet = await away("csv");
  check("translation: a row a text", sheet.includes("source (vi),translation (en)"), sheet.slice(0, 80));
  await take("back.csv", sheet.replace(",Text 2,", ",By a translator,"));
  const said = () => page.$$eval(".translation textarea", (all) => all.map((one) => one.value));
  check("translation: what came back is there", (await said()).includes("By a translator"), String(await said()));
  const xliff = await away("xliff-2.0");
  await take("back.xlf", xliff.replace("<target>Text 3</target>", "<target>By another</target>"));
  check("translation: XLIFF comes back", (await said()).includes("By another"));
  const old = await away("xliff-1.2");

  // The original of the second text changes: its translation is marked, a late file is told.
  const second = await page.$$eval(".translation .pair", (all) => all[1].querySelector("textarea").name);
  await page.goto(`${there}?item=${second.split(".")[1]}`);
  const field = `[name="${second.replace(/\.en$/, ".vi")}"]`;
  await page.fill(field, `${await page.inputValue(field)} (mới)`);
  await saved(page);
  await page.goto(`${there}/translation`);
  check("translation: an older one is marked", (await page.$$(".pair.open ins")).length >= 1, await page.textContent("main"));
  const late = await take("late.xlf", old.replace(/By a translator/, "Late"));
  check("translation: a late one is told, not taken", late.includes("Late") && !(await said()).includes("Late"), late.slice(0, 600));
  await everywhere(page, "translation");
  await take("none.csv", "a,b\n1,2\n");
  check("translation: what is no translation is told", (await page.$$(".summary")).length === 1);
  await everywhere(page, "translation refused");
  await page.goto(`${there}/translation`);
  await page.check('[name^="fits."]');
  await Promise.all([page.waitForNavigation(), page.click(".translation .go")]);
  check("translation: it still fits", (await page.$$(".pair.open")).length === 0);
  await everywhere(page, "translation confirmed");
  await signOff(page, there);
}

/** Somebody stands for a language; what changes later is told, and signed off anew. */
async function signOff(page, there) {
  const form = 'form[action$="/sign-off"]';
  const send = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  const first = page.locator(".translation textarea").first();
  const said = await first.inputValue();
  // Somebody else has changed a text since the page was opened.
  const late = await page.context().newPage();
  await late.goto(`${there}/translation`);
  await first.fill("");
  await send(".translation .go");
  await late.locator(`${form} button`).first().click();
  await late.waitForSelector(".summary");
  check("sign-off: not of what was not seen", (await late.locator(`${form} [value="withdraw"]`).count()) === 0);
  await late.close();
  await send(`${form} button`);
  check("sign-off: not while a text is missing", (await page.locator(".summary").count()) === 1);
  await everywhere(page, "translation missing");
  await page.goto(`${there}/translation`);
  await first.fill(said);
  await send(".translation .go");
  await send(`${form} button`);
  check("sign-off: somebody stands for it", (await page.locator(`${form} [value="withdraw"]`).count()) === 1);
  await everywhere(page, "translation signed off");
  await page.goto(`${there}/translation`);
  await first.fill(`${said} again`);
  await send(".translation .go");
  check("sign-off: later changes are told", (await page.locator(`${form} [name="stamp"]`).count()) === 1);
  await everywhere(page, "translation changed since");
}

export async function publish({ page, there }) {
  await page.goto(`${there}/publication`);
  check("publication: it can be", (await page.$$("form button.go")).length === 1, await page.textContent("h1"));
  await everywhere(page, "publication");
  await Promise.all([page.waitForNavigation(), page.click("form button.go")]);
  check("publication: leads to the design", page.url().endsWith("/design"), page.url());
  await page.goto(`${there}/history`);
  check("history: who did what", (await page.$$(".history > li")).length >= 6);
  await everywhere(page, "history");
}

/** Two authors at once: words of both are kept, and where they meet both versions. */
export async function together({ browser, server, page, there }) {
  const other = await another(browser, server, {});
  // Neither hears of the other before both have written.
  for (const one of [page, other]) await one.route("**/builder/events?*", (route) => route.abort());
  await page.goto(there);
  const first = await page.getAttribute("#outline li > a", "href");
  const item = first.match(/item=([0-9a-f-]+)/)[1];
  for (const one of [page, other]) await one.goto(`${there}?item=${item}`);
  const field = (one) => one.locator("textarea[name$='.wording.vi']").first();
  await field(page).fill("Hiện nay, Ông/Bà có đi làm không?");
  await saved(page);
  await field(other).fill("Ông/Bà có đi làm trong tuần qua không?");
  await saved(other);
  const both = await field(other).inputValue();
  check("together: both changes are in the text", both === "Hiện nay, Ông/Bà có đi làm trong tuần qua không?", both);
  await page.reload();
  await other.reload();
  await field(page).fill("Hiện nay, Ông/Bà có đi làm trong tháng qua không?");
  await saved(page);
  await field(other).fill("Hiện nay, Ông/Bà có đi làm trong quý qua không?");
  await saved(other);
  check("together: where they meet both versions stay", (await other.$$(".notice.warn")).length === 1);
  await axe(other, "two versions of a text");
  await picture(other, "builder-two-versions");
  await other.click("button[name=keep][value=second]");
  await other.waitForFunction(() => !document.querySelector(".notice.warn"));
  check("together: one is chosen", (await field(other).inputValue()).includes("trong quý qua"));
  await page.unroute("**/builder/events?*");
  await other.context().close();
  complaints.length = 0;
}

/** A browser that was closed while the server did not answer sends again, once. */
export async function unsent({ page, there }) {
  await page.goto(there);
  await page.click("#outline li > a");
  await page.waitForSelector("#edit");
  const before = (await page.textContent("#edit")).length;
  await page.route("**/builder", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  const field = page.locator("[name^='t.'][name$='.hint.vi']").first();
  await field.fill("Tính cả việc làm thêm.");
  await page.waitForFunction(() => document.querySelector("#saved").classList.contains("bad"));
  check("unsent: it is said", before > 0);
  await page.unroute("**/builder");
  // The browser complains of what was kept from it, rightly.
  complaints.length = 0;
  const address = page.url();
  // A new page instead of the old one, as after a crash.
  const again = await page.context().newPage();
  await page.close({ runBeforeUnload: false });
  await again.goto(address);
  await again.waitForFunction(() => document.querySelector("[name^='t.'][name$='.hint.vi']").value === "Tính cả việc làm thêm.");
  check("unsent: it is sent by the next page", true);
  return again;
}

/** Every form has its button. */
export async function plain({ browser, server, there }) {
  const page = await another(browser, server, { javaScriptEnabled: false });
  await page.goto(`${there}?add=1`);
  await page.fill("#new-wording", "Câu thêm không có kịch bản?");
  await page.fill("#new-options", "Có\nKhông");
  await Promise.all([page.waitForNavigation(), page.click("#add button.go")]);
  const words = await page.textContent("#outline .chosen .wording");
  check("plain: a question is added", words.includes("Câu thêm không có kịch bản?"), words);
  await page.fill("textarea[name$='.wording.vi']", "Câu đã sửa?");
  await Promise.all([page.waitForNavigation(), page.click("#edit > p:last-child button")]);
  check("plain: and changed", (await page.textContent("#outline .chosen .wording")).includes("Câu đã sửa?"));
  await page.click("details.move > summary");
  await Promise.all([page.waitForNavigation(), page.click("#place button[value=remove]")]);
  check("plain: and deleted", !(await page.textContent("#outline")).includes("Câu đã sửa?"));
  await Promise.all([page.waitForNavigation(), page.click("#undo button")]);
  check("plain: and back", (await page.textContent("#outline")).includes("Câu đã sửa?"));
  await page.context().close();
}
