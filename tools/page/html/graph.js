// One graph, a view at a time. `select` is called with what a user points at.
class GraphPane {
  constructor(fn, stage, grouping, select) {
    this.stage = stage;
    this.graph = fn[stage];
    this.views = this.graph[grouping];
    this.select = select;
    this.path = element('nav');
    this.svg = shape('svg', { tabindex: 0, role: 'group', preserveAspectRatio: 'xMidYMin', 'aria-label': stage === 'traced' ? 'graph as traced' : 'graph after fusion' });
    this.root = element('div', { className: 'pane' }, this.path, this.svg);
    this.hot = new Set();
    this.matches = new Set();
  }

  open(index) {
    const view = this.views[this.current = index];
    this.drawPath();
    const fresh = this.svg.cloneNode(false); // without the listeners of the last zoom
    this.svg.replaceWith(fresh);
    this.svg = fresh;
    const marker = `head_${this.stage}`;
    this.svg.append(shape('defs', {}, shape('marker', { id: marker, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
      shape('path', { d: 'M0 0L8 4L0 8z', class: 'head' }))));
    this.arrows = view.arrows.map(arrow => this.drawArrow(arrow, marker));
    this.boxes = view.boxes.map((box, i) => this.drawBox(box, i));
    this.zoom = new Zoom(this.svg, view.width, view.height, view.boxes.reduce((first, box) => box.y < first.y ? box : first));
    this.mark();
  }

  drawPath() {
    const steps = [];
    for (let i = this.current; i !== undefined; i = this.views[i].parent) steps.unshift(i);
    this.path.replaceChildren(this.stage === 'traced' ? 'As traced: ' : 'After fusion: ');
    steps.forEach((step, i) => {
      if (i) this.path.append(' › ');
      this.path.append(i + 1 < steps.length
        ? element('button', { className: 'link', textContent: this.views[step].title, onclick: () => this.open(step) })
        : this.views[step].title);
    });
  }

  drawArrow({ points, label, at }, marker) {
    let path = '';
    for (let i = 0; i + 1 < points.length; i += 2) path += `${i === 0 ? 'M' : i === 2 ? 'C' : ' '}${points[i]},${points[i + 1]}`;
    const line = shape('path', { d: path, class: 'arrow', 'marker-end': `url(#${marker})` });
    this.svg.append(line);
    if (label) {
      const text = shape('text', { x: at[0], y: at[1] + 3, 'text-anchor': 'middle', class: 'label' });
      text.textContent = label;
      this.svg.append(text);
    }
    return line;
  }

  kindOf(box) {
    if (box.outside) return 'outside';
    if (box.opens !== undefined) return 'group';
    const node = this.graph.nodes[box.nodes[0]];
    return node.name === 'contraction' || node.name === 'dot_general' ? 'contraction' : node.kind;
  }

  drawBox(box, i) {
    const left = box.x - box.width / 2, top = box.y - box.height / 2;
    const group = shape('g', { class: `box ${this.kindOf(box)}`, tabindex: 0, role: 'button', 'data-box': i,
      'aria-label': `${box.title} ${box.subtitle}` });
    const text = (content, y, kind) => {
      const made = shape('text', { x: box.x, y, 'text-anchor': 'middle', class: kind });
      made.textContent = content;
      return made;
    };
    const tip = shape('title');
    tip.textContent = this.tip(box);
    group.append(tip, shape('rect', { x: left, y: top, width: box.width, height: box.height, rx: 5 }),
      text(box.title, box.subtitle ? top + 17 : box.y + 4, ''));
    if (box.subtitle) group.append(text(box.subtitle, top + 32, 'small'));
    const go = () => {
      if (box.opens !== undefined) this.open(box.opens);
      else if (box.outside) this.reveal(box.nodes[0]);
    };
    group.addEventListener('click', () => this.select({ what: this.stage, ids: box.nodes }, this));
    group.addEventListener('dblclick', go);
    group.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      if (group.classList.contains('hot')) go();
      else this.select({ what: this.stage, ids: box.nodes }, this);
    });
    group.addEventListener('pointerenter', () => this.near(i, true));
    group.addEventListener('pointerleave', () => this.near(i, false));
    this.svg.append(group);
    return group;
  }

  tip(box) {
    if (box.outside) return `${box.title}: elsewhere; double click goes there`;
    if (box.opens !== undefined) return `${box.title}: ${box.nodes.length} nodes; double click opens it`;
    const node = this.graph.nodes[box.nodes[0]];
    return [node.role ? `${node.role} ${node.name}` : node.name, node.type, node.attributes, bytesText(node.bytes),
      node.lines.length ? lineText(node.lines[0]) : ''].filter(Boolean).join('\n');
  }

  near(i, on) {
    this.views[this.current].arrows.forEach((arrow, a) => {
      if (arrow.from !== i && arrow.to !== i) return;
      this.arrows[a].classList.toggle('hot', on);
      this.boxes[arrow.from === i ? arrow.to : arrow.from].classList.toggle('near', on);
    });
  }

  // Marks what is selected, and what a search found.
  show(hot, matches) {
    this.hot = hot;
    this.matches = matches;
    this.mark();
  }
  mark() {
    this.views[this.current].boxes.forEach((box, i) => {
      this.boxes[i].classList.toggle('hot', !box.outside && box.nodes.some(node => this.hot.has(node)));
      this.boxes[i].classList.toggle('match', !box.outside && box.nodes.some(node => this.matches.has(node)));
    });
  }

  // Goes to a selected node unless one is to be seen already.
  revealHot() {
    if (this.hot.size === 0) return;
    const { boxes } = this.views[this.current];
    const shown = boxes.filter(box => !box.outside && box.nodes.some(node => this.hot.has(node)));
    if (shown.some(box => this.zoom.shows(box.x, box.y))) return;
    if (shown.length) this.zoom.show(shown[0].x, shown[0].y);
    else this.reveal([...this.hot][0]);
  }

  // Opens the view where the node is a box of its own.
  reveal(node) {
    let best = null;
    this.views.forEach((view, i) => view.boxes.forEach(box => {
      if (!box.outside && box.nodes.includes(node) && (!best || box.nodes.length < best.box.nodes.length)) best = { i, box };
    }));
    if (!best) return;
    if (best.i !== this.current) this.open(best.i);
    this.zoom.show(best.box.x, best.box.y);
  }
}
