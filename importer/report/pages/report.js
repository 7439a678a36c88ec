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
  document.querySelector(".masthead")?.append(switcher);

  for (const command of document.querySelectorAll("[data-copy]")) {
    command.after(" ", button("copy", () => copy(command.textContent ?? ""), "copy"));
  }

  const LOCALES = /** @type {Record<string, string>} */ ({ en: "en-US", es: "es-MX", fr: "fr-FR" });
  /** @param {number} number */
  const counted = (number) => number.toLocaleString(LOCALES[data.languages[language]]);

  /** A labelled control; the label follows the language.
   * @param {string} key @param {HTMLElement} control */
  const labelled = (key, control) => {
    const text = element("span");
    whenLanguageChanges.push(() => { text.textContent = own(key); });
    return element("label", {}, text, control);
  };

  /** Buttons that leaf through a list: how many there are, and what is shown.
   * @param {string} name @param {(page: number) => void} turn */
  const pager = (name, turn) => {
    const shown = element("span");
    let at = 0;
    const back = /** @type {HTMLButtonElement} */ (button("previous", () => turn(at - 1)));
    const on = /** @type {HTMLButtonElement} */ (button("next", () => turn(at + 1)));
    const whole = element("div", { class: "pager", role: "group" }, back, shown, on);
    whenLanguageChanges.push(() => whole.setAttribute("aria-label", own(name)));
    /** @param {number} page @param {number} size @param {number} count @param {boolean} goesOn */
    const show = (page, size, count, goesOn) => {
      at = page;
      const last = Math.min((page + 1) * size, count);
      shown.textContent = count ? own("found", { first: counted(page * size + 1), last: counted(last), count: counted(count) + (goesOn ? " …" : "") })
        : goesOn ? own("seeking", { count: "0" }) : own("none");
      back.disabled = page === 0;
      on.disabled = last >= count;
      back.hidden = on.hidden = count <= size;
    };
    return { whole, shown, show };
  };

  /* The problems: rows are made when they are shown. */
  const PER_PAGE = 40;
  const FEW = 10;
  const FREQUENT = 4;
  /**
   * @typedef {object} Kind
   * @property {string} code @property {"error" | "waiting" | "warning"} severity @property {boolean} whole @property {string[]} names
   * @property {string[] | null} one @property {string[]} many @property {number} count
   * @property {Record<string, string | [number, number] | null>} facts
   */
  /**
   * @typedef {object} Problems
   * @property {Kind[]} kinds
   * @property {[string, string | null][]} sheets
   * @property {[string, string][]} columns letters and field
   * @property {[string, string, string | number, number][]} documents key, state, rows, lines refused with others
   * @property {[number, number, number, number, number, string, string, ...(string | 0)[]][]} problems
   * @property {Record<string, { columns: [string, string][], rows: Record<string, (string | null)[]> }>} cells
   * @property {Record<string, string[]>} labels @property {string[]} columnFacts @property {string[]} amountFacts
   * @property {[number, string[], [number, ...string[]][]][]} lines problems' document, fields, row and texts of each
   * @property {string[]} landmarks @property {string[]} amounts
   */
  /** @type {Problems} */
  const all = json("problem-data");
  const KIND = 0, SHEET = 1, ROW = 2, COLUMN = 3, DOCUMENT = 4, VALUE = 5, SUGGESTION = 6, FACTS = 7;
  const live = document.getElementById("live");

  /** @param {string} field */
  const label = (field) => all.labels[field]?.[language] ?? field;
  /** The plain amounts in a text with separators, and two decimals or all that they have. @param {string} text */
  const amounts = (text) => text.replace(/(?<![\w.,])(-?\d+)(?:\.(\d+))?(?![\w.,])/g, (_, whole, part = "") => {
    const [thousands, point] = data.languages[language] === "fr" ? ["\u202f", ","] : [",", "."];
    return whole.replace(/\B(?=(\d{3})+$)/g, thousands) + point + (/^\d\d?0*$|^$/.test(part) ? part.slice(0, 2).padEnd(2, "0") : part);
  });
  /** @param {Kind} kind @param {(name: string) => string} fact */
  const sentence = (kind, fact) => {
    const forms = kind.one && fact("count") === "1" ? kind.one : kind.many;
    return forms[language].replace(/\{(\w+)\}/g, (_, name) => all.columnFacts.includes(name) ? fact(name).split(", ").map(label).join(", ")
      : all.amountFacts.includes(name) ? amounts(fact(name)) : fact(name));
  };
  /** @param {Kind} kind @param {Problems["problems"][0]} problem @param {string} name */
  const factOf = (kind, problem, name) => {
    const at = kind.names.indexOf(name);
    const fact = at < 0 ? "" : problem[FACTS + at];
    return fact === 0 ? problem[VALUE] : String(fact ?? "");
  };
  /** @param {Problems["problems"][0]} problem */
  const message = (problem) => {
    const kind = all.kinds[problem[KIND]];
    return sentence(kind, (name) => factOf(kind, problem, name));
  };
  /** What all problems of a kind have in common. @param {Kind} kind */
  const common = (kind) => sentence(kind, (name) => {
    const fact = kind.facts[name];
    if (Array.isArray(fact)) return own("range", { first: String(fact[0]), last: String(fact[1]) });
    return name === "count" && fact === null ? "2" : fact ?? "…";
  }).replaceAll("….", "…");
  /** True for a cell above the headings, of which the page has the whole address. @param {string} letters */
  const isAbove = (letters) => /\d/.test(letters);
  /** @param {Problems["problems"][0]} problem */
  const cellOf = (problem) => {
    const letters = problem[COLUMN] < 0 ? "" : all.columns[problem[COLUMN]][0];
    return isAbove(letters) ? letters : letters && problem[ROW] ? letters + problem[ROW] : "";
  };
  /** @param {string} text */
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  if (live && all.problems.length) {
    const asked = { text: "", severity: "", kind: -1, sheet: -1, rows: [0, 0], journal: "", document: -1, isLoose: false, sort: "place" };
    /** @type {string[][]} */
    let haystacks = data.languages.map(() => []);
    /** @type {Record<string, Int32Array>} */
    const orders = {};
    let found = /** @type {number[]} */ ([]);
    let page = 0, search = 0, isWhole = true;

    const order = () => orders[asked.sort] ??= (() => {
      const numbers = Int32Array.from(all.problems, (_, index) => index);
      const { sort } = asked;
      if (sort === "place") return numbers;
      const keys = all.problems.map((one) => sort === "kind" ? one[KIND] : sort === "value" ? one[VALUE] : one[DOCUMENT] < 0 ? "" : all.documents[one[DOCUMENT]][0]);
      return numbers.sort((a, b) => keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b);
    })();
    /** @param {number} index */
    const haystack = (index) => haystacks[language][index] ??= (() => {
      const one = all.problems[index];
      const [file, sheet] = all.sheets[one[SHEET]];
      const key = one[DOCUMENT] < 0 ? "" : all.documents[one[DOCUMENT]][0];
      return plain([cellOf(one), one[VALUE], one[SUGGESTION], key, sheet ?? "", file, message(one)].join("\n"));
    })();
    /** @param {number} index @param {string[]} words */
    const matches = (index, words) => {
      const one = all.problems[index];
      if (asked.kind >= 0 && one[KIND] !== asked.kind) return false;
      if (asked.severity && all.kinds[one[KIND]].severity !== asked.severity) return false;
      if (asked.sheet >= 0 && one[SHEET] !== asked.sheet) return false;
      if (asked.rows[1] && (one[ROW] < asked.rows[0] || one[ROW] > asked.rows[1])) return false;
      if (asked.document >= 0 && one[DOCUMENT] !== asked.document) return false;
      if (asked.isLoose && (one[DOCUMENT] >= 0 || !one[ROW] || all.kinds[one[KIND]].severity !== "error")) return false;
      if (asked.journal && (one[DOCUMENT] < 0 || !plain(all.documents[one[DOCUMENT]][0]).includes(asked.journal))) return false;
      return words.every((word) => haystack(index).includes(word));
    };
    /** Looks through the problems in pieces, so that the page answers meanwhile. */
    const seek = () => {
      const mine = ++search, numbers = order(), words = plain(asked.text).split(/\s+/).filter(Boolean);
      let at = 0, isAnswered = false;
      found = [];
      page = 0;
      const piece = () => {
        if (mine !== search) return;
        const until = performance.now() + 30;
        do {
          for (const end = Math.min(at + 200, numbers.length); at < end; at++) if (matches(numbers[at], words)) found.push(numbers[at]);
        } while (at < numbers.length && performance.now() < until && (isAnswered || found.length <= PER_PAGE));
        isWhole = at >= numbers.length;
        if (!isAnswered && (found.length > PER_PAGE || isWhole)) { isAnswered = true; render(); } else showPages();
        if (!isWhole) setTimeout(piece);
      };
      piece();
    };

    const list = element("div", { class: "list" });
    const above = pager("pages", (to) => turn(to));
    const below = pager("pages-below", (to) => { turn(to); document.getElementById("problems")?.focus(); });
    above.shown.setAttribute("role", "status");
    const showPages = () => {
      for (const one of [above, below]) one.show(page, PER_PAGE, found.length, !isWhole);
      below.whole.hidden = found.length <= PER_PAGE;
    };
    /** @param {number} to */
    const turn = (to) => { page = to; render(); };

    /** The cells of a row that are worth showing: all of a short row, else the marked ones, those beside them, and the
     * ones by which a person knows the row. @param {number[]} group */
    const strip = (group) => {
      const first = all.problems[group[0]];
      const sheet = all.cells[first[SHEET]], texts = sheet?.rows[first[ROW]];
      /** @type {Map<string, boolean>} */
      const marks = new Map();
      /** @type {Map<string, [string, string]>} */
      const cells = new Map();
      texts?.forEach((text, index) => { if (text !== null) cells.set(sheet.columns[index][0], [sheet.columns[index][1], text]); });
      for (const index of group) {
        const one = all.problems[index];
        if (one[COLUMN] < 0) continue;
        const [letters, field] = all.columns[one[COLUMN]], kind = all.kinds[one[KIND]];
        if (isAbove(letters)) continue;
        marks.set(letters, kind.severity === "error" || (marks.get(letters) ?? false));
        if (!cells.has(letters)) cells.set(letters, [field, one[VALUE]]);
        if (kind.code === "formula-without-value") cells.set(letters, [field, "= …"]);
      }
      /** @param {string} letters */
      const place = (letters) => [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
      const ordered = [...cells.keys()].sort((a, b) => place(a) - place(b));
      const chosen = ordered.length <= FEW || !marks.size ? ordered : ordered.filter((letters, index) =>
        [index - 1, index, index + 1].some((near) => marks.has(ordered[near])) || all.landmarks.includes(cells.get(letters)?.[0] ?? ""));
      return element("dl", { class: "cells" }, ...chosen.map((letters, index) => {
        const [field, text] = cells.get(letters) ?? ["", ""], isError = marks.get(letters);
        const mark = isError === undefined ? "" : isError ? " error" : " warning";
        const gap = index + 1 < chosen.length && place(chosen[index + 1]) > place(letters) + 1 ? " gap" : "";
        const amount = all.amounts.includes(field) ? " amount" : "";
        const name = element("dt", {}, element("b", {}, letters), ` ${label(field)}`);
        if (mark) name.append(" ", element("span", { class: "glyph", "aria-hidden": "true" }, isError ? "✕" : "!"), element("span", { class: "unseen" }, `(${own(mark.trim())})`));
        return element("div", { class: `cell${mark}${gap}${amount}` }, name, element("dd", {}, text || element("i", {}, own("empty"))));
      }));
    };
    /** @param {number} index */
    const finding = (index) => {
      const one = all.problems[index], kind = all.kinds[one[KIND]], cell = cellOf(one), words = element("div");
      words.append(element("span", { class: "unseen" }, `${own(kind.severity)}: `));
      if (cell) {
        const address = element("button", { type: "button", class: "at", "aria-label": own("copy-cell", { cell }) }, cell);
        address.addEventListener("click", () => copy(cell));
        words.append(address, " ");
      }
      if (one[VALUE]) words.append(element("code", {}, one[VALUE]), " ");
      words.append(element("span", { class: "message" }, message(one)));
      if (one[SUGGESTION]) words.append(" ", element("span", { class: "fix" }, `${own("type")} `, element("kbd", {}, one[SUGGESTION])));
      const glyph = kind.code === "outcome-unknown" ? "?" : { error: "✕", waiting: "–", warning: "!" }[kind.severity];
      return element("li", { class: kind.severity }, element("span", { class: "glyph", "aria-hidden": "true" }, glyph), words);
    };
    /** One row of a sheet with its problems. @param {number[]} group */
    const rowOf = (group) => {
      const first = all.problems[group[0]], kind = all.kinds[first[KIND]];
      const findings = element("ul", { class: "findings" }, ...group.map(finding));
      if (!first[ROW] || (kind.whole && first[COLUMN] < 0)) return findings;
      return element("div", { class: "row" }, element("h4", {}, own("row", { row: String(first[ROW]) })), element("div", {}, strip(group), findings));
    };
    /** The journal, sheet or file that problems are about. @param {Problems["problems"][0]} problem */
    const cardOf = (problem) => {
      const [file, sheet] = all.sheets[problem[SHEET]], known = all.documents[problem[DOCUMENT]];
      const key = known?.[0] || (file ? own(!sheet ? "whole-file" : problem[ROW] ? "no-key" : "whole-sheet") : document.querySelector(".run-name")?.textContent ?? "");
      const header = element("header", {}, element("h3", {}, key));
      if (known?.[1]) {
        const model = document.querySelector(`.state.${known[1]}`);
        if (model) header.append(model.cloneNode(true));
        const rows = typeof known[2] === "number" ? data.texts[known[2]][language] : known[2];
        header.append(element("p", { class: "soft" }, own(/^\d+$/.test(rows) ? "one-row" : "rows", { rows })));
      }
      if (all.sheets.length > 1) header.append(element("p", { class: "soft path" }, sheet ? `${file} › ${sheet}` : file));
      if (known?.[3]) header.append(element("p", { class: "soft" }, own("collateral", { count: counted(known[3]) })));
      return element("article", { class: "card" }, header);
    };
    const render = () => {
      showPages();
      /** @type {HTMLElement[]} */
      const cards = [];
      /** @type {number[]} */
      let group = [];
      let last = "", lastRow = "";
      const close = () => { if (group.length) cards[cards.length - 1].append(rowOf(group)); group = []; };
      for (const index of found.slice(page * PER_PAGE, (page + 1) * PER_PAGE)) {
        const one = all.problems[index];
        const card = `${one[SHEET]}/${one[DOCUMENT]}`;
        const row = `${card}/${one[ROW]}/${all.kinds[one[KIND]].whole && one[COLUMN] < 0}`;
        if (row !== lastRow || card !== last) close();
        if (card !== last) cards.push(cardOf(one));
        [last, lastRow] = [card, row];
        group.push(index);
      }
      close();
      list.replaceChildren(...cards);
    };

    /** @param {string} key @param {string} type @param {(text: string) => void} change */
    const field = (key, type, change) => {
      const input = /** @type {HTMLInputElement} */ (element("input", { type, autocomplete: "off", spellcheck: "false" }));
      input.addEventListener("input", () => { change(input.value); choose(); });
      return { input, whole: labelled(key, input) };
    };
    /** @param {string} key @param {() => [string, string][]} options @param {(value: string) => void} change */
    const selection = (key, options, change) => {
      const select = /** @type {HTMLSelectElement} */ (element("select"));
      whenLanguageChanges.push(() => {
        const { value } = select;
        select.replaceChildren(...options().map(([name, text]) => element("option", { value: name }, text)));
        if (value) select.value = value;
      });
      select.addEventListener("change", () => { change(select.value); choose(); });
      return { select, whole: labelled(key, select) };
    };
    const ranked = all.kinds.map((kind, index) => ({ kind, index })).sort((a, b) => b.kind.count - a.kind.count);
    const text = field("search", "search", (value) => { asked.text = value; });
    const journal = field("journal", "search", (value) => { asked.journal = plain(value.trim()); asked.document = -1; });
    const kinds = selection("kind", () => [["-1", own("any")], ...ranked.map(({ kind, index }) => /** @type {[string, string]} */ ([String(index), `${counted(kind.count)} × ${common(kind)}`]))],
      (value) => { asked.kind = Number(value); });
    const sheets = selection("sheet", () => [["-1", own("any")], ...all.sheets.map(([file, sheet], index) => /** @type {[string, string]} */ ([String(index), sheet ? (new Set(all.sheets.map(([one]) => one)).size > 1 ? `${file} › ${sheet}` : sheet) : file]))],
      (value) => { asked.sheet = Number(value); });
    const sorts = selection("sort", () => ["place", "kind", "journal", "value"].map((name) => [name, own(`by-${name}`)]), (value) => { asked.sort = value; });

    /** @type {[Element, () => boolean, () => void][]} */
    const pressed = [];
    /** A button with a count that filters on a click, and shows all again on the next.
     * @param {() => string} name @param {() => boolean} isOn @param {() => void} turnOn @param {() => void} turnOff */
    const toggle = (name, isOn, turnOn, turnOff) => {
      const made = element("button", { type: "button" });
      made.addEventListener("click", () => { (isOn() ? turnOff : turnOn)(); choose(); });
      pressed.push([made, isOn, () => { made.textContent = name(); }]);
      return made;
    };
    /** @type {[string, string][]} the name of each severity and that of all its problems */
    const SEVERITIES = [["error", "errors"], ["waiting", "waiting"], ["warning", "warnings"]];
    const severities = SEVERITIES.map(([one, name]) => ({ one, name, count: all.kinds.reduce((sum, kind) => sum + (kind.severity === one ? kind.count : 0), 0) }))
      .filter(({ count }) => count)
      .map(({ one, name, count }) => toggle(() => `${own(name)} ${counted(count)}`, () => asked.severity === one, () => { asked.severity = one; }, () => { asked.severity = ""; }));
    const frequent = ranked.filter(({ kind }) => kind.count >= FREQUENT).slice(0, 5).map(({ kind, index }) => element("li", {},
      toggle(() => `${counted(kind.count)} × ${common(kind)}`, () => asked.kind === index, () => { asked.kind = index; }, () => { asked.kind = -1; })));
    /** @param {number} first @param {number} last */
    const spanOf = (first, last) => first === last ? counted(first) : `${counted(first)}–${counted(last)}`;
    const rows = toggle(() => own(asked.rows[0] === asked.rows[1] ? "one-row" : "rows", { rows: spanOf(asked.rows[0], asked.rows[1]) }),
      () => asked.rows[1] > 0, () => {}, () => { asked.rows = [0, 0]; });
    const nothing = () => {
      Object.assign(asked, { text: "", severity: "", kind: -1, sheet: -1, rows: [0, 0], journal: "", document: -1, isLoose: false });
      text.input.value = journal.input.value = "";
      choose();
    };
    const choose = () => {
      kinds.select.value = String(asked.kind);
      sheets.select.value = String(asked.sheet);
      for (const [one, isOn, say] of pressed) {
        one.setAttribute("aria-pressed", String(isOn()));
        say();
      }
      rows.hidden = !asked.rows[1];
      seek();
    };

    /** Excel and others take such a text for a formula. @param {string} value */
    const harmless = (value) => /^[=+\-@\t\r\n\0＝＋－＠]/.test(value) ? `'${value}` : value;
    const save = () => {
      const words = plain(asked.text).split(/\s+/).filter(Boolean);
      const titles = ["state", "sheet", "journal", "cell", "value", "message", "suggestion"].map((key) => own(key));
      const rows = [...order()].filter((index) => matches(index, words)).map((index) => {
        const one = all.problems[index], [file, sheet] = all.sheets[one[SHEET]];
        const key = one[DOCUMENT] < 0 ? "" : all.documents[one[DOCUMENT]][0];
        // as the run's own problems.csv has it, where what waits for a person is an error
        const severity = all.kinds[one[KIND]].severity === "warning" ? "warning" : "error";
        return [own(severity), sheet ?? file, key, cellOf(one) || String(one[ROW] || ""), one[VALUE], message(one), one[SUGGESTION]];
      });
      const csv = [["importer.problems/1", ...titles], ...rows.map((row) => [document.body.dataset.run ?? "", ...row])]
        .map((row) => row.map((value) => `"${harmless(value).replaceAll('"', '""')}"`).join(",") + "\r\n").join("");
      const link = /** @type {HTMLAnchorElement} */ (element("a", { download: `${document.body.dataset.run}.problems.csv` }));
      link.href = URL.createObjectURL(new Blob(["\ufeff", csv], { type: "text/csv" }));
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };

    const title = element("h3");
    whenLanguageChanges.push(() => { title.textContent = own("frequent"); });
    live.append(
      ...(frequent.length > 1 || all.problems.length > PER_PAGE && frequent.length ? [element("div", { class: "frequent" }, title, element("ul", {}, ...frequent))] : []),
      element("div", { class: "tools" }, text.whole, kinds.whole, ...(all.sheets.length > 1 ? [sheets.whole] : []), ...(all.documents.length > 1 ? [journal.whole] : []), sorts.whole),
      element("div", { class: "tools" }, ...severities, rows, button("clear", nothing), button("csv", save)),
      above.whole, list, below.whole,
    );
    whenLanguageChanges.push(choose);
    for (const section of document.querySelectorAll(".live")) /** @type {HTMLElement} */ (section).hidden = false;

    /* Links to what the page without script shows lead here, and to what they name. */
    for (const [severity, name] of SEVERITIES) {
      for (const link of document.querySelectorAll(`a[href="#${name}"]`)) {
        link.setAttribute("href", "#problems");
        link.addEventListener("click", () => { nothing(); asked.severity = severity; choose(); });
      }
    }
    /* The rows that are in no journal are shown by the problems that say why. */
    const loose = document.querySelector(".control tr.homeless td:last-child");
    if (loose) {
      const link = element("a", { href: "#problems" }, loose.textContent ?? "");
      whenLanguageChanges.push(() => { link.setAttribute("aria-label", own("show-state", { state: loose.parentElement?.querySelector("[data-t]")?.textContent ?? "", count: link.textContent ?? "" })); });
      link.addEventListener("click", () => { nothing(); asked.isLoose = true; choose(); });
      loose.replaceChildren(link);
    }
    /* A part of a sheet's strip shows the problems of its rows. One part is a tab stop, the arrow keys lead to the others. */
    for (const strip of document.querySelectorAll('.strip svg:not([data-s=""])')) {
      const parts = /** @type {SVGElement[]} */ ([...strip.querySelectorAll("[data-rows]")]);
      strip.removeAttribute("aria-hidden");
      strip.setAttribute("role", "group");
      whenLanguageChanges.push(() => strip.setAttribute("aria-label", strip.previousElementSibling?.textContent ?? ""));
      parts.forEach((part, index) => {
        const [first, last, wrong] = (part.dataset.rows ?? "").split(" ").map(Number);
        const show = () => {
          nothing();
          Object.assign(asked, { severity: "error", sheet: Number(strip.getAttribute("data-s")), rows: [first, last] });
          choose();
          document.getElementById("problems")?.focus();
        };
        part.setAttribute("role", "button");
        part.setAttribute("tabindex", index ? "-1" : "0");
        part.addEventListener("click", show);
        part.addEventListener("focus", () => {
          for (const one of parts) one.setAttribute("tabindex", one === part ? "0" : "-1");
        });
        part.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0, near = parts[index + step];
          if (event.key === "Enter" || event.key === " ") show();
          else if (!step || !near) return;
          else near.focus();
          event.preventDefault();
        });
        pressed.push([part, () => asked.rows[0] === first && asked.rows[1] === last && asked.sheet === Number(strip.getAttribute("data-s")),
          () => part.setAttribute("aria-label", own("show-rows", { rows: spanOf(first, last), count: counted(wrong) }))]);
      });
    }
    for (const link of document.querySelectorAll("a[data-d]")) {
      const number = link.getAttribute("data-d");
      if (!number) continue;
      link.setAttribute("href", "#problems");
      link.addEventListener("click", () => {
        nothing();
        asked.document = Number(number);
        journal.input.value = all.documents[asked.document][0];
        choose();
      });
    }
  }

  /** What the ledger has otherwise, by row and field; how long it keeps a field's texts; and what no cell can show.
   * @param {number} document */
  const ledgerOf = (document) => {
    /** @type {Record<string, string>} */
    const found = {};
    /** @type {Record<string, number>} */
    const kept = {};
    /** @type {string[]} */
    const said = [];
    for (const one of document < 0 ? [] : all.problems) {
      const kind = all.kinds[one[KIND]];
      if (one[DOCUMENT] !== document || !["posted-differently", "changed-since", "texts-cut"].includes(kind.code)) continue;
      const field = factOf(kind, one, "heading");
      if (kind.code === "texts-cut") kept[field] = Number(factOf(kind, one, "length"));
      else if (field) found[`${one[ROW]} ${field}`] = factOf(kind, one, "found");
      said.push(message(one));
    }
    return { found, kept, said };
  };
  /** The lines of a journal as they were sent, beside what the ledger has.
   * @param {Problems["lines"][0]} journal @param {string} title */
  const linesOf = ([document, fields, lines], title) => {
    const { found, kept, said } = ledgerOf(document);
    /** @param {string} field @returns {Record<string, string>} */
    const side = (field) => all.amounts.includes(field) ? { class: "number" } : {};
    const heading = element("tr", {}, ...[own("line-row"), ...fields.map(label)].map((text, index) => element("th", { scope: "col", ...side(fields[index - 1] ?? "") }, text)));
    const rows = lines.map(([row, ...texts]) => element("tr", {}, element("th", { scope: "row" }, String(row)), ...texts.map((text, index) => {
      const field = fields[index], other = found[`${row} ${field}`], cell = element("td", side(field));
      cell.append(text.slice(0, kept[field]), ...(text.length > kept[field] ? [element("del", {}, text.slice(kept[field]))] : []));
      if (other !== undefined) {
        cell.append(element("span", {}, own("in-ledger", { text: other })));
        cell.classList.add("differs");
      }
      return cell;
    })));
    const table = element("table", {}, element("thead", {}, heading), element("tbody", {}, ...rows));
    return [element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": title }, table), ...said.map((text) => element("p", { class: "note" }, text))];
  };
  /** @param {Element} table */
  const closeLines = (table) => {
    for (const one of table.querySelectorAll(".lines")) one.remove();
    for (const one of table.querySelectorAll('[aria-expanded="true"]')) one.setAttribute("aria-expanded", "false");
  };
  for (const row of document.querySelectorAll("tr[data-l]")) {
    const opener = element("button", { type: "button", "aria-expanded": "false" });
    const key = row.querySelector("th")?.firstChild?.textContent ?? "";
    whenLanguageChanges.push(() => {
      opener.textContent = own("lines");
      opener.setAttribute("aria-label", `${own("lines")}: ${key}`);
    });
    opener.addEventListener("click", () => {
      const isOpen = opener.getAttribute("aria-expanded") === "true";
      if (isOpen) row.nextElementSibling?.remove();
      else row.after(element("tr", { class: "lines" }, element("td", { colspan: String(row.childElementCount) }, ...linesOf(all.lines[Number(row.getAttribute("data-l"))], opener.getAttribute("aria-label") ?? ""))));
      opener.setAttribute("aria-expanded", String(!isOpen));
    });
    row.querySelector("th")?.append(" ", opener);
  }

  /* The long tables of journals and records: a page at a time, by state, by text. */
  const ROWS = 50;
  for (const table of document.querySelectorAll("table.documents")) {
    const bodies = [...table.querySelectorAll("tbody")];
    const rows = bodies.flatMap((body) => [...body.querySelectorAll("tr:not(.group, .more)")].map((row) => ({ body, row, text: plain(row.textContent ?? "") })));
    let wanted = "", state = /** @type {Element | null} */ (null);
    const leaf = pager("pages", (to) => show(to));
    /** @param {number} page */
    const show = (page) => {
      closeLines(table);
      const fitting = rows.filter((one) => (!state || one.body === state) && one.text.includes(wanted));
      const shown = new Set(fitting.slice(page * ROWS, (page + 1) * ROWS));
      for (const one of rows) /** @type {HTMLElement} */ (one.row).hidden = !shown.has(one);
      for (const body of bodies) body.hidden = ![...shown].some((one) => one.body === body);
      leaf.show(page, ROWS, fitting.length, false);
    };
    const tools = element("div", { class: "tools" });
    whenLanguageChanges.push(() => closeLines(table));
    if (bodies.length > 1 || rows.length > ROWS) {
      const input = /** @type {HTMLInputElement} */ (element("input", { type: "search", autocomplete: "off" }));
      input.addEventListener("input", () => { wanted = plain(input.value.trim()); show(0); });
      tools.append(labelled("search", input));
      if (bodies.length > 1) for (const body of bodies) {
        const choice = element("button", { type: "button" });
        whenLanguageChanges.push(() => { choice.textContent = [...body.querySelectorAll(".group .glyph, .group [data-t], .group .soft")].map((one) => one.textContent).join(" "); });
        choice.addEventListener("click", () => {
          state = state === body ? null : body;
          for (const one of tools.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === choice && state !== null));
          show(0);
        });
        choice.setAttribute("aria-pressed", "false");
        choice.dataset.state = body.dataset.state;
        tools.append(choice);
      }
      table.before(tools, leaf.whole);
      whenLanguageChanges.push(() => {
        for (const one of rows) one.text = plain(one.row.textContent ?? "");
        show(0);
      });
    }
  }

  /* The counts of the control table lead to the documents they count. */
  for (const row of document.querySelectorAll(".control tr[data-state]")) {
    const name = row.getAttribute("data-state") ?? "", cell = row.querySelector("td");
    const body = document.querySelector(`.documents tbody[data-state="${name}"]`);
    const heading = body?.closest("section")?.querySelector("h2");
    if (!cell || !heading) continue;
    const link = element("a", { href: `#${heading.id}` }, cell.textContent ?? "");
    whenLanguageChanges.push(() => {
      link.textContent = counted(Number((link.textContent ?? "").replace(/\D/g, "")));
      link.setAttribute("aria-label", own("show-state", { state: row.querySelector("[data-t]")?.textContent ?? "", count: link.textContent ?? "" }));
    });
    link.addEventListener("click", () => {
      for (const choice of document.querySelectorAll(`.tools button[data-state="${name}"][aria-pressed="false"]`)) /** @type {HTMLElement} */ (choice).click();
    });
    cell.replaceChildren(link);
  }

  document.body.append(status);
  for (const change of whenLanguageChanges) change();
  document.documentElement.classList.add("scripted");
})();
