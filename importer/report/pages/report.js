"use strict";
/* The page's languages and buttons. Everything it shows stands in the page: nothing is fetched and nothing is kept. */
(() => {
  /**
   * @typedef {object} Data
   * @property {string[]} languages
   * @property {number} language
   * @property {string[][]} texts
   * @property {Record<string, string[]>} own
   */
  /** @param {string} id */
  const json = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
  /** @type {Data} */
  const data = json("data");
  let language = data.language;
  /** @type {(() => void)[]} */
  const whenLanguageChanges = [];

  /** The script's own text of a key, with its facts.
   * @param {string} key @param {Record<string, string>} [facts] */
  const own = (key, facts = {}) => data.own[key][language].replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");

  /** An element with attributes and children; texts are only ever texts.
   * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children */
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  const status = element("p", { role: "status", class: "status" });
  /** @param {string} text */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = /** @type {HTMLTextAreaElement} */ (element("textarea", { class: "unseen" }, text));
      const focused = /** @type {HTMLElement | null} */ (document.activeElement);
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      focused?.focus();
    }
    status.textContent = own("copied", { text });
    status.classList.add("shown");
    setTimeout(() => status.classList.remove("shown"), 2500);
  };

  /** A button whose label follows the language.
   * @param {string} key @param {() => void} act @param {string} [name] */
  const button = (key, act, name = "") => {
    const made = element("button", { type: "button", ...(name && { class: name }) });
    const label = () => { made.textContent = own(key); };
    label();
    whenLanguageChanges.push(label);
    made.addEventListener("click", act);
    return made;
  };

  const speak = () => {
    document.documentElement.lang = data.languages[language];
    for (const one of document.querySelectorAll("[data-t]")) {
      one.textContent = data.texts[Number(one.getAttribute("data-t"))][language];
    }
    for (const one of document.querySelectorAll("[data-a]")) {
      const [name, number] = (one.getAttribute("data-a") ?? "").split(" ");
      one.setAttribute(name, data.texts[Number(number)][language]);
    }
    document.title = document.querySelector("title")?.getAttribute("data-title") ?? document.title;
    for (const change of whenLanguageChanges) change();
  };

  const NAMES = /** @type {Record<string, string>} */ ({ en: "English", es: "Español", fr: "Français" });
  const switcher = element("div", { class: "languages", role: "group" });
  data.languages.forEach((code, index) => {
    const choice = element("button", { type: "button", lang: code }, NAMES[code]);
    choice.addEventListener("click", () => { language = index; speak(); });
    whenLanguageChanges.push(() => choice.setAttribute("aria-pressed", String(index === language)));
    switcher.append(choice);
  });
  whenLanguageChanges.push(() => switcher.setAttribute("aria-label", own("language")));
  document.querySelector(".top")?.prepend(switcher);

  for (const command of document.querySelectorAll("[data-copy]")) {
    command.after(" ", button("copy", () => copy(command.textContent ?? ""), "copy"));
  }
  document.body.append(status);
  for (const change of whenLanguageChanges) change();
  document.documentElement.classList.add("scripted");
})();
