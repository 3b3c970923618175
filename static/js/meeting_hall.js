// What the big screen draws: elements from the stream's facts, no state of its own.

const MOST_QUESTIONS = 5;
const SVG = "http://www.w3.org/2000/svg";

export function element(name, kind, words = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = words;
  return made;
}

function drawn(kind, facts) {
  const made = document.createElementNS(SVG, kind);
  for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
  return made;
}

const number = (text) => Number(String(text).replaceAll(",", ""));

// A bar of `whole`, filled to `reached`, with a tick at `needed` where there is a line to reach.
export function bar(reached, whole, needed) {
  const all = Math.max(number(whole), number(reached), number(needed ?? 0), 0.01);
  const length = (value) => Math.round((1000 * number(value)) / all);
  const made = drawn("svg", { viewBox: "0 0 1000 40", preserveAspectRatio: "none", class: "hall__bar", "aria-hidden": "true" });
  made.append(
    drawn("rect", { class: "hall__ground", width: 1000, y: 6, height: 28 }),
    drawn("rect", { class: "hall__fill", width: length(reached), y: 6, height: 28 }),
  );
  if (needed !== undefined) made.append(drawn("rect", { class: "hall__tick", x: Math.min(992, length(needed)), width: 8, height: 40 }));
  return made;
}

// As on the result's own page: how far it came, and the line it had to reach.
// The stream speaks Chinese; a screen in English has its own words for the same figures.
export function threshold({ body, part, measure, label, fraction, base, needed, reached, met, sentence }, words) {
  if (document.documentElement.lang.startsWith("en")) {
    const unit = measure === "area" ? words.unit : words.people;
    if (label) [label, fraction, body] = [words[`${part}_${measure}`] ?? words[part], fraction.match(/\d+\/\d+/)?.[0] ?? "", ""];
    sentence = words[met ? "reached" : "missed"].replace("{needed}", needed).replace("{reached}", reached).replaceAll("{unit}", unit);
  }
  const place = element("div", met ? "hall__threshold" : "hall__threshold hall__threshold--missed");
  place.dataset.measure = measure;
  if (label) place.append(element("p", "hall__need", `${plain({ body, label })}　${fraction}`));
  place.append(bar(reached, base, needed), element("p", "hall__need", `${met ? "✓" : "✕"} ${sentence}`));
  return place;
}

const plain = ({ body, label }) => (body && label.startsWith(`${body} `) ? label.slice(body.length + 1) : label);

export function line({ body, option, label, heads, area, is_chosen: isChosen }, words) {
  const place = element("span", isChosen ? "hall__line hall__line--chosen" : "hall__line", `${isChosen ? "✓ " : ""}${words[option] ?? plain({ body, label })} `);
  const count = element("b", "", heads);
  count.dataset.count = option;
  place.append(count);
  if (area) place.append(` ${area}${words.unit}`);
  return place;
}

export function redlined(segments) {
  return segments.map((segment) => {
    if (segment.change === "keep") return document.createTextNode(segment.text);
    return Object.assign(document.createElement(segment.change === "strike" ? "del" : "ins"), { textContent: segment.text });
  });
}

// A result: the counts, and the thresholds that decided it; below each other for each body where several voted.
export function bodies({ lines, thresholds }, words) {
  const names = [...new Set(lines.map((one) => one.body ?? ""))];
  return names.map((body) => {
    const place = element("div", "hall__side");
    const own = lines.filter((one) => one.body === body);
    const missed = thresholds.filter((one) => one.body === body && !one.met);
    const part = missed.some((one) => one.part === "quorum") ? "quorum" : "pass";
    const counts = element("p", own.length > 3 ? "hall__lines hall__lines--many figures" : "hall__lines figures");
    // Of several questions each has its own outcome; there is no room for the bars of more than two.
    const mark = /^\d+\. /.test(body) && !own.some((one) => one.is_chosen) ? (missed.length ? "✕ " : "✓ ") : "";
    if (body) counts.append(element("b", "hall__body", `${mark}${body}`));
    counts.append(...own.map((one) => line(one, words)));
    const decisive = names.length > 2 ? [] : thresholds.filter((one) => one.part === part && one.body === body);
    const bars = element("div", decisive.length > 1 ? "hall__thresholds hall__thresholds--many figures" : "hall__thresholds figures");
    bars.append(...decisive.map((one) => threshold(one, words)));
    place.append(counts, bars);
    return place;
  });
}

// The agenda around the present item: what is done, with what was decided, and what comes.
export function agendaRows(items, words) {
  const shown = 6;
  const present = Math.max(0, items.findIndex((item) => item.status === "current"));
  const first = Math.max(0, Math.min(present - 2, items.length - shown));
  const marks = { done: "✓", current: "●", skipped: "✕" };
  const rows = items.slice(first, first + shown).map((item) => {
    const row = element("li", `hall__row hall__row--${item.status}`);
    row.append(
      element("span", "hall__mark", marks[item.status] ?? "○"),
      element("span", "hall__title", `${item.position}　${item.title}`),
    );
    if (item.decision) row.append(element("span", "hall__decision", `${words.decided}${item.decision}`));
    return row;
  });
  if (items.length > shown) rows.push(element("li", "hall__row hall__row--more", words.more.replace("{n}", items.length)));
  return rows;
}

function counted(item, tally, words) {
  const counts = tally?.[item.id];
  return counts ? item.options.map(({ id, label }) => `${words[id] ?? label} ${counts[id]?.heads ?? 0}`).join("　") : "";
}

// One running vote: how many have voted of how many may; `body` names whose vote it is where several bodies vote.
export function running(ballot, may, body, words) {
  const whole = Math.max(may, ballot.turnout.cast);
  const place = element("section", (ballot.items ?? []).length > 2 ? "hall__vote hall__vote--questions" : "hall__vote");
  if (body) place.append(element("p", "hall__body", body));
  const count = element("p", "hall__turnout figures", `${words.cast} `);
  const cast = element("b", "", ballot.turnout.cast);
  cast.dataset.hallCast = "";
  const of = element("span", "", whole);
  of.dataset.hallEligible = "";
  count.append(cast, " / ", of);
  if (!body) count.append(" ", element("small", "", words.may));
  place.append(count, bar(ballot.turnout.cast, whole));
  const items = ballot.items ?? [];
  if (items.length > 1) {
    const questions = element("ol", "hall__questions");
    const shown = items.slice(0, items.length > MOST_QUESTIONS ? MOST_QUESTIONS - 1 : MOST_QUESTIONS);
    questions.append(...shown.map((item) => element("li", "", [`${items.indexOf(item) + 1}. ${item.title}`, counted(item, ballot.tally, words)].filter(Boolean).join("　"))));
    if (items.length > shown.length) questions.append(element("li", "hall__row--more", words.more.replace("{n}", items.length)));
    place.append(questions);
  }
  const result = element("p", "hall__result", (items.length === 1 && counted(items[0], ballot.tally, words)) || (ballot.tally ? "" : words.hidden));
  result.dataset.hallResult = "";
  place.append(result);
  return place;
}
