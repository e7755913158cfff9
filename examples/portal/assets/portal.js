// Warns before the session ends, in all tabs together. Every page works without this script.
"use strict";
(() => {
  const body = document.body;
  const dialog = document.getElementById("warning");
  if (!dialog || !body.dataset.idle) return;
  const left = document.getElementById("warning-left");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  let told = false; // staying does not move the end that comes in any case, so it is told once
  let idle = 0;
  let most = 0;
  const set = (idleSeconds, mostSeconds) => {
    idle = Date.now() + idleSeconds * 1000;
    most = Date.now() + mostSeconds * 1000;
    if (dialog.open) dialog.close();
  };
  const steps = dialog.dataset.steps.split("|");
  const words = (seconds) => steps[seconds > 90 ? 0 : seconds > 60 ? 1 : seconds > 30 ? 2 : seconds > 15 ? 3 : 4];
  const tick = () => {
    const end = Math.min(idle, most);
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) {
      clearInterval(timer); // leaving twice would begin the way out anew
      location.replace(idle <= most ? "/signed-out?why=idle" : "/signed-out?why=old");
      return;
    }
    if (seconds <= 120) {
      if (!dialog.open && !(told && most <= idle)) dialog.showModal();
      const text = words(seconds);
      if (left.textContent !== text) left.textContent = text;
    }
  };
  const stay = async () => {
    const form = new URLSearchParams({ token: body.dataset.form });
    const answer = await fetch("/stay", { method: "POST", body: form, redirect: "manual" }).catch(() => null);
    if (!answer || !answer.ok) {
      location.replace("/");
      return;
    }
    const [idleSeconds, mostSeconds] = (await answer.text()).split(" ").map(Number);
    told = true;
    set(idleSeconds, mostSeconds);
    if (tabs) tabs.postMessage([idleSeconds, mostSeconds]);
  };
  document.getElementById("warning-stay").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  if (tabs) tabs.addEventListener("message", (event) => set(event.data[0], event.data[1]));
  set(Number(body.dataset.idle), Number(body.dataset.ends));
  if (tabs) tabs.postMessage([Number(body.dataset.idle), Number(body.dataset.ends)]);
  const timer = setInterval(tick, 1000);
})();
