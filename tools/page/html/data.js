'use strict';
// The data of the page, and what belongs together in them.
const DATA = JSON.parse(document.getElementById('data').textContent);

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function scaled(value, unit, step, names) {
  let i = 0;
  while (value >= step && i + 1 < names.length) { value /= step; ++i; }
  const digits = i === 0 && Number.isInteger(value) ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${names[i]}${unit}`;
}
const bytesText = bytes => scaled(bytes, 'B', 1000, ['', 'k', 'M', 'G', 'T']);
const countText = (count, unit) => scaled(count, unit, 1000, ['', 'k', 'M', 'G', 'T']);
function timeText(seconds) {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`;
  return seconds < 1 ? `${(seconds * 1e3).toFixed(2)} ms` : `${seconds.toFixed(2)} s`;
}
function lineText(line) {
  if (line === null || line === undefined) return '';
  const { file, line: number } = DATA.lines[line];
  return `${file.split('/').pop()}:${number}`;
}

// What of a function leads to what. Nodes after fusion are in the middle: they know the traced nodes
// that they were made of, and launches know them.
class Relations {
  constructor(fn) {
    this.fn = fn;
    this.madeOf = new Map(); // traced node -> nodes after fusion
    this.launchesOf = new Map(); // node after fusion -> launches
    this.written = new Map(); // launch -> buffers that it is the first to use
    const add = (map, key, value) => map.has(key) ? map.get(key).push(value) : map.set(key, [value]);
    const named = node => ['input', 'state', 'output', 'update'].includes(node.kind) ? `${node.kind} ${node.name}` : null;
    const traced = fn.traced ? fn.traced.nodes : [], fused = fn.fused ? fn.fused.nodes : [];
    const byName = new Map();
    traced.forEach((node, i) => { if (named(node)) byName.set(named(node), i); });
    this.origins = fused.map((node, i) => {
      const origins = node.origins ?? (byName.has(named(node)) ? [byName.get(named(node))] : []);
      for (const origin of origins) add(this.madeOf, origin, i);
      return origins;
    });
    fn.launches.forEach((launch, i) => { for (const node of launch.nodes) add(this.launchesOf, node, i); });
    fn.buffers.forEach((buffer, i) => add(this.written, buffer.launches[0], i));
  }

  // Sets of all that belongs to a selection, such as {what: 'fused', ids: [3]}.
  of({ what, ids }) {
    const { fn } = this;
    const sets = { traced: new Set(), fused: new Set(), launches: new Set(), buffers: new Set(), lines: new Set() };
    const addLines = lines => { for (const line of lines) if (line !== null) sets.lines.add(line); };
    const fromFused = i => {
      sets.fused.add(i);
      for (const origin of this.origins[i]) sets.traced.add(origin);
      addLines(fn.fused.nodes[i].lines);
    };
    const fromLaunch = i => {
      const { nodes, line } = fn.launches[i];
      sets.launches.add(i);
      nodes.forEach(fromFused);
      addLines([line]);
    };
    if (what === 'traced')
      for (const i of ids) {
        sets.traced.add(i);
        addLines(fn.traced.nodes[i].lines);
        for (const made of this.madeOf.get(i) ?? []) sets.fused.add(made);
      }
    if (what === 'fused') ids.forEach(fromFused);
    if (what === 'launches') ids.forEach(fromLaunch);
    if (what === 'buffers')
      for (const i of ids) {
        sets.buffers.add(i);
        fromLaunch(fn.buffers[i].launches[0]);
        for (const launch of fn.buffers[i].launches) sets.launches.add(launch);
      }
    if (what === 'lines') {
      const wanted = new Set(ids);
      addLines(ids);
      for (const stage of ['traced', 'fused'])
        (fn[stage] ? fn[stage].nodes : []).forEach((node, i) => { if (node.lines.some(line => wanted.has(line))) sets[stage].add(i); });
      fn.launches.forEach((launch, i) => { if (wanted.has(launch.line)) sets.launches.add(i); });
    }
    if (what !== 'launches' && what !== 'buffers')
      for (const node of sets.fused) for (const launch of this.launchesOf.get(node) ?? []) sets.launches.add(launch);
    if (what !== 'buffers')
      for (const launch of sets.launches) for (const buffer of this.written.get(launch) ?? []) sets.buffers.add(buffer);
    return sets;
  }
}
