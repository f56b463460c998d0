// The pages of the people who run studies: every one in both languages, light
// and dark, on a phone and a desktop; tables, downloads, sign-in by link.

import { axe, DESKTOP, device, everywhere, fits, foreign, PHONE, targets, weigh } from "./browser.mjs";
import { check } from "./report.mjs";
import { goAhead } from "./setup.mjs";

const LARGEST = 30 * 1024;

/** The sign-in link that the program printed. Returns the page of who used it. */
export async function signInLink({ browser, server }) {
  const scanner = await device(browser, server.address, DESKTOP);
  await scanner.goto(server.signInLink);
  await scanner.goto(server.signInLink);
  await axe(scanner, "sign-in link");
  await scanner.context().close();
  const page = await device(browser, server.address, DESKTOP);
  await page.goto(server.signInLink);
  await Promise.all([page.waitForNavigation(), page.click("button.go")]);
  check("sign-in link: works though a scanner opened it before", /\/home$/.test(page.url()), page.url());
  const second = await device(browser, server.address, DESKTOP);
  await second.goto(server.signInLink);
  await Promise.all([second.waitForNavigation(), second.click("button.go")]);
  check("sign-in link: works once", (await second.locator("[role=alert]").count()) === 1, second.url());
  await second.context().close();
  return page;
}

/** Where the only study of the list is. */
export async function onlyStudy(page) {
  await page.goto("/studies");
  return (await page.getAttribute("main table a", "href")).split("/").pop();
}

async function setLanguage(page, language) {
  if ((await page.getAttribute("html", "lang")) === language) return;
  const where = new URL(page.url()).pathname;
  await Promise.all([page.waitForNavigation(), page.click('form[action="/language"] button')]);
  check(`language: changes to ${language} and stays on the page`,
    (await page.getAttribute("html", "lang")) === language && new URL(page.url()).pathname === where, page.url());
}

/** Every page, everywhere. */
export async function pages({ browser, server, page, study }) {
  await page.goto(`/studies/${study}/tables`);
  const questions = await page.$$eval("#question option", (options) => options.map((option) => option.value));
  check("tables: every question can be chosen", questions.length > 15, questions.length);
  const chosen = [questions[0], questions[Math.floor(questions.length / 2)], questions.at(-1)];
  const addresses = [
    "/home",
    "/search?q=phuong",
    "/search?q=zzzz",
    "/studies",
    "/studies?archived",
    "/studies/new",
    "/account",
    "/administration",
    `/studies/${study}/settings`,
    `/studies/${study}/people`,
    `/studies/${study}`,
    `/studies/${study}/design`,
    `/studies/${study}/sample`,
    `/studies/${study}/field`,
    `/studies/${study}/report`,
    `/studies/${study}/record`,
    `/studies/${study}/questionnaire`,
    ...chosen.map((name) => `/studies/${study}/tables?question=${name}`),
  ];
  for (const language of ["vi", "en"]) {
    await page.goto(`/studies/${study}`);
    await setLanguage(page, language);
    const storageState = await page.context().storageState();
    // Each page in each language in light and dark, on one size of screen each.
    for (const scheme of ["light", "dark"]) {
      const small = (language === "vi") === (scheme === "light");
      const size = small ? "320 px" : "desktop";
      const shown = await device(browser, server.address, { ...(small ? PHONE : DESKTOP), colorScheme: scheme, storageState });
      for (const address of addresses) {
        const name = `${address.replace(study, "ID")}, ${language}, ${scheme}, ${size}`;
        const answer = await shown.goto(address);
        const policy = answer.headers()["content-security-policy"] ?? "";
        check(`${name}: strict policy`, /default-src 'none'/.test(policy) && !/unsafe/.test(policy), policy);
        await axe(shown, name);
        await fits(shown, name);
        if (small) await targets(shown, name);
        const inline = await foreign(shown);
        check(`${name}: nothing inline`, inline.length === 0, inline.join(" "));
      }
      await shown.context().close();
    }
    for (const address of addresses) {
      const fresh = await device(browser, server.address, { ...DESKTOP, storageState });
      const { bytes } = await weigh(fresh, () => fresh.goto(address));
      check(`${address.replace(study, "ID")}, ${language}: weighs at most 30 KB (${bytes} B)`, bytes <= LARGEST);
      await fresh.context().close();
    }
  }
  await setLanguage(page, "vi");
}

/** The table itself, and the paper version of the questionnaire. */
export async function tables({ browser, server, page, study }) {
  const storageState = await page.context().storageState();
  const small = await device(browser, server.address, { ...PHONE, storageState });
  await small.goto(`/studies/${study}/tables`);
  const left = () => small.$eval("main table tbody th", (cell) => Math.round(cell.getBoundingClientRect().left));
  const before = await left();
  await small.$eval(".scroll:has(tbody .interval)", (region) => { region.scrollLeft = 300; });
  check("tables: the first column stays in sight while scrolling sideways", (await left()) >= before && before >= 0, `${before} then ${await left()}`);
  await small.context().close();
  for (const [size, options] of [["desktop", DESKTOP], ["320 px", PHONE]]) {
    const shown = await device(browser, server.address, { ...options, storageState });
    await shown.goto(`/studies/${study}/tables`);
    const charts = await overlapping(shown);
    check(`tables, ${size}: the chart's labels do not overlap and fit`,
      charts.length === 0 && (await shown.locator(".chart-label").count()) > 2, charts.join("; "));
    await shown.context().close();
  }
  await page.goto(`/studies/${study}/tables`);
  const options = await page.$$eval("#question option", (all) => all.map((option) => option.value));
  for (const question of options.filter((_, index) => index % 4 === 0)) {
    await page.goto(`/studies/${study}/tables?question=${question}`);
    const found = await overlapping(page);
    check(`tables, ${question}: figures are there`, (await page.locator("main tbody td.n").count()) > 0 && found.length === 0, found.join("; "));
  }
  // The lines for R fit a narrow page.
  const narrow = await device(browser, server.address, { ...PHONE, storageState });
  await narrow.goto(`/studies/${study}/tables`);
  await narrow.locator("details:has(.code) summary").click();
  const code = await narrow.locator(".code").innerText();
  check("tables: the design is there for R", /svydesign\(/.test(code) && /weights = ~base_weight/.test(code), code);
  check("tables: the lines for R fit 320 px", await narrow.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  await axe(narrow, "tables with the lines for R");
  await narrow.context().close();
  await page.goto(`/studies/${study}/questionnaire`);
  await page.emulateMedia({ media: "print" });
  check("10 the paper version prints boxes and no controls",
    (await page.locator(".box:visible").count()) > 50 && (await page.locator(".top:visible, .go:visible").count()) === 0);
  const paper = await page.locator(".paper").innerText();
  check("the paper version says skips in words", /(Hỏi nếu|Ask if) (câu|question) \d+/.test(paper) && !/paper-|say-/.test(paper), paper.slice(0, 400));
  await page.emulateMedia({ media: "screen" });
}

/** Words of the chart that leave it or lie over other words. */
function overlapping(page) {
  return page.evaluate(() => {
    const chart = document.querySelector(".chart");
    if (!chart) return [];
    const edge = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll(".chart-label, .chart-value")].map((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return { text: element.textContent, box: range.getBoundingClientRect() };
    });
    const found = [];
    for (const [index, one] of texts.entries()) {
      if (one.box.right > edge.right + 1 || one.box.left < edge.left - 1 || one.box.bottom > edge.bottom + 1) found.push(`“${one.text}” leaves the chart`);
      for (const other of texts.slice(index + 1)) {
        const apart = one.box.right <= other.box.left || other.box.right <= one.box.left || one.box.bottom <= other.box.top + 1 || other.box.bottom <= one.box.top + 1;
        if (!apart) found.push(`“${one.text}” over “${other.text}”`);
      }
    }
    return found;
  });
}

const FILES = {
  "tables.xlsx": [/spreadsheetml/, (bytes) => bytes.subarray(0, 2).toString() === "PK"],
  "tables.csv": [/^text\/csv/, (bytes) => bytes.includes(",")],
  "report.html": [/^text\/html/, (bytes) => bytes.includes("<h1>")],
  "responses.csv": [/^text\/csv/, (bytes) => bytes.toString().split("\n").length > 500],
  "codebook.csv": [/^text\/csv/, (bytes) => bytes.toString().split("\n").length > 50],
};

export async function downloads({ page, study }) {
  for (const [file, [type, right]] of Object.entries(FILES)) {
    const answer = await page.request.get(`/studies/${study}/downloads/${file}`);
    const bytes = await answer.body();
    check(`download ${file}: answers with its type (${bytes.length} B)`,
      answer.status() === 200 && type.test(answer.headers()["content-type"]) && right(bytes), `${answer.status()} ${answer.headers()["content-type"]}`);
    check(`download ${file}: is not kept by caches`, /no-store/.test(answer.headers()["cache-control"] ?? ""));
  }
  const none = await page.request.get(`/studies/${study}/downloads/nothing.csv`);
  check("download of an unknown file: is not found", none.status() === 404, none.status());
}

/** The report stands alone, so it is looked at as a file would be. */
export async function report({ browser, server, page, study }) {
  for (const language of ["vi", "en"]) {
    await page.goto(`/studies/${study}`);
    await setLanguage(page, language);
    const html = await (await page.request.get(`/studies/${study}/downloads/report.html`)).text();
    for (const [size, options] of [["desktop", DESKTOP], ["320 px", PHONE]]) {
      for (const colorScheme of [(language === "vi") === (size === "320 px") ? "light" : "dark"]) {
        const reader = await device(browser, server.address, { ...options, colorScheme });
        await reader.setContent(html);
        await axe(reader, `report, ${language}, ${size}, ${colorScheme}`);
        await fits(reader, `report, ${language}, ${size}, ${colorScheme}`);
        await reader.context().close();
      }
    }
    const shown = await device(browser, server.address, { ...DESKTOP, storageState: await page.context().storageState() });
    await shown.goto(`/studies/${study}/downloads/report.html`);
    check(`report, ${language}: opens with its own style`, await shown.evaluate(() => getComputedStyle(document.querySelector("main")).maxWidth !== "none"));
    await shown.context().close();
  }
  await page.goto(`/studies/${study}`);
  await setLanguage(page, "vi");
}

/** How many interviews a study has. */
export async function interviewCount(page, study) {
  await page.goto(`/studies/${study}`);
  const told = Number((await page.locator(".figures b").first().innerText()).replace(/\D/g, ""));
  // Anonymous interviews wait for company before they are counted.
  const pooled = page.locator("#pooled");
  return told + ((await pooled.count()) ? Number(await pooled.getAttribute("data-waiting")) : 0);
}

/** Search by keyboard from any page, also where the bar is folded. */
export async function search({ page, study }) {
  await page.goto(`/studies/${study}/record`);
  await page.keyboard.press("Control+k");
  check("search: Ctrl and K lead to it", await page.evaluate(() => document.activeElement.id === "seek"));
  await page.keyboard.type("đi làm");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check("search: what was typed is kept", (await page.inputValue("#q")) === "đi làm", page.url());
  await page.keyboard.press("Control+k");
  check("search: there it leads to the page's own field", await page.evaluate(() => document.activeElement.id === "q"));
  const find = async (words) => {
    await page.fill("#q", words);
    await Promise.all([page.waitForNavigation(), page.press("#q", "Enter")]);
    return page.$$eval("main .lines a", (links) => links.map((link) => link.getAttribute("href")));
  };
  const studies = await find("moi loai");
  check("search: finds studies without accents", studies.some((address) => address === `/studies/${study}`), studies.join(" "));
  const found = await find("hours");
  check("search: finds questions", found.some((address) => /\/builder\?item=/.test(address)), found.join(" "));
  check("search: nobody on a list is found", (await page.innerText("main")).includes("Người p0") === false);
  await everywhere(page, "search");
  await page.setViewportSize(PHONE.viewport);
  await page.goto(`/studies/${study}/record`);
  await page.keyboard.press("Control+k");
  check("search: narrow, the bar unfolds for it", await page.evaluate(() => document.activeElement.id === "seek" && document.activeElement.getClientRects().length > 0));
  await page.setViewportSize(DESKTOP.viewport);
}

/** A study that is out of the way, back again, and deleted. */
export async function putAway({ page, study }) {
  await page.goto(`/studies/${study}/settings`);
  await everywhere(page, "settings of a closed study");
  await Promise.all([page.waitForNavigation(), page.click('form[action$="/archive"] button')]);
  check("archive: the study says so", (await page.locator('form[action$="/restoration"]').count()) === 1, page.url());
  await everywhere(page, "archived study");
  await page.goto("/studies");
  check("archive: it is in no list", (await page.locator(`a[href="/studies/${study}"]`).count()) === 0);
  await page.click('a[href="/studies?archived"]');
  await everywhere(page, "archived studies");
  await page.click(`a[href="/studies/${study}"]`);
  await Promise.all([page.waitForNavigation(), page.click('form[action$="/restoration"] button')]);
  await page.goto("/studies");
  check("archive: it comes back", (await page.locator(`a[href="/studies/${study}"]`).count()) === 1);
  await goAhead(page, `/studies/${study}/deletion`, (shown) => everywhere(shown, "deletion"));
  check("deletion: leads to the list, which says so", page.url().endsWith("/studies?deleted") && (await page.locator("[role=status]").count()) === 1, page.url());
  const gone = await page.goto(`/studies/${study}`);
  check("deletion: nothing is found any more", gone.status() === 404, gone.status());
  await page.goto("/administration");
  check("deletion: the unit's page keeps that it was", (await page.locator("#deleted-title").count()) === 1);
  await everywhere(page, "unit with a deleted study");
}

export async function closeStudy(page, study) {
  await goAhead(page, `/studies/${study}/closure`, (shown) => everywhere(shown, "closure"));
  await page.goto(`/studies/${study}`);
  check("study: closes", (await page.locator(".state[data-status=closed]").count()) === 1);
}
