// Elements of the page. Text from outside only ever becomes text, never HTML.

export const byId = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const SPACE = "\u00a0"; // between number and sign no line ends

export function percent(share) {
  if (share > 0 && share < 0.01) return `<1${SPACE}%`;
  if (share > 0.99 && share < 1) return `${(Math.floor(share * 1000) / 10).toFixed(1)}${SPACE}%`; // not quite all
  return `${Math.round(share * 100)}${SPACE}%`;
}

// A target is shown as exactly as it was chosen: 95 %, 99.5 %.
export const shown = (share) => `${Number((share * 100).toFixed(2))}${SPACE}%`;

export const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
