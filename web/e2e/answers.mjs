// Criteria 4, 5, 6, 8, 11, 12 and 15: what happens to answers when they are
// wrong, sent twice, left and taken up again, or given without a mouse.

import { DESKTOP, device, PHONE } from "./browser.mjs";
import { begin, CONTINUE, fill, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const PREFIX = { vi: "Lỗi: ", en: "Error: " };

/** Criterion 4, and 11 and 12 on the year of birth. */
export async function wrong({ browser, address, next }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, address, DESKTOP);
    await begin(page, (await next()).link, `?language=${language}`);
    await walk(page, { until: "birth_year" });
    const field = page.locator("#birth_year");
    check(`11 ${language}: numbers are typed in a text field with a number pad`,
      (await field.getAttribute("inputmode")) === "numeric" && (await field.getAttribute("type")) === "text");
    check(`12 ${language}: the year of birth is asked, not the date`,
      (await page.locator("input[type=date], select").count()) === 0 && (await page.locator("#birth_year").count()) === 1);
    await field.fill("1800");
    await go(page);
    const summary = page.locator("main .summary");
    check(`4 ${language}: a summary leads the page`, await page.evaluate(() => {
      const all = [...document.querySelectorAll("main .summary, main h1, main fieldset")];
      return all[0]?.matches(".summary");
    }));
    check(`4 ${language}: the summary has the focus`, await summary.evaluate((element) => element === document.activeElement));
    check(`4 ${language}: the title says so`, (await page.title()).startsWith(PREFIX[language]), await page.title());
    check(`4 ${language}: what was typed is kept`, (await field.inputValue()) === "1800");
    check(`4 ${language}: the field is marked and described`, await field.evaluate((input) => {
      const text = input.getAttribute("aria-describedby")?.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
      return input.getAttribute("aria-invalid") === "true" && Boolean(text);
    }));
    await page.click(".summary a");
    check(`4 ${language}: the link leads to the field`, (await page.evaluate(() => document.activeElement.id)) === "birth_year");
    await field.fill("năm 1985");
    await go(page);
    check(`11 ${language}: words are not a number`, (await summary.count()) === 1 && (await field.inputValue()) === "năm 1985");
    await field.fill("");
    await go(page);
    // A blank is asked about once, then accepted: age bands come instead.
    await go(page);
    check(`12 ${language}: who gives no year is asked for an age band`, (await page.locator("[name=age_ask]").count()) > 1, page.url());
    await page.context().close();
  }
  const page = await device(browser, address, PHONE);
  await begin(page, (await next()).link);
  await walk(page, { until: "b_grid" });
  const rows = await page.$$eval("fieldset input[type=radio]:first-child", (radios) => [...new Set(radios.map((radio) => radio.name))]);
  await page.check(`[name="${rows[1]}"] >> nth=2`);
  const kept = await page.locator(`[name="${rows[1]}"]:checked`).getAttribute("id");
  await go(page);
  check("4 a battery with blanks is asked about once", (await page.locator(".summary").count()) === 1);
  check("4 the given answer is kept", await page.isChecked(`#${kept}`));
  await page.click(".summary a >> nth=0");
  const focused = await page.evaluate(() => ({ type: document.activeElement.type, name: document.activeElement.name }));
  check("4 the link leads to the first option of the item", focused.type === "radio" && focused.name === rows[0], JSON.stringify(focused));
  const before = place(page);
  await go(page);
  check("4 the second Continue goes on", place(page) !== before, page.url());
  await page.context().close();
}

/** Criterion 5. */
export async function again({ browser, address, next, interviews }) {
  const context = await device(browser, address, DESKTOP);
  const page = context;
  const dialogs = [];
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.accept(); });
  await begin(page, (await next()).link);
  await walk(page, { until: "a1_used" });
  await page.check('[name="a1_used"][value="1"]');
  await go(page);
  const after = place(page);
  await page.goBack();
  check("5 Back shows the saved answer", place(page) === "a1_used" && (await page.isChecked('[name="a1_used"][value="1"]')), page.url());
  await page.goForward();
  check("5 forward again, without a prompt", place(page) === after && dialogs.length === 0, page.url());
  await fill(page);
  await page.dblclick(CONTINUE);
  await page.waitForURL(/a5_channel/);
  await page.waitForLoadState();
  check("5 a double Continue goes one page on", place(page) === "a5_channel", page.url());
  // After an error, Back and reload ask nothing either.
  await walk(page, { until: "birth_year" });
  await page.fill("#birth_year", "1");
  await go(page);
  await page.reload();
  check("5 a page with errors reloads without a prompt", (await page.locator(".summary").count()) === 1 && dialogs.length === 0);
  await page.goBack();
  await page.goForward();
  check("5 Back from a page with errors gives a page", (await page.locator("#birth_year").count()) === 1, await page.title());
  await page.fill("#birth_year", "1985");
  await go(page);
  await walk(page);
  const tab = await page.context().newPage();
  await tab.goto("/answer/end");
  const had = await interviews();
  await Promise.all([submit(page), submit(tab)]);
  check("5 two tabs that submit make one record", (await interviews()) === had + 1, `${had} then ${await interviews()}`);
  check("5 both tabs say so", (await page.locator("h1").innerText()) === (await tab.locator("h1").innerText()));
  await page.goBack();
  check("5 Back after the end does not open the questionnaire", !/\/answer\/page/.test(page.url()) && (await page.locator(CONTINUE).count()) === 0, page.url());
  await page.context().close();

  const first = await device(browser, address, DESKTOP);
  await begin(first, (await next()).link);
  await walk(first, { until: "a1_used" });
  const second = await first.context().newPage();
  await second.goto("/answer/page/a1_used");
  await first.check('[name="a1_used"][value="1"]');
  await second.check('[name="a1_used"][value="2"]');
  await go(first);
  await go(second);
  await first.goto("/answer/page/a1_used");
  const chosen = await first.$$eval('[name="a1_used"]:checked', (radios) => radios.map((radio) => radio.value));
  check("5 two tabs on one page leave one answer", chosen.length === 1, chosen.join());
  await first.context().close();
}

/** Criterion 6. */
export async function elsewhere({ browser, address, next }) {
  const letter = await next();
  const page = await device(browser, address, DESKTOP);
  await begin(page, letter.link);
  await walk(page, { until: "a5_channel" });
  await page.context().close();
  const phone = await device(browser, address, PHONE);
  await phone.goto(`/r/${letter.link}`);
  await phone.click('a[href^="/answer/next"]');
  check("6 the link goes on elsewhere where it was left", place(phone) === "a5_channel", phone.url());
  await phone.goto("/answer/first");
  await walk(phone, { until: "a1_used" });
  check("6 the answers are there", await phone.isChecked('[name="a1_used"][value="1"]'));
  await phone.context().close();
  for (const [how, typed] of [["as printed", letter.code], ["small, run together", ` ${letter.code.replaceAll(" ", "").toLowerCase()} `]]) {
    const other = await device(browser, address, PHONE);
    await other.goto("/code");
    await other.fill("#code", typed);
    await other.click("button.go");
    await other.click('a[href^="/answer/next"]');
    check(`6 the code, ${how}, goes on too`, place(other) === "a5_channel", other.url());
    await other.context().close();
  }
}

/** Criterion 8. */
export async function keyboard({ browser, address, next }) {
  const page = await device(browser, address, { viewport: { width: 390, height: 844 } });
  await page.goto(`/r/${(await next()).link}`);
  const top = () => page.evaluate(() => document.querySelector("main").getBoundingClientRect().top);
  const before = await top();
  await page.keyboard.press("Tab");
  check("8 the skip link comes first", await page.evaluate(() => document.activeElement.matches(".skip")));
  check("8 the skip link lies over the page", (await top()) === before);
  const seen = await page.evaluate(() => {
    const box = document.activeElement.getBoundingClientRect();
    return box.left >= 0 && box.top >= 0 && box.width > 44 && box.height >= 44;
  });
  check("8 the skip link is seen", seen);
  await page.keyboard.press("Enter");
  check("8 the skip link leads to the page", new URL(page.url()).hash === "#main");
  let rings = 0;
  let looked = 0;
  const done = () => /\/answer\/done/.test(page.url());
  for (let presses = 0; presses < 900 && !done(); presses += 1) {
    await page.keyboard.press("Tab");
    const on = await page.evaluate(() => {
      const active = document.activeElement;
      const outline = getComputedStyle(active.closest("label.option") ?? active);
      return {
        kind: active.matches("button.go") ? "button" : active.type ?? "",
        ring: outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) >= 3,
        name: active.name,
        mode: active.inputMode,
        empty: active.value === "",
        chosen: active.name ? document.querySelectorAll(`[name="${active.name}"]:checked`).length : 0,
      };
    });
    if (on.kind !== "") {
      looked += 1;
      rings += on.ring ? 1 : 0;
    }
    if (on.kind === "button") {
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    } else if ((on.kind === "radio" || on.kind === "checkbox") && on.chosen === 0) {
      await page.keyboard.press("Space");
    } else if ((on.kind === "text" || on.kind === "textarea") && on.empty) {
      await page.keyboard.type(on.name === "birth_year" ? "1985" : on.mode === "numeric" ? "3" : "Tốt");
    }
  }
  check("8 the keyboard alone completes an interview", done(), page.url());
  check("8 the focus is always seen", rings === looked && looked > 20, `${rings} of ${looked}`);
  await page.context().close();
}

/** Criterion 15. */
export async function expired({ browser, address, next }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, address, DESKTOP);
    await begin(page, (await next()).link, `?language=${language}`);
    await walk(page, { until: "a7_wait" });
    await page.$eval("[name=token]", (input) => { input.value = "from-another-time"; });
    await page.fill("#a7_wait", "25");
    await go(page);
    check(`15 ${language}: an expired form shows itself again with what was typed`,
      (await page.inputValue("#a7_wait")) === "25" && (await page.locator(".summary").count()) === 1);
    check(`15 ${language}: the title and the focus say so`, (await page.title()).startsWith(PREFIX[language])
      && (await page.evaluate(() => document.activeElement.matches(".summary"))), await page.title());
    await go(page);
    check(`15 ${language}: Continue then saves it`, place(page) === "a8_ontime", page.url());
    const lasting = (await page.context().cookies()).find((cookie) => cookie.name === "interview");
    check(`15 ${language}: the link's cookie does not run out while the page is open`, lasting?.expires === -1 && lasting.httpOnly);
    await page.context().close();
  }
}
