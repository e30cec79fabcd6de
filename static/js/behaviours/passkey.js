// Asks the device for a passkey, or to make one, when a form is sent, and sends what the device says along.
"use strict";

(() => {
  const held = document.querySelector("[data-passkeys]");
  if (!held) return;

  const challenged = async (options) => {
    const answer = await fetch(held.dataset.challenge, { method: "POST" });
    if (!answer.ok) throw new Error("no challenge");
    return { ...JSON.parse(options), challenge: (await answer.json()).challenge };
  };
  const ask = {
    passkey: async () => navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(await challenged(held.dataset.showing)),
    }),
    "new-passkey": async () => navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(await challenged(held.dataset.making)),
    }),
  };

  const say = (form, words) => {
    const told = form.querySelector("[data-told]") || document.createElement("p");
    told.dataset.told = "";
    told.className = "govuk-error-message";
    told.setAttribute("role", "alert");
    told.textContent = words;
    form.append(told);
  };

  addEventListener("submit", async (event) => {
    const form = event.target;
    const kind = form.dataset.behaviour;
    if (event.defaultPrevented || !Object.hasOwn(ask, kind)) return;
    event.preventDefault();
    if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
      say(form, held.dataset.unable);
      return;
    }
    try {
      form.elements.credential.value = JSON.stringify(await ask[kind]());
      // `submit` forgets which button was pressed, and two buttons may send one form to two places.
      if (event.submitter?.hasAttribute("formaction")) form.action = event.submitter.formAction;
      form.submit();
    } catch {
      say(form, held.dataset.failed);
    }
  });
})();
