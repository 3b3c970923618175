// Keeps a meeting page fresh: counts and the clock come straight from the stream; parts that hold forms are fetched
// again from the server (data-reload="quick" for the chair, "calm" for many phones, with jitter so they do not all
// ask at once), and nothing half-typed is lost by it.

import { mayLeave, renew } from "./keep.js";
import { follow } from "./meeting_stream.js";
import { onConsentOver, setConsent } from "./meeting_consent.js";
import { setTimer } from "./meeting_timer.js";

const root = document.querySelector("[data-meeting]");

if (root) {
  const quick = root.dataset.reload === "quick";
  const reloads = Boolean(root.dataset.reload);
  // Many phones must not ask in the same second: about a hundred pages a second at most.
  const spread = () => Math.random() * Math.max(2500, Number(root.dataset.people ?? 0) * 10);
  let due = 0;
  // What changed while the page was on its way is fetched as soon as the stream speaks.
  let version = Number(root.dataset.version ?? -1);

  // What was said on loading the page is old by the time the room has moved on.
  const READ = 6000;
  const forgetSaid = () => performance.now() > READ && document.querySelector(".messages")?.parentElement.remove();

  async function refresh() {
    due = 0;
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "meeting" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      let held = false;
      for (const part of document.querySelectorAll("[data-part]")) {
        const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
        if (fresh && !renew(part, fresh)) held = true;
      }
      if (held) soon(2000 + spread());
      else forgetSaid();
    } catch {
      // offline: the stream reconnects and the next news asks again
    }
  }

  // Opening, breaking, closing change the whole page, not only its parts.
  function afresh() {
    const wait = mayLeave(root) ? (quick ? 200 : spread()) : 2000;
    window.setTimeout(() => (mayLeave(root) ? location.reload() : afresh()), wait);
  }

  function soon(wait = quick ? 200 : 300 + spread()) {
    if (!reloads || due) return;
    due = window.setTimeout(refresh, wait);
  }

  function attendance(state) {
    for (const place of document.querySelectorAll("[data-bind]")) {
      if (place.dataset.bind in state) place.textContent = state[place.dataset.bind];
    }
    const english = document.documentElement.lang.startsWith("en");
    for (const list of document.querySelectorAll("[data-quorum-list]")) {
      const lines = list.querySelectorAll("li span");
      state.quorum.forEach((line, index) => {
        // The stream speaks Chinese; a page in English has its own words for the same figures.
        const words = english ? list.dataset[line.met ? "met" : "short"] : undefined;
        if (lines[index]) lines[index].textContent = words?.replace(/\{(\w+)\}/g, (_all, key) => line[key]) ?? line.sentence;
      });
    }
  }

  follow(root.dataset.meeting, {
    message(m) {
      if (m.type === "meeting.state") {
        attendance(m.attendance);
        setTimer(m.timer);
        setConsent(m.consent);
        if (root.dataset.phase && m.phase !== root.dataset.phase) {
          root.dataset.phase = m.phase;
          afresh();
        }
        if (version >= 0 && m.version > version) soon();
        version = m.version;
        return;
      }
      if (m.type === "attendance") attendance(m);
      if (m.type === "timer") setTimer(m.timer);
      if (m.type === "consent") setConsent(m.consent);
      if (quick && (m.type === "roll_call" || m.type === "consent")) soon();
      // The chair's question before the vote ends names who has voted; votes come by the hundred.
      if (quick && m.type === "ballot.tally") soon(2000);
      if (m.type === "agenda" || m.type === "motion" || m.type === "ballot.phase") soon();
      if (quick && (m.type === "attendance" || m.type === "speakers" || m.type === "timer")) soon();
      if (!quick && (m.type === "speakers" || m.type === "timer")) soon();
    },
  });

  onConsentOver(() => quick && soon());
}
