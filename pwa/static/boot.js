import init from "./pwa.js";

// The browser's offer to install may come before the program is loaded; it is kept for it.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  globalThis.installOffer = event;
  dispatchEvent(new Event("installoffer"));
});

const fatal = () => document.getElementById("fatal").removeAttribute("hidden");
init({ module_or_path: new URL("pwa_bg.wasm", import.meta.url) }).catch(fatal);
