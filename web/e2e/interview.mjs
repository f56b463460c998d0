// A respondent: begins, fills in whatever a page asks and goes on, by pressing
// what a person presses.

/** Ordinary answers; a check overrides what matters to it. */
const USUAL = {
  birth_year: "1985", a1_used: "1", consent: "1", age: "40", since: "02/09/1985",
  home: "10.7769, 106.7009", way: "10.7 106.7; 10.8 106.8", "ward.text": "phuong ha noi", "visited.text": "w001",
  b_food: "60", b_home: "40", moved: "09/1985", born: "1985", wake: "18:30", met: "02/09/2026 18:30",
};

/** The smallest picture that is one. */
const PICTURE = {
  name: "picture.png", mimeType: "image/png",
  buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64"),
};

/** The form of a page, or of the list of a roster's members. */
const FORM = 'form:is([action^="/answer/page/"], [action^="/answer/members/"])';
export const CONTINUE = `${FORM} button.go:not(.second)`;

/** Opens the link and presses Start. */
export async function begin(page, link, query = "") {
  await page.goto(`/r/${link}${query}`);
  await page.click('form[action="/answer/start"] button');
  await page.waitForURL(/\/answer\/(page|end)/);
}

/** The name of the page that is shown; in a roster with the codes of its members. */
export function place(page) {
  return page.url().match(/\/answer\/(?:page|members)\/([^?#]+)/)?.[1] ?? "";
}

/** Fills in every question that is shown. `false` in `answers` leaves one blank. */
export async function fill(page, answers = {}) {
  const fields = await page.$$eval(`${FORM} :is(input:not([type=hidden], [readonly]), textarea, select)`, (controls) => {
    const found = new Map();
    for (const control of controls) {
      if (/\.(state|remove|reason)$/.test(control.name)) continue;
      const field = found.get(control.name) ?? { name: control.name, type: control.type, mode: control.inputMode, values: [] };
      field.values.push(...(control.options ? [[...control.options].map((option) => option.value)] : [control.value]));
      found.set(control.name, field);
    }
    return [...found.values()];
  });
  for (const field of fields) {
    const wanted = answers[field.name] ?? USUAL[field.name];
    if (wanted === false) continue;
    const selector = `[name="${field.name}"]`;
    // An answer above may have shown or hidden it meanwhile.
    if (!(await page.isVisible(selector))) continue;
    if (field.type === "file") {
      await page.setInputFiles(selector, wanted ?? PICTURE);
    } else if (field.type === "select-one") {
      // Several of one name are the places of a ranking: each takes another option.
      for (const [place, values] of field.values.entries()) {
        await page.locator(selector).nth(place).selectOption([wanted].flat()[place] ?? values[place + 1] ?? "");
      }
    } else if (field.type === "radio" || field.type === "checkbox") {
      for (const value of [wanted ?? field.values[field.name.endsWith("_worst") ? 1 : 0]].flat()) await page.check(`${selector}[value="${value}"]`);
    } else {
      const text = field.mode === "numeric" || field.mode === "decimal" ? "3" : "Đường sạch hơn";
      await page.fill(selector, wanted ?? text);
    }
  }
}

/** Presses Continue and waits for the page that follows. */
export async function go(page) {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(CONTINUE)]);
}

/** Goes on to a page by name, or to the end. `each` sees every page before it is filled in. */
export async function walk(page, { until = "end", answers = {}, each } = {}) {
  for (let pages = 0; pages < 60; pages += 1) {
    if (/\/answer\/(end|done)$/.test(new URL(page.url()).pathname) || place(page) === until) return;
    const before = page.url();
    if (each) await each(page, place(page));
    await fill(page, answers);
    await go(page);
    if (page.url() === before) {
      const said = await page.locator(".summary").first().innerText().catch(() => "no summary");
      throw new Error(`stays at ${before}: ${said}`);
    }
  }
  throw new Error("the interview does not end");
}

/** Submits from the last page. */
export async function submit(page) {
  await page.click('form[action="/answer/end"] button');
  await page.waitForURL(/\/answer\/done/);
}
