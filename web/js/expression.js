// Computes the value of a compiled expression: the JavaScript evaluator.
//
// The Rust evaluator (crates/survey-builder, questionnaire/expression) is the
// other one; the two give the same results and a test holds them to it. This
// one reads the typed tree that the server compiled, never the author's text,
// and needs no eval: it works under a strict content security policy.
//
// evaluate(tree, environment) gives a value or null (missing). Values: true,
// false, numbers, strings (texts, option codes, dates "2026-11-23", times
// "18:30") and arrays (sets of codes; one entry an instance of a roster).
//
// An environment has answer(reference) -> {value} or {state}, and where they
// are needed self (the value being checked, or null), today ("2026-11-23"),
// random (a number below 1, drawn once for the response and the calculation),
// label(list, code), attribute(list, code, name), options(list) -> codes in
// order, rosterSize(reference), position.

const SPACE =
  "[\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const LN2_HIGH = 6.931471803691238e-1;
const LN2_LOW = 1.9082149292705877e-10;
const QUARTER_HIGH = 1.5707963267341256;
const QUARTER_LOW = 6.077100506506192e-11;
const EARTH_RADIUS = 6378100;

/** The value of a tree; null is missing. */
export function evaluate(tree, environment) {
  const { value } = evaluator(environment);
  return value(tree);
}

/** What lets something happen (relevance, filter): missing counts as false. */
export function isTrue(value) {
  return value === true;
}

/** What forbids something (constraint, edit check): missing counts as met. */
export function isMet(value) {
  return value !== false;
}

/** A number with the fewest digits that read back as it, without an exponent. */
export function printNumber(number) {
  const written = String(number === 0 ? 0 : number);
  const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(written);
  if (!parts) return written;
  const [, sign, whole, fraction = "", exponent] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

// --- numbers: the same steps in the same order as number.rs ---------------

function finite(number) {
  return Number.isFinite(number) ? number + 0 : null;
}

function parseNumber(written) {
  const trimmed = written.replace(ENDS, "");
  return DECIMAL.test(trimmed) ? finite(Number(trimmed)) : null;
}

// Halves away from zero. The difference below is exact.
function roundWhole(number) {
  const size = Math.abs(number);
  const whole = Math.trunc(size);
  return Math.sign(number) * (size - whole >= 0.5 ? whole + 1 : whole);
}

function times(number, factor, steps) {
  let product = number;
  for (let step = 0; step < steps; step += 1) product *= factor;
  return product;
}

function round(number, wantedDigits) {
  const digits = Math.trunc(wantedDigits);
  if (digits > 22) return number;
  if (digits < -308) return 0;
  const scale = times(1, 10, Math.abs(digits));
  if (digits < 0) return finite(roundWhole(number / scale) * scale);
  const scaled = number * scale;
  return Number.isFinite(scaled) ? finite(roundWhole(scaled) / scale) : number;
}

function exp(x) {
  if (x > 709.79) return null;
  if (x < -745.2) return 0;
  const twos = roundWhole(x * Math.LOG2E);
  const rest = x - twos * LN2_HIGH - twos * LN2_LOW;
  let sum = 1;
  for (let term = 18; term > 0; term -= 1) sum = 1 + (sum * rest) / term;
  return finite(times(sum, twos < 0 ? 0.5 : 2, Math.abs(twos)));
}

function ln(x) {
  if (x <= 0) return null;
  let mantissa = x;
  let twos = 0;
  while (mantissa >= Math.SQRT2) {
    mantissa *= 0.5;
    twos += 1;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    twos -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let odd = 25; odd > 0; odd -= 2) sum = sum * square + 1 / odd;
  return finite(twos * LN2_HIGH + (2 * s * sum + twos * LN2_LOW));
}

function pow(base, exponent) {
  if (exponent === Math.trunc(exponent) && Math.abs(exponent) <= 4096) {
    let result = 1;
    let square = base;
    for (let left = Math.abs(exponent); left > 0; left = Math.trunc(left / 2)) {
      if (left % 2 === 1) result *= square;
      square *= square;
    }
    return finite(exponent < 0 ? 1 / result : result);
  }
  if (base === 0) return exponent > 0 ? 0 : null;
  if (exponent === 0.5) return base > 0 ? Math.sqrt(base) : null;
  const logarithm = ln(base);
  const product = logarithm === null ? null : finite(exponent * logarithm);
  return product === null ? null : exp(product);
}

function log10(x) {
  const logarithm = ln(x);
  if (logarithm === null) return null;
  const near = logarithm / Math.LN10;
  const whole = roundWhole(near);
  const power = times(1, 10, Math.min(Math.abs(whole), 23));
  const exact = Math.abs(whole) <= 22 && x === (whole < 0 ? 1 / power : power);
  return finite(exact ? whole : near);
}

function sineAndCosine(x) {
  if (Math.abs(x) > 1e6) return null;
  const quarters = roundWhole((x * 2) / Math.PI);
  const rest = x - quarters * QUARTER_HIGH - quarters * QUARTER_LOW;
  const square = rest * rest;
  const series = (from, to) => {
    let sum = 1;
    for (let term = from; term >= to; term -= 2) sum = 1 - (square * sum) / (term * (term - 1));
    return sum;
  };
  const sine = rest * series(23, 3);
  const cosine = series(22, 2);
  return [
    [sine, cosine],
    [cosine, -sine],
    [-sine, -cosine],
    [-cosine, sine],
  ][((quarters % 4) + 4) % 4];
}

function sin(x) {
  const both = sineAndCosine(x);
  return both && finite(both[0]);
}

function cos(x) {
  const both = sineAndCosine(x);
  return both && finite(both[1]);
}

function tan(x) {
  const both = sineAndCosine(x);
  return both && finite(both[0] / both[1]);
}

function atan(x) {
  const size = Math.abs(x);
  let part = size > 1 ? 1 / size : size;
  part /= 1 + Math.sqrt(1 + part * part);
  part /= 1 + Math.sqrt(1 + part * part);
  const square = part * part;
  let sum = 0;
  for (let odd = 25; odd > 0; odd -= 2) sum = 1 / odd - sum * square;
  let angle = 4 * (part * sum);
  if (size > 1) angle = Math.PI / 2 - angle;
  return x < 0 ? -angle : angle;
}

function atan2(y, x) {
  if (x > 0) return atan(y / x);
  if (x < 0) return y < 0 ? atan(y / x) - Math.PI : atan(y / x) + Math.PI;
  if (y > 0) return Math.PI / 2;
  return y < 0 ? -Math.PI / 2 : 0;
}

function asin(x) {
  return Math.abs(x) > 1 ? null : finite(atan2(x, Math.sqrt((1 - x) * (1 + x))));
}

function acos(x) {
  return Math.abs(x) > 1 ? null : finite(2 * atan2(Math.sqrt(1 - x), Math.sqrt(1 + x)));
}

// --- places: latitude and longitude in degrees, see geometry.rs ------------

function points(places) {
  const written = places.split(";").filter((point) => point.replace(ENDS, "") !== "");
  const found = written.map((point) => {
    const parts = point.replace(ENDS, "").split(new RegExp(SPACE));
    const [latitude, longitude] = parts.slice(0, 2).map(parseNumber);
    if (parts.length < 2 || latitude === null || longitude === null) return null;
    return [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  });
  return found.includes(null) ? null : found;
}

function distance(places) {
  const line = points(places);
  if (line === null) return null;
  let sum = 0;
  for (let place = 1; place < line.length; place += 1) {
    const [from, fromEast] = line[place - 1];
    const [to, toEast] = line[place];
    const north = sin((to - from) / 2);
    const east = sin((toEast - fromEast) / 2);
    const [here, there] = [cos(from), cos(to)];
    if ([north, east, here, there].includes(null)) return null;
    const part = north * north + here * there * east * east;
    sum += 2 * EARTH_RADIUS * asin(Math.sqrt(Math.min(part, 1)));
  }
  return finite(sum);
}

function area(places) {
  const edge = points(places);
  if (edge === null) return null;
  if (edge.length < 3) return 0;
  let sum = 0;
  let last = edge.at(-1);
  for (const point of edge) {
    const [before, here] = [sin(last[0]), sin(point[0])];
    if (before === null || here === null) return null;
    sum += (point[1] - last[1]) * (2 + before + here);
    last = point;
  }
  return finite(Math.abs((sum * EARTH_RADIUS * EARTH_RADIUS) / 2));
}

function geofence(place, fence) {
  const point = points(place)?.[0];
  const edge = points(fence);
  if (!point || edge === null || edge.length < 3) return null;
  let inside = false;
  let last = edge.at(-1);
  for (const corner of edge) {
    if (corner[0] > point[0] !== last[0] > point[0]) {
      const at = ((last[1] - corner[1]) * (point[0] - corner[0])) / (last[0] - corner[0]) + corner[1];
      if (point[1] < at) inside = !inside;
    }
    last = corner;
  }
  return inside;
}

// --- dates: counted in days since 1 January 1970 --------------------------

function parseDate(written) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(written);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number);
  const longest = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= longest[month - 1];
  return exists ? written : null;
}

function parseTime(written) {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(written) ? written : null;
}

function isLeap(year) {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function dateParts(date) {
  return date.split("-").map(Number);
}

function dayNumber(date) {
  const [year, month, day] = dateParts(date);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  return Math.round(moment.getTime() / 86400000);
}

function addDays(date, wantedCount) {
  const count = Math.trunc(wantedCount);
  if (Math.abs(count) > 4000000) return null;
  const moment = new Date((dayNumber(date) + count) * 86400000);
  const year = moment.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return null;
  const two = (number) => String(number).padStart(2, "0");
  const month = two(moment.getUTCMonth() + 1);
  return `${String(year).padStart(4, "0")}-${month}-${two(moment.getUTCDate())}`;
}

function monthsBetween(from, to) {
  if (to < from) return finite(-monthsBetween(to, from));
  const [fromYear, fromMonth, fromDay] = dateParts(from);
  const [toYear, toMonth, toDay] = dateParts(to);
  return (toYear - fromYear) * 12 + toMonth - fromMonth - (toDay < fromDay ? 1 : 0);
}

function yearsBetween(from, to) {
  if (to < from) return finite(-yearsBetween(to, from));
  const reached = to.slice(5) >= from.slice(5);
  return dateParts(to)[0] - dateParts(from)[0] - (reached ? 0 : 1);
}

function formatDate(date, form) {
  const [year, month, day] = dateParts(date);
  const two = (number) => String(number).padStart(2, "0");
  const forms = {
    Y: String(year).padStart(4, "0"),
    y: two(year % 100),
    m: two(month),
    n: String(month),
    d: two(day),
    e: String(day),
  };
  return normal(form.replace(/%([^])/gu, (whole, sign) => forms[sign] ?? whole));
}

// --- patterns: all states at once, see pattern.rs --------------------------

function matches(program, text) {
  const characters = Array.from(text, (character) => character.codePointAt(0));
  const isWord = (code) =>
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
  const boundary = (place) => isWord(characters[place - 1]) !== isWord(characters[place]);
  const holds = {
    "^": (place) => place === 0,
    $: (place) => place === characters.length,
    b: boundary,
    B: (place) => !boundary(place),
  };
  const follow = (start, place, states, seen) => {
    const waiting = [start];
    while (waiting.length > 0) {
      const state = waiting.pop();
      if (state >= program.length || seen.has(state)) continue;
      seen.add(state);
      const [head, one, other] = program[state];
      if (head === "s") waiting.push(one, other);
      else if (head === "j") waiting.push(one);
      else if (head === "c" || head === "m") states.push(state);
      else if (holds[head](place)) waiting.push(state + 1);
    }
  };
  const takes = (instruction, code) => {
    for (let low = 1; low < instruction.length; low += 2) {
      if (instruction[low] <= code && code <= instruction[low + 1]) return true;
    }
    return false;
  };
  let states = [];
  follow(0, 0, states, new Set());
  for (let place = 0; place < characters.length && states.length > 0; place += 1) {
    const next = [];
    const seen = new Set();
    for (const state of states) {
      const instruction = program[state];
      if (instruction[0] === "c" && takes(instruction, characters[place])) {
        follow(state + 1, place + 1, next, seen);
      }
    }
    states = next;
  }
  return states.some((state) => program[state][0] === "m");
}

// --- the tree ----------------------------------------------------------------

// An answer as the language sees it: texts in NFC; an empty text, an empty set
// and a number that is not finite are no values.
function admitted(value) {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value.normalize("NFC");
  if (typeof value === "number") return finite(value);
  if (Array.isArray(value) && value.length === 0) return null;
  return value;
}

function asText(value) {
  return typeof value === "number" ? printNumber(value) : String(value);
}

function asNumber(value) {
  if (typeof value === "string") return parseNumber(value);
  return Number(value);
}

function normal(text) {
  return text.normalize("NFC");
}

function codePoints(text) {
  return Array.from(text);
}

// Functions of present values: any missing argument makes them missing.
const STRICT = {
  not: (a) => !a,
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  in: (wanted, ...members) => members.includes(wanted),
  between: (value, low, high) => low <= value && value <= high,
  "+": (...parts) => parts.reduce((a, b) => (a === null ? null : finite(a + b))),
  "*": (...parts) => parts.reduce((a, b) => (a === null ? null : finite(a * b))),
  "/": (a, b) => finite(a / b),
  mod: (a, b) => finite(a % b),
  neg: (a) => finite(-a),
  selected: (chosen, code) => (Array.isArray(chosen) ? chosen.includes(code) : chosen === code),
  count_selected: (set) => set.length,
  code: (chosen) => normal(Array.isArray(chosen) ? chosen.join(" ") : chosen),
  number: asNumber,
  to_text: asText,
  round: (a, digits = 0) => round(a, digits),
  floor: (a) => finite(Math.floor(a)),
  ceil: (a) => finite(Math.ceil(a)),
  abs: (a) => Math.abs(a),
  sqrt: (a) => finite(Math.sqrt(a)),
  pow,
  ln,
  log10,
  exp,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan: (x) => finite(atan(x)),
  atan2: (y, x) => finite(atan2(y, x)),
  length: (text) => codePoints(text).length,
  contains: (text, part) => text.includes(part),
  starts_with: (text, part) => text.startsWith(part),
  ends_with: (text, part) => text.endsWith(part),
  upper: (text) => normal(text.toUpperCase()),
  lower: (text) => normal(text.toLowerCase()),
  trim: (text) => text.replace(ENDS, ""),
  concat: (...parts) => normal(parts.join("")),
  substring: (text, from, count) => {
    const start = Math.max(Math.trunc(from), 0);
    return normal(codePoints(text).slice(start, start + Math.max(Math.trunc(count), 0)).join(""));
  },
  substring_before: (text, part) => {
    const place = text.indexOf(part);
    return place < 0 ? "" : normal(text.slice(0, place));
  },
  substring_after: (text, part) => {
    const place = text.indexOf(part);
    return place < 0 ? "" : normal(text.slice(place + part.length));
  },
  translate: (text, from, to) => {
    const [known, wanted] = [codePoints(from), codePoints(to)];
    const turned = codePoints(text).map((character) => {
      const place = known.indexOf(character);
      return place < 0 ? character : (wanted[place] ?? "");
    });
    return normal(turned.join(""));
  },
  normalize_space: (text) => normal(text.replace(ENDS, "").replace(new RegExp(SPACE, "g"), " ")),
  distance,
  area,
  geofence,
  minutes: (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)),
  format_date: formatDate,
  to_date: (written) => parseDate(written.replace(ENDS, "")),
  to_time: (written) => parseTime(written.replace(ENDS, "")),
  year: (date) => dateParts(date)[0],
  month: (date) => dateParts(date)[1],
  day: (date) => dateParts(date)[2],
  weekday: (date) => ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1,
  days_between: (from, to) => dayNumber(to) - dayNumber(from),
  months_between: monthsBetween,
  years_between: yearsBetween,
  add_days: addDays,
};

const STATES = {
  answered: (state) => state === "answered",
  skipped: (state) => state === "skipped",
  refused: (state) => state === "refused",
  dont_know: (state) => state === "dont_know",
  not_applicable: (state) => state === "not_applicable",
  asked: (state) => state !== "not_asked" && state !== "not_reached",
};

function evaluator(environment) {
  function value(node) {
    if (!Array.isArray(node)) return node;
    const [head, ...rest] = node;
    switch (head) {
      case "text":
      case "option":
      case "date":
      case "time":
        return rest[0];
      case "q":
        return admitted(environment.answer(rest[0])?.value);
      case "list": {
        const found = environment.answer(rest[0])?.value;
        return Array.isArray(found) ? found : null;
      }
      case ".":
        return admitted(environment.self);
      case "roster":
        return null;
      case "or":
        return kleene(rest.map(value), true);
      case "and":
        return kleene(rest.map(value), false);
      case "if": {
        const condition = value(rest[0]);
        return condition === null ? null : value(rest[condition ? 1 : 2]);
      }
      case "coalesce":
        return firstPresent(rest);
      case "today":
        return environment.today ?? null;
      case "random":
        return environment.random ?? null;
      case "position":
        return environment.position ?? null;
      case "label":
        return label(rest[0], value(rest[1]));
      case "attribute":
        return attribute(rest[0], value(rest[1]), value(rest[2]));
      case "selected_at":
        return selectedAt(rest[0], value(rest[1]), value(rest[2]));
      case "matches": {
        const text = value(rest[1]);
        return text === null ? null : matches(rest[0], text);
      }
      default:
        return call(head, rest);
    }
  }

  function call(head, rest) {
    if (Object.hasOwn(STATES, head)) return STATES[head](stateOf(rest[0]));
    if (Object.hasOwn(REDUCE, head)) return REDUCE[head](rest);
    if (!Object.hasOwn(STRICT, head)) return null;
    const values = rest.map(value);
    return values.includes(null) ? null : STRICT[head](...values);
  }

  function stateOf(node) {
    const present = value(node) !== null;
    if (!Array.isArray(node) || node[0] !== "q" || present) return present ? "answered" : "skipped";
    const answer = environment.answer(node[1]) ?? { state: "not_reached" };
    // An empty text or set is no answer: the question was shown and left blank.
    return answer.state && answer.state !== "answered" ? answer.state : "skipped";
  }

  function firstPresent(nodes) {
    for (const node of nodes) {
      const found = value(node);
      if (found !== null) return found;
    }
    return null;
  }

  function inListOrder(list, codes) {
    const order = environment.options?.(list);
    if (!order) return codes;
    const place = (code) => (order.includes(code) ? order.indexOf(code) : order.length);
    return [...codes].sort((a, b) => place(a) - place(b));
  }

  function label(list, chosen) {
    if (chosen === null) return null;
    const codes = Array.isArray(chosen) ? inListOrder(list, chosen) : [chosen];
    const labels = codes.map((code) => environment.label?.(list, code) ?? null);
    return labels.includes(null) ? null : normal(labels.join(", "));
  }

  function attribute(list, code, name) {
    if (code === null || name === null) return null;
    const found = environment.attribute?.(list, code, name) ?? "";
    return found === "" ? null : normal(found);
  }

  function selectedAt(list, codes, place) {
    if (codes === null || place === null) return null;
    return inListOrder(list, codes)[Math.trunc(place)] ?? null;
  }

  // One decisive part decides, whatever is missing (Kleene, 1952).
  function kleene(values, decisive) {
    if (values.includes(decisive)) return decisive;
    return values.includes(null) ? null : !decisive;
  }

  // Each argument's value, and each instance's where it is a list; a roster
  // that was not reached has no instances.
  function members(nodes) {
    return nodes.flatMap((node) => {
      const isList = Array.isArray(node) && node[0] === "list";
      return isList ? (value(node) ?? []).map(admitted) : [value(node)];
    });
  }

  function sum(values) {
    return values.length === 0 ? null : STRICT["+"](...values);
  }

  function best(values, better) {
    return values.length === 0 ? null : values.reduce((a, b) => (better(b, a) ? b : a));
  }

  const present = (nodes) => members(nodes).filter((found) => found !== null);

  const REDUCE = {
    sum: (nodes) => sum(present(nodes)),
    mean: (nodes) => {
      const values = present(nodes);
      const total = sum(values);
      return total === null ? null : finite(total / values.length);
    },
    min: (nodes) => best(present(nodes), (a, b) => a < b),
    max: (nodes) => best(present(nodes), (a, b) => a > b),
    count: ([node]) => {
      if (node[0] === "roster") return environment.rosterSize?.(node[1]) ?? 0;
      const list = value(node);
      return Array.isArray(list) ? list.length : 0;
    },
    count_answered: (nodes) => present(nodes).length,
    join: ([between, ...nodes]) => {
      const separator = value(between);
      const texts = present(nodes);
      return separator === null || texts.length === 0 ? null : normal(texts.join(separator));
    },
    item_at: ([node, place]) => {
      const list = value(node);
      const wanted = value(place);
      if (!Array.isArray(list) || wanted === null || Math.trunc(wanted) < 1) return null;
      return admitted(list[Math.trunc(wanted) - 1]);
    },
    all: (nodes) => kleene(members(nodes), false),
    any: (nodes) => kleene(members(nodes), true),
  };

  return { value };
}
