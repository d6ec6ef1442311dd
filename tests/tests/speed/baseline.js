// The catalogue's filters, sorts and counts as one writes them for a page: an array of objects, what is
// searched in lower case beforehand, one pass that stops at the first filter that fails, no library.

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function prepare(records) {
  return records.map((record) => ({
    ...record,
    text: fold(
      [record.name, record.address, record.city, record.protocol, record.transport, record.tls, record.country,
        record.region, ...record.sources].filter(Boolean).join("\n"),
    ),
    code: (record.country_code ?? "").toLowerCase(),
    portText: String(record.port),
    tested: record.tested_at ? Date.parse(record.tested_at) : null,
  }));
}

// Each filter with the name of the facet that it restricts.
function filters(query) {
  const list = [];
  const add = (facet, test) => list.push({ facet, test });
  if (query.protocols) add("protocol", (row) => query.protocols.has(row.protocol));
  if (query.transports) add("transport", (row) => query.transports.has(row.transport));
  if (query.countries) add("country", (row) => query.countries.has(row.country_code));
  if (query.notCountries) add("country", (row) => !query.notCountries.has(row.country_code));
  if (query.ports) add("port", (row) => query.ports.some(([first, last]) => first <= row.port && row.port <= last));
  if (query.maxLatency) add("latency", (row) => row.latency !== null && row.latency <= query.maxLatency);
  if (query.minScore) add("score", (row) => row.score >= query.minScore);
  if (query.working) add("working", (row) => row.is_working === true);
  for (const word of query.words ?? []) {
    add("text", (row) => row.text.includes(word) || row.code === word || row.portText === word);
  }
  return list;
}

const byNumber = (key, sign) => (a, b) =>
  a[key] === null || b[key] === null ? (a[key] === null) - (b[key] === null) : sign * (a[key] - b[key]);
const byText = (key) => (a, b) => {
  if (a[key] === null || b[key] === null) return (a[key] === null) - (b[key] === null);
  return a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0;
};
const ORDERS = {
  score: byNumber("score", -1),
  latency: byNumber("latency", 1),
  tested_at: byNumber("tested", -1),
  country: byText("country"),
  name: byText("name"),
};

export function rows(list, query) {
  const tests = filters(query).map(({ test }) => test);
  const orders = (query.sort ?? ["score"]).map((key) => ORDERS[key]);
  const found = list.filter((row) => tests.every((test) => test(row)));
  found.sort((a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference) return difference;
    }
    return 0;
  });
  return found;
}

const FACETS = {
  protocol: (row) => row.protocol,
  transport: (row) => row.transport,
  tls: (row) => row.tls,
  country: (row) => row.country_code,
  region: (row) => row.region,
  city: (row) => row.city,
  port: (row) => row.port,
  working: (row) => row.is_working,
};

// How many rows each value would leave if it were toggled: a row counts for a facet when nothing else fails.
export function facets(list, query) {
  const tests = filters(query);
  const counts = Object.fromEntries([...Object.keys(FACETS), "source"].map((facet) => [facet, new Map()]));
  const count = (facet, value) => {
    if (value !== null) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
  };
  for (const row of list) {
    let failed = null;
    let lost = false;
    for (const { facet, test } of tests) {
      if (facet !== failed && !test(row)) {
        if (failed) {
          lost = true;
          break;
        }
        failed = facet;
      }
    }
    if (lost) continue;
    for (const facet in FACETS) if (!failed || failed === facet) count(facet, FACETS[facet](row));
    if (!failed) for (const source of row.sources) count("source", source);
  }
  return counts;
}

export function statistics(list, query) {
  const tests = filters(query).map(({ test }) => test);
  const tally = () => ({ total: 0, tested: 0, working: 0 });
  const all = tally();
  const groups = { protocol: new Map(), country: new Map(), region: new Map(), source: new Map() };
  const add = (group, key, row) => {
    if (key === null) return;
    if (!groups[group].has(key)) groups[group].set(key, tally());
    bump(groups[group].get(key), row);
  };
  const bump = (tally, row) => {
    tally.total += 1;
    if (row.is_working !== null) tally.tested += 1;
    if (row.is_working) tally.working += 1;
  };
  const latencies = [];
  for (const row of list) {
    if (!tests.every((test) => test(row))) continue;
    bump(all, row);
    add("protocol", row.protocol, row);
    add("country", row.country_code, row);
    add("region", row.region, row);
    for (const source of row.sources) add("source", source, row);
    if (row.is_working && row.latency !== null) latencies.push(row.latency);
  }
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.ceil((latencies.length * share) / 100) - 1];
  return { all, groups, percentiles: [10, 50, 90, 99].map(percentile) };
}
