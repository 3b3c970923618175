// One ballot, followed live: follow(id, { voter, state, tally, phase, answer, contact }) keeps a socket open.
// The ticket comes from the session; reconnects are jittered. Where sockets are blocked, the same is asked by HTTP.
// A line that was away may leave the socket silently open: one that answers no vote is given up, and when the device
// says that the line is back a new one takes its place.
// Returns { cast(message) }: resolves with the answer, by socket when it is open, else by HTTP.

const FIRST = 500;
const LONGEST = 5000;
const POLL = 4000;
const ANSWER = 10000;

export function follow(ballot, { voter = false, state, tally, phase, contact = () => {} }) {
  const api = `/api/v1/ballots/${ballot}`;
  const waiting = new Map();
  let socket = null;
  let latest = null;
  let due = 0;
  let wait = FIRST;
  let failures = 0;
  let version = -1;

  function take(message) {
    if (message.version !== undefined) {
      if (message.version < version) return;
      version = message.version;
    }
    if (message.type === "ballot.state") state(message);
    if (message.type === "ballot.tally") tally(message);
    if (message.type === "ballot.phase") phase(message);
    const answered = waiting.get(message.request);
    if (answered) {
      waiting.delete(message.request);
      answered(message);
    }
  }

  async function query() {
    if (!voter) return "";
    const answer = await fetch(`${api}/ticket`, { method: "POST", headers: { "Content-Type": "application/json" } });
    if (!answer.ok) return "";
    return `?ticket=${encodeURIComponent((await answer.json()).ticket)}`;
  }

  function later() {
    contact(false);
    failures += 1;
    window.clearTimeout(due);
    due = window.setTimeout(open, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LONGEST);
  }

  function giveUp(link) {
    if (link !== latest) return;
    latest = null;
    socket = null;
    link.close();
    later();
  }

  async function open() {
    let suffix = "";
    try {
      suffix = await query();
    } catch {
      later();
      return;
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const link = new WebSocket(`${scheme}://${location.host}/ws/ballots/${ballot}/${suffix}`);
    latest = link;
    link.addEventListener("open", () => {
      if (link !== latest) return;
      socket = link;
      wait = FIRST;
      failures = 0;
      contact(true);
    });
    link.addEventListener("message", (event) => take(JSON.parse(event.data)));
    link.addEventListener("close", (event) => {
      if (link !== latest) return;
      socket = null;
      if (event.code === 4404) return;
      later();
    });
  }

  async function poll() {
    if (failures < 2 || document.hidden) return;
    try {
      const answer = await fetch(api);
      if (answer.ok) take(await answer.json());
    } catch {
      // no network: the socket's own reconnecting says so already
    }
  }

  async function castByHttp({ request, choices, on_behalf_of }) {
    const body = on_behalf_of ? { choices, on_behalf_of } : { choices };
    const answer = await fetch(`${api}/votes`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": request },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.ok) return { type: "vote.accepted", request, receipt: said.receipt };
    return { type: "vote.refused", request, code: said.code, message: said.title };
  }

  function castBySocket(message) {
    return new Promise((resolve, reject) => {
      const link = socket;
      const timer = window.setTimeout(() => {
        lost();
        giveUp(link);
      }, ANSWER);
      const lost = () => {
        window.clearTimeout(timer);
        waiting.delete(message.request);
        reject(new Error("lost"));
      };
      link.addEventListener("close", lost, { once: true });
      waiting.set(message.request, (answer) => {
        window.clearTimeout(timer);
        link.removeEventListener("close", lost);
        resolve(answer);
      });
      link.send(JSON.stringify(message));
    });
  }

  open();
  window.addEventListener("online", () => latest && giveUp(latest));
  window.setInterval(poll, POLL);
  return { cast: (message) => (socket ? castBySocket({ type: "vote.cast", ...message }) : castByHttp(message)) };
}
