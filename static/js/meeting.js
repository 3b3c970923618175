// Keeps a meeting page fresh: counts and the clock come straight from the stream; parts that hold forms are fetched
// again from the server (data-reload="quick" for the chair, "calm" for many phones, with jitter so they do not all
// ask at once), and never while somebody is typing in them.

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
  let version = -1;

  const isBusy = () => {
    const active = document.activeElement;
    const typing = active && root.contains(active) && active.matches("input, textarea, select");
    return typing || root.querySelector("details[open]") || root.querySelector(".ask");
  };

  async function refresh() {
    due = 0;
    if (isBusy()) {
      due = window.setTimeout(refresh, 2000);
      return;
    }
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "meeting" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of root.querySelectorAll("[data-part]")) {
        const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
        if (other && other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes);
      }
    } catch {
      // offline: the stream reconnects and the next news asks again
    }
  }

  // Opening, breaking, closing change the whole page, not only its parts.
  function afresh() {
    window.setTimeout(() => (isBusy() ? afresh() : location.reload()), isBusy() ? 2000 : quick ? 200 : spread());
  }

  function soon() {
    if (!reloads || due) return;
    due = window.setTimeout(refresh, quick ? 200 : 300 + spread());
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
      if (m.type === "agenda" || m.type === "motion" || m.type === "ballot.phase") soon();
      if (quick && (m.type === "attendance" || m.type === "speakers" || m.type === "timer")) soon();
      if (!quick && (m.type === "speakers" || m.type === "timer")) soon();
    },
  });

  onConsentOver(() => quick && soon());

  if ("keys" in root.dataset) {
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.matches?.("input, textarea, select");
      const answer = root.querySelector(`[data-answer="${CSS.escape(event.key)}"]`);
      if (answer && !isTyping && !event.altKey && !event.ctrlKey && !event.metaKey && !event.repeat) {
        event.preventDefault();
        answer.click();
      }
      if (event.altKey && !event.ctrlKey && event.code === "KeyN") {
        const button = root.querySelector("[data-next] button:not([disabled])");
        if (button) {
          event.preventDefault();
          button.focus();
          button.click();
        }
      }
    });
  }
}
