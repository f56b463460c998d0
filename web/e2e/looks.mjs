// Criteria 7, 9 and 10 on every page of an interview: it fits a small phone
// with large text, can be pressed, is announced, and prints.

import { axe, DESKTOP, device, fits, PHONE, targets } from "./browser.mjs";
import { begin, CONTINUE, fill, go, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const DEVICES = [
  { name: "vi, 320 px, light", language: "vi", options: { ...PHONE, colorScheme: "light" } },
  { name: "en, 320 px, dark", language: "en", options: { ...PHONE, colorScheme: "dark" } },
  { name: "en, desktop, light", language: "en", options: { ...DESKTOP, colorScheme: "light" } },
  { name: "vi, desktop, dark", language: "vi", options: { ...DESKTOP, colorScheme: "dark" } },
];

async function nameless(page) {
  return page.$$eval("input[type=radio]", (radios) =>
    [...new Set(radios.map((radio) => radio.name))].filter((name) => {
      const group = [...document.getElementsByName(name)];
      const sets = new Set(group.map((radio) => radio.closest("fieldset")));
      const set = [...sets][0];
      const others = set ? set.querySelectorAll(`input[type=radio]:not([name="${name}"])`).length : 1;
      return sets.size !== 1 || others > 0 || !set.querySelector(":scope > legend")?.textContent.trim();
    }),
  );
}

async function look(page, name, phone) {
  await fits(page, `7 ${name}`);
  await targets(page, `7 ${name}`);
  await axe(page, `7 ${name}`);
  const without = await nameless(page);
  check(`9 ${name}: every group of options has a legend of its own`, without.length === 0, without.join(" "));
  const headings = await page.locator("h1").count();
  check(`9 ${name}: one main heading`, headings === 1, headings);
  if (phone) return;
  await page.emulateMedia({ media: "print" });
  const shown = await page.locator(".go:visible, .top:visible, .later:visible, .skip:visible").count();
  check(`10 ${name}: printing hides what is pressed`, shown === 0, shown);
  await page.emulateMedia({ media: "screen" });
}

/** Walks a whole questionnaire on each device; a long one on every other. */
export async function looks({ browser, address, next, study, long = false }) {
  const devices = long ? DEVICES.filter((_, index) => index % 3 === 0) : DEVICES;
  for (const { name, language, options } of devices) {
    const page = await device(browser, address, options);
    const phone = options === PHONE || options.isMobile === true;
    const { link } = await next();
    await page.goto(`/r/${link}?language=${language}`);
    check(`7 ${study}, ${name}: the page says its language`, (await page.getAttribute("html", "lang")) === language);
    await look(page, `${study}, ${name}, welcome`, phone);
    await begin(page, link);
    await walk(page, { each: (shown, question) => look(shown, `${study}, ${name}, ${question}`, phone) });
    await look(page, `${study}, ${name}, last page`, phone);
    await submit(page);
    await look(page, `${study}, ${name}, thanks`, phone);
    await page.context().close();
  }
}

/** The state in which an answer is wrong, and the one in which some are missing. */
export async function errors({ browser, address, next }) {
  for (const { name, language, options } of DEVICES) {
    const page = await device(browser, address, options);
    const { link } = await next();
    await begin(page, link, `?language=${language}`);
    await go(page);
    await look(page, `${name}, wrong`, options.isMobile);
    await walk(page, { until: "b_grid" });
    await fill(page, { b10_wait: false, b10_staff: false });
    await go(page);
    await look(page, `${name}, battery with blanks`, options.isMobile);
    check(`9 ${name}: the page with blanks still has its button`, await page.isVisible(CONTINUE));
    await page.context().close();
  }
}
