// Where a respondent may end up: thanked, refused, at a wrong address, with
// mail stopped, at a closed study; and what posts by hand get.

import { axe, device, fits, PHONE, targets } from "./browser.mjs";
import { begin, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const LANGUAGES = ["vi", "en"];

async function look(page, name) {
  await fits(page, name);
  await targets(page, name);
  await axe(page, name);
}

const phone = (browser, address, language) =>
  device(browser, address, { ...PHONE, colorScheme: language === "vi" ? "light" : "dark" });

async function expect(page, name, heading) {
  const found = await page.locator("h1").innerText();
  check(`end, ${name}`, heading.test(found), found);
  await look(page, `end, ${name}`);
}

/** The pages that end an interview. */
export async function ends({ browser, address, next }) {
  const said = {
    thanks: { vi: /^Cảm ơn Ông\/Bà đã tham gia$/, en: /^Thank you for taking part$/ },
    already: { vi: /đã được gửi$/, en: /already been submitted$/ },
    refused: { vi: /^Cảm ơn Ông\/Bà$/, en: /^Thank you$/ },
    unknown: { vi: /không đúng/, en: /./ },
  };
  for (const language of LANGUAGES) {
    const page = await phone(browser, address, language);
    const letter = await next();
    await begin(page, letter.link, `?language=${language}`);
    await walk(page);
    await submit(page);
    await expect(page, `thanks, ${language}`, said.thanks[language]);
    check(`end, thanks, ${language}: gives a time and a confirmation`, /\d\d:\d\d/.test(await page.innerText("main")) && /[0-9A-Z]{8}/.test(await page.innerText("main")));
    const later = await phone(browser, address, language);
    await later.goto(`/r/${letter.link}?language=${language}`);
    await expect(later, `already answered, ${language}`, said.already[language]);
    await later.goto("/answer/page/a1_used");
    check(`end, already answered, ${language}: no question opens`, (await later.locator("form").count()) === 0, later.url());
    await later.context().close();
    await page.context().close();

    const other = await phone(browser, address, language);
    await begin(other, (await next()).link, `?language=${language}`);
    await other.check('[name=consent][value="2"]');
    await go(other);
    await expect(other, `refused, ${language}`, said.refused[language]);
    await other.context().close();

    const lost = await phone(browser, address, language);
    const answer = await lost.goto(`/r/NOSUCHLINK?language=${language}`);
    check(`end, wrong link, ${language}: is not found`, answer.status() === 404);
    await expect(lost, `wrong link, ${language}`, said.unknown[language]);
    await lost.click('a[href="/code"]');
    await look(lost, `code, ${language}`);
    await lost.fill("#code", "AAAA BBBB CCCC");
    await Promise.all([lost.waitForNavigation(), lost.click("button.go")]);
    check(`end, wrong code, ${language}: is told`, (await lost.getAttribute("#code", "aria-invalid")) === "true");
    await look(lost, `wrong code, ${language}`);
    await lost.goto("/nowhere");
    await look(lost, `no such page, ${language}`);
    await lost.context().close();

    const mine = await phone(browser, address, language);
    const invited = await next();
    await mine.goto(`/r/${invited.link}?language=${language}`);
    await mine.click('a[href^="/answer/not-me"]');
    await look(mine, `not me, ${language}`);
    await begin(mine, invited.link);
    await walk(mine, { until: "a1_used" });
    await mine.goto(`/r/${invited.link}`);
    await look(mine, `resume, ${language}`);
    await mine.goto("/answer/saved");
    await look(mine, `saved, ${language}`);
    await mine.goto(`/stop/${invited.stop}?language=${language}`);
    const before = await mine.locator("h1").innerText();
    await look(mine, `stop mail, ${language}`);
    await mine.reload();
    check(`end, stop mail, ${language}: opening it stops nothing`, (await mine.locator("form").count()) === 1);
    await Promise.all([mine.waitForNavigation(), mine.click("button.go")]);
    check(`end, stop mail, ${language}: pressing it does`, (await mine.locator("[role=status]").count()) === 1, before);
    await look(mine, `mail stopped, ${language}`);
    const altered = await mine.goto(`/stop/${invited.stop.slice(0, -1)}0`);
    check(`end, stop mail, ${language}: an altered link is not found`, altered.status() === 404, altered.status());
    await mine.context().close();
  }
}

/** What a closed study says. `links` are one never opened and one half answered. */
export async function closed({ browser, address, links }) {
  for (const language of LANGUAGES) {
    for (const [name, link] of Object.entries(links)) {
      const page = await phone(browser, address, language);
      await page.goto(`/r/${link}?language=${language}`);
      await expect(page, `closed, ${name}, ${language}`, language === "vi" ? /hiện không nhận câu trả lời/ : /is not open/);
      await page.goto("/answer/next");
      check(`end, closed, ${name}, ${language}: no question opens`, (await page.locator("form").count()) === 0, page.url());
      await page.context().close();
    }
  }
}

/** Two people at one browser: a page about the first shows nothing of the second. */
export async function twoPeople({ browser, address, next }) {
  for (const language of LANGUAGES) {
    const first = await phone(browser, address, language);
    await begin(first, (await next()).link, `?language=${language}`);
    const before = await first.locator("main").innerText();
    const second = await first.context().newPage();
    await begin(second, (await next()).link);
    const shown = await first.reload();
    const words = await first.locator("main").innerText();
    check(`two people, ${language}: the first one's page says so`, shown.status() === 409 && words !== before && /người khác|Somebody else/.test(words), words);
    await look(first, `two people, ${language}`);
    await second.reload();
    check(`two people, ${language}: the second goes on`, (await second.locator("form").count()) === 1, second.url());
    await first.context().close();
  }
}

/** Forms that no page of ours made. */
export async function byHand({ browser, address, next }) {
  const page = await device(browser, address, PHONE);
  await begin(page, (await next("vi")).link);
  await walk(page, { until: "uses", answers: { works: "no" } });
  const token = await page.inputValue("[name=token]");
  const sequence = await page.inputValue("[name=sequence]");
  const post = (name, form, headers = {}) =>
    page.request.post(`/answer/page/${name}`, { form: { token, sequence, ...form }, headers, maxRedirects: 0 });
  const stored = async (name, selector) => {
    await page.goto(`/answer/page/${name}`);
    return page.locator(selector).count();
  };

  const off = await post("most", { most: "bus" });
  check("by hand: a page off the path is refused", off.status() === 409 && /không cần trả lời/.test(await off.text()), off.status());
  const seen = await page.goto("/answer/page/most");
  check("by hand: a page off the path cannot be opened", seen.status() === 409);
  await look(page, "page off the path");
  const foreignField = await post("uses", { uses: "bus", age: "50" });
  check("by hand: a field of another page is refused", foreignField.status() === 409, foreignField.status());
  check("by hand: and nothing of it is stored", (await stored("uses", "[name=uses]:checked")) === 0);
  const nowhere = await post("nowhere", { uses: "bus" });
  check("by hand: a page that does not exist is not found", nowhere.status() === 404, nowhere.status());
  const unknown = await post("uses", { uses: "rocket" });
  check("by hand: an unknown option comes back to the page", unknown.status() === 303 && /\/answer\/page\/uses\?/.test(unknown.headers().location), unknown.status());
  await page.goto("/answer/page/uses");
  check("by hand: and is told", (await page.locator(".summary a").count()) === 1);
  await page.goto("/answer/next");
  check("by hand: the page is not passed", place(page) === "uses", page.url());
  const site = await post("uses", { uses: "bus" }, { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" });
  check("by hand: a form from another site is refused", site.status() === 403, site.status());
  const large = await post("uses", { uses: "x".repeat(700_000) });
  check("by hand: a form that is too large is refused", large.status() === 422 || large.status() === 413, large.status());
  await page.goto("/answer/page/uses");
  await page.check("#uses-car");
  await go(page);
  await walk(page, { until: "age" });
  const text = await post("age", { age: "<script>alert(1)</script>", sequence: "99" });
  check("by hand: text in a number comes back to the page", text.status() === 303, text.status());
  await page.goto("/answer/page/age");
  check("by hand: and is told, as text", (await page.locator(".summary a").count()) === 1 && (await page.locator("main script").count()) === 0);
  await page.goto("/answer/next");
  check("by hand: the number is still asked for", place(page) === "age", page.url());
  await page.goto("/answer/end");
  await Promise.all([page.waitForNavigation(), page.click('form[action="/answer/end"] button')]);
  check("by hand: an unfinished interview cannot be submitted", place(page) === "age", page.url());
  await page.context().close();
}
