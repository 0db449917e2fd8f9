// Reads pages as their readers' programs do: every page in light, in dark and on paper with axe, as text with html-validate and vnu, and
// at the width of a telephone and of a desk for what overflows and how far down the first number stands. One line for every page and
// kind; exits 1 at a finding.
//
// node pages.mjs FOLDER
//
// UTFALL_NODE_MODULES names the node_modules that hold axe-core, playwright-core, html-validate and vnu-jar; UTFALL_CHROMIUM the browser.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.UTFALL_NODE_MODULES;
const folder = process.argv[2];
if (!modules || !folder) {
  console.error('usage: UTFALL_NODE_MODULES=.../node_modules node pages.mjs FOLDER');
  process.exit(2);
}
const require = createRequire(join(resolve(modules), 'pages.cjs'));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
const vnu = require('vnu-jar');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// A telephone, on whose first screen the first number must stand, and a desk.
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const KINDS = [
  { name: 'light', media: 'screen', scheme: 'light' },
  { name: 'dark', media: 'screen', scheme: 'dark' },
  { name: 'print', media: 'print', scheme: 'light' },
];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

// Pages below a folder. A release that was replaced stays in a folder whose name begins with a dot, for those who still read it.
function pages(at) {
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    const path = join(at, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && !/\.[a-z]+$/.test(entry.name));
    return isFolder ? pages(path) : path.endsWith('.html') ? [path] : [];
  }).sort();
}

let findings = 0;
function report(page, kind, found, note = '') {
  findings += found.length;
  console.log(`${found.length ? 'FOUND' : 'ok   '} ${relative(folder, page)} ${kind}${note}`);
  found.slice(0, 20).forEach((what) => console.log(`      ${what}`));
  if (found.length > 20) console.log(`      and ${found.length - 20} more`);
}

// What each validator says of the text of each page.
async function texts(all) {
  const validate = new HtmlValidate({
    extends: ['html-validate:standard', 'html-validate:a11y'],
    // A page is one file without needless bytes: how it is laid out is nobody's concern, and a style or a script inline is the point.
    rules: { 'no-inline-style': 'off', 'no-trailing-whitespace': 'off', 'long-title': 'off', 'doctype-style': 'off', 'require-sri': 'off' },
  });
  for (const page of all) {
    const result = await validate.validateFile(page);
    const found = result.results.flatMap((of) => of.messages).map((m) => `${m.ruleId}: ${m.message} (${m.line}:${m.column})`);
    report(page, 'html-validate', found);
  }
  const java = spawnSync('java', ['-jar', vnu.vnuJar ?? vnu, '--format', 'json', '--exit-zero-always', ...all], {
    encoding: 'utf8', maxBuffer: 1 << 28,
  });
  if (java.error || !java.stderr.includes('"messages"')) throw new Error(`vnu did not run: ${java.error ?? java.stderr}`);
  const messages = JSON.parse(java.stderr).messages;
  for (const page of all) {
    const own = messages.filter((m) => m.url === pathToFileURL(resolve(page)).href);
    report(page, 'vnu', own.map((m) => `${m.type}: ${m.message} (${m.lastLine}:${m.lastColumn}) ${(m.extract ?? '').slice(0, 120)}`));
  }
  // A file beside a page is `'self'` where pages are served; of files no program can say what their origin is.
  const served = (m) => !/external script “search\.js” blocked/.test(m.message);
  const known = new Set(all.map((page) => pathToFileURL(resolve(page)).href));
  const other = messages.filter((m) => !known.has(m.url) && served(m));
  if (other.length) report(folder, 'vnu', other.map((m) => m.message));
}

// Everything that is folded away is opened: a finding there is one too.
const open = () => document.querySelectorAll('details').forEach((of) => { of.open = true; });

async function withAxe(page, path, kind) {
  await page.emulateMedia({ media: kind.media, colorScheme: kind.scheme });
  await page.setViewportSize(DESK);
  await page.goto(pathToFileURL(resolve(path)).href);
  await page.evaluate(open);
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const found = result.violations.flatMap((v) => v.nodes.map((n) => `${v.impact} ${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 140)}`));
  report(path, `axe ${kind.name}`, found);
}

async function withWidth(page, path, size) {
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  await page.setViewportSize(size);
  await page.goto(pathToFileURL(resolve(path)).href);
  const seen = await page.evaluate(() => {
    const first = document.querySelector('[data-first-number], .answer .number');
    return { top: first ? first.getBoundingClientRect().bottom : null };
  });
  await page.evaluate(open);
  const overflow = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return null;
    const beyond = [...document.body.querySelectorAll('*')].filter((of) => {
      const box = of.getBoundingClientRect();
      return box.right > document.documentElement.clientWidth + 1 && !of.closest('.scroll, pre, svg');
    });
    return `${wide} px wider than the screen: ${beyond.slice(0, 3).map((of) => `${of.tagName}.${of.className} ${of.textContent.slice(0, 40)}`)}`;
  });
  const found = overflow ? [overflow] : [];
  const isPhone = size === PHONE;
  if (isPhone && seen.top !== null && seen.top > PHONE.height) found.push(`the first number ends at ${Math.round(seen.top)} px`);
  report(path, `${size.width} px`, found, isPhone && seen.top !== null ? `, the first number at ${Math.round(seen.top)} px` : '');
}

const all = pages(folder);
if (all.length === 0) {
  console.error(`there is no page below ${folder}`);
  process.exit(2);
}
await texts(all);
const profile = mkdtempSync(join(tmpdir(), 'pages-'));
// The policy of the pages lets nothing run, which holds for what this asks too.
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.UTFALL_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, bypassCSP: true, offline: true,
});
try {
  const page = await browser.newPage();
  for (const path of all) {
    for (const kind of KINDS) await withAxe(page, path, kind);
    for (const size of [PHONE, DESK]) await withWidth(page, path, size);
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${all.length} pages, ${findings} findings`);
process.exit(findings ? 1 : 0);
