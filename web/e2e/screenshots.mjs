// Pictures of the pages, for people to look at: what no check can judge.

import fs from "node:fs";
import path from "node:path";

import { DESKTOP, device, PHONE } from "./browser.mjs";
import { begin, fill, go, walk } from "./interview.mjs";

const SIZES = { "320": PHONE, desktop: DESKTOP };

export async function screenshots({ browser, server, address, next, page, study, folder }) {
  fs.mkdirSync(folder, { recursive: true });
  const take = async (shown, name) => {
    await shown.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
    console.log(`      ${path.join(folder, `${name}.png`)}`);
  };
  const devices = [
    ["vi", "320", "light"],
    ["en", "320", "dark"],
    ["en", "desktop", "light"],
    ["vi", "desktop", "dark"],
  ];
  for (const [language, size, colorScheme] of devices) {
    const name = `${language}-${size}-${colorScheme}`;
    const shown = await device(browser, address, { ...SIZES[size], colorScheme });
    const { link } = await next();
    await shown.goto(`/r/${link}?language=${language}`);
    await take(shown, `welcome-${name}`);
    await begin(shown, link);
    await take(shown, `consent-${name}`);
    await walk(shown, { until: "a3_services" });
    await take(shown, `multiple-${name}`);
    await walk(shown, { until: "b_grid" });
    await fill(shown, { b10_staff: false });
    await take(shown, `battery-${name}`);
    await go(shown);
    await take(shown, `soft-${name}`);
    await walk(shown, { until: "birth_year" });
    await shown.fill("#birth_year", "1800");
    await go(shown);
    await take(shown, `error-${name}`);
    await walk(shown, { until: "d17_improve" }).catch(() => {});
    await shown.context().close();
  }
  for (const language of ["vi", "en"]) {
    await page.goto(`/studies/${study}`);
    if ((await page.getAttribute("html", "lang")) !== language) {
      await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
    }
    const storageState = await page.context().storageState();
    for (const [size, colorScheme] of [["320", language === "vi" ? "dark" : "light"], ["desktop", language === "vi" ? "light" : "dark"]]) {
      const name = `${language}-${size}-${colorScheme}`;
      const shown = await device(browser, server.address, { ...SIZES[size], colorScheme, storageState });
      for (const [file, where] of [["studies", "/studies"], ["new", "/studies/new"], ["study", `/studies/${study}`],
        ["design", `/studies/${study}/design`], ["sample", `/studies/${study}/sample`], ["field", `/studies/${study}/field`], ["report-page", `/studies/${study}/report`], ["record", `/studies/${study}/record`], ["tables", `/studies/${study}/tables`], ["questionnaire", `/studies/${study}/questionnaire`], ["report", `/studies/${study}/downloads/report.html`]]) {
        await shown.goto(where);
        await take(shown, `${file}-${name}`);
      }
      await shown.goto(`/studies/${study}/tables`);
      const longest = await shown.$$eval("#question option", (all) => all.map((option) => option.value).find((value) => /priority/.test(value)) ?? all.at(-1).value);
      await shown.goto(`/studies/${study}/tables?question=${longest}`);
      await take(shown, `tables-long-${name}`);
      await shown.context().close();
    }
  }
}
