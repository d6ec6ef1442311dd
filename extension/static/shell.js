// The first turn of the background. Browsers hand events only to listeners that are registered
// before the first turn ends, and wasm loads after it, so the listeners stand here, and with them
// the answers that must be right even while wasm is loading or has failed: where a request goes,
// and what a proxy that asks for a password is told. Everything else is Rust.
import init, { handle } from "./background.js";
import initReader, { read } from "./reader.js";

// What the extension keeps is none of the pages' that bridge.js stands on.
chrome.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" })?.catch(() => {});

const FIREFOX = chrome.runtime.getURL("").startsWith("moz-extension:");
const EVERYWHERE = { urls: ["<all_urls>"] };
// Port 1 of this machine refuses at once.
const DEAD = { scheme: "http", host: "127.0.0.1", port: 1 };

// ---- The route in force, kept so that a waking background knows it before anything else. ----

let route = null;
let loginRefused = false;
const known = chrome.storage.local.get("route").then(
  (stored) => (route ??= stored.route ?? { kind: "restore" }),
  () => (route ??= { kind: "block" }),
);

// One after the other, so that the last one wanted is the one in force.
let turn = Promise.resolve();
const applyRoute = (wanted) => (turn = turn.then(() => apply(wanted)));

async function apply(wanted) {
  try {
    return await inForce(wanted);
  } catch {
    return "browser";
  }
}

async function inForce(wanted) {
  route = wanted;
  loginRefused = false;
  await chrome.storage.local.set({ route: wanted });
  return FIREFOX ? inForceInFirefox(wanted) : inForceInChrome(wanted);
}

// Without access to all sites Firefox would not ask us about most requests.
async function inForceInFirefox(wanted) {
  return wanted.kind === "restore" || (await hasAccess()) ? "" : "permission";
}

function hasAccess() {
  return chrome.permissions.contains({ origins: EVERYWHERE.urls });
}

async function inForceInChrome(wanted) {
  const scope = "regular";
  if (wanted.kind === "restore") {
    await chrome.proxy.settings.clear({ scope });
    return "";
  }
  const { scheme, host, port } = wanted.kind === "proxy" ? wanted.server : DEAD;
  const value = { mode: "fixed_servers", rules: { singleProxy: { scheme, host, port }, bypassList: [] } };
  await chrome.proxy.settings.set({ scope, value });
  return (await inControl()) ? "" : "not-in-control";
}

async function inControl() {
  const { levelOfControl } = await chrome.proxy.settings.get({});
  return levelOfControl === "controlled_by_this_extension";
}

// ---- Where a request goes (Firefox asks for each). ----

function proxyInfo({ scheme, host, port, login }) {
  const info = { host, port, type: scheme === "socks5" ? "socks" : scheme };
  if (scheme.startsWith("socks")) {
    info.proxyDNS = true;
    if (login) Object.assign(info, login);
  } else if (login && !loginRefused) {
    info.proxyAuthorizationHeader = "Basic " + basic(login);
  }
  return info;
}

function basic({ username, password }) {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return btoa(String.fromCharCode(...bytes));
}

// The trailing null keeps Firefox from falling back to the browser's own settings.
function answer(current) {
  if (current.kind === "restore") return { type: "direct" };
  return [proxyInfo(current.kind === "proxy" ? current.server : DEAD), null];
}

function onRequest() {
  const refuse = () => [proxyInfo(DEAD), null];
  try {
    return route ? answer(route) : known.then(answer).catch(refuse);
  } catch {
    return refuse();
  }
}

// ---- What a proxy that asks for a login is told: only the proxy in use, once a request. ----

const answered = new Set();
const OURS = chrome.runtime.getURL("");

function isOurs({ initiator, originUrl }) {
  return `${initiator ?? originUrl}/`.startsWith(OURS);
}

function isOurProxy({ host, port }, { kind, server }) {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return kind === "proxy" && server.port === port && server.host.toLowerCase() === name;
}

// A login that is none of ours (the user's own proxy, another extension's) is left alone.
function credentials(details) {
  if (!isOurProxy(details.challenger, route)) return {};
  const { login } = route.server;
  // After a refusal only our own question to the judge may try: its failure is what decides.
  const mayTry = login && !answered.has(details.requestId) && (!loginRefused || isOurs(details));
  if (!mayTry) {
    if (!loginRefused) tell({ kind: "login-refused" });
    loginRefused = true;
    return { cancel: true };
  }
  answered.add(details.requestId);
  return { authCredentials: login };
}

function onAuthRequired(details, reply) {
  if (!details.isProxy) return FIREFOX ? {} : reply({});
  const told = known.then(() => credentials(details)).catch(() => ({ cancel: true }));
  return FIREFOX ? told : void told.then(reply);
}

function onCompleted(details) {
  const wasAnswered = answered.delete(details.requestId);
  if (wasAnswered && isOurs(details) && details.statusCode < 400) loginRefused = false;
}

// Errors that speak of the proxy rather than of the site.
const PROXY_ERRORS = /PROXY|TUNNEL|SOCKS|CONNECTION_RESET|EMPTY_RESPONSE|TIMED_OUT|NS_ERROR_NET_RESET|NS_ERROR_NET_TIMEOUT/;

function onErrorOccurred({ requestId, error }) {
  answered.delete(requestId);
  if (route?.kind === "proxy" && PROXY_ERRORS.test(error)) trouble();
}

// At once, and once more when the session listens again: it hears no trouble right after a proof.
let listening = true;

function trouble() {
  if (!listening) return;
  listening = false;
  tell({ kind: "trouble" });
  setTimeout(() => {
    listening = true;
    tell({ kind: "trouble" });
  }, 10_000);
}

// ---- The way into Rust. ----

const ready = init({ module_or_path: chrome.runtime.getURL("background_bg.wasm") });

// Waking comes first, so that nothing is answered from a state that a restart has made stale.
const tell = (event) => woken.then(() => call(event));

async function call(event) {
  try {
    await ready;
    return await handle(event);
  } catch (error) {
    await restart(error);
    return { kind: "refused", fault: { code: "browser", message: "ConfigStream had to restart.", action: "retry" } };
  }
}

// A panic leaves the instance unusable, and its promises open. With nothing in force the extension
// starts anew, once a minute; otherwise it stays as it is, because Chrome lets go of the proxy while
// an extension starts.
async function restart(error) {
  console.error("ConfigStream stopped:", error instanceof Error ? error.name : "unknown");
  await known;
  const { restarted } = await chrome.storage.local.get("restarted");
  if (route.kind !== "restore" || (restarted && Date.now() - restarted < 60_000)) return stopped();
  await chrome.storage.local.set({ restarted: Date.now() });
  chrome.runtime.reload();
}

function stopped() {
  chrome.action.setBadgeText({ text: "!" });
  chrome.action.setTitle({ title: "ConfigStream stopped. Switch it off and on in the browser's extensions page." });
}

function answerMessage(request, from, origin, reply) {
  tell({ kind: "message", request, from, origin }).then(reply);
  return true;
}

function onMessage(request, sender, reply) {
  const own = sender.url?.startsWith(chrome.runtime.getURL(""));
  const origin = sender.url ? new URL(sender.url).origin : "";
  return answerMessage(request, own ? "extension" : "page", origin, reply);
}

// Chrome tells of a change also while another extension unloads: look when it has settled.
async function onControl() {
  await known;
  setTimeout(() => (turn = turn.then(look).catch(() => {})), 500);
}

// In its turn: what is seen while one route gives way to the next belongs to neither.
async function look() {
  const ours = await inControl();
  if (route.kind !== "restore") tell({ kind: "control", ours });
}

// Only Firefox needs the access to be asked about each request.
async function onPermission() {
  if (FIREFOX) tell({ kind: "permission", granted: await hasAccess() });
}

// The formats of lists are many and seldom needed: they are loaded when a list has come.
let reader = null;

async function readDocument(bytes, source, now) {
  reader ??= initReader({ module_or_path: chrome.runtime.getURL("reader_bg.wasm") });
  await reader.catch((error) => {
    reader = null;
    throw error;
  });
  return read(bytes, source, now);
}

globalThis.configstream = { applyRoute, readDocument, engine: FIREFOX ? "firefox" : "chrome" };

chrome.webRequest.onAuthRequired.addListener(onAuthRequired, EVERYWHERE, [FIREFOX ? "blocking" : "asyncBlocking"]);
chrome.webRequest.onCompleted.addListener(onCompleted, EVERYWHERE);
chrome.webRequest.onErrorOccurred.addListener(onErrorOccurred, EVERYWHERE);
chrome.runtime.onMessage.addListener(onMessage);
chrome.runtime.onMessageExternal?.addListener((request, sender, reply) =>
  answerMessage(request, "page", sender.origin ?? "", reply),
);
// Nothing to do but to be started by them: `wake` below does the rest.
chrome.runtime.onInstalled.addListener(() => {});
chrome.runtime.onStartup.addListener(() => {});
chrome.alarms.onAlarm.addListener(({ name }) => tell({ kind: "alarm", name }));
chrome.commands?.onCommand.addListener((name) => tell({ kind: "command", name }));
chrome.permissions.onRemoved.addListener(onPermission);
chrome.permissions.onAdded.addListener(onPermission);
globalThis.addEventListener("error", ({ error }) => error instanceof WebAssembly.RuntimeError && restart(error));
if (FIREFOX) {
  chrome.proxy.onRequest.addListener(onRequest, EVERYWHERE);
} else {
  chrome.proxy.settings.onChange.addListener(onControl);
}

// A browser or extension that has just started may have forgotten the setting: put it back before
// anything else, and only then let Rust prove it anew.
async function wake() {
  await known;
  const { awake } = await chrome.storage.session.get("awake");
  if (!awake) {
    if (route.kind !== "restore") await applyRoute(route);
    await chrome.storage.session.set({ awake: true });
  }
  await call({ kind: "woke", fresh: !awake });
}

const woken = wake().catch(restart);
