// The lines of the user's source that something came from, with a few around each.
class SourceView {
  constructor(container, select) {
    this.container = container;
    this.byLine = new Map(); // number of a line in DATA.lines -> its element
    const numbers = new Map(DATA.lines.map(({ file, line }, i) => [`${file}:${line}`, i]));
    container.replaceChildren();
    if (DATA.files.length === 0) container.append(element('p', { className: 'hint', textContent: 'No source lines are known.' }));
    for (const { file, lines, missing } of DATA.files) {
      container.append(element('div', { className: 'file', textContent: file }));
      if (missing) container.append(element('p', { className: 'hint', textContent: missing }));
      const code = element('div', { className: 'code' });
      // Of a file that is not there, the numbers at least.
      const shown = missing ? DATA.lines.filter(line => line.file === file).map(({ line }) => ({ line, text: '' })).sort((a, b) => a.line - b.line) : lines;
      let last = 0;
      for (const { line, text } of shown) {
        if (line > last + 1 && last > 0 && !missing) code.append(element('p', { className: 'gap', textContent: '...' }));
        last = line;
        const row = element('div', {}, element('span', { textContent: line }), text);
        const number = numbers.get(`${file}:${line}`);
        if (number !== undefined) {
          const choose = () => select({ what: 'lines', ids: [number] }, this);
          row.className = 'known';
          row.tabIndex = 0;
          row.setAttribute('role', 'button');
          row.onclick = choose;
          row.addEventListener('keydown', event => { if (event.key === 'Enter') choose(); });
          this.byLine.set(number, row);
        }
        code.append(row);
      }
      container.append(code);
    }
  }

  show(hot, scroll) {
    for (const [number, row] of this.byLine) row.classList.toggle('hot', hot.has(number));
    const first = [...hot].sort((a, b) => a - b)[0];
    if (scroll && this.byLine.has(first)) {
      const row = this.byLine.get(first);
      this.container.scrollTop += row.getBoundingClientRect().top - this.container.getBoundingClientRect().top - this.container.clientHeight / 3;
    }
  }
}
