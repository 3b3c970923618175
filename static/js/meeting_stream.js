// One socket to a meeting: follow(id, {ticket, message, contact}) keeps it open with jittered reconnects.
// message(m) gets every message; contact(alive) says when news came, and when the line was lost.

export function follow(meeting, { ticket = "", message, contact = () => {} }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const query = ticket ? `?ticket=${encodeURIComponent(ticket)}` : "";
  const address = `${scheme}://${location.host}/ws/meetings/${meeting}/${query}`;
  let wait = 500;

  function open() {
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      wait = 500;
      contact(true);
    });
    socket.addEventListener("message", (event) => {
      contact(true);
      message(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      contact(false);
      if (event.code === 4404 || event.code === 4403) return;
      window.setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 5000);
    });
  }

  open();
}
