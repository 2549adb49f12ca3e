// The time that is left, for the eye; who listens hears of it when it is over, not every second.

import { words } from "./page.js";

const DAY = 86400;

export function countDown(place, end, over) {
  const until = new Date(end).getTime();
  const tick = () => {
    const seconds = Math.floor((until - Date.now()) / 1000);
    if (seconds <= 0) {
      clearInterval(timer);
      place.textContent = words.time_over;
      over();
      return;
    }
    place.textContent = seconds > DAY ? "" : `${words.left} ${clock(seconds)}`;
  };
  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
