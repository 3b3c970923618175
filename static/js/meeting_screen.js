// The big screen: everything comes from the stream; nothing is touched. One thing at a time takes the stage: who speaks,
// else the vote, the motion, the newest result, the agenda; what had to give way stands in one line below.
// When the line is lost it says since when.

import { setConsent } from "./meeting_consent.js";
import { agendaRows, bodies, element, redlined, running, threshold } from "./meeting_hall.js";
import { follow } from "./meeting_stream.js";
import { setTimer } from "./meeting_timer.js";

const CARRIED = 3;
const FRESH = 12000; // how long a new result keeps the stage
const hall = document.querySelector("[data-hall]");

if (hall) {
  const at = (name) => hall.querySelector(`[data-hall-${name}]`);
  const words = at("words").dataset;
  const ballots = new Map();
  // What the stream said last.
  const now = { phase: hall.dataset.phase, items: [], attendance: null, waiting: [], timer: null, motion: null, result: null, roll: null, consent: null, starts: "" };
  let last = new Date();
  let alive = true;
  let missed = false;
  let freshUntil = 0;

  const time = (moment) => moment.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  const current = () => now.items.find((item) => item.status === "current") ?? null;
  const open = () => [...ballots.values()].filter((one) => one.phase === "open");

  function showContact() {
    const place = at("contact");
    place.classList.toggle("hall__contact--lost", !alive);
    place.textContent = alive ? `${time(new Date())}　${words.fine}` : `${words.lost} ${time(last)}`;
  }

  // The text of the item is announced until there is a result on it; a motion takes its place.
  const announced = () => (!now.result && now.phase === "open" ? (current()?.text ?? "") : "");

  function stage() {
    if (now.phase !== "open") return "agenda";
    if (now.timer) return "speaker";
    if (now.consent?.status === "asked") return "consent";
    if (open().length) return "vote";
    if (now.result && performance.now() < freshUntil) return "verdict";
    if (now.motion) return "motion";
    if (now.result) return "verdict";
    return announced() ? "motion" : "agenda";
  }

  function arrange() {
    const shown = stage();
    hall.dataset.stage = shown;
    for (const place of hall.querySelectorAll("[data-hall-on]")) place.hidden = !place.dataset.hallOn.split(" ").includes(shown);
    header();
    votes(shown);
    at("roll").hidden = shown !== "vote" || !now.roll;
    at("votes").hidden = Boolean(now.roll);
    if (now.roll) called();
    text();
    if (now.result) decided();
    door();
    at("rows").replaceChildren(...agendaRows(now.items, words));
    papers(shown);
    below(shown);
  }

  function header() {
    const place = at("item");
    const item = current() ?? (stage() === "verdict" ? now.items.find((one) => one.id === now.result.item) : null);
    if (now.phase === "suspended") place.textContent = words.break;
    else if (now.phase === "closed" || now.phase === "minuted") place.textContent = words.over;
    else if (now.phase === "cancelled") place.textContent = words.cancelled;
    else if (item) place.textContent = `${words.item.replace("{n}", item.position)}　${item.title}`;
    else place.textContent = now.phase === "open" ? words.between : words.soon;
    const state = now.attendance;
    at("proxied").hidden = !state.represented;
    at("represented").textContent = state.represented;
    at("due").textContent = state.due;
    at("present").textContent = state.present;
    const isMet = state.quorum.every((one) => one.met);
    const needed = state.quorum.map((one) => `${one.needed}${one.measure === "area" ? words.unit : ""}`).join(" · ");
    at("quorum").textContent = state.quorum.length ? `${words.needed} ${needed} ${isMet ? `✓ ${words.met}` : words.short}` : "";
  }

  // Before the meeting and between its items: how near the quorum is.
  function door() {
    const isOver = ["closed", "minuted", "cancelled"].includes(now.phase);
    at("door").hidden = isOver || now.phase === "suspended" || Boolean(current());
    at("wait").textContent = now.phase === "convened" ? now.starts : now.phase === "suspended" ? now.resumes : "";
    at("door").replaceChildren(...now.attendance.quorum.map((one) => threshold({ ...one, label: "" }, words)));
  }

  function votes(shown) {
    const opened = open();
    const single = opened.length === 1;
    const present = now.attendance.present + now.attendance.represented;
    const items = opened[0]?.items ?? [];
    at("question").textContent = items.length > 1 ? opened[0].title : (items[0]?.title ?? "");
    at("votes").classList.toggle("hall__votes--many", !single);
    if (shown !== "vote") at("votes").replaceChildren();
    else at("votes").replaceChildren(...opened.map((one) => running(one, single ? present : one.turnout.eligible, single ? "" : one.title, words)));
  }

  // While an amendment is before the meeting: the text as it would be, with what is struck and put in.
  function text() {
    const whole = now.motion?.text ?? announced();
    const preview = now.motion?.preview.length ? now.motion.preview : null;
    at("label").textContent = preview ? words.preview : now.motion ? `${words.motion}　${words[now.motion.status] ?? now.motion.status_word}` : words.announced;
    at("text").replaceChildren(...redlined(preview ?? [{ change: "keep", text: whole }]));
    at("text").dataset.length = whole.length < 50 ? "short" : whole.length < 130 ? "middle" : "long";
    at("about").textContent = whole || now.result?.title || "";
  }

  function called() {
    at("called").textContent = now.roll.called;
    at("roll-due").textContent = now.roll.due;
    at("next").textContent = now.roll.next ? `${words.please} ${now.roll.next}` : "";
    at("names").replaceChildren(...now.roll.lines.map((one) => element("li", `hall__answer hall__answer--${one.answer || "none"}`, `${one.name} ${words[one.answer] ?? one.word}`)));
  }

  function decided() {
    const { outcome, outcome_word: word, title, lines, is_preliminary: isPreliminary } = now.result;
    at("decided").textContent = title;
    at("word").textContent = outcome ? `${outcome === "passed" ? "✓" : "✕"} ${words[outcome] ?? word}` : word;
    at("word").classList.toggle("hall__word--failed", outcome !== "passed");
    at("preliminary").hidden = !isPreliminary;
    const sides = bodies(now.result, words);
    at("verdict").classList.toggle("hall__verdict--full", sides.length > 1 || lines.length > 4);
    at("decided").hidden = sides.length > 1; // the title of the item says it
    at("sides").classList.toggle("hall__sides--many", sides.length > 2);
    at("sides").replaceChildren(...sides);
  }

  // The titles of what was handed out, beside the code that brings them to the phones.
  function papers(shown) {
    const titles = now.phase === "open" && !["vote", "verdict", "consent"].includes(shown) ? (current()?.papers ?? []) : [];
    at("papers").hidden = !titles.length;
    const named = titles.slice(0, titles.length > 3 ? 2 : 3).map((title) => element("li", "", `《${title}》`));
    if (titles.length > named.length) named.push(element("li", "", words.papers.replace("{n}", titles.length)));
    at("titles").replaceChildren(...named);
  }

  // What had to give way: the running vote, else the newest result; and who waits to speak.
  function below(shown) {
    const news = at("news");
    const voting = shown === "vote" ? [] : open();
    const kept = shown === "verdict" || now.phase !== "open" ? null : now.result;
    if (voting.length) news.textContent = `${words.voting}　${voting.map((one) => `${words.cast} ${one.turnout.cast}`).join("　")}`;
    else if (kept) {
      // Of several questions there is no room for the counts.
      const isMany = kept.lines.some((one) => /^\d+\. /.test(one.body));
      const counts = (isMany ? [] : kept.lines).map((one) => `${one.body ? one.label : (words[one.option] ?? one.label)} ${one.heads}`).join("　");
      news.textContent = `${words[kept.outcome] ?? kept.outcome_word}${kept.is_preliminary ? words.bracketed : ""}　${counts}　${kept.title}`;
    }
    news.hidden = !voting.length && !kept;
    const hands = now.waiting.slice(0, 4).map((hand) => `${hand.name} ${words[`side_${hand.stance}`] ?? hand.stance_word}`);
    if (now.waiting.length > 4) hands.push(words.hands.replace("{n}", now.waiting.length));
    at("hands").hidden = !hands.length || now.phase !== "open";
    at("hands").textContent = `${words.queue}　${hands.join("　")}`;
  }

  const moment = (stamp) =>
    stamp ? new Date(stamp).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }) : "";

  // A result that has just come is seen by everybody before the next motion takes its place, and ends what was asked.
  function showFresh(result) {
    if (now.consent?.status !== "asked") setConsent(null);
    if (now.result?.title === result.title && now.result?.outcome === result.outcome) return; // only signed meanwhile
    freshUntil = performance.now() + FRESH;
    window.setTimeout(arrange, FRESH + 50);
  }

  // Each message of the stream replaces what it is about.
  const heard = {
    "meeting.state": (m) => {
      Object.assign(now, { phase: m.phase, items: m.agenda, attendance: m.attendance, waiting: m.speakers.waiting, motion: m.motion, result: m.result, roll: m.roll_call });
      now.starts = `${moment(m.starts_at)}　${m.place}`;
      now.resumes = m.resumes_at ? words.resumes.replace("{at}", moment(m.resumes_at)) : words.later;
      at("title").textContent = m.title;
      // What follows this message is the newest ballots: of an older one nobody would hear that it has ended.
      for (const id of ballots.keys()) if (!m.ballots.slice(-CARRIED).includes(id)) ballots.delete(id);
      heard.timer(m);
      heard.consent(m);
    },
    attendance: (m) => { now.attendance = m; },
    agenda: (m) => {
      if (m.result && JSON.stringify(m.result) !== JSON.stringify(now.result)) showFresh(m.result);
      Object.assign(now, { items: m.items, result: m.result });
    },
    speakers: (m) => { now.waiting = m.waiting; },
    timer: (m) => { now.timer = m.timer; setTimer(m.timer); },
    motion: (m) => { now.motion = m.motion; },
    roll_call: (m) => { now.roll = m.roll_call; },
    consent: (m) => { now.consent = m.consent; setConsent(m.consent); },
  };

  const stream = follow(hall.dataset.hall, {
    ticket: hall.dataset.ticket,
    contact(isAlive) {
      alive = isAlive;
      if (isAlive) last = new Date();
      showContact();
    },
    message(m) {
      if (m.type.startsWith("ballot.")) ballots.set(m.ballot, { ...(ballots.get(m.ballot) ?? {}), ...m });
      else heard[m.type]?.(m);
      if (now.attendance) arrange();
    },
  });

  // A cut cable leaves the socket silently open: ask the server itself, and say when it does not answer.
  async function isThere() {
    if (!navigator.onLine) return false;
    try {
      return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) })).ok;
    } catch {
      return false;
    }
  }

  window.setInterval(async () => {
    alive = await isThere();
    if (alive) last = new Date();
    if (alive && missed) stream.renew();
    missed = !alive;
    showContact();
  }, 5000);
  window.setInterval(showContact, 1000);
}
