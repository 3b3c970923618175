// Without network a page that is opened says so, in place of the browser's own error. Nothing else is kept:
// a notice or a count that may be old is worse than none.

const KEEP = "offline-1";
const PAGE = "/offline/";

async function keep() {
  const cache = await caches.open(KEEP);
  const answer = await fetch(PAGE, { credentials: "omit" });
  if (!answer.ok) return;
  const text = await answer.clone().text();
  const parts = [...text.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((match) => match[1]);
  await cache.put(PAGE, answer);
  await cache.addAll([...new Set(parts)]);
}

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEEP).map((name) => caches.delete(name)))),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(PAGE).then((page) => page ?? Response.error())));
  } else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(() => caches.match(request).then((part) => part ?? Response.error())));
  }
});
