"""The JavaScript that every exported script begins with. It says in k6's words what a plan means by its own."""

IMPORTS = """\
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { check, group, sleep } from 'k6';
"""

FUNCTIONS = r"""
// What {{name}} stands for.
function valueOf(name, vars) {
  if (name === 'newUuid') {
    return 'xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
  }
  if (name === 'newDate') return new Date().toISOString();
  if (!vars.has(name)) throw new Error(`the variable ${name} is not set`);
  return vars.get(name);
}

function asText(value) {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function fill(text, vars, encode) {
  return text.replace(/\\\{\\\{|\{\{\s*([\w-]+)\s*\}\}/g, (_, name) => {
    if (name === undefined) return '{{';
    return encode ? encode(asText(valueOf(name, vars))) : asText(valueOf(name, vars));
  });
}

// A text that is exactly one {{name}} keeps the type of its variable.
function fillJson(value, vars) {
  if (typeof value === 'string') {
    const alone = value.match(/^\{\{\s*([\w-]+)\s*\}\}$/);
    return alone ? valueOf(alone[1], vars) : fill(value, vars);
  }
  if (Array.isArray(value)) return value.map((one) => fillJson(one, vars));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [fill(key, vars), fillJson(one, vars)]));
}

function pairs(list, vars) {
  return list.map(([name, value]) => [fill(name, vars), fill(value, vars)]);
}

function urlencoded(list, vars) {
  return pairs(list, vars).map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

function urlOf(url, params, vars) {
  const encode = (value) => value.replace(/#/g, '%23');
  const filled = (text) => fill(text, vars, text.startsWith('{{') ? null : encode).trim();
  let whole = filled(url);
  if (!/^https?:\/\//i.test(whole)) {
    whole = `${filled(BASE_URL).replace(/\/+$/, '')}/${whole.replace(/^\/+/, '')}`;
  }
  whole = whole.split('#')[0].replace(/%(?![0-9a-f]{2})/gi, '%25').replace(/[^!-~]|["<>\\^`{|}]/gu, encodeURIComponent);
  const query = urlencoded(params, vars);
  return query ? `${whole}${whole.includes('?') ? '&' : '?'}${query}` : whole;
}

function withUser(url, user, password) {
  const before = `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  return url.replace(/^(https?:\/\/)(?:[^/@]*@)?/i, (_, scheme) => scheme + before);
}

// Headers of a step replace the general ones of the same name, and both what the body implies.
function headersOf(...layers) {
  const made = new Map();
  layers.flat().forEach(([name, value]) => made.set(name.toLowerCase(), [name, value]));
  return Object.fromEntries(made.values());
}

function header(res, name) {
  const found = Object.keys(res.headers).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : res.headers[found];
}

// Content-Type counts without its parameters, unless some are wanted.
function headerIs(res, name, wanted) {
  const found = header(res, name);
  if (found === undefined || name.toLowerCase() !== 'content-type') return found === wanted;
  const parts = (text) => text.toLowerCase().replace(/[\s"]/g, '').split(';').filter((part) => part);
  const [kind, ...parameters] = parts(found);
  const [wantedKind, ...wantedParameters] = parts(wanted);
  return kind === wantedKind && (!wantedParameters.length || equal(parameters.sort(), wantedParameters.sort()));
}

function cookie(res, name) {
  const found = res.cookies[name];
  return found && found.length ? found[found.length - 1].value : undefined;
}

// An empty one is null in k6.
function bodyOf(res) {
  return res.body || '';
}

function at(res, keys) {
  let value;
  try {
    value = JSON.parse(res.body);
  } catch (_) {
    return undefined;
  }
  for (const key of keys) {
    const fits = typeof key === 'number' ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value);
    if (value === null || !fits || !Object.prototype.hasOwnProperty.call(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function count(value) {
  return Array.isArray(value) ? value.length : undefined;
}

function equal(a, b) {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b) || Object.keys(a).length !== Object.keys(b).length) return false;
  return Object.keys(a).every((key) => Object.prototype.hasOwnProperty.call(b, key) && equal(a[key], b[key]));
}

const ordered = (test) => (a, b) => {
  const comparable = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string');
  return comparable ? test(a, b) : null;
};
const texts = (test) => (a, b) => (typeof a === 'string' && typeof b === 'string' ? test(a, b) : null);

const PREDICATES = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  startsWith: texts((a, b) => a.startsWith(b)),
  endsWith: texts((a, b) => a.endsWith(b)),
  contains: (a, b) => (Array.isArray(a) ? a.some((one) => equal(one, b)) : texts((x, y) => x.includes(y))(a, b)),
  matches: (a, b) => (typeof a === 'string' ? new RegExp(b).test(a) : null),
  exists: () => true,
  isInteger: (a) => Number.isInteger(a),
  isNumber: (a) => typeof a === 'number',
  isBoolean: (a) => typeof a === 'boolean',
  isString: (a) => typeof a === 'string',
  isCollection: (a) => typeof a === 'object' && a !== null,
  isList: (a) => Array.isArray(a),
  isObject: (a) => typeof a === 'object' && a !== null && !Array.isArray(a),
};

// A value that is not there fails every predicate but `not exists`; so does one that the predicate cannot work on.
function is(actual, predicate, expected, not) {
  if (actual === undefined) return predicate === 'exists' && not;
  const held = PREDICATES[predicate](actual, expected);
  return held === null ? false : held !== not;
}

function secrets() {
  return SECRETS.map(([name, variable]) => {
    if (__ENV[variable] === undefined) throw new Error(`the environment variable ${variable} is not set (k6 run -e)`);
    return [name, __ENV[variable]];
  });
}

function variables() {
  const vars = new Map(secrets());
  for (const [name, value] of VARIABLES) vars.set(name, fillJson(value, vars));
  return vars;
}

// What a step that asserts nothing, or expects nothing that k6 can tell, still wants of its answer.
function least(step) {
  if (step.expected) return ['answered', (r) => answered(step, r)];
  return ['status below 400', (r) => answered(step, r) && r.status < 400];
}

// Whether there is an answer to speak of: one came, and it does not lead on to where k6 was to follow it.
function answered(step, res) {
  const leadsOn = [301, 302, 303, 307, 308].includes(res.status) && header(res, 'Location') !== undefined;
  return res.status !== 0 && !(step.redirects && leadsOn);
}

// Sends one step; false if anything expected of its answer is not so. Captures go into vars. Of what was not answered
// nothing holds, not even that a status is not 500.
function send(step, test, vars, heard = () => {}) {
  if (step.delay) sleep(step.delay);
  const body = step.body(vars);
  const url = urlOf(step.url, step.params, vars);
  const auth = step.auth(vars);
  const target = auth.digest ? withUser(url, auth.digest[0], auth.digest[1]) : url;
  const params = {
    headers: headersOf(body.headers, pairs(step.general, vars), auth.headers, pairs(step.headers, vars)),
    cookies: Object.fromEntries(pairs(step.cookies, vars)),
    redirects: step.redirects,
    timeout: step.timeout,
    tags: { name: step.name, test },
  };
  if (auth.digest) params.auth = 'digest';
  if (step.expected) params.responseCallback = http.expectedStatuses(...step.expected);
  const res = http.request(step.method, target, body.data, params);
  const there = answered(step, res);
  if (there) heard(res, url);
  const captured = step.captures.map(([name, said, read]) => [name, said, there ? read(res, vars) : undefined]);
  const wanted = step.checks.map(([name, holds]) => [name, (r) => there && holds(r, vars)]);
  captured.forEach(([, said, value]) => wanted.push([said, () => value !== undefined]));
  if (!step.expected || !wanted.length) wanted.push(least(step));
  const held = check(res, Object.fromEntries(wanted), { name: step.name, test });
  captured.forEach(([name, , value]) => value !== undefined && vars.set(name, value));
  return held && there;
}

// The same; a step that cannot be sent, for want of what k6 could not capture, fails as a check.
function sent(step, test, vars) {
  try {
    return send(step, test, vars);
  } catch (error) {
    console.error(`${test}: ${step.name}: ${error.message}`);
    return check(null, { 'could be sent': () => false }, { name: step.name, test });
  }
}
"""

RUN = r"""
// [URL, name, value, attributes] of every cookie of an answer, redirects included: of what those set only the jar
// knows, and not for which path.
function cookiesOf(res, asked) {
  const last = res.url.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
  const [, origin, path] = last.match(/^(https?:\/\/[^/?#]+)([^?#]*)/i);
  const set = Object.values(res.cookies).flat().map((one) => {
    const below = one.path.startsWith('/') ? one.path : path.replace(/\/[^/]*$/, '') || '/';
    return [origin + below, one.name, one.value, { path: below, domain: one.domain, secure: one.secure }];
  });
  const others = [asked, last].flatMap((url) =>
    Object.entries(http.cookieJar().cookiesForURL(url)).map(([name, values]) => [url, name, values[0], { path: '/' }]));
  return [...others.filter(([, name]) => !set.some((one) => one[1] === name)), ...set];
}

// Whether a later answer has neither changed nor removed that cookie.
function isKept([url, name, value]) {
  return (http.cookieJar().cookiesForURL(url)[name] || []).includes(value);
}

// Variables and cookies of setup go to every virtual user; secrets do not, each takes them from the environment.
export function setup() {
  if (!TESTS.length) throw new Error('k6 can send no test of this plan');
  const vars = variables();
  const heard = [];
  for (const step of SETUP) {
    const passed = send(step, 'setup', vars, (res, url) => heard.push(...cookiesOf(res, url)));
    if (!passed) throw new Error(`the setup step ${step.name} failed`);
  }
  const cookies = heard.filter(isKept);
  const secret = new Set(SECRETS.map(([name]) => name));
  return { vars: [...vars].filter(([name]) => !secret.has(name)), cookies };
}

function begin(data) {
  data.cookies.forEach((cookie) => http.cookieJar().set(...cookie));
  return new Map([...secrets(), ...data.vars]);
}

// One iteration runs all steps of one test until one fails; tests take turns.
export default function (data) {
  const test = TESTS[exec.scenario.iterationInTest % TESTS.length];
  const vars = begin(data);
  group(test.name, () => test.steps.every((step) => sent(step, test.name, vars)));
}

export function teardown(data) {
  const vars = begin(data);
  FINALLY.forEach((step) => sent(step, 'finally', vars));
}

// k6's own summary would hold what setup returned, a captured token or a session too: this one does not.
export function handleSummary(data) {
  delete data.setup_data;
  const lines = Object.keys(data.metrics).sort().map((name) => {
    const { values, thresholds } = data.metrics[name];
    const figures = Object.entries(values).map(([key, value]) => `${key}=${Number(value.toFixed(3))}`);
    const limits = Object.entries(thresholds || {}).map(([text, { ok }]) => `${ok ? 'held' : 'CROSSED'}: ${text}`);
    return `${name}: ${[figures.join(' '), ...limits].join(', ')}`;
  });
  return { stdout: `\n${lines.join('\n')}\n` };
}
"""
