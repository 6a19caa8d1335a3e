/** Builds elements. All data becomes text nodes or attributes, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | number | Node | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | ((event: any) => void) | undefined>} Properties */

/**
 * Create an HTML element. A property with a function is a listener, `true` an attribute without a value.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/**
 * Create an SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Properties} properties
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child instanceof Node) element.append(child);
    else if (child !== null && child !== undefined && child !== false) {
      element.append(document.createTextNode(String(child)));
    }
  }
  return element;
}

/**
 * Make these nodes the children of an element. Children that stay are not touched, so that a click on them is not
 * lost. Open menus stay open, and the focus stays, by their `data-key`. If the focused element is gone, the next
 * one whose key begins alike gets the focus.
 * @param {Element} parent
 * @param {...Child} children
 */
export function replaceChildren(parent, ...children) {
  const wanted = children.filter((child) => child instanceof Node);
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && parent.contains(active) ? active.dataset.key ?? "" : "";
  const open = [...parent.querySelectorAll("details[open][data-key]")].map((menu) => menu.getAttribute("data-key"));
  for (const child of [...parent.childNodes]) if (!wanted.includes(child)) child.remove();
  let next = parent.firstChild;
  for (const child of wanted) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  for (const menu of parent.querySelectorAll("details[data-key]")) {
    if (open.includes(menu.getAttribute("data-key"))) menu.setAttribute("open", "");
  }
  if (focused && document.activeElement !== active) {
    const all = [...parent.querySelectorAll("[data-key]")];
    const again = all.find((each) => each.getAttribute("data-key") === focused)
      ?? all.find((each) => each.getAttribute("data-key")?.startsWith(`${focused.split("-")[0]}-`));
    if (again instanceof HTMLElement) again.focus({preventScroll: true});
  }
}

/** Keeps elements as long as the data that they show does not change. */
export class Memo {
  /** @type {Map<string, {data: string, element: HTMLElement}>} */
  #known = new Map();

  /**
   * Return the element for this data: the same as last time if the data is the same.
   * @param {string} key
   * @param {unknown} data
   * @param {() => HTMLElement} build
   */
  element(key, data, build) {
    const text = JSON.stringify(data);
    const known = this.#known.get(key);
    if (known?.data === text) return known.element;
    const element = build();
    this.#known.set(key, {data: text, element});
    return element;
  }

  /**
   * Forget the elements of objects that are gone.
   * @param {Set<string>} keys the keys to keep
   */
  keep(keys) {
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
  }
}

/**
 * Show different options in a select, and keep the choice if it still exists.
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} options values and labels
 */
export function setOptions(select, options) {
  const key = JSON.stringify(options);
  if (select.dataset.options === key) return;
  const chosen = select.dataset.options ? select.value : null;
  select.dataset.options = key;
  select.replaceChildren(...options.map(([value, label]) => h("option", {value}, label)));
  if (chosen !== null && options.some(([value]) => value === chosen)) select.value = chosen;
}

/**
 * Return an element whose text is the time since a moment. The page updates it every second.
 * @param {number | null} since
 * @param {string} [label] read before the time
 */
export function timer(since, label = "") {
  if (since === null) return null;
  return h("time", {class: "timer", "data-since": since, title: label || "Time in this state"});
}

/**
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/**
 * Ask for values in a dialog.
 * @param {string} title
 * @param {{name: string, label: string, value?: string, options?: [string, string][], pattern?: string}[]} fields
 * @param {string} button
 * @returns {Promise<Record<string, string> | null>} null if the person cancels
 */
export function ask(title, fields, button) {
  return new Promise((resolve) => {
    const inputs = fields.map(({name, value = "", options}) => {
      if (!options) return h("input", {name, value, required: true, autocomplete: "off"});
      const select = h("select", {name});
      setOptions(select, options);
      return select;
    });
    const form = h(
      "form",
      {method: "dialog"},
      h("h2", {}, title),
      ...fields.map(({label}, index) => h("label", {}, label, inputs[index])),
      h(
        "div",
        {class: "buttons"},
        h("button", {value: "cancel", formnovalidate: true, class: "quiet"}, "Cancel"),
        h("button", {value: "done", class: "main"}, button),
      ),
    );
    const dialog = h("dialog", {"aria-label": title}, form);
    dialog.addEventListener("close", () => {
      const values = inputs.map((input) => [input.name, input.value]);
      dialog.remove();
      resolve(dialog.returnValue === "done" ? Object.fromEntries(values) : null);
    });
    // Enter in a field chooses the first button of a form, which is "Cancel".
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
        event.preventDefault();
        if (form.reportValidity()) dialog.close("done");
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    inputs[0]?.focus();
  });
}
