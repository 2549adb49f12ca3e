// The time that is left, for the eye; who listens hears of it when it is over, not every second.

import { words } from "./page.js";

const DAY = 86400;

// By how long it lasts, never by the hour: telephones' clocks are wrong.
export function secondsBetween(begin, end) {
  return (new Date(end).getTime() - new Date(begin).getTime()) / 1000;
}

export function countDown(place, lasting, over, lead = "") {
  const began = Date.now();
  const tick = () => {
    const seconds = Math.floor(lasting - (Date.now() - began) / 1000);
    if (seconds <= 0) {
      clearInterval(timer);
      place.textContent = words.time_over;
      over();
      return;
    }
    place.textContent = seconds > DAY ? "" : lead + clock(seconds);
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
