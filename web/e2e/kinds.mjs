// Every kind of question, on the study that the set-up made: criteria 11, 13,
// 14 and 16, skips within a page, and what each kind refuses.

import { DESKTOP, device, PHONE, weigh } from "./browser.mjs";
import { begin, fill, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const options = (page) => page.$$eval("[name=uses]", (boxes) => boxes.map((box) => box.value).join());
const said = (page) => page.locator(".summary").innerText().catch(() => "");

/** Whether it gets there soon: the script that hides comes a moment after the page. */
const becomes = (locator, state) => locator.waitFor({ state, timeout: 5_000 }).then(() => true, () => false);

/** Criterion 11 on decimals, and skips within a page. */
export async function numbers({ browser, address, next }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, address, DESKTOP);
    await begin(page, (await next()).link, `?language=${language}`);
    await walk(page, { until: "work" });
    const hours = page.locator("#hours");
    check(`3 ${language}: a question that does not apply is hidden`, await becomes(hours, "hidden"));
    await page.check("#works-yes");
    check(`3 ${language}: it shows when it does`, await becomes(hours, "visible"));
    await page.check("#works-no");
    check(`3 ${language}: and hides again`, await becomes(hours, "hidden"));
    await page.check("#works-yes");
    check(`11 ${language}: decimals get a pad with a comma`, (await hours.getAttribute("inputmode")) === "decimal");
    await hours.fill("1.234");
    await go(page);
    check(`11 ${language}: 1.234 is asked back`, place(page) === "work" && /1[.,]?234/.test(await said(page)), await said(page));
    for (const typed of ["2,5", "2.5"]) {
      await page.goto("/answer/page/work");
      await hours.fill(typed);
      await go(page);
      check(`11 ${language}: ${typed} is accepted`, place(page) === "uses", page.url());
      await page.goto("/answer/page/work");
      const shown = await hours.inputValue();
      check(`11 ${language}: and shown as the language writes it`, shown === (language === "vi" ? "2,5" : "2.5"), shown);
    }
    await hours.fill("101");
    await go(page);
    check(`11 ${language}: a number out of range is told with the range`, /100/.test(await said(page)), await said(page));
    await page.check("#works-no");
    await go(page);
    check(`3 ${language}: what no longer applies is not asked for`, place(page) === "uses", await said(page));
    await page.context().close();
  }
  const plain = await device(browser, address, { ...PHONE, javaScriptEnabled: false });
  await begin(plain, (await next()).link);
  await walk(plain, { until: "work" });
  check("3 without JavaScript: the question that may not apply is in the page", await plain.isVisible("#hours"));
  await plain.check("#works-no");
  await go(plain);
  check("3 without JavaScript: it may then stay empty", place(plain) === "uses", plain.url());
  await plain.context().close();
  const light = await device(browser, address, PHONE);
  await begin(light, (await next()).link);
  await walk(light, { until: "work" });
  // Its scripts come once, and those for inputs came with the first page:
  // weighed with nothing kept, and then with everything.
  const all = () => light.reload({ waitUntil: "networkidle" });
  await all();
  await (await light.context().newCDPSession(light)).send("Network.clearBrowserCache");
  const { scripts } = await weigh(light, all);
  const more = [...scripts].filter(([name]) => !name.startsWith("inputs"));
  const extra = more.reduce((sum, [, size]) => sum + size, 0);
  check(`1 a page with skips brings at most 10 KB of scripts, once (${extra} B)`,
    more.length === 2 && extra <= 10 * 1024, [...scripts.keys()].join(" "));
  const { bytes } = await weigh(light, all);
  check(`1 and weighs at most 10 KB itself (${bytes} B)`, bytes <= 10 * 1024);
  await light.context().close();
}

/** Criterion 16, and several answers to one question. */
export async function choices({ browser, address, next }) {
  const orders = new Set();
  for (let person = 0; person < 5; person += 1) {
    const { link } = await next();
    const page = await device(browser, address, DESKTOP);
    await begin(page, link);
    await walk(page, { until: "uses" });
    const order = await options(page);
    orders.add(order.split(",").slice(0, 3).join());
    check("16 what is anchored stays last", order.endsWith("other,none"), order);
    if (person > 0) {
      await page.context().close();
      continue;
    }
    await page.reload();
    check("16 the order stays after a reload", (await options(page)) === order);
    await page.goto("/answer/page/uses?language=en");
    check("16 the order stays in the other language", (await options(page)) === order);
    const other = await device(browser, address, PHONE);
    await other.goto(`/r/${link}`);
    await other.goto("/answer/page/uses");
    check("16 the order stays on another device", (await options(other)) === order);
    await other.context().close();
    await page.goto("/answer/page/uses?language=vi");
    await page.check("#uses-bus");
    await page.check("#uses-none");
    check("an option that stands alone clears the others", !(await page.isChecked("#uses-bus")));
    await page.check("#uses-car");
    check("another option clears the one that stands alone", !(await page.isChecked("#uses-none")));
    await page.check("#uses-bus");
    await page.check("#uses-bike");
    await go(page);
    check("too many choices are told with the limit", place(page) === "uses" && (await said(page)).includes("2"), await said(page));
    check("4 the choices are kept", (await page.locator("[name=uses]:checked").count()) === 3);
    await page.uncheck("#uses-bike");
    await go(page);
    const offered = await page.$$eval("[name=most]", (radios) => radios.map((radio) => radio.value).sort().join());
    check("only what was chosen is offered next", offered === "bus,car", offered);
    await page.context().close();
  }
  check("16 the order differs between people", orders.size > 1, [...orders].join(" "));
  const plain = await device(browser, address, { ...PHONE, javaScriptEnabled: false });
  await begin(plain, (await next()).link);
  await walk(plain, { until: "uses" });
  await plain.check("#uses-bus");
  await plain.check("#uses-none");
  await go(plain);
  check("3 without JavaScript: an option that stands alone is checked by the server", place(plain) === "uses" && (await said(plain)) !== "");
  await plain.context().close();
}

/** Criteria 13 and 14; what text, dates and required questions refuse. */
export async function words({ browser, address, next }) {
  const page = await device(browser, address, DESKTOP);
  const { link } = await next();
  await page.goto(`/r/${link}?language=vi`);
  const welcome = await page.innerText("main");
  check("14 the form of address is the study's", /[Bb]ạn/.test(welcome) && !/Ông\/Bà|[Qq]uý vị/.test(welcome), welcome);
  await begin(page, link);
  await walk(page, { until: "score" });
  check("a scale has eleven buttons and no slider", (await page.locator("[name=score]").count()) === 11 && (await page.locator("[type=range]").count()) === 0);
  check("a scale tells its ends to who cannot see them", await page.evaluate(() => {
    const labels = [...document.querySelectorAll("[name=score]")].map((radio) => radio.labels[0].textContent);
    return /^0.*Kém$/.test(labels[0]) && /^10.*Tốt$/.test(labels.at(-1));
  }));
  await walk(page, { until: "age" });
  await go(page);
  check("a required question is asked for", place(page) === "age" && (await page.locator(".summary:not(.soft)").count()) === 1);
  await go(page);
  check("a required question is asked for every time", place(page) === "age");
  await page.fill("#age", "abc");
  await go(page);
  check("11 letters are not a number", place(page) === "age" && (await page.inputValue("#age")) === "abc");
  await page.fill("#age", "");
  await page.check("#age-refused");
  await go(page);
  check("a required question may be refused where that is offered", place(page) === "since", await said(page));
  await page.goto("/answer/page/age");
  await page.uncheck("#age-refused");
  await page.fill("#age", "40");
  await go(page);
  await page.fill("#since", "31/02/2020");
  await go(page);
  check("a day that does not exist is told", place(page) === "since" && (await page.inputValue("#since")) === "31/02/2020", await said(page));
  await page.fill("#since", "2/9/1985");
  await go(page);
  check("a date is accepted", place(page) === "words", await said(page));
  await page.goto("/answer/page/since");
  check("11 a date is shown in full", (await page.inputValue("#since")) === "02/09/1985", await page.inputValue("#since"));
  await go(page);
  check("an earlier answer is piped in", (await page.innerText("main")).includes("Bạn 40 tuổi"));
  check("the length a text may have is told and heard", await page.evaluate(() => {
    const ids = document.getElementById("job").getAttribute("aria-describedby") ?? "";
    return ids.split(" ").some((id) => /40/.test(document.getElementById(id)?.textContent ?? ""));
  }));
  await page.fill("#job", "x".repeat(41));
  await go(page);
  check("a text that is too long is told and kept", (await page.inputValue("#job")).length === 41, page.url());
  const typed = "Thợ điện ở Đà Nẵng".normalize("NFD");
  await page.fill("#job", typed);
  await page.fill("#idea", "Đường <b>sạch</b> & \"đẹp\"");
  await go(page);
  await page.goto("/answer/page/words");
  check("text is shown as it was typed", (await page.inputValue("#idea")) === "Đường <b>sạch</b> & \"đẹp\"");
  check("13 text is stored composed", (await page.inputValue("#job")) === typed.normalize("NFC"));
  await go(page);
  await walk(page);
  await submit(page);
  check("every kind: completes", /\/answer\/done/.test(page.url()));
  await page.context().close();
}

/** Leaves an interview half answered; returns the link. */
export async function halfway({ browser, address, next }) {
  const page = await device(browser, address, DESKTOP);
  const { link } = await next();
  await begin(page, link);
  await walk(page, { until: "opinions" });
  await fill(page);
  await page.context().close();
  return link;
}

/** What the further kinds refuse, doubt, open and begin with. */
export async function further({ browser, address, next }) {
  for (const language of ["vi", "en"]) {
    const page = await device(browser, address, language === "vi" ? PHONE : DESKTOP);
    await begin(page, (await next()).link, `?language=${language}`);
    await walk(page, { until: "ward" });
    check(`a dropdown begins blank, ${language}`, (await page.inputValue("#ward")) === "");
    await go(page);
    check(`and is asked for when it must be, ${language}`, place(page) === "ward" && (await page.locator(".summary a[href='#ward']").count()) === 1, await said(page));
    await walk(page, { until: "usual", answers: { ward: ["b"] } });
    const other = page.locator("#usual_other");
    check(`the box beside an option is shut, ${language}`, await becomes(other, "hidden"));
    await page.check("#usual-other");
    check(`and opens with it, ${language}`, await becomes(other, "visible"));
    await other.fill("thuyền");
    await go(page);
    await page.goto("/answer/page/usual");
    check(`and keeps what was written, ${language}`, (await other.inputValue()) === "thuyền");
    await page.goto("/answer/page/goods_rank");
    const places = page.locator("[name=goods_rank]");
    check(`a ranking has as many places as may be filled, ${language}`, (await places.count()) === 3);
    for (const index of [0, 1]) await places.nth(index).selectOption("rice");
    await go(page);
    check(`one answer in two places is told, ${language}`, place(page) === "goods_rank" && (await said(page)) !== "", await said(page));
    check(`and shown as it was sent, ${language}`, (await places.nth(1).inputValue()) === "rice");
    await places.nth(1).selectOption("fish");
    await go(page);
    check(`two answers are taken, ${language}`, place(page) === "goods_extremes", await said(page));
    const same = await page.locator("[name=goods_extremes_best]").first().getAttribute("value");
    await page.check(`[name=goods_extremes_best][value=${same}]`);
    await page.check(`[name=goods_extremes_worst][value=${same}]`);
    await go(page);
    check(`the best cannot be the worst, ${language}`, place(page) === "goods_extremes", page.url());
    await walk(page, { until: "worries", answers: { goods_extremes_worst: await page.locator("[name=goods_extremes_worst]").nth(1).getAttribute("value") } });
    const shown = await page.locator(".items li").count();
    check(`the items to count are shown, not ticked, ${language}`, (shown === 3 || shown === 4) && (await page.locator("main [type=checkbox]").count()) === 0, String(shown));
    await page.fill("#worries", String(shown + 1));
    await go(page);
    check(`more than are shown is told, ${language}`, place(page) === "worries" && (await said(page)) !== "", await said(page));
    await page.fill("#worries", String(shown));
    await go(page);
    const profiles = () => page.$$eval(".profile", (found) => found.map((one) => one.textContent));
    const drawn = await profiles();
    check(`two alternatives stand beside each other three times, ${language}`, place(page) === "line" && drawn.length === 6 && (await page.locator(".profile .detail").count()) === 18, drawn.join(" / "));
    await page.reload();
    check(`and stay the same, ${language}`, (await profiles()).join() === drawn.join());
    await walk(page, { until: "budget" });
    await page.fill("#b_food", "50");
    await page.fill("#b_home", "40");
    await go(page);
    check(`numbers that do not add up are told, ${language}`, /100/.test(await said(page)) && /90/.test(await said(page)), await said(page));
    await walk(page, { until: "trip" });
    await page.fill("#trip", "200");
    await go(page);
    check(`a doubtful answer is asked about, ${language}`, place(page) === "trip" && (await page.locator(".summary.soft").count()) === 1, await said(page));
    await go(page);
    check(`and taken when it is sent again, ${language}`, place(page) === "city", page.url());
    check(`a box holds its default, ${language}`, (await page.inputValue("#city")) === "Huế");
    check(`a value that cannot be changed is shown, ${language}`, (await page.inputValue("#code")) === "W-b" && !(await page.isEditable("#code")));
    check(`what interviewers ask is not asked here, ${language}`, (await page.locator("#note_home").count()) === 0);
    await walk(page);
    await submit(page);
    await page.context().close();
  }
}
