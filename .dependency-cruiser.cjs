/**
 * The import rule: who may import whom. A service never imports another service; a domain imports
 * contracts only.
 */
/** Tests may use the embedded servers of dev/. */
const TESTS = '(\\.spec\\.ts$|/testing/)';
/** Everything that is written here, outside these folders. */
const allBut = (...folders) =>
  `^(?!${folders.map((folder) => `${folder}/`).join('|')})(libs|services|tools|web|dev|examples)/`;
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contracts-stand-alone',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: TESTS },
      to: { path: allBut('libs/contracts') },
    },
    {
      name: 'event-store-imports-contracts-only',
      severity: 'error',
      from: { path: '^libs/event-store/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/event-store') },
    },
    {
      name: 'event-store-kurrentdb-imports-contracts-and-event-store-only',
      severity: 'error',
      from: { path: '^libs/event-store-kurrentdb/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/event-store', 'libs/event-store-kurrentdb') },
    },
    {
      name: 'only-event-store-kurrentdb-knows-its-client',
      comment: 'an installation without KurrentDB has neither the package nor the client',
      severity: 'error',
      from: { pathNot: ['^libs/event-store-kurrentdb/', TESTS] },
      to: { path: '(^libs/event-store-kurrentdb/|@kurrent/)' },
    },
    {
      name: 'telemetry-imports-contracts-only',
      severity: 'error',
      from: { path: '^libs/telemetry/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/telemetry') },
    },
    {
      name: 'access-imports-contracts-and-telemetry-only',
      severity: 'error',
      from: { path: '^libs/access/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/telemetry', 'libs/access') },
    },
    {
      name: 'spreadsheets-imports-contracts-only',
      severity: 'error',
      from: { path: '^libs/spreadsheets/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/spreadsheets') },
    },
    {
      name: 'messaging-knows-no-service',
      severity: 'error',
      from: { path: '^libs/messaging/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/event-store', 'libs/messaging') },
    },
    {
      name: 'a-service-never-imports-another',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'product-never-imports-dev',
      severity: 'error',
      from: { path: '^(libs|services|tools)/', pathNot: TESTS },
      to: { path: '^dev/' },
    },
    {
      name: 'a-page-imports-types-of-its-service',
      comment: 'no code of a server belongs into a browser; links and currencies are for both',
      severity: 'error',
      from: { path: '^web/', pathNot: TESTS },
      to: {
        path: allBut('web'),
        pathNot: [
          '^services/monitor/(src|dist)/live/sections\\.(d\\.)?ts$',
          '^libs/contracts/src/(api/|clip-links/|currencies\\.ts$)',
        ],
      },
    },
    {
      name: 'nothing-imports-an-example',
      severity: 'error',
      from: { path: allBut('examples') },
      to: { path: '^examples/' },
    },
    {
      name: 'examples-import-public-names-only',
      comment: 'what an example uses is what a package exports: it is written as its readers would',
      severity: 'error',
      from: { path: '^examples/' },
      to: {
        path: allBut('examples'),
        pathNot: [
          '^(libs|services|tools)/[^/]+/src/(index|nest)\\.ts$',
          '^dev/src/(servers|apify-stand-in|stripe-stand-in)/index\\.ts$',
        ],
      },
    },
    {
      name: 'domain-is-pure',
      comment: 'no I/O, clock, randomness or framework inside the rules of the business',
      severity: 'error',
      from: { path: '^services/[^/]+/src/domain/', pathNot: TESTS },
      to: { pathNot: ['^services/[^/]+/src/domain/', '^libs/contracts/'] },
    },
    {
      name: 'only-the-http-of-earnings-knows-http',
      comment:
        'what is below http/ throws RuleBroken or Refused, and http/problem.ts gives them a status; service.ts and index.ts put the parts together',
      severity: 'error',
      from: {
        path: '^services/earnings/src/',
        pathNot: [TESTS, '^services/earnings/src/(http/|(service|index)\\.ts$)'],
      },
      to: { path: '^services/earnings/src/http/' },
    },
    {
      name: 'a-service-never-imports-a-tool',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^tools/' },
    },
    {
      name: 'the-command-line-is-a-client-of-the-api',
      comment: 'it knows what the API answers, as any client does: nothing of a service or the log',
      severity: 'error',
      from: { path: '^tools/cli/', pathNot: TESTS },
      to: { path: allBut('libs/contracts', 'libs/spreadsheets', 'libs/telemetry', 'tools/cli') },
    },
    {
      name: 'the-auditor-shares-no-code-with-what-it-checks',
      severity: 'error',
      from: { path: '^tools/ops/src/audit/', pathNot: TESTS },
      to: { path: allBut('libs/telemetry', 'tools/ops/src/audit') },
    },
    {
      name: 'a-workspace-declares-what-it-imports',
      comment:
        'an image installs the dependencies of its one service and nothing else; add them to the package.json beside the src folder',
      severity: 'error',
      from: { path: '^(libs|services|tools|dev)/[^/]*/?src/', pathNot: TESTS },
      // Of express only types are imported; Nest brings the program.
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
        pathNot: '/(@types|express)/',
      },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
    },
    tsConfig: { fileName: 'tsconfig.spec.json' },
  },
};
