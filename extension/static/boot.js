import init from "./popup.js";

const fatal = () => document.getElementById("fatal").removeAttribute("hidden");
init({ module_or_path: new URL("popup_bg.wasm", import.meta.url) }).catch(fatal);
