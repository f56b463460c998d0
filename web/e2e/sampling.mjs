// From a population list to areas with people to work in them, in the browser:
// every page of a sample in both languages, on a phone and on a desk.

import path from "node:path";
import { fileURLToPath } from "node:url";

import { axe, DESKTOP, everywhere, fits, PHONE, targets } from "./browser.mjs";
import { check } from "./report.mjs";
import { fillStudy, goAhead, keepPlan, sendFrame, submitForm } from "./setup.mjs";

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const WORKBOOK = "cases/sampling/13-second-sheet.xlsx";
/** The whole way, with everything a plan can ask for on pages. */
export async function sampling({ page }) {
  await fillStudy(page, path.join(FIXTURES, "questionnaires", "all-kinds.json"), "Chọn mẫu");
  const id = page.url().split("/").pop();
  const at = (rest) => page.goto(`/studies/${id}${rest}`);
  await at("/sample");
  await everywhere(page, "no frame yet");
  await sheets(page, id);
  await shares(page, id);
  await sendFrame(page, id, places());
  check("frame: the page asks what the columns are", page.url().endsWith("/frame"), page.url());
  const roles = await page.$$eval("select[name=role]", (all) => all.map((one) => one.value));
  check("frame: usual names are recognised", roles.join() === "unit,stratum,cluster,latitude,longitude,name,phone,ignored", roles.join());
  await everywhere(page, "columns");
  await page.selectOption("#role-8", "label");
  await page.locator("input[name=kept]").nth(7).check();
  await page.setInputFiles("#places", { name: "places.csv", mimeType: "text/csv", buffer: Buffer.from(placesOfTheDay()) });
  await page.setInputFiles("#totals", { name: "totals.csv", mimeType: "text/csv", buffer: Buffer.from("stratum,total\nBắc,250\nNam,300\n") });
  await submitForm(page, "/frame/columns");
  const report = await page.innerText("main");
  check("frame: twins are told", /\b2\b[\s\S]*3/.test(report) && (await page.locator("details li").count()) === 2, report.slice(0, 400));
  check("frame: a place that was no more is told with what it became", /Bắc 1 .*30\/06\/2025.*Bắc Mới/.test(await page.locator("details").first().evaluate((fold) => fold.textContent)), report.slice(0, 800));
  check("frame: coverage is told", /80[.,]0/.test(report), report.slice(0, 600));
  await everywhere(page, "frame looked through");
  await at("/frame/removal");
  await everywhere(page, "frame removal");
  await at("/sample/plan");
  await everywhere(page, "plan proposed");
  await page.fill("#s1_total", "900");
  await keepPlan(page);
  check("plan: what stands in the way is told before the draw", (await page.locator(".summary li").count()) > 0 && (await page.locator('button[value="draw"]').count()) === 0);
  await axe(page, "plan that cannot be drawn");
  await page.fill("#s1_total", "12");
  await page.fill("#s2_count", "8");
  await page.locator("details", { has: page.locator("#replicates") }).locator("summary").click();
  await page.fill("#replicates", "4");
  await page.fill("#reserve", "1");
  await page.check("[name=substitution]");
  await page.fill("#response", "60");
  await page.fill("#cost_case", "2,5");
  await page.selectOption("#domain", "sex");
  await keepPlan(page);
  const expected = await page.locator(".tiles").innerText();
  check("plan: cases, completes, margin and cost are told", /72/.test(expected) && /43/.test(expected) && /±/.test(expected) && /180/.test(expected), expected);
  check("plan: groups are told apart", (await page.locator("caption").count()) > 0);
  await everywhere(page, "plan that can be drawn");
  await further(page);
  await page.fill("#response", "55");
  await Promise.all([page.waitForNavigation(), page.click('button[value="draw"]')]);
  check("plan: fields that were changed and not saved are not drawn by", (await page.locator(".summary li").count()) === 1 && (await page.inputValue("#response")) === "55", await page.innerText("main"));
  await axe(page, "plan changed and not saved");
  await at("/sample/plan");
  await Promise.all([page.waitForNavigation(), page.click('button[value="draw"]')]);
  check("plan: the draw has a page of its own", page.url().endsWith("/sample/draw"), page.url());
  await everywhere(page, "draw");
  await page.fill("#typed", "95");
  await Promise.all([page.waitForNavigation(), page.click("main form button.go")]);
  check("draw: another number draws nothing", (await page.locator('.summary a[href="#typed"]').count()) === 1 && (await page.inputValue("#typed")) === "95");
  await axe(page, "draw with another number");
  await goAhead(page, `/studies/${id}/sample/draw`, (shown) => shown.fill("#seed", "2026"));
  check("sample: is drawn", /\/sample$/.test(page.url()) && (await page.locator("#release").count()) === 1, await page.innerText("main"));
  const map = await page.evaluate(async () => { const image = document.querySelector(".map img"); await image.decode(); return image.naturalWidth; });
  check("sample: the map of the areas is shown", map > 0, map);
  await everywhere(page, "sample drawn");
  await page.selectOption("#upto", "2");
  await submitForm(page, "/sample/release");
  check("sample: a release has a page of its own", /release\?upto=2$/.test(page.url()), page.url());
  await everywhere(page, "release");
  await goAhead(page, `/studies/${id}/sample/release?upto=2`);
  const states = await page.$$eval("#release tbody td:last-child", (cells) => new Set(cells.map((cell) => cell.textContent)).size);
  check("sample: replicates are released, wait, or are in reserve", states === 3, states);
  const [head, ...units] = (await (await page.request.get(`/studies/${id}/sample/units.csv`)).text()).trim().split("\n").map((line) => line.split(","));
  const replicate = head.indexOf("replicate");
  await page.fill("#unit", units.find((unit) => unit[replicate] === "1")[0]);
  await page.fill("#reason", "Đã chuyển đi");
  await submitForm(page, "/sample/substitution");
  check("sample: a substitute is logged with its reason", /Đã chuyển đi/.test(await page.innerText("#substitution")));
  await page.locator("input[name=area]").first().check();
  await page.locator("input[name=area]").nth(3).check();
  await page.selectOption("#person", { index: 1 });
  await submitForm(page, "/sample/assignment");
  check("sample: areas are given to somebody", (await page.locator("#areas table tbody td:last-child").filter({ hasText: "Nguyễn Thị Ánh" }).count()) === 2);
  await everywhere(page, "sample at work");
  for (const [place, told] of [["/sample/plan", "frame"], ["/reminders", "survey that is not open"], ["/downloads/tables.csv", "interview"]]) {
    await at(place);
    check(`error, no ${told}: the way on is a link and the pages stay`, (await page.locator("main a.go").count()) === 1 && (await page.locator('form[action="/sign-out"]').count()) === 1, await page.innerText("main"));
    await everywhere(page, `error, no ${told}`);
  }
  const weight = Buffer.byteLength(await (await page.request.get(`/studies/${id}/sample`)).text());
  check("sample: the page is light", weight < 30_000, weight);
}

/** A workbook of several sheets: which is the list, and in which row are the names? */
async function sheets(page, id) {
  await page.goto(`/studies/${id}/sample`);
  await page.setInputFiles("#frame", path.join(FIXTURES, WORKBOOK));
  await submitForm(page, "/frame");
  const names = await page.$$eval("input[name=sheet]", (all) => all.map((one) => one.value));
  check("workbook: its sheets are shown to choose from", names.length > 1, names.join());
  await everywhere(page, "which sheet");
  await page.check(`input[name=sheet][value="${names[1]}"]`);
  await submitForm(page, "/frame/sheet");
  check("workbook: the sheet that was chosen is read", (await page.isChecked(`input[name=sheet][value="${names[1]}"]`)) && page.url().endsWith("/frame"), page.url());
  const fold = page.locator("details", { has: page.locator("#row") });
  if (!(await fold.evaluate((one) => one.open))) await fold.locator("summary").click();
  await page.fill("#row", "2");
  await Promise.all([page.waitForNavigation(), page.click("form:has(#row) button")]);
  check("workbook: another row has the names", page.url().endsWith("?row=2") && (await page.inputValue("#row")) === "2", page.url());
  await everywhere(page, "which row");
}

/** Population shares in a workbook of several sheets, and below a title: the same question, asked on the
 *  page of tables, in both languages. */
async function shares(page, id) {
  const send = async (file) => {
    await page.goto(`/studies/${id}/tables`);
    await page.click("#margins-form summary");
    await page.setInputFiles("#margins", file);
    await submitForm(page, "/margins");
  };
  for (const language of ["vi", "en"]) {
    await page.goto(`/studies/${id}/tables`);
    if ((await page.getAttribute("html", "lang")) !== language) {
      await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
    }
    await send(path.join(FIXTURES, WORKBOOK));
    const names = await page.$$eval("input[name=margins_sheet]", (all) => all.map((one) => one.value));
    check(`shares ${language}: the sheets are shown to choose from`, names.length > 1 && (await page.isVisible("[name=margins_row]")), names.join());
    check(`shares ${language}: the question is asked in the reader's language`, (await page.getAttribute("html", "lang")) === language);
    await page.setViewportSize(PHONE.viewport);
    await fits(page, `shares that are asked about ${language}`);
    await targets(page, `shares that are asked about ${language}`);
    await page.setViewportSize(DESKTOP.viewport);
    await axe(page, `shares that are asked about ${language}`);
    await page.check(`input[name=margins_sheet][value="${names[1]}"]`);
    await submitForm(page, "/margins");
    check(`shares ${language}: a sheet without the columns is told, and the file still waits`, (await page.locator(".summary li").count()) === 1 && (await page.locator("input[name=margins_sheet]").count()) === names.length, await page.innerText("main"));
  }
  const titled = "Dân số 2026;;\nvariable;code;share\nworks;yes;0,6\nworks;no;0,4\n";
  await send({ name: "shares.csv", mimeType: "text/csv", buffer: Buffer.from(titled) });
  check("shares: a title above the names is asked about", (await page.inputValue("[name=margins_row]")) === "2");
  await submitForm(page, "/margins");
  check("shares: what was chosen is taken", page.url().endsWith("/tables") && (await page.locator(".summary li").count()) === 0, page.url());
}

/** What a plan can have beside: shown when asked for, each error at its field. */
async function further(page) {
  const fold = (field) => page.locator("details", { has: page.locator(`[id="${field}"]`) });
  await page.reload();
  for (const field of ["s1_sort1", "s2_sort1", "key", "numbered"]) {
    check(`plan: ${field} is folded away`, !(await page.isVisible(`[id="${field}"]`)));
    await fold(field).locator("summary").click();
  }
  await page.selectOption("#s2_sort1", "sex");
  await page.check("#s2_serpentine");
  await page.fill("#s2_starts", "1");
  await keepPlan(page);
  check("plan: one start stands at its field, unfolded", (await page.isVisible("#s2_starts-error")) && (await page.locator('.summary a[href="#s2_starts"]').count()) === 1, await page.locator(".summary").innerText());
  await everywhere(page, "plan with a mistake in a fold");
  await page.fill("#s2_starts", "");
  await keepPlan(page);
  check("plan: the order of the list is kept", (await page.inputValue("#s2_sort1")) === "sex" && /serpentine = true/.test(await page.inputValue("#text")));
  await page.selectOption("#s2_amount", "rate");
  await page.fill("#s2_rate", "50");
  await keepPlan(page);
  check("plan: a rate is expected of each area", /\b90\b/.test(await page.locator(".tiles").innerText()), await page.locator(".tiles").innerText());
  await page.selectOption("#s2_amount", "number");
  await page.fill("#s2_count", "8");
  await page.check("#s2_all");
  await keepPlan(page);
}

/** A list with places; two rows are one person. */
/** The places of those clusters, of which one ended long ago. */
function placesOfTheDay() {
  const lines = ["code,name,from,to,successor", "1,Bắc 1,,2025-06-30,99", "99,Bắc Mới,2025-07-01,,"];
  for (let ward = 2; ward <= 25; ward += 1) lines.push(`${ward},${ward <= 10 ? "Bắc" : "Nam"} ${ward},,,`);
  return lines.join("\n");
}

function places() {
  const lines = ["id,area,ward,lat,lon,name,phone,sex"];
  for (let ward = 1; ward <= 25; ward += 1) {
    for (let person = 1; person <= 20; person += 1) {
      const place = lines.length;
      const area = ward <= 10 ? "Bắc" : "Nam";
      const phone = place === 2 ? "0900000001" : `09${String(place).padStart(8, "0")}`;
      lines.push(`h${place},${area},${area} ${ward},${(20.5 + ward / 50).toFixed(4)},${(105.5 + (ward % 7) / 40).toFixed(4)},Người ${place},${phone},${person % 2 ? "nam" : "nữ"}`);
    }
  }
  lines[1] = lines[1].replace("0900000001", "+84 900 000 001");
  return lines.join("\n");
}
