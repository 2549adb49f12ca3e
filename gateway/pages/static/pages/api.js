// Calls to our own API, in the session's cookie and with the token that other sites cannot know.

import { Spoken, words } from "./page.js";

let csrf = document.querySelector("meta[name=csrf]").content;
const AGAIN = ["insufficient_user_authentication", "stronger_sign_in_needed", "recovery_only"];

export function useCsrf(token) {
  csrf = token;
}

export async function call(method, path, body) {
  const headers = { "Accept-Language": document.documentElement.lang };
  if (csrf) {
    headers["X-CSRF-Token"] = csrf;
  }
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    throw new Spoken(words.unreachable, "unreachable");
  }
  if (answer.ok) {
    return answer;
  }
  throw await refusal(answer);
}

export async function ask(method, path, body) {
  const answer = await call(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

async function refusal(answer) {
  let problem = {};
  try {
    problem = await answer.json();
  } catch (error) {
    // A refusal without a body is told by what we know ourselves.
  }
  if (problem.code === "session_refused") {
    signIn(false);
  } else if (AGAIN.includes(problem.code)) {
    signIn(true);
  }
  return new Spoken(problem.detail || words.unreachable, problem.code);
}

function signIn(again) {
  location.assign(`/sign-in?next=${location.pathname}${again ? "&again=1" : ""}`);
}

// The picture is drawn by our server; the secret travels in a body, never in an address.
export async function showGenerator(root, uri) {
  const drawn = await (await call("POST", "/pages/qr", { text: uri })).text();
  root.querySelector("[data-qr]").src = `data:image/svg+xml;base64,${btoa(drawn)}`;
  const secret = new URLSearchParams(uri.slice(uri.indexOf("?"))).get("secret") || "";
  root.querySelector("[data-secret]").textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
}
