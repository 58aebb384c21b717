// Asks the browser to make or to show a passkey, and sends what it says by the form of the page.
"use strict";
(() => {
  const form = document.querySelector("[data-passkey]");
  const said = document.querySelector("[data-said]");
  const button = form.querySelector("button");
  const isNew = form.dataset.ceremony === "create";
  const say = (text) => {
    said.textContent = text;
    said.hidden = false;
  };
  const ask = async () => {
    if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
      say("This browser cannot use passkeys here: it is too old, or the page did not come by https://.");
      return;
    }
    said.hidden = true;
    button.disabled = true;
    const told = JSON.parse(form.dataset.passkey);
    try {
      const shown = isNew
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(told) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(told) });
      form.elements.credential.value = JSON.stringify(shown.toJSON());
      form.submit();
    } catch (fault) {
      say(fault.name === "InvalidStateError" ? "This device holds a passkey of this account already." : `No passkey came: ${fault.message}`);
      button.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  ask();
})();
