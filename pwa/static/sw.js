// The shell of the page, kept for use without a connection. The build fills in the two tokens. A new
// version waits until the person reloads; the API's answers are never kept here.
const VERSION = "/*@VERSION@*/";
const FILES = [/*@FILES@*/];
const PREFIX = "configstream-";
const SHELL = PREFIX + VERSION;
// A file of the shell is the same whoever asks, whatever `Vary` says of the origin's answers.
const ANYHOW = { ignoreVary: true };

async function install() {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

// The page itself from the cache, whatever its query; any other place of the origin from the network,
// and without one the page.
async function navigate(cache, request) {
  const page = await cache.match("index.html", ANYHOW);
  const path = new URL(request.url).pathname;
  if (page && (path === "/" || path === "/index.html")) return page;
  return fetch(request).catch(() => page ?? Response.error());
}

async function answer(request) {
  const cache = await caches.open(SHELL);
  if (request.mode === "navigate") return navigate(cache, request);
  return (await cache.match(request, ANYHOW)) ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => {
  if (event.data === "take-over") skipWaiting();
});
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  event.respondWith(answer(event.request));
});
