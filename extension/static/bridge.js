// Firefox has no externally_connectable, so this stands on the page and passes its few questions
// on. The background checks the page's origin and allows no more than Chrome's door does.
(() => {
  const pass = async ({ source, origin, data }) => {
    if (source !== window || origin !== location.origin || data?.configstream !== "request") return;
    const reply = await chrome.runtime.sendMessage(data.request);
    window.postMessage({ configstream: "reply", nonce: data.nonce, reply }, location.origin);
  };
  window.addEventListener("message", pass);
})();
