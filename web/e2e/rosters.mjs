// Questions asked of each of several things: a household's people, whom the
// respondent adds, removes and puts back, and the trips of each.

import { DESKTOP, device, PHONE } from "./browser.mjs";
import { begin, CONTINUE, fill, go, place, submit, walk } from "./interview.mjs";
import { check } from "./report.mjs";

const press = (page, button) => Promise.all([page.waitForNavigation(), page.click(button)]);
const members = (page) => page.$$eval(".members:first-of-type li > span:first-child", (names) => names.map((name) => name.textContent));

/** One person, up to the list that comes after. */
async function person(page, code, { name, age, trips }) {
  check(`the questions are about person ${code}`, place(page) === `who/${code}`, page.url());
  await fill(page, { name, age, sex: "f" });
  await go(page);
  if (Number(age) >= 15) {
    check(`${name}: a name that was given is in the next question`, (await page.innerText("main")).includes(name));
    await page.check("[name=works][value=yes]");
    await go(page);
  }
  check(`${name}: what does not apply is passed over`, place(page) === `moves/${code}`, page.url());
  await page.fill("#trips", String(trips));
  await go(page);
  for (let trip = 1; trip <= trips; trip += 1) {
    check(`${name}: trip ${trip} is asked about`, place(page) === `trip/${code}/${trip}`, page.url());
    await page.fill("#km", "2");
    await go(page);
  }
  if (trips > 0) {
    check(`${name}: the kilometres of all trips add up`, (await page.innerText("main")).includes(`${trips * 2} km`), await page.innerText("main"));
    await go(page);
  }
}

/** A household in each language, by keyboard and without JavaScript too. */
export async function rosters({ browser, address, next }) {
  for (const [language, options] of [["vi", PHONE], ["en", { ...DESKTOP, javaScriptEnabled: false }]]) {
    const page = await device(browser, address, options);
    await begin(page, (await next()).link, `?language=${language}`);
    await fill(page);
    await go(page);
    await person(page, 1, { name: "Lan", age: "40", trips: 2 });
    check(`${language}: after a person comes the list`, /\/answer\/members\/person/.test(page.url()), page.url());
    check(`${language}: the list names who there is`, (await members(page)).join() === "Lan", (await members(page)).join());
    check(`${language}: the one person there must be cannot be taken away`, (await page.locator("[name=remove]").count()) === 0);
    await press(page, "[name=add]");
    await person(page, 2, { name: "Minh", age: "9", trips: 0 });
    await press(page, "[name=add]");
    await person(page, 3, { name: "<b>Hoa</b>", age: "70", trips: 0 });
    check(`${language}: a name is shown as it was written`, (await members(page)).join() === "Lan,Minh,<b>Hoa</b>", (await members(page)).join());
    await press(page, "[name=remove][value='2']");
    check(`${language}: who is taken away is out of the list`, (await members(page)).join() === "Lan,<b>Hoa</b>", (await members(page)).join());
    check(`${language}: and can be put back`, (await page.locator("[name=restore][value='2']").count()) === 1);
    await page.goto("/answer/page/who/2");
    check(`${language}: nothing is asked of who is taken away`, (await page.locator("#name").count()) === 0, page.url());
    await page.goto("/answer/members/person");
    await press(page, "[name=restore][value='2']");
    await page.goto("/answer/page/who/2");
    check(`${language}: who is put back keeps the answers`, (await page.inputValue("#name")) === "Minh" && (await page.inputValue("#age")) === "9");
    await page.goto("/answer/page/moves/1");
    await page.fill("#trips", "1");
    await go(page);
    const prompt = page.locator(".summary.soft");
    check(`${language}: a smaller number asks before trips go`, place(page) === "moves/1" && (await prompt.count()) === 1 && /Lan|2/.test(await prompt.innerText()), page.url());
    check(`${language}: no reason is asked for`, (await page.locator("[name='trips.reason']").count()) === 0);
    await go(page);
    check(`${language}: sent again, it is taken`, place(page) === "trip/1/1", page.url());
    await page.goto("/answer/page/moves/1");
    await page.fill("#trips", "2");
    await go(page);
    await page.goto("/answer/page/trip/1/2");
    check(`${language}: the trip is back with its answer`, (await page.inputValue("#km")) === "2");
    await page.goto("/answer/members/person");
    await page.focus(CONTINUE);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    const chosen = await page.innerText("main");
    check(`${language}: one of the adults is chosen, never the child`, place(page) === "asked" && /Lan|Hoa/.test(chosen) && !/Minh/.test(chosen), chosen);
    await page.reload();
    check(`${language}: and stays chosen`, (await page.innerText("main")) === chosen);
    await go(page);
    check(`${language}: only those who work are asked for their hours`, place(page) === "hours/1", page.url());
    await walk(page, { until: "often/bus", answers: { uses: ["bus", "walk"] } });
    check(`${language}: what was chosen is asked about`, place(page) === "often/bus", page.url());
    await walk(page, { until: "totals" });
    const recap = await page.innerText("main");
    check(`${language}: sums over all people are told`, /3/.test(recap) && /4/.test(recap), recap);
    await walk(page);
    await submit(page);
    check(`${language}: the household is done`, /\/answer\/done/.test(page.url()), page.url());
    await page.context().close();
  }
}

/** The page of results offers a file a roster, and the files hold the members. */
export async function rosterFiles({ page, study }) {
  await page.goto(`/studies/${study}/tables`);
  const links = await page.$$eval("a[href*='/downloads/responses-']", (found) => found.map((link) => link.getAttribute("href").split("/").pop()));
  check("every roster has a file", links.join() === ["person", "trip", "means", "season"].map((name) => `responses-${name}.csv`).join(), links.join());
  const rows = async (file) => {
    const text = await (await page.request.get(`/studies/${study}/downloads/${file}`)).text();
    const [header, ...lines] = text.replace("\ufeff", "").trim().split("\r\n").map((line) => line.split(","));
    return lines.map((cells) => Object.fromEntries(cells.map((cell, index) => [header[index], cell])));
  };
  const people = await rows("responses-person.csv");
  const lan = people.filter((row) => row.name === "Lan");
  check("people are rows with their response's weight", lan.length === 2 && lan.every((row) => row.person === "1" && row.age === "40" && Number(row.weight) > 0), JSON.stringify(people[0]));
  const trips = (await rows("responses-trip.csv")).filter((row) => row.response === lan[0].response);
  check("trips know their person", trips.length === 2 && trips.every((row) => row.person === "1" && row.km === "2"), JSON.stringify(trips));
  const asked = (await rows("responses.csv")).filter((row) => row.response === lan[0].response);
  check("who was chosen and the factor of the weight are in the data", asked.length === 1 && ["1", "3"].includes(asked[0].asked_person) && asked[0].asked_person_factor === "2" && Math.abs(Number(asked[0].base_weight) / 2 - Math.round(Number(asked[0].base_weight) / 2 * 1e6) / 1e6) < 1e-6, JSON.stringify(asked[0]));
  const doubts = await rows("checks.csv");
  check("a check that does not hold is told with its member and words", doubts.some((row) => row.check === "few_hours" && row.member === "1" && /Lan chỉ làm 3 giờ|Lan works only 3 hours/.test(row.message)), JSON.stringify(doubts));
  const unknown = await page.request.get(`/studies/${study}/downloads/responses-nobody.csv`);
  check("a roster that is not there is not found", unknown.status() === 404, unknown.status());
}
