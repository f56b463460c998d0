// What every check needs of a browser: contexts that stand for devices, the
// weight of a page, and the measurements that the acceptance criteria name.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

import { check } from "./report.mjs";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
export const DESKTOP = { viewport: { width: 1280, height: 900 } };

function executable() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser"]).toString().trim();
}

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium. */
export function launch() {
  return chromium.launch({ executablePath: executable(), args: ARGUMENTS });
}

/** A browser of its own that keeps what it stores in a folder; `script` runs before every page. */
export async function persistent(folder, address, script) {
  const options = { executablePath: executable(), args: ARGUMENTS, baseURL: address, locale: "vi-VN", ...DESKTOP };
  const context = await chromium.launchPersistentContext(folder, options);
  context.setDefaultTimeout(8_000);
  if (script) await context.addInitScript(script);
  return context.pages()[0] ?? context.newPage();
}

/** What went wrong in pages, in the words of the console. */
export const complaints = [];

/** A device of its own: fresh cookies, one page. Complaints are collected. */
export async function device(browser, address, options = {}) {
  const context = await browser.newContext({ baseURL: address, locale: "vi-VN", ...options });
  context.setDefaultTimeout(8_000);
  context.on("console", (message) => {
    // A page that is meant to answer with an error status is told apart by its address.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) {
      complaints.push(`${message.page()?.url()}: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => complaints.push(`${error.page()?.url()}: ${error.error()}`));
  return context.newPage();
}

/** Runs axe without loosening the page's content security policy. */
export async function axe(page, name) {
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(`${AXE}; 0`);
  const found = await evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then((result) => result.violations.map(
      (violation) => violation.id + " at " + violation.nodes.slice(0, 3).map((node) => node.target + " " + (node.failureSummary || "").slice(0, 160)).join(" and ")))`,
  );
  await session.detach();
  check(`${name}: axe finds nothing`, found.length === 0, found.join("; "));
}

/** Counts bytes over the wire, in all and of each script by name, and requests while `action` runs. */
export async function weigh(page, action) {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  const scripts = new Map();
  const addresses = [];
  const asked = new Map();
  session.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
    if (asked.has(event.requestId)) scripts.set(asked.get(event.requestId), event.encodedDataLength);
  });
  session.on("Network.requestWillBeSent", (event) => {
    if (!event.request.url.startsWith("data:")) addresses.push(event.request.url);
    if (event.request.url.endsWith(".js")) asked.set(event.requestId, path.basename(event.request.url));
    // A redirect is weighed with the request that it answers.
    if (event.redirectResponse) bytes += event.redirectResponse.encodedDataLength;
  });
  await session.send("Network.enable");
  await action();
  // Modules that the page's script asks for come a moment after the page.
  await page.waitForTimeout(150);
  await session.detach();
  return { bytes, scripts, addresses };
}

/** When something was first painted, in milliseconds from the navigation. */
export async function firstPaint(page) {
  const handle = await page.waitForFunction(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  return Math.round(await handle.jsonValue());
}

const scrollsSideways = () => document.documentElement.scrollWidth > window.innerWidth;

/** Nothing needs sideways scrolling, at the usual size and with text twice as large. */
export async function fits(page, name) {
  const usual = await page.evaluate(scrollsSideways);
  check(`${name}: fits its width`, !usual, await overflowing(page));
  await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
  const large = await page.evaluate(scrollsSideways);
  check(`${name}: fits its width with text at 200 %`, !large, large ? await overflowing(page) : "");
  await page.evaluate(() => document.documentElement.removeAttribute("style"));
}

function overflowing(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1 && !element.closest(".scroll"))
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.className} ${Math.round(element.getBoundingClientRect().right)}`)
      .join(", "),
  );
}

/** Everything that is pressed is at least 44 px high and wide, options 48 px high. */
export async function targets(page, name) {
  const small = await page.evaluate(() => {
    const found = [];
    const controls = "a, button, summary, select, textarea, label.option, input:not([type=hidden])";
    for (const element of document.querySelectorAll(controls)) {
      if (element.closest(".skip, p:not(.later):not(.block), dd") || (element.tagName === "INPUT" && element.closest("label"))) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const least = element.matches(".option") ? 48 : 44;
      if (box.height < least - 0.5 || box.width < 43.5) {
        found.push(`${element.outerHTML.slice(0, 70)} ${Math.round(box.width)}×${Math.round(box.height)}`);
      }
    }
    return found;
  });
  check(`${name}: targets are large enough`, small.length === 0, small.join(" | "));
}

/** The page has nothing inline and nothing from elsewhere. */
export function foreign(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("style, [style]:not([style='']), script:not([src]), [onclick], [onload], link[href^='http'], script[src^='http'], img[src^='http']")]
      .map((element) => element.outerHTML.slice(0, 80)),
  );
}

let album;

/** Keeps pictures of pages in a folder. */
export function keepPictures(folder) {
  fs.mkdirSync(folder, { recursive: true });
  album = folder;
}

/** Takes a picture, if they are kept. */
export async function picture(page, name) {
  if (album) await page.screenshot({ path: path.join(album, `${name.replaceAll(/[^\p{L}\p{N}-]+/gu, "-")}.png`), fullPage: true });
}

/** A page as it is, narrow and wide. */
export async function bothWidths(page, name) {
  await page.setViewportSize(PHONE.viewport);
  await fits(page, name);
  await targets(page, name);
  await picture(page, `${name}-320`);
  await page.setViewportSize(DESKTOP.viewport);
  await axe(page, name);
  await picture(page, `${name}-1280`);
}

/** A page as it is, in both languages, narrow and wide. */
export async function everywhere(page, name) {
  const address = page.url();
  for (const language of ["en", "vi"]) {
    await page.goto(address);
    if ((await page.getAttribute("html", "lang")) !== language) {
      const button = 'form[action="/language"] button';
      // The builder folds the bar into a menu.
      if (!(await page.isVisible(button))) await page.click(".strip .menu");
      await Promise.all([page.waitForNavigation(), page.click(button)]);
      await page.goto(address);
    }
    for (const fold of await page.$$("details:not([open]) > summary")) await fold.click();
    await bothWidths(page, `${name} ${language}`);
    const keys = await page.evaluate(() => document.body.innerText.match(/\b(?:sample|frame|plan|release|areas|role|method|share|substitution|cli|confirm|study|problem|error|missing|clash|next|password|builder|kind|edit|history|translation|publication|trials?|versions|library|fact|condition|map|why|how|say)-[a-z-]+\b/g));
    check(`${name} ${language}: every text is there`, !keys, String(keys));
  }
}
