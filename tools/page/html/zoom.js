// Zooms and moves an SVG by its viewBox.
class Zoom {
  // Starts with the box `first` in sight.
  constructor(svg, width, height, first) {
    this.svg = svg;
    this.first = first;
    this.whole = [-10, -10, width + 20, height + 20];
    this.reset();
    svg.addEventListener('wheel', event => {
      event.preventDefault();
      this.by(event.deltaY > 0 ? 1.2 : 1 / 1.2, event.clientX, event.clientY);
    }, { passive: false });
    let from = null;
    svg.addEventListener('pointerdown', event => { from = { x: event.clientX, y: event.clientY, box: [...this.box] }; });
    svg.addEventListener('pointermove', event => {
      if (!from || event.buttons === 0) { from = null; return; }
      const scale = this.unitsPerPixel();
      this.box[0] = from.box[0] - (event.clientX - from.x) * scale;
      this.box[1] = from.box[1] - (event.clientY - from.y) * scale;
      this.apply();
    });
    svg.addEventListener('keydown', event => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (step) { this.box[0] += step[0] * this.box[2] / 8; this.box[1] += step[1] * this.box[3] / 8; this.apply(); }
      else if (event.key === '+' || event.key === '=') this.by(1 / 1.3);
      else if (event.key === '-') this.by(1.3);
      else if (event.key === '0') this.reset();
      else return;
      event.preventDefault();
    });
  }

  unitsPerPixel() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.max(this.box[2] / Math.max(width, 1), this.box[3] / Math.max(height, 1));
  }

  // Text keeps about its size: a small graph is not blown up, and of a large one the top is shown first.
  reset() {
    this.box = [...this.whole];
    const { width, height } = this.svg.getBoundingClientRect();
    const smallest = 0.8; // of the text's size
    if (width > 0 && this.unitsPerPixel() > 1 / smallest) {
      this.box[2] = Math.min(this.whole[2], width / smallest);
      this.box[3] = Math.min(this.whole[3], height / smallest);
      const left = this.first.x - this.box[2] / 2;
      this.box[0] = Math.min(Math.max(left, this.whole[0]), this.whole[0] + this.whole[2] - this.box[2]);
    }
    if (width > 0 && this.unitsPerPixel() < 1) {
      this.box[0] -= (width - this.box[2]) / 2;
      this.box[2] = width;
      this.box[3] = height;
    }
    this.apply();
  }

  by(factor, clientX, clientY) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    const x = clientX === undefined ? 0.5 : (clientX - left) / width, y = clientY === undefined ? 0.5 : (clientY - top) / height;
    if (this.box[2] * factor < 40 || this.box[2] * factor > this.whole[2] * 8 + 4000) return;
    this.box[0] += this.box[2] * (1 - factor) * x;
    this.box[1] += this.box[3] * (1 - factor) * y;
    this.box[2] *= factor;
    this.box[3] *= factor;
    this.apply();
  }

  show(x, y) {
    this.box[0] = x - this.box[2] / 2;
    this.box[1] = y - this.box[3] / 2;
    this.apply();
  }

  shows(x, y) {
    return x > this.box[0] && x < this.box[0] + this.box[2] && y > this.box[1] && y < this.box[1] + this.box[3];
  }

  apply() { this.svg.setAttribute('viewBox', this.box.join(' ')); }
}
