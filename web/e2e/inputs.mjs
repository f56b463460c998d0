// Files, signatures, places, pictures, long lists and reasons: in both
// languages, with and without a script.

import { DESKTOP, device, everywhere, PHONE } from "./browser.mjs";
import { begin, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";
import { goAhead } from "./setup.mjs";

const said = (page) => page.locator(".summary").innerText().catch(() => "");
const SECRET = "SecretCamera";

/** A picture as a browser makes it. */
export async function picture(browser, type = "image/png") {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async (kind) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 64, height: 48 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#1f5f8b";
    pen.fillRect(0, 0, 64, 48);
    return canvas.toDataURL(kind).split(",")[1];
  }, type);
  await page.close();
  return Buffer.from(base64, "base64");
}

/** A photo with the notes a camera writes beside it. */
async function photo(browser) {
  const plain = await picture(browser, "image/jpeg");
  const notes = Buffer.concat([
    Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0", "latin1"),
    Buffer.from([SECRET.length + 1]), Buffer.from("\0\0\0\x1a\0\0\0\0", "latin1"), Buffer.from(`${SECRET}\0`),
  ]);
  const head = Buffer.from([0xff, 0xe1, 0, notes.length + 2]);
  return Buffer.concat([plain.subarray(0, 2), head, notes, plain.subarray(2)]);
}

/** The pictures that the questionnaire shows; a study does not open without them. */
export async function media({ browser, page, study }) {
  await page.goto(`/studies/${study}`);
  check("media: the next step is to send them", (await page.getAttribute(".next .go", "href")).endsWith("/design#media"));
  await page.goto(`/studies/${study}/field`);
  await Promise.all([page.waitForNavigation(), page.click('a[href$="/opening"].go')]);
  const missing = await said(page);
  check("media: a study does not open without its pictures", /cat\.png/.test(missing) && /both\.png/.test(missing), missing);
  await page.goto(`/studies/${study}/design`);
  const send = async (files) => {
    await page.setInputFiles("#media-files", files);
    await Promise.all([page.waitForNavigation(), page.click('form[action$="/media"] button')]);
  };
  await send([{ name: "cat.png", mimeType: "image/png", buffer: Buffer.from("<svg onload=alert(1)>") }]);
  check("media: what is no picture is told", /cat\.png/.test(await said(page)), await said(page));
  const png = await picture(browser);
  await send(["cat.png", "dog.png", "both.png", "gone.png"].map((name) => ({ name, mimeType: "image/png", buffer: png })));
  check("media: pictures are kept", (await page.locator("#media .members li").count()) === 4, await page.innerText("#media"));
  await goAhead(page, `/studies/${study}/media/gone.png/removal`, (shown) => everywhere(shown, "media removal"));
  check("media: and can be removed", (await page.locator("#media .members li").count()) === 3);
}

async function files({ browser, address, next }, language) {
  const page = await device(browser, address, language === "vi" ? PHONE : DESKTOP);
  await begin(page, (await next()).link, `?language=${language}`);
  await walk(page, { until: "photo" });
  await page.setInputFiles("#photo", { name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("%PDF-1.7") });
  await page.setInputFiles("#paper", { name: "large.pdf", mimeType: "application/pdf", buffer: Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(30_000)]) });
  await go(page);
  const wrong = await said(page);
  check(`a file is what its bytes say, ${language}`, place(page) === "photo" && /JPG/.test(wrong), wrong);
  check(`and no larger than may be, ${language}`, /19 kB/.test(wrong), wrong);
  await page.setInputFiles("#photo", { name: "Nhà Lan.jpg", mimeType: "image/jpeg", buffer: await photo(browser) });
  await page.setInputFiles("#paper", { name: "small.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n") });
  await go(page);
  check(`files are taken, ${language}`, place(page) === "signature", await said(page));
  await page.goto("/answer/page/photo");
  const shown = await page.locator(".kept img").evaluate((image) => image.complete && image.naturalWidth);
  check(`a photo is shown again, ${language}`, shown === 64, shown);
  const source = await page.getAttribute(".kept img", "src");
  const kept = await (await page.request.get(source)).body();
  check(`without what the camera wrote, ${language}`, !kept.includes(SECRET) && kept.length > 100, kept.length);
  check(`and without the name it had, ${language}`, !(await page.content()).includes("Lan.jpg"));
  const other = await device(browser, address, PHONE);
  await begin(other, (await next()).link);
  check(`nobody else sees it, ${language}`, (await other.request.get(source)).status() === 404);
  await other.context().close();
  await page.check("#paper-remove");
  await go(page);
  await page.goto("/answer/page/photo");
  check(`a file is taken back, the other kept, ${language}`, (await page.locator(".kept").count()) === 1);
  await go(page);
  await go(page);
  check(`a signature that must be given is asked for, ${language}`, place(page) === "signature" && (await said(page)) !== "");
  const canvas = page.locator("canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + 20, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => document.getElementById("signature").files.length === 1);
  await go(page);
  check(`a drawn signature is sent, ${language}`, place(page) === "home", await said(page));
  return page;
}

async function places(page, language) {
  await page.fill("#home", "106.7009, 10.7769");
  await go(page);
  check(`a place that is not on the earth is told, ${language}`, place(page) === "home" && /-90/.test(await said(page)), await said(page));
  await page.context().grantPermissions(["geolocation"]);
  await page.context().setGeolocation({ latitude: 10.7769, longitude: 106.7009 });
  await page.click("[data-locate=home]");
  await page.waitForFunction(() => document.getElementById("home").value.startsWith("10.7769"));
  await page.fill("#way", "10°46'37\"N 106°42'03\"E\n10.8, 106.8");
  await go(page);
  check(`places are taken as maps write them, ${language}`, place(page) === "ward", await said(page));
}

async function lists(page, language) {
  await page.fill("#ward", "tan dinh 4");
  const found = page.locator("[name=ward]");
  await found.first().waitFor();
  const codes = await found.evaluateAll((boxes) => boxes.map((box) => box.value));
  check(`a long list is searched without accents, ${language}`, codes[0] === "w084" && codes.length === 2, codes.join());
  await found.first().check();
  check(`what is chosen stays, ${language}`, (await found.count()) === 1 && (await page.inputValue("#ward")) === "");
  await go(page);
  check(`one of 321 is taken, ${language}`, place(page) === "visited", await said(page));
  for (const [typed, code] of [["ha noi", "w999"], ["Bình An 1", "w001"]]) {
    await page.fill("#visited", typed);
    const box = page.locator(`[name=visited][value=${code}]`);
    await box.waitFor();
    await box.check();
  }
  check(`several are chosen one after the other, ${language}`, (await page.locator("[name=visited]:checked").count()) === 2);
  await go(page);
  await page.check("#part-s");
  await page.waitForFunction(() => document.querySelectorAll("#district option").length === 3);
  const offered = await page.$$eval("#district option", (all) => all.map((one) => one.value).filter(Boolean).join());
  check(`a list follows the answer above it, ${language}`, offered === "td,cc", offered);
  await page.selectOption("#district", "cc");
  await go(page);
  check(`and is taken, ${language}`, place(page) === "animal", await said(page));
}

async function rest(page, language) {
  const loaded = await page.locator("main img").evaluateAll((images) => images.map((image) => image.naturalWidth));
  check(`pictures are shown, ${language}`, loaded.length === 3 && loaded.every((width) => width === 64), loaded.join());
  await page.check("#animal-cat");
  await go(page);
  await page.fill("#hours", "90");
  await go(page);
  check(`a doubtful answer may be explained, ${language}`, place(page) === "hours" && (await page.isVisible("#hours-reason")), await said(page));
  await page.fill("#hours-reason", `mùa vụ ${language}`);
  await go(page);
  await submit(page);
}

/** Without a script: everything by the button. */
async function unscripted({ browser, address, next }) {
  const page = await device(browser, address, { ...PHONE, javaScriptEnabled: false });
  await begin(page, (await next()).link, "?language=vi");
  await walk(page, { until: "signature" });
  check("without a script a signature is a picture", !(await page.isVisible("canvas")));
  await walk(page, { until: "ward" });
  await page.fill("#ward", "không có phường này");
  await go(page);
  check("without a script: nothing found is told", place(page) === "ward" && /không có phường này/.test(await said(page)), await said(page));
  await page.fill("#ward", "thoi son 1");
  await go(page);
  const count = await page.locator("[name=ward]").count();
  check("without a script: several found are shown to choose from", place(page) === "ward" && count > 2, `${count} ${await said(page)}`);
  await page.check("[name=ward][value=w281]");
  await go(page);
  check("without a script: the chosen one is taken", place(page) === "visited", await said(page));
  await page.fill("#visited", "ha noi");
  await go(page);
  await page.goto("/answer/page/visited");
  check("without a script: one found is chosen", await page.isChecked("[name=visited][value=w999]"));
  await go(page);
  await page.check("#part-n");
  await go(page);
  await page.goto("/answer/page/district");
  const offered = await page.$$eval("#district option", (all) => all.map((one) => one.value).filter(Boolean).join());
  check("without a script: the list follows once the page is sent", offered === "hk,bd", offered);
  await walk(page);
  await submit(page);
}

export async function inputs({ browser, address, next, page, study }) {
  const shared = { browser, address, next };
  for (const language of ["vi", "en"]) {
    const own = await files(shared, language);
    await places(own, language);
    await lists(own, language);
    await rest(own, language);
    await own.context().close();
  }
  await unscripted(shared);
  const download = async (file) => page.request.get(`/studies/${study}/downloads/${file}`);
  const checks = await (await download("checks.csv")).text();
  check("reasons are in the file of checks", checks.includes("mùa vụ vi") && checks.includes("mùa vụ en"), checks);
  const data = await (await download("responses.csv")).text();
  const named = data.match(/[0-9a-f-]{36}\.(?:jpg|png|pdf)/g) ?? [];
  const archive = await (await download("files.zip")).body();
  check("every file named in the data is in the archive", named.length === 7 && named.every((name) => archive.includes(name)), named.join());
  check("the archive holds no notes of cameras", archive.subarray(0, 2).toString() === "PK" && !archive.includes(SECRET));
  check("places are in the data", data.includes("10.7769 106.7009"), data.slice(0, 600));
}
