// The arena: launches to the right, bytes upwards; a rectangle for each buffer.
class MemoryPlot {
  constructor(container, fn, select) {
    this.container = container;
    this.fn = fn;
    this.select = select;
    this.range = [0, Math.max(fn.launches.length, 1)];
    this.hot = new Set();
    const live = new Array(fn.launches.length).fill(0);
    for (const { launches, bytes } of fn.buffers)
      for (let i = launches[0]; i <= launches[launches.length - 1]; ++i) live[i] += bytes;
    this.peak = live.reduce((best, bytes, i) => bytes > live[best] ? i : best, 0);
    this.peakBytes = live[this.peak] ?? 0;
    this.svg = shape('svg', { tabindex: 0, role: 'group', 'aria-label': 'buffers over launches' });
    this.svg.addEventListener('wheel', event => {
      event.preventDefault();
      const { left, width } = this.svg.getBoundingClientRect();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - left) / width);
    }, { passive: false });
    this.svg.addEventListener('keydown', event => {
      const [from, to] = this.range, step = (to - from) / 8;
      if (event.key === '+' || event.key === '=') this.zoom(0.8, 0.5);
      else if (event.key === '-') this.zoom(1.25, 0.5);
      else if (event.key === 'ArrowLeft') this.move(-step);
      else if (event.key === 'ArrowRight') this.move(step);
      else return;
      event.preventDefault();
    });
    container.replaceChildren(this.svg);
    this.draw();
  }

  zoom(factor, at) {
    const [from, to] = this.range, last = Math.max(this.fn.launches.length, 1);
    const width = Math.min(Math.max((to - from) * factor, Math.min(4, last)), last);
    const start = Math.min(Math.max(from + (to - from - width) * at, 0), last - width);
    this.range = [start, start + width];
    this.draw();
  }
  move(by) {
    const [from, to] = this.range, last = Math.max(this.fn.launches.length, 1);
    const start = Math.min(Math.max(from + by, 0), last - (to - from));
    this.range = [start, start + to - from];
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth || 800, height = this.svg.clientHeight || 260;
    const left = 64, bottom = 20, top = 16, arena = Math.max(this.fn.arena_bytes, 1);
    const [from, to] = this.range;
    const x = launch => left + (launch - from) / (to - from) * (width - left - 4);
    const y = bytes => height - bottom - bytes / arena * (height - bottom - top);
    const text = (content, at, attributes = {}) => {
      const made = shape('text', { x: at[0], y: at[1], class: 'small', ...attributes });
      made.textContent = content;
      this.svg.append(made);
    };
    this.svg.replaceChildren();
    for (let i = 0; i <= 4; ++i) {
      const bytes = arena * i / 4;
      this.svg.append(shape('line', { x1: left, x2: width, y1: y(bytes), y2: y(bytes), class: 'axis' }));
      text(bytesText(Math.round(bytes)), [left - 6, y(bytes) + 4], { 'text-anchor': 'end' });
    }
    text(`launch ${Math.floor(from)}`, [left, height - 4]);
    text(`${Math.ceil(to) - 1}`, [width - 4, height - 4], { 'text-anchor': 'end' });
    this.rectangles = this.fn.buffers.map((buffer, i) => {
      const first = buffer.launches[0], last = buffer.launches[buffer.launches.length - 1] + 1;
      if (last < from || first > to) return null;
      const x1 = Math.max(x(first), left), x2 = Math.min(x(last), width - 4), y1 = y(buffer.offset + buffer.bytes);
      const high = Math.max(y(buffer.offset) - y1, 1);
      const rect = shape('rect', { x: x1, y: y1, width: Math.max(x2 - x1, 0.7), height: high, class: 'buffer', 'data-buffer': i });
      const tip = shape('title');
      tip.textContent = this.tip(i);
      rect.append(tip);
      rect.addEventListener('click', () => this.select({ what: 'buffers', ids: [i] }));
      this.svg.append(rect);
      const name = this.nameOf(i);
      if (high > 14 && x2 - x1 > name.length * 6.8 + 6) text(name, [x1 + 4, y1 + 12]);
      return rect;
    });
    if (this.fn.launches.length && this.peak >= from && this.peak <= to) {
      const at = x(this.peak + 0.5);
      this.svg.append(shape('line', { x1: at, x2: at, y1: top, y2: height - bottom, class: 'peak' }));
      text(`peak ${bytesText(this.peakBytes)} at launch ${this.peak}`, [at + (at > width / 2 ? -4 : 4), 11],
        { 'text-anchor': at > width / 2 ? 'end' : 'start' });
    }
    this.mark();
  }

  nameOf(i) {
    const buffer = this.fn.buffers[i], launch = this.fn.launches[buffer.launches[0]];
    return `${bytesText(buffer.bytes)} ${lineText(launch.line)}`;
  }
  tip(i) {
    const { launches, offset, bytes } = this.fn.buffers[i], first = this.fn.launches[launches[0]];
    return `${bytesText(bytes)} at ${bytesText(offset)}\nwritten by launch ${launches[0]}, ${first.kernel}\n` +
      `needed until launch ${launches[launches.length - 1]}\n${lineText(first.line)}`;
  }
  show(hot) { this.hot = hot; this.mark(); }
  mark() { this.rectangles.forEach((rect, i) => rect && rect.classList.toggle('hot', this.hot.has(i))); }
}
