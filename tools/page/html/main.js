// Puts the parts together: one selection, which all of them show.
const part = id => document.getElementById(id);
const none = { what: 'traced', ids: [] };
let fn, relations, panes, memory, kernels, selection = none, matches = { traced: new Set(), fused: new Set() };
const source = new SourceView(part('source'), select);

function select(chosen, by) {
  selection = chosen;
  const sets = relations.of(chosen);
  for (const pane of panes) {
    pane.show(sets[pane.stage], matches[pane.stage]);
    if (pane !== by) pane.revealHot();
  }
  memory.show(sets.buffers);
  kernels.show(sets.launches, by !== kernels);
  source.show(sets.lines, by !== source);
  showDetails(sets);
}

function list(title, items, total = items.length) {
  if (total === 0) return [];
  const entries = items.slice(0, 40).map(item => element('li', {}, item));
  if (total > 40) entries.push(element('li', { textContent: `and ${total - 40} more` }));
  return [element('h3', { textContent: title }), element('ul', {}, ...entries)];
}
const link = (text, chosen) => element('button', { className: 'link', textContent: text, onclick: () => select(chosen) });

function showDetails(sets) {
  const { what, ids } = selection;
  const details = part('details');
  if (ids.length === 0)
    return details.replaceChildren(element('p', { className: 'hint', textContent: 'Nothing is selected. Click a node, a buffer, a kernel or a line.' }));
  const content = [];
  const say = (tag, textContent) => content.push(element(tag, { textContent }));
  const single = ids.length === 1 && (what === 'traced' || what === 'fused') ? fn[what].nodes[ids[0]] : null;
  if (single) {
    say('h2', single.role ? `${single.role} ${single.name}` : `${single.kind === 'fusion' ? 'fusion, ' : ''}${single.name}`);
    say('code', single.type);
    say('div', [bytesText(single.bytes), single.module && `module ${single.module}`, single.phase].filter(Boolean).join(', '));
    if (single.attributes) say('code', single.attributes);
    content.push(...list('holds', (single.parts ?? []).map(each => `${each.op}  ${each.type}  ${lineText(each.line)}`)));
  } else if (what === 'buffers') {
    say('h2', 'buffer');
    say('div', memory.tip(ids[0]));
  } else if (what === 'lines') {
    say('h2', lineText(ids[0]));
  } else {
    say('h2', `${ids.length} ${what === 'launches' ? 'launches' : 'nodes'}`);
  }
  const nodeName = stage => i => {
    const node = fn[stage].nodes[i];
    return link(`${node.name} ${node.type}`, { what: stage, ids: [i] });
  };
  if (fn.traced && what !== 'traced') content.push(...list('came from', [...sets.traced].map(nodeName('traced'))));
  if (fn.fused && what !== 'fused') content.push(...list('went into', [...sets.fused].map(nodeName('fused'))));
  content.push(...list('launches', [...sets.launches].map(i =>
    link(`${i}: ${fn.launches[i].kernel}, ${bytesText(fn.launches[i].bytes)}, ${countText(fn.launches[i].ops, 'op')}`, { what: 'launches', ids: [i] }))));
  content.push(...list(what === 'buffers' ? 'buffer' : 'buffers written', [...sets.buffers].map(i => link(memory.nameOf(i), { what: 'buffers', ids: [i] }))));
  content.push(...list('lines', [...sets.lines].map(i => link(lineText(i), { what: 'lines', ids: [i] }))));
  details.replaceChildren(...content);
}

function showGraphs() {
  const stage = part('stage').value, stages = stage === 'both' ? ['traced', 'fused'] : [stage];
  panes = stages.map(each => new GraphPane(fn, each, part('grouping').value, select));
  part('panes').replaceChildren(...panes.map(pane => pane.root));
  for (const pane of panes) pane.open(0);
  if (memory) select(selection);
}

function search() {
  const wanted = part('search').value.trim().toLowerCase();
  const finds = node => [node.name, node.module, node.type, node.role, ...(node.parts ?? []).map(each => each.op)]
    .some(text => text && text.toLowerCase().includes(wanted));
  for (const stage of ['traced', 'fused'])
    matches[stage] = new Set(wanted ? fn[stage].nodes.flatMap((node, i) => finds(node) ? [i] : []) : []);
  part('found').textContent = wanted ? `${matches.traced.size} before, ${matches.fused.size} after fusion; Enter goes to the next` : '';
  for (const pane of panes) pane.show(pane.hot, matches[pane.stage]);
}

function nextMatch() {
  for (const pane of panes) {
    const found = [...matches[pane.stage]];
    if (found.length === 0) continue;
    const after = found.findIndex(node => node > (pane.lastMatch ?? -1));
    pane.lastMatch = found[Math.max(after, 0)];
    pane.reveal(pane.lastMatch);
  }
}

function showFunction(index) {
  fn = DATA.functions[index];
  relations = new Relations(fn);
  selection = none;
  memory = null;
  const ofRole = wanted => DATA.state.filter(({ role }) => wanted(role)).reduce((sum, { bytes }) => sum + bytes, 0);
  const weights = bytesText(ofRole(role => role === 'parameter')), others = bytesText(ofRole(role => role !== 'parameter'));
  part('summary').textContent = `${fn.signature}; parameters ${weights}, other state ${others}, arena ${bytesText(fn.arena_bytes)}` +
    (DATA.has_graphs ? `, ${fn.launches.length} launches` : '');
  if (!DATA.has_graphs) return;
  showGraphs();
  memory = new MemoryPlot(part('memory_plot'), fn, select);
  kernels = new KernelTable(part('kernel_list'), fn, select);
  part('memory_text').textContent = `arena ${bytesText(fn.arena_bytes)}, ${fn.buffers.length} buffers; beside it parameters ${weights}, other state ${others}`;
  part('kernels_text').textContent = fn.times
    ? `median of ${fn.times.calls} calls; this machine: ${countText(fn.times.limit_flops, 'FLOP/s')}, ${countText(fn.times.limit_bytes, 'B/s')}; the mark in a bar is the least time that allows`
    : 'by bytes moved, since nothing was timed: add --profile to the command';
  search();
  select(none);
}

part('model').textContent = DATA.model;
document.title = `${DATA.model} - Heddle`;
part('function').append(...DATA.functions.map(({ name }, i) => element('option', { value: i, textContent: name })));
part('function').onchange = () => showFunction(Number(part('function').value));
part('stage').onchange = showGraphs;
part('grouping').onchange = showGraphs;
part('search').oninput = search;
part('search').onkeydown = event => { if (event.key === 'Enter') nextMatch(); };
document.addEventListener('keydown', event => { if (event.key === 'Escape' && memory) select(none); });
window.addEventListener('resize', () => memory && memory.draw());
if (!DATA.has_graphs) {
  part('notice').hidden = false;
  part('notice').textContent = `${DATA.file} tells only what a program needs to call the model. Graphs, the memory plan and kernels are not ` +
    'available from it; heddle inspect MODEL.mlir --html shows them, of the file that Model::write_mlir writes.';
  for (const id of ['graphs', 'memory', 'kernels', 'details', 'source']) part(id).hidden = true;
}
showFunction(0);
