// Looks whether the payment has moved on, less and less often, and not for ever.

import { ask } from "./api.js";
import { say, words } from "./page.js";

const FIRST_SECONDS = 2;
const SLOWEST_SECONDS = 15;
const SLOWER_BY = 1.15;
const LOOKS_MAX = 120;
// At these stages nothing more happens, or only the reader can make it happen.
const STILL = ["confirmable", "expired", "cancelled"];

export function watch(shown) {
  const waiting = shown.stage === "paid" ? shown.own === "yes" : !STILL.includes(shown.stage);
  if (waiting) {
    look(shown, 1, FIRST_SECONDS, 0);
  }
}

function look(shown, number, seconds, still) {
  if (number > LOOKS_MAX) {
    say(words.qr_late);
    return;
  }
  setTimeout(async () => {
    let quiet = still;
    // A page in the background asks nothing.
    if (!document.hidden) {
      try {
        const now = await ask("GET", `/pay/${shown.payment}/state?way=${shown.way}`);
        const moved = now.stage !== shown.stage || now.tried !== shown.tried;
        if (moved || now.receipts !== Number(shown.receipts)) {
          location.reload();
          return;
        }
        quiet = shown.stage === "paid" && now.receipts > 0 ? still + 1 : 0;
      } catch (error) {
        if (["session_refused", "insufficient_user_authentication"].includes(error.code)) {
          return;
        }
      }
    }
    // Receipts come within a moment of each other: three looks without a new one end it.
    if (quiet < 3) {
      look(shown, number + 1, Math.min(SLOWEST_SECONDS, seconds * SLOWER_BY), quiet);
    }
  }, seconds * 1000);
}
