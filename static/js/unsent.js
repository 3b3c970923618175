// A vote on its way is kept until it is answered: a named one in localStorage, so that a closed page or an empty battery
// loses nothing; a secret one only in this tab, so that no choice lies on a phone that others use too. Whoever signs
// out leaves neither votes nor receipts behind.

const PREFIX = "wuyi.vote.";
const MINE = [PREFIX, "wuyi.receipt."];

export function unsentOf({ ballot, voter, secret }) {
  const key = `${PREFIX}${ballot}.${voter}`;
  const store = () => (secret === undefined ? localStorage : sessionStorage);

  // Somebody else's vote on the same ballot is not sent from here: they would have to sign in again.
  forget((name) => name.startsWith(`${PREFIX}${ballot}.`) && name !== key);

  function read() {
    try {
      return JSON.parse(store().getItem(key));
    } catch {
      return null;
    }
  }

  function keep(message) {
    try {
      if (message) store().setItem(key, JSON.stringify(message));
      else store().removeItem(key);
    } catch {
      // a phone that stores nothing still votes; only a closed page would not send again
    }
  }

  return { read, keep };
}

function forget(isGone) {
  try {
    for (const store of [localStorage, sessionStorage]) {
      for (const name of Object.keys(store)) if (isGone(name)) store.removeItem(name);
    }
  } catch {
    // nothing is stored, nothing to forget
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-signs-out]")) forget((name) => MINE.some((prefix) => name.startsWith(prefix)));
});
