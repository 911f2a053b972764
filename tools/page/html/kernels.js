// A row for each kernel, the longest first; the dark mark is the least time that the machine allows.
class KernelTable {
  constructor(container, fn, select) {
    this.fn = fn;
    this.container = container;
    const timed = Boolean(fn.times);
    const most = Math.max(...fn.kernels.map(row => timed ? row.seconds : row.bytes), 1e-30);
    const total = fn.kernels.reduce((sum, row) => sum + row.seconds, 0) || 1;
    const titles = timed ? ['', 'time', 'of all', 'launches', 'moved', 'arithmetic', 'of best'] : ['', 'launches', 'moved', 'arithmetic'];
    const head = element('tr', {}, ...titles.map(textContent => element('th', { textContent })),
      element('th', { className: 'text', textContent: 'kernel' }), element('th', { className: 'text', textContent: 'line' }));
    this.rows = fn.kernels.map(row => {
      const bar = element('div', {}, element('i'));
      bar.firstChild.style.width = `${100 * (timed ? row.seconds : row.bytes) / most}%`;
      if (timed && row.least_seconds > 0) {
        const mark = element('b');
        mark.style.left = `${Math.min(100 * row.least_seconds / most, 100)}%`;
        bar.append(mark);
      }
      const seconds = Math.max(row.seconds, 1e-12); // a clock may stand still
      const moved = timed ? countText(row.bytes / seconds, 'B/s') : bytesText(row.bytes);
      const done = timed ? countText(row.ops / seconds, 'op/s') : countText(row.ops, 'op');
      const cells = timed
        ? [timeText(row.seconds), `${(100 * row.seconds / total).toFixed(1)} %`, row.launches.length, moved, done,
          `${(100 * row.least_seconds / seconds).toFixed(0)} %`]
        : [row.launches.length, moved, done];
      const choose = () => select({ what: 'launches', ids: row.launches }, this);
      const made = element('tr', { tabIndex: 0, onclick: choose },
        element('td', { className: 'measure' }, bar), ...cells.map(textContent => element('td', { textContent })),
        element('td', { className: 'text', textContent: row.kernel }),
        element('td', { className: 'text', textContent: lineText(fn.launches[row.launches[0]].line) }));
      made.addEventListener('keydown', event => { if (event.key === 'Enter') choose(); });
      return made;
    });
    container.replaceChildren(element('table', {}, element('thead', {}, head), element('tbody', {}, ...this.rows)));
  }

  show(launches, scroll) {
    this.rows.forEach((row, i) => row.classList.toggle('hot', this.fn.kernels[i].launches.some(launch => launches.has(launch))));
    const first = this.rows.find(row => row.classList.contains('hot'));
    if (scroll && first) this.container.scrollTop = first.offsetTop - this.container.clientHeight / 3;
  }
}
