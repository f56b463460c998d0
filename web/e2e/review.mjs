// A draft is read by somebody outside the team through a link: comments, an answer, a
// verdict; in both languages, narrow and wide, without JavaScript.

import { axe, bothWidths, DESKTOP, device, everywhere, picture } from "./browser.mjs";
import { check } from "./report.mjs";

/** The page behind the link as it looks in both languages. */
async function looks(page, name, address) {
  for (const language of ["en", "vi"]) {
    await page.goto(`${address}?language=${language}`);
    for (const fold of await page.$$("details:not([open]) > summary")) await fold.click();
    await bothWidths(page, `${name} ${language}`);
    const keys = await page.evaluate(() => document.body.innerText.match(/\b(?:reviewing|problem|paper|kind)-[a-z-]+\b/g));
    check(`${name} ${language}: every text is there`, !keys, String(keys));
  }
}

/** Asks an expert, who comments and judges; the team answers. */
export async function review({ browser, server, page, study }) {
  const here = `/studies/${study}/builder/review`;
  await page.goto(here);
  await everywhere(page, "review with nobody asked");
  await page.goto(here);
  await page.click("#experts details summary");
  await page.fill("#name", "Phạm Thu Hương");
  await Promise.all([page.waitForNavigation(), page.click("#experts form button.go")]);
  const link = (await page.innerText("#link code")).trim();
  check("review: the link is shown", /\/review\/\w+$/.test(link), link);
  await axe(page, "review with a link");
  await picture(page, "review-with-a-link-1280");

  const address = new URL(link).pathname;
  const expert = await device(browser, server.address, { ...DESKTOP, javaScriptEnabled: false });
  await expert.goto(address);
  check("review: the expert reads without an account", (await expert.locator(".reviewed").count()) > 0, expert.url());
  await expert.click(".reviewed .say summary");
  await expert.fill(".reviewed textarea", "Câu này quá dài.");
  await expert.check('.reviewed input[value="must-change"]');
  await Promise.all([expert.waitForNavigation(), expert.click(".reviewed .say button")]);
  check("review: the comment is there", (await expert.innerText("main")).includes("Câu này quá dài."));
  await expert.check('#verdict input[value="good-after-changes"]');
  await Promise.all([expert.waitForNavigation(), expert.click("#verdict button")]);
  check("review: the verdict is kept", await expert.isChecked('#verdict input[value="good-after-changes"]'));
  await expert.context().close();

  await page.goto(here);
  await page.click(".thread .say summary");
  await page.fill(".thread textarea", "Đã rút ngắn.");
  await Promise.all([page.waitForNavigation(), page.click(".thread .say button")]);
  check("review: the team answers", (await page.innerText("main")).includes("Đã rút ngắn."));
  await everywhere(page, "review with a comment");
  // It waits on Home, and is said where the draft would be published.
  await page.goto("/home");
  check("review: the comment waits on Home", (await page.locator(`.waiting a[href="${here}"]`).count()) === 1, await page.innerText("main"));
  await page.goto(`/studies/${study}/builder/publication`);
  const said = await page.innerText("[aria-labelledby=review-title]");
  check("review: it is said before publishing", said.includes("Phạm Thu Hương") && (await page.locator(`[aria-labelledby=review-title] a[href="${here}"]`).count()) === 1, said);
  await everywhere(page, "publication with a review");
  const reader = await device(browser, server.address, DESKTOP);
  await looks(reader, "review by an expert", address);
  await reader.goto("/review/nothing");
  check("review: a link that does not work says so", (await reader.locator("h1").count()) === 1);
  await looks(reader, "review without a link", "/review/nothing");
  await reader.context().close();
  // The study wants its experts to agree: that is told, and the record can be printed.
  await page.goto(`/studies/${study}/settings`);
  await page.check('input[name="review_required"]');
  await Promise.all([page.waitForNavigation(), page.click("main form button.go")]);
  check("review: the setting is kept", await page.isChecked('input[name="review_required"]'));
  await everywhere(page, "settings that want a review");
  await page.goto(`/studies/${study}/builder/publication`);
  check("review: what must change stands in the way", (await page.locator("[aria-labelledby=errors-title] li.bad").count()) > 0, await page.innerText("main"));
  await everywhere(page, "publication that waits for the review");
  await page.goto(here);
  await Promise.all([page.waitForNavigation(), page.click(`a[href="${here}/record"]`)]);
  check("review: the record says what was said", (await page.innerText("main")).includes("Câu này quá dài."));
  await everywhere(page, "record of the review");
  await page.goto(`/studies/${study}/settings`);
  await page.uncheck('input[name="review_required"]');
  await Promise.all([page.waitForNavigation(), page.click("main form button.go")]);
  await page.goto(here);
  await Promise.all([page.waitForNavigation(), page.click('.thread button[value="resolve"]')]);
  check("review: a comment is resolved", (await page.locator("details.thread").count()) === 1);
  await everywhere(page, "review that is settled");
}
