// The first day of an empty installation: from the set-up code to the first answer of a
// test, with pages and fields counted; and the example study, made in one click and
// removed in one.

import { DESKTOP, device, everywhere } from "./browser.mjs";
import { check } from "./report.mjs";

const MOST_PAGES = 12;
const MOST_FIELDS = 20;
const QUESTION = "Ông/Bà có hài lòng với phường không?\nRất hài lòng\nHài lòng\nKhông hài lòng";

/** A person whose pages and fields are counted. */
function counting(page) {
  const counts = { pages: 0, fields: 0 };
  page.on("response", (response) => {
    const request = response.request();
    const isPage = request.isNavigationRequest() && request.frame() === page.mainFrame();
    if (isPage && response.status() === 200) counts.pages += 1;
  });
  return {
    counts,
    async fill(selector, value) {
      counts.fields += 1;
      await page.fill(selector, value);
    },
    async choose(selector) {
      counts.fields += 1;
      await page.check(selector);
    },
    press: (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]),
  };
}

async function toTheFirstAnswer(page, server) {
  const person = counting(page);
  await page.goto("/");
  for (const [field, value] of [["code", server.setupCode], ["organisation", "Viện Nghiên cứu"], ["name", "Nguyễn Thị Ánh"], ["email", "anh@example.org"], ["password", "một mật khẩu thật dài"]]) {
    await person.fill(`#${field}`, value);
  }
  await person.press("main button.go");
  await person.press('main a[href="/studies/new"]');
  for (const [field, value] of [["name", "Hài lòng"], ["organisation", "Viện Nghiên cứu"], ["phone", "024 1234 5678"]]) await person.fill(`#${field}`, value);
  await person.choose("#source-here");
  await person.press("main form[enctype] button.go");
  await person.fill("#lines", QUESTION);
  await page.click("details.paste button");
  await page.waitForSelector("#edit");
  await person.press("a[href$='/builder/trials']");
  await person.press("main form button.go");
  await person.press("main a[href*='/try/']");
  await person.press("main form button.go");
  await person.choose("main form input[type=radio] >> nth=0");
  await person.press("main form button.go");
  const { pages, fields } = person.counts;
  check("day one: a test is answered", page.url().endsWith("/end"), page.url());
  check(`day one: by ${pages} pages, of ${MOST_PAGES}`, pages <= MOST_PAGES, String(pages));
  check(`day one: by ${fields} fields, of ${MOST_FIELDS}`, fields <= MOST_FIELDS, String(fields));
}

/** The note at the head of the study that says what it is. */
const note = (page) => page.locator(".note-box").first().innerText();

async function example(page) {
  await page.goto("/studies/new");
  const press = (selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  await press('form[action="/studies/example"] button');
  const address = page.url();
  check("example: one click leads to it", /\/studies\/[0-9a-f]+$/.test(address), address);
  check("example: it says what it is", /không có thật/.test(await note(page)), await note(page));
  const until = Date.now() + 180_000;
  while (Date.now() < until && /đang trả lời/.test(await note(page))) {
    await page.waitForTimeout(500);
    await page.goto(address);
  }
  check("example: it is filled", !/đang trả lời/.test(await note(page)), await note(page));
  await everywhere(page, "example study");
  await page.goto(`${address}/tables`);
  check("example: it has tables", (await page.locator("main table").count()) > 0);
  check("example: every page of it says so", /ví dụ/.test(await page.innerText(".study-head")), await page.innerText(".study-head"));
  await page.goto("/studies");
  check("example: the list says so", /ví dụ/.test(await page.innerText("main table")), await page.innerText("main"));
  await page.goto(address);
  await press('form[action$="/example/removal"] button');
  check("example: one click removes it", /\/studies\?deleted$/.test(page.url()) && !/ví dụ/.test(await page.innerText("main")), page.url());
}

/** The whole walk, on a server of its own that is empty. */
export async function dayOne({ browser, server }) {
  const page = await device(browser, server.address, DESKTOP);
  await toTheFirstAnswer(page, server);
  await page.goto("/home");
  await example(page);
  await page.context().close();
}
