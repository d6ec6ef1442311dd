// Asks the catalogue as WebAssembly and the baseline the same questions, and times both in turns.

import init, { Page } from "./cases.js";
import * as baseline from "./baseline.js";

const set = (...items) => new Set(items);
// What a person types, and the same for the baseline.
const FILTERS = [
  ["", {}],
  ["proto:vless,trojan country:de,nl <1500ms sort:latency",
    { protocols: set("vless", "trojan"), countries: set("DE", "NL"), maxLatency: 1500, sort: ["latency"] }],
  ["working:yes score:>40 sort:country,latency", { working: true, minScore: 40, sort: ["country", "latency"] }],
  ["-country:ir,ru port:443,8000-9000 sort:tested_at",
    { notCountries: set("IR", "RU"), ports: [[443, 443], [8000, 9000]], sort: ["tested_at"] }],
  ["net:ws sort:name", { transports: set("ws"), sort: ["name"] }],
];
const TYPED = ["frankfurt", "de vless"].flatMap((text) =>
  Array.from(text, (_, at) => text.slice(0, at + 1)).map((text) => [text, { words: text.trim().split(" ") }]));

const ROUNDS = 9;
const LEAST_MS = 40;
const PASSES = 50;

function round(questions, ask) {
  let times = 0;
  const start = performance.now();
  do {
    for (const question of questions) ask(question);
    times += 1;
  } while (performance.now() - start < LEAST_MS);
  return (performance.now() - start) / times / questions.length;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

function compare(name, questions, ours, theirs) {
  const times = [[], []];
  round(questions, ours);
  for (let i = 0; i < ROUNDS; i++) {
    times[0].push(round(questions, ours));
    times[1].push(round(questions, theirs));
  }
  return { name, ours: median(times[0]), theirs: median(times[1]), slowest: slowest(questions, ours) };
}

// The question that takes longest, each asked after the one before it: a clock of a page is coarse, so it is
// the mean of many.
function slowest(questions, ask) {
  const took = questions.map(() => 0);
  for (let i = 0; i < PASSES; i++) {
    questions.forEach((question, at) => {
      const start = performance.now();
      ask(question);
      took[at] += (performance.now() - start) / PASSES;
    });
  }
  return Math.max(...took);
}

function check(page, list, [text, query]) {
  const ours = Array.from(page.rows(text));
  const theirs = baseline.rows(list, query).map((row) => row.row);
  if (ours.length !== theirs.length || ours.some((row, at) => row !== theirs[at])) {
    throw new Error(`${text}: ${ours.length} rows, the baseline has ${theirs.length}, or another order`);
  }
}

function decoding(bytes, json) {
  const once = (work) => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  const times = [[], []];
  for (let i = 0; i < 5; i++) {
    times[0].push(once(() => Page.decode(bytes).free()));
    times[1].push(once(() => baseline.prepare(JSON.parse(json))));
  }
  return { name: "decode a snapshot", ours: median(times[0]), theirs: median(times[1]), slowest: Math.max(...times[0]) };
}

export async function measure() {
  await init({ module_or_path: "./cases_bg.wasm" });
  const bytes = new Uint8Array(await (await fetch("./snapshot.bin")).arrayBuffer());
  const json = await (await fetch("./records.json")).text();
  const page = Page.decode(bytes);
  const list = baseline.prepare(JSON.parse(json)).map((record, row) => ({ ...record, row }));
  for (const question of [...FILTERS, ...TYPED]) check(page, list, question);
  return [
    compare("filter and sort", FILTERS, ([text]) => page.rows(text), ([, query]) => baseline.rows(list, query)),
    compare("a keystroke", TYPED, ([text]) => page.rows(text), ([, query]) => baseline.rows(list, query)),
    compare("all facets", FILTERS, ([text]) => page.facets(text), ([, query]) => baseline.facets(list, query)),
    compare("statistics", FILTERS, ([text]) => page.statistics(text), ([, query]) => baseline.statistics(list, query)),
    decoding(bytes, json),
  ];
}
