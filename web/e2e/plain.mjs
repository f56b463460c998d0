// Criterion 3: everything without JavaScript, as on an old phone.

import { device, PHONE } from "./browser.mjs";
import { begin, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

export async function plain({ browser, address, next }) {
  const page = await device(browser, address, { ...PHONE, javaScriptEnabled: false });
  const letter = await next("vi");
  await begin(page, letter.link);
  await go(page);
  check("3 without JavaScript: errors are in the page", (await page.locator(".summary a").count()) > 0 && (await page.title()).startsWith("Lỗi: "));
  const target = await page.getAttribute(".summary a", "href");
  check("3 without JavaScript: the summary's link has a target", (await page.locator(`[id="${target.slice(1)}"]`).count()) === 1, target);
  await page.click("a[hreflang=en]");
  check("3 without JavaScript: the language changes, the page stays", (await page.getAttribute("html", "lang")) === "en" && place(page) === "consent", page.url());
  await page.click("a[hreflang=vi]");
  await walk(page, { until: "a7_wait" });
  await page.fill("#a7_wait", "45");
  await Promise.all([page.waitForNavigation(), page.click("button[name=later]")]);
  check("3 without JavaScript: save for later", /\/answer\/saved/.test(page.url()), page.url());
  check("3 without JavaScript: the code to go on is shown", (await page.innerText("main")).includes(letter.code), await page.innerText("main"));
  await page.context().close();
  const other = await device(browser, address, { ...PHONE, javaScriptEnabled: false });
  await other.goto(`/r/${letter.link}`);
  await other.click('a[href^="/answer/next"]');
  check("3 without JavaScript: resume", place(other) === "a8_ontime", other.url());
  await other.goto("/answer/page/a7_wait");
  check("3 without JavaScript: the saved answer is there", (await other.inputValue("#a7_wait")) === "45");
  await walk(other);
  await submit(other);
  check("3 without JavaScript: completes", /\/answer\/done/.test(other.url()) && (await other.locator("h1").innerText()).startsWith("Cảm ơn"));
  await other.context().close();
}
