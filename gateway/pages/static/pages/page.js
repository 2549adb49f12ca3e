// What every page does: say things, wait visibly, and show that it is ready.

export const words = JSON.parse(document.documentElement.dataset.words);

export function byId(id) {
  return document.getElementById(id);
}

// Text only: nothing that came from a server or a person is ever read as markup.
export function say(text) {
  show(byId("alert"), "");
  show(byId("message"), text);
}

export function warn(text) {
  show(byId("message"), "");
  show(byId("alert"), text);
  byId("alert").focus();
}

function show(place, text) {
  place.textContent = text;
  place.hidden = text === "";
}

export function ready(root) {
  for (const one of root.querySelectorAll("fieldset[disabled], button[disabled]")) {
    one.disabled = false;
  }
}

export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, () => act(event.submitter));
  });
}

export function onClick(button, act) {
  button.addEventListener("click", () => run(button, act));
}

// One act at a time: what was pressed twice is done once.
let busy = false;

async function run(element, act) {
  if (busy) {
    return;
  }
  busy = true;
  element.setAttribute("aria-busy", "true");
  say(words.working);
  try {
    const told = await act();
    say(typeof told === "string" ? told : "");
  } catch (error) {
    if (!error.spoken) {
      console.error(error);
    }
    warn(error.spoken || words.unreachable);
  } finally {
    busy = false;
    element.removeAttribute("aria-busy");
  }
}

// A refusal in the reader's language.
export class Spoken extends Error {
  constructor(text, code) {
    super(code || "");
    this.spoken = text;
    this.code = code || "";
  }
}

export function showCodes(codes) {
  const list = document.querySelector("#codes ol");
  list.textContent = "";
  for (const code of codes) {
    const item = document.createElement("li");
    item.textContent = code;
    list.append(item);
  }
  byId("codes").hidden = false;
  byId("codes-title").focus();
}
