// One socket to a meeting: follow(id, {ticket, message, contact}) keeps it open with jittered reconnects and returns
// { renew }. message(m) gets every message; contact(alive) says when news came, and when the line was lost.
//
// After a cut cable, or on a phone that slept, a socket may stay silently open here that the server closed long ago:
// when the device says that the line or the reader is back, a new one takes its place.

const ASLEEP = 30000;

export function follow(meeting, { ticket = "", message, contact = () => {} }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = ticket ? `?ticket=${encodeURIComponent(ticket)}` : "";
  const address = `${scheme}://${location.host}/ws/meetings/${meeting}/${query}`;
  let wait = 500;
  let socket = null;
  let due = 0;
  let hiddenAt = 0;

  function open() {
    window.clearTimeout(due);
    const link = new WebSocket(address);
    socket = link;
    link.addEventListener("open", () => {
      wait = 500;
      if (link === socket) contact(true);
    });
    link.addEventListener("message", (event) => {
      if (link !== socket) return;
      contact(true);
      message(JSON.parse(event.data));
    });
    link.addEventListener("close", (event) => {
      if (link !== socket) return;
      contact(false);
      if (event.code === 4404 || event.code === 4403) return;
      due = window.setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 5000);
    });
  }

  function renew() {
    const old = socket;
    open();
    old.close();
  }

  // Not all phones of a hall in the same instant.
  const renewSoon = () => {
    window.clearTimeout(due);
    due = window.setTimeout(renew, Math.random() * 1000);
  };

  window.addEventListener("offline", () => contact(false));
  window.addEventListener("online", renewSoon);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = performance.now();
    else if (hiddenAt && performance.now() - hiddenAt > ASLEEP) renewSoon();
  });

  open();
  return { renew };
}
