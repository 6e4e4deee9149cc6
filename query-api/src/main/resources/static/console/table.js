// Rows of the lists.

/** @param {[string | Node, string?][]} contents the text or element of each cell, and its class */
export function cells(contents) {
  const tr = document.createElement("tr");
  for (const [content, kind] of contents) {
    const td = document.createElement("td");
    td.append(content);
    if (kind) td.className = kind;
    tr.append(td);
  }
  return tr;
}

export function orderLink(id) {
  const a = document.createElement("a");
  a.href = `#/order/${encodeURIComponent(id)}`;
  a.textContent = id;
  return a;
}

/** A row that spans the table. */
export function emptyRow(text, columns) {
  const row = cells([[text, "hint"]]);
  row.firstChild.colSpan = columns;
  return row;
}

/**
 * Decides when a list is read again: after each change of a count, and once more when the count is stable, because the shared
 * response of the first read can be a second old.
 */
export class Changes {
  #read = null;
  #last = null;
  #stable = false;

  isDue(count) {
    this.#stable = count === this.#last;
    this.#last = count;
    return count !== this.#read;
  }

  /** The list was read. */
  done() {
    if (this.#stable) this.#read = this.#last;
  }
}
