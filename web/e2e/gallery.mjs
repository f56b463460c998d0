// The gallery: every kind of question and every component from the examples, in
// both languages, on a phone and on a desk.

import { axe, fits, targets } from "./browser.mjs";
import { check } from "./report.mjs";

const PARTS = 4;

export async function gallery({ page }) {
  const kinds = new Set();
  for (let part = 1; part <= PARTS; part += 1) {
    for (const language of ["vi", "en"]) {
      const name = `gallery ${part} ${language}`;
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(`/gallery?part=${part}&language=${language}`);
      if (part === PARTS) await speak(page, language);
      check(`${name}: speaks it`, (await page.getAttribute("html", "lang")) === language);
      await fits(page, name);
      await targets(page, name);
      await page.setViewportSize({ width: 1280, height: 900 });
      await axe(page, name);
      for (const kind of await page.locator(".kinds code").allInnerTexts()) kinds.add(kind);
    }
  }
  const expected = ["single", "multiple", "ranking", "best_worst", "item_count", "choice_set", "battery", "grid", "scale", "integer", "decimal", "duration", "short_text", "long_text", "date", "time", "date_time", "file", "signature", "geo", "acknowledge", "note", "consent"];
  const missing = expected.filter((kind) => !kinds.has(kind));
  check("gallery: every kind that is shown has an example", missing.length === 0, missing.join());
}

// The components are a page of staff: in the language of who is signed in, not of
// the address.
async function speak(page, language) {
  const change = page.locator(`form[action="/language"] button[lang="${language}"]`);
  if (!(await change.count())) return;
  // On a phone it is in the menu.
  if (!(await change.isVisible())) await page.click(".strip .menu");
  await Promise.all([page.waitForNavigation(), change.click()]);
}
