import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Words of the glossary's right column as nouns of ours. `fine` is what they also stand for: names
 * that are published, and plain English.
 */
const WORDS: [word: string, pattern: RegExp, fine: RegExp][] = [
  [
    'look (scrape, scrape request, observation, read)',
    /\b[Ll]ooks?\b|Looks?(?=[A-Z]|\b)|\blooks?(?=[A-Z])|_LOOKS?\b|\bLOOKS?(?=_|\b)/g,
    new RegExp(
      [
        'LOOKS_(PER_(RUN|DAY)|BY_PLATFORM)|cliptally_(scraper_)?looks_\\w+|\\.looks\\b|looks:|looks-per',
        // Ids of schemas and of commands in the log.
        "id: '(Failed)?Looks?(Again)?'|'FailedLooks'|'look( again)?'|[\"'`{, ]looks[\"'`, ]|looks [=><]",
        'look(s|ed|ing)? (odd|like|up|for|after|at (?!clips)|suspicious)|look-?alike|look-?up|increase\\(looks',
      ].join('|'),
      'g',
    ),
  ],
  [
    'buyer, buy, bought (source router, start, pay for)',
    /\b[Bb]uyer|\b[Bb]uys?\b|\bbuying\b|\bbought\b/g,
    /bought views|'bought'|<\/strong> buy about/g,
  ],
  [
    'books (batch lifecycle, ledger)',
    /\b[Bb]ooks\b/g,
    /BooksDiffer|money-books|runbooks?|cliptally_books?\w*/g,
  ],
  [
    'given up (dead letter)',
    /\bgiven[- ]up\b|[gG]ivenUp/g,
    // A reason in events of earlier versions.
    /given up after/g,
  ],
  ['working set (projection)', /WorkingSet|working set/g, /$^/g],
  ["the world's time (simulated clock)", /\bworld's (time|clock)\b/g, /$^/g],
  ['told (say who does what: notify, send, answer)', /\b[Tt]old\b/g, /$^/g],
  ['whoever (name the actor)', /\b[Ww]hoever\b/g, /$^/g],
  ['stands at (position, revision)', /\bst(ands?|ood) at\b/g, /$^/g],
  ['looked at (scraped, read, checked)', /\blook(ed|ing) at\b/g, /$^/g],
  ['heard (received)', /\b(heard|ears)\b/g, /$^/g],
  ['marker (notice)', /\b[Mm]arkers?\b/g, /$^/g],
  ['what came of it (outcome)', /\bcame of (it|each|them)\b/g, /$^/g],
  ['dollars waiting (unrecorded amount)', /dollars waiting/g, /$^/g],
  [
    'where as a condition (if)',
    // The forms that are certain; a place has "where" too, and SQL.
    /\b([Nn]ull|[Tt]hrows|[Aa]lso|conflict|refused|false|absent|needed|skipped) where\b|\bwhere (nobody|there is (none|no)|it is left out|that is wanted|views count from)\b|\bwhere the terms say\b/g,
    /null where \w+ (=|in|is)/g,
  ],
  ['seller (source)', /\b[Ss]ellers?\b/g, /sellers are left out/g],
  ['comes again (redelivery)', /\b[Cc]omes? again\b/g, /$^/g],
];

/** Pages that are about words, of the past, or of other people's systems. */
const LEFT_OUT = [
  'docs/glossary.md',
  'CHANGELOG.md',
  'docs/research/',
  'services/earnings/src/http/docs/',
  'dev/src/lint/words.spec.ts',
  'package-lock.json',
];
const READ =
  /\.(tsx?|mjs|cjs|md|html|css|ya?ml|sql|conf)$|^deploy\/grafana\/|^\.env\.example$|Dockerfile$/;

const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => READ.test(path) && !LEFT_OUT.some((other) => path.startsWith(other)));

describe('the words of the glossary', () => {
  it.each(WORDS)('has no %s', (_, pattern, fine) => {
    const found = files.flatMap((path) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          line.replace(fine, '').search(pattern) >= 0 ? [`${path}:${at + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });
});
